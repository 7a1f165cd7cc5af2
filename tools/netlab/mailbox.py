"""A mail server in a namespace (aiosmtpd): takes every mail, and keeps it."""

from __future__ import annotations

import asyncio
import email
import email.message
import email.policy
import importlib.util
import os
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from .lab import Namespace

SYSTEM_PYTHON = "/usr/bin/python3"


def has_mail_server() -> bool:
    return importlib.util.find_spec("aiosmtpd") is not None


def with_packages_of_the_system() -> None:
    """Starts again: a Python of somebody's own does not have what the distribution installs."""
    if (
        not has_mail_server()
        and Path(SYSTEM_PYTHON).exists()
        and not os.path.samefile(sys.executable, SYSTEM_PYTHON)
    ):
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])


class Mailbox:
    """Listens at 127.0.0.1 of the namespace. `answers` are given first, one to each mail; "" takes it."""

    def __init__(self, namespace: Namespace, port: int = 2525) -> None:
        from aiosmtpd.smtp import SMTP

        self.port = port
        self.answers: list[str] = []
        self.tried: list[str] = []  # Message-IDs, also of what was refused
        self._mails: list[email.message.EmailMessage] = []
        self._lock = threading.Lock()
        with namespace.entered():
            listener = socket.create_server(("127.0.0.1", port))
        self._loop = asyncio.new_event_loop()
        served = self._loop.create_server(
            lambda: SMTP(self, hostname="mail.example", loop=self._loop), sock=listener
        )
        self._server = self._loop.run_until_complete(served)
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with self._lock:
            self.tried.append(str(mail["Message-ID"]))
            answer = self.answers.pop(0) if self.answers else ""
            if not answer:
                self._mails.append(mail)
        return answer or "250 taken"

    def mails(self) -> list[email.message.EmailMessage]:
        with self._lock:
            return list(self._mails)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def text_of(mail: email.message.EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return "" if part is None else str(part.get_content())


def config_for(mailboxes: dict[str, int], *, tail: str = "", group_by: str = "[alertname, peer]") -> str:
    """alerts.yml: each receiver a mailbox at a port of 127.0.0.1; the first is told of everything."""
    first = next(iter(mailboxes))
    receivers = "".join(
        f"  - name: {name}\n    email_configs:\n"
        f"      - {{to: {name}@example.org, from: node@example.org, smarthost: '127.0.0.1:{port}', "
        "require_tls: false, send_resolved: true}\n"
        for name, port in mailboxes.items()
    )
    return (
        f"route:\n  receiver: {first}\n  group_by: {group_by}\n  group_wait: 1s\n"
        f"  group_interval: 2s\nreceivers:\n{receivers}{tail}"
    )
