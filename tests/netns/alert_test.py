#!/usr/bin/env python3
# timeout: 180
# beside others
"""`phantom alert` against real servers on loopback: what each of the six channels sends, mail with STARTTLS and AUTH
among them; receivers that are slow, refuse, reset or ask for patience; and kill -9 at any moment, after which nothing
is lost and nothing goes out with another key."""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import hmac
import importlib.util
import json
import os
import random
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab  # noqa: E402
from netlab.harness import built_program, check, main, say, skip  # noqa: E402

SYSTEM_PYTHON = "/usr/bin/python3"
STARTED = "2026-11-22T10:00:00Z"


class Receivers(ThreadingHTTPServer):
    """What a path answers says its first part: /ok, /slow, /gone, /flaky, /any."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Answer)
        self.lock = threading.Lock()
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        self.taken: list[str] = []  # keys that were answered with 200
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def of(self, path: str) -> list[tuple[dict[str, str], bytes]]:
        with self.lock:
            return [(headers, body) for seen, headers, body in self.seen if seen == path]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no news."""


class Answer(BaseHTTPRequestHandler):
    server: Receivers

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.server.lock:
            count = sum(path == self.path for path, _, _ in self.server.seen)
            self.server.seen.append((self.path, headers, body))
        kind = self.path.split("/")[1]
        if kind == "any":
            kind = random.choice(["ok", "ok", "slow", "fault", "reset"])
        elif kind == "flaky":
            kind = ["patience", "fault", "reset"][count] if count < 3 else "ok"
        if kind == "slow":
            time.sleep(0.1)
            kind = "ok"
        if kind == "reset":
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
            return
        status = {"ok": 200, "gone": 404, "fault": 500, "patience": 429}[kind]
        if status == 200:
            with self.server.lock:
                self.server.taken.append(headers.get("idempotency-key", ""))
        self.send_response(status)
        if kind == "patience":
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: Any) -> None:
        """Nothing."""


