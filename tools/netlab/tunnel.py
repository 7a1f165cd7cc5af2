"""WireGuard daemons and what `wg` and the UAPI socket say about them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .lab import UAPI_DIRECTORY, Lab, LabError, Namespace, run, stop, wait_until


@dataclass(frozen=True)
class KeyPair:
    private: str
    public: str

    @property
    def public_hex(self) -> str:
        return base64_to_hex(self.public)

    @property
    def private_hex(self) -> str:
        return base64_to_hex(self.private)


def base64_to_hex(key: str) -> str:
    import base64

    return base64.b64decode(key).hex()


def key_pair() -> KeyPair:
    private = run(["wg", "genkey"]).stdout.strip()
    return KeyPair(private, run(["wg", "pubkey"], text=private).stdout.strip())


def preshared_key() -> str:
    return run(["wg", "genpsk"]).stdout.strip()


@dataclass(frozen=True)
class Peer:
    """One line of `wg show IF dump`."""

    public_key: str
    preshared_key: str
    endpoint: str
    allowed_ips: tuple[str, ...]
    last_handshake_s: int
    received_bytes: int
    sent_bytes: int
    persistent_keepalive: str


class WireGuard:
    """An interface and the daemon behind it. `program IFNAME` is how wg-quick starts one too."""

    def __init__(
        self, lab: Lab, namespace: Namespace, suffix: str, program: str | os.PathLike[str]
    ) -> None:
        self.lab = lab
        self.namespace = namespace
        self.name = lab.interface_name(suffix)
        self.program = os.fspath(program)
        self.keys = key_pair()
        self.log_path = lab.directory / f"{self.name}.log"
        self.process: subprocess.Popen[Any] | None = None

    # ---- Life ----

    @property
    def socket_path(self) -> Path:
        return UAPI_DIRECTORY / f"{self.name}.sock"

    @property
    def pid(self) -> int:
        """Of the daemon itself: `ip netns exec` replaces itself with it."""
        assert self.process is not None
        return self.process.pid

    def start(self, *, log_level: str = "verbose", pinned_to: str | None = None) -> WireGuard:
        """Runs it in the foreground, its log in `log_path`; returns when it answers."""
        # wireguard-go takes the foreground from this name without its start-up banner.
        environment = os.environ | {"LOG_LEVEL": log_level, "WG_PROCESS_FOREGROUND": "1"}
        argv = [self.program, "-f", self.name]
        if pinned_to is not None:
            argv = ["taskset", "-c", pinned_to, *argv]
        with self.log_path.open("ab") as log:
            self.process = self.namespace.start(*argv, stdout=log, stderr=log, env=environment)
        self.wait_ready()
        return self

    def wait_ready(self) -> None:
        def ready() -> bool:
            if self.process is not None and self.process.poll() is not None:
                raise LabError(
                    f"{self.program} ended with {self.process.returncode}: {self.log_tail()}"
                )
            return self.is_answering()

        wait_until(ready, f"{self.name} answers on its socket")

    def is_answering(self) -> bool:
        try:
            with Uapi(self.name) as uapi:
                return uapi.get().endswith("errno=0\n\n")
        except OSError:
            return False

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def wait_ended(self) -> int:
        assert self.process is not None
        process = self.process
        wait_until(lambda: process.poll() is not None, f"the daemon of {self.name} ends")
        return process.returncode

    def send_signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process)
            self.process = None

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def log_tail(self, lines: int = 15) -> str:
        return "\n".join(self.log().splitlines()[-lines:])

    # ---- Settings ----

    def up(self, *addresses: str, mtu: int | None = None) -> WireGuard:
        for address in addresses:
            self.namespace.add_address(self.name, address)
        if mtu is not None:
            self.namespace.ip("link", "set", self.name, "mtu", str(mtu))
        self.namespace.ip("link", "set", self.name, "up")
        return self

    def set(self, *arguments: str) -> None:
        run(["wg", "set", self.name, *arguments])

    def listen(self, port: int) -> WireGuard:
        run(
            ["wg", "set", self.name, "listen-port", str(port), "private-key", "/dev/stdin"],
            text=self.keys.private,
        )
        return self

    def add_peer(
        self,
        public_key: str,
        allowed_ips: str,
        *,
        endpoint: str | None = None,
        preshared_key: str | None = None,
        keepalive_s: int | None = None,
    ) -> None:
        arguments = ["peer", public_key, "allowed-ips", allowed_ips]
        if endpoint is not None:
            arguments += ["endpoint", endpoint]
        if keepalive_s is not None:
            arguments += ["persistent-keepalive", str(keepalive_s)]
        if preshared_key is not None:
            arguments += ["preshared-key", "/dev/stdin"]
        run(["wg", "set", self.name, *arguments], text=preshared_key)

    def remove_peer(self, public_key: str) -> None:
        self.set("peer", public_key, "remove")

    # ---- Status ----

    def show(self, field: str) -> str:
        return run(["wg", "show", self.name, field]).stdout

    def peers(self) -> dict[str, Peer]:
        peers = [_parse_peer(line) for line in self.show("dump").splitlines()[1:]]
        return {peer.public_key: peer for peer in peers}

    def peer(self, public_key: str) -> Peer:
        return self.peers()[public_key]

    def endpoint_of(self, public_key: str) -> str:
        return self.peer(public_key).endpoint


def _parse_peer(line: str) -> Peer:
    fields = line.split("\t")
    allowed_ips = tuple(ip for ip in fields[3].split(",") if ip != "(none)")
    return Peer(
        fields[0], fields[1], fields[2], allowed_ips,
        int(fields[4]), int(fields[5]), int(fields[6]), fields[7],
    )  # fmt: skip


class Uapi:
    """A raw client of the configuration socket, for what `wg` would never send."""

    def __init__(self, interface: str, *, timeout: float = 30.0) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # Before there is a timeout: with one, a full backlog is an error instead of a wait.
            self._socket.connect(str(UAPI_DIRECTORY / f"{interface}.sock"))
        except OSError:
            self._socket.close()
            raise
        self._socket.settimeout(timeout)

    def __enter__(self) -> Uapi:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, text: str) -> None:
        self._socket.sendall(text.encode())

    def answer(self) -> str:
        """Through the blank line; less when the other end closed first."""
        received = b""
        while not received.endswith(b"\n\n"):
            try:
                chunk = self._socket.recv(1 << 20)
            except ConnectionResetError:
                break
            if not chunk:
                break
            received += chunk
        return received.decode()

    def ask(self, text: str) -> str:
        self.send(text)
        return self.answer()

    def get(self) -> str:
        return self.ask("get=1\n\n")

    def set(self, lines: str) -> int:
        """The errno of one set operation."""
        answer = self.ask(f"set=1\n{lines}\n")
        if not answer.startswith("errno="):
            raise LabError(f"a set operation was answered with {answer!r}")
        return int(answer.strip().removeprefix("errno="))

    def fields(self) -> dict[str, list[str]]:
        """Every value of every key of a get answer, in order."""
        values: dict[str, list[str]] = {}
        for line in self.get().splitlines():
            key, separator, value = line.partition("=")
            if separator:
                values.setdefault(key, []).append(value)
        return values