class Mailbox:
    """A mail server that takes mail only over TLS, and from who knows the password."""

    def __init__(self, folder: Path) -> None:
        from aiosmtpd.controller import Controller
        from aiosmtpd.smtp import AuthResult, LoginPassword

        self.mails: list[Any] = []
        self.certificate = folder / "mail.pem"
        key = folder / "mail.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
             "-keyout", str(key), "-out", str(self.certificate)],
            check=True, capture_output=True, timeout=30,
        )  # fmt: skip
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, key)

        def authenticator(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> Any:
            right = LoginPassword(b"ann", b"sesame")
            return AuthResult(success=data == right, handled=False)

        self.controller = Controller(
            self, hostname="localhost", port=free_port(), tls_context=context, require_starttls=True,
            auth_required=True, authenticator=authenticator,
        )  # fmt: skip
        self.controller.start()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(envelope)
        return "250 taken"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def phantom_alert(
    phantom: str, *arguments: str, text: str = "", timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [phantom, "alert", *arguments], input=text, capture_output=True, text=True, check=False,
        timeout=timeout,
    )  # fmt: skip


def webhook_config(folder: Path, url: str) -> str:
    path = folder / "webhook.yml"
    path.write_text(
        "route: {receiver: hook, group_by: [alertname]}\n"
        f"receivers: [{{name: hook, webhook_configs: [{{url: '{url}'}}]}}]\n"
    )
    return str(path)


def alerts(count: int, label: str = "n") -> str:
    each = [
        {"labels": {"alertname": f"{label}{index}", "priority": "P1"}, "startsAt": STARTED}
        for index in range(count)
    ]
    return "".join(json.dumps(one) + "\n" for one in each)


def check_configuration(phantom: str, folder: Path) -> None:
    good = webhook_config(folder, "http://127.0.0.1:1/")
    shown = phantom_alert(phantom, "check", good)
    check(shown.returncode == 0 and "every alert -> hook" in shown.stdout, "check: the tree", shown)
    answer = json.loads(phantom_alert(phantom, "check", good, "--json").stdout)
    check(answer["route"]["receiver"] == "hook", "check: as JSON", answer)
    wrong = folder / "wrong.yml"
    wrong.write_text("route:\n  receiver: nobody\n  gruop_by: [a]\nreceivers: []\n")
    said = phantom_alert(phantom, "check", str(wrong))
    check(said.returncode == 1 and not said.stdout, "check: a wrong file is refused", said)
    check(
        f"{wrong}:2:13:" in said.stderr and f"{wrong}:3:3:" in said.stderr,
        "check: each fault with its line and column", said.stderr,
    )  # fmt: skip


def six_channels(receivers: Receivers, mailbox: Mailbox | None) -> str:
    mail = "" if mailbox is None else f"""
    email_configs:
      - to: bob@example.org
        from: alerts@example.org
        smarthost: localhost:{mailbox.controller.port}
        auth_username: ann
        auth_password: sesame
        tls_config: {{ca_file: {mailbox.certificate}}}"""
    return f"""
route: {{receiver: all}}
receivers:
  - name: all
    webhook_configs: [{{url: '{receivers.url("/ok/hook")}', hmac_secret: secret}}]
    slack_configs: [{{api_url: '{receivers.url("/ok/slack")}'}}]
    pagerduty_configs: [{{routing_key: r0, url: '{receivers.url("/ok/pager")}'}}]
    msteams_configs: [{{webhook_url: '{receivers.url("/ok/teams")}'}}]
    sms_configs: [{{api_url: '{receivers.url("/ok")}', account_sid: AC1, auth_token: t, from: '+1', to: ['+2']}}]{mail}
  - name: gone
    webhook_configs: [{{url: '{receivers.url("/gone")}'}}]
"""


def check_channels(phantom: str, folder: Path, mailbox: Mailbox | None) -> None:
    receivers = Receivers()
    path = folder / "six.yml"
    path.write_text(six_channels(receivers, mailbox))
    done = phantom_alert(phantom, "test", str(path), "--receiver", "all", "--json")
    answer = json.loads(done.stdout)
    expected = 5 if mailbox is None else 6
    check(
        done.returncode == 0 and [each["delivered"] for each in answer["channels"]] == [True] * expected,
        f"test: {expected} channels take it", done,
    )  # fmt: skip
    headers, body = receivers.of("/ok/hook")[0]
    hook = json.loads(body)
    check((hook["version"], hook["test"]) == ("4", True), "webhook: Alertmanager's JSON, marked", hook)
    signed = headers["x-phantommesh-timestamp"].encode() + b"." + body
    digest = hmac.new(b"secret", signed, hashlib.sha256).hexdigest()
    check(headers["x-phantommesh-signature"] == f"sha256={digest}", "webhook: its signature", headers)
    check("blocks" in json.loads(receivers.of("/ok/slack")[0][1]), "Slack: blocks")
    pager = json.loads(receivers.of("/ok/pager")[0][1])
    check(
        (pager["event_action"], pager["routing_key"]) == ("trigger", "r0"), "PagerDuty: an event", pager
    )
    teams = json.loads(receivers.of("/ok/teams")[0][1])
    check(teams["attachments"][0]["content"]["type"] == "AdaptiveCard", "Teams: a card", teams)
    headers, body = receivers.of("/ok/2010-04-01/Accounts/AC1/Messages.json")[0]
    form = urllib.parse.parse_qs(body.decode())
    check((form["To"], form["From"]) == (["+2"], ["+1"]), "SMS: a form", form)
    basic = "Basic " + base64.b64encode(b"AC1:t").decode()
    check(headers["authorization"] == basic, "SMS: basic authentication")
    failed = phantom_alert(phantom, "test", str(path), "--receiver", "gone")
    check(
        failed.returncode == 1 and "NOT DELIVERED" in failed.stdout and "404" in failed.stdout,
        "test: what the server answered is shown", failed,
    )  # fmt: skip
    receivers.shutdown()


def check_mail(mailbox: Mailbox) -> None:
    check(len(mailbox.mails) == 1, "mail: one, over STARTTLS and with AUTH", len(mailbox.mails))
    envelope = mailbox.mails[0]
    check(
        (envelope.mail_from, envelope.rcpt_tos) == ("alerts@example.org", ["bob@example.org"]),
        "mail: from and to", envelope.rcpt_tos,
    )  # fmt: skip
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    check(message["Subject"].startswith("TEST [P5 FIRING:1]"), "mail: its subject", message["Subject"])
    check(not message.defects and message["Message-ID"].endswith("@example.org>"), "mail: well formed")
    part = message.get_body(("plain",))
    check(part is not None and "Nothing has happened" in part.get_content(), "mail: its text")


def check_patience(phantom: str, folder: Path) -> None:
    receivers = Receivers()
    begin = time.monotonic()
    done = phantom_alert(
        phantom, "send", webhook_config(folder, receivers.url("/flaky")), "--outbox",
        str(folder / "patience.db"), "--json", text=alerts(1),
    )  # fmt: skip
    counts = json.loads(done.stdout)
    check((counts["delivered"], counts["retries"]) == (1, 3), "patience: after 429, 500 and a reset", counts)
    check(time.monotonic() - begin > 1.0, "patience: Retry-After is waited for")
    keys = {headers["idempotency-key"] for headers, _ in receivers.of("/flaky")}
    check(len(keys) == 1, "patience: four tries, one key", keys)
    gone = phantom_alert(
        phantom, "send", webhook_config(folder, receivers.url("/gone")), "--outbox",
        str(folder / "gone.db"), "--json", text=alerts(1),
    )  # fmt: skip
    check(
        gone.returncode == 1 and json.loads(gone.stdout)["dead_letters"] == 1,
        "patience: a refusal is final, and the exit status says so", gone,
    )  # fmt: skip
    receivers.shutdown()


def run_and_kill(phantom: str, config: str, outbox: str, text: str, after_s: float) -> bool:
    """False: it had ended by itself."""
    process = subprocess.Popen(
        [phantom, "alert", "send", config, "--outbox", outbox],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    try:
        process.stdin.write(text)
        process.stdin.close()
    except BrokenPipeError:
        pass
    try:
        process.wait(after_s)
        return False
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True


def check_crashes(phantom: str, folder: Path) -> None:
    count = 30
    receivers = Receivers()
    config = webhook_config(folder, receivers.url("/any"))
    outbox = str(folder / "crashes.db")
    seed = random.randrange(1 << 30)
    say(f"crashes: seed {seed}")
    random.seed(seed)
    kills = sum(
        run_and_kill(phantom, config, outbox, alerts(count), random.uniform(0.01, 0.4)) for _ in range(25)
    )
    last = phantom_alert(phantom, "send", config, "--outbox", outbox, "--json", text=alerts(count))
    check(last.returncode == 0, f"crashes: after {kills} of them it ends well", last)
    keys: dict[str, set[str]] = defaultdict(set)
    for headers, body in receivers.of("/any"):
        keys[json.loads(body)["commonLabels"]["alertname"]].add(headers["idempotency-key"])
    check(kills > 0, "crashes: some runs were killed", kills)
    check(len(keys) == count, "crashes: every alert has arrived", len(keys))
    check(all(len(each) == 1 for each in keys.values()), "crashes: each with one key only")
    check(
        set().union(*keys.values()) <= set(receivers.taken), "crashes: each was taken by its receiver"
    )
    say(f"crashes: {len(receivers.of('/any'))} requests for {count} alerts, {len(receivers.taken)} taken")
    receivers.shutdown()


def check_outage(phantom: str, folder: Path) -> None:
    port = free_port()
    config = webhook_config(folder, f"http://127.0.0.1:{port}/ok")
    outbox = str(folder / "outage.db")
    killed = run_and_kill(phantom, config, outbox, alerts(5, "o"), 1.5)
    check(killed, "outage: nobody listens, so it goes on trying until it is killed")
    receivers = Receivers(port)
    after = phantom_alert(phantom, "send", config, "--outbox", outbox, "--json")
    check(
        json.loads(after.stdout)["delivered"] == 5 and len(set(receivers.taken)) == 5,
        "outage: what was put down is sent by the next process, without being told again", after,
    )  # fmt: skip
    check(os.stat(outbox).st_mode & 0o777 == 0o600, "outage: the outbox is its owner's alone")
    receivers.shutdown()


def mailbox_if_any(folder: Path) -> Mailbox | None:
    if importlib.util.find_spec("aiosmtpd") is None:
        skip("mail: over STARTTLS and with AUTH", "python3-aiosmtpd is not installed")
        return None
    return Mailbox(folder)


def body(_: Lab) -> None:
    phantom = built_program("phantom")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mailbox = mailbox_if_any(folder)
        check_configuration(phantom, folder)
        check_channels(phantom, folder, mailbox)
        if mailbox is not None:
            check_mail(mailbox)
            mailbox.controller.stop()
        check_patience(phantom, folder)
        check_crashes(phantom, folder)
        check_outage(phantom, folder)


def with_packages_of_the_system() -> None:
    """A Python of somebody's own does not have what the distribution installs."""
    if (
        importlib.util.find_spec("aiosmtpd") is None
        and Path(SYSTEM_PYTHON).exists()
        and not os.path.samefile(sys.executable, SYSTEM_PYTHON)
    ):
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])


if __name__ == "__main__":
    with_packages_of_the_system()
    main(body, seconds=180)
