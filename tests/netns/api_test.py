#!/usr/bin/env python3
# timeout: 240
"""The HTTPS API of a real node, asked with curl: refusals of every kind; tokens, roles and limits; the stream of events;
slow, large and broken requests; the link of a message; a node that is killed knows its tokens when it is back. What
each route answers is in api_contract_test."""

from __future__ import annotations

import json
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.api import Api, Answer, api_of, problem_in  # noqa: E402
from netlab.attack import two_nodes  # noqa: E402
from netlab.harness import built_program, check, expect, main, skip  # noqa: E402
from netlab.mailbox import (  # noqa: E402
    Mailbox, config_for, has_mail_server, text_of, with_packages_of_the_system,
)
from netlab.mesh import MeshNode  # noqa: E402

def problem(answer: Answer, status: int, code: str, what: str) -> None:
    """A refusal is told as RFC 9457 has it."""
    found = problem_in(answer, status, code)
    check(found == "", f"{status} {code}: {what}", found)


# ---- First contact ----------------------------------------------------------------------------------


def check_init(lab: Lab, folder: Path) -> tuple[MeshNode, MeshNode, Api]:
    amber, birch = two_nodes(lab, built_program("phantom"), folder)
    status = amber.status()["self"]["api"]
    check(status["place"] == "127.0.0.1:8443", "a node listens at 127.0.0.1:8443", json.dumps(status))
    refused = amber.phantom("api-token", "create", "first", check=False)
    check(refused.returncode == 1 and "name" in refused.stderr, "the first token was made by init", refused.stderr)
    made = amber.ask("api-token", "create", "admin", "--rate", "0")
    check(re.fullmatch(r"pm_[A-Za-z0-9_-]{43}", made["token"]) is not None, "a token's text", made)
    kept = (amber.state_dir / "api_tokens").read_text()
    check(made["token"][3:] not in kept and made["id"] in kept, "what is kept is its hash")
    for name in ("api_tokens", "api.key", "api.crt"):
        check((amber.state_dir / name).stat().st_mode & 0o777 == 0o600, f"{name} is its owner's alone")
    api = api_of(amber, made["token"])
    answer = api.get("/version")
    check(answer.status == 200 and answer.json()["version"], "curl trusts the certificate, and is answered", answer.text)
    return amber, birch, api


def check_tls(amber: MeshNode) -> None:
    with amber.namespace.entered():
        context = ssl.create_default_context(cafile=str(amber.state_dir / "api.crt"))
        with socket.create_connection(("127.0.0.1", 8443), timeout=5) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as stream:
                check(stream.version() == "TLSv1.3", "TLS 1.3", stream.version())
        old = ssl.create_default_context(cafile=str(amber.state_dir / "api.crt"))
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        try:
            with socket.create_connection(("127.0.0.1", 8443), timeout=5) as plain:
                old.wrap_socket(plain, server_hostname="localhost")
            check(False, "TLS 1.2 is refused")
        except (ssl.SSLError, OSError):
            check(True, "TLS 1.2 is refused")
    local = amber.namespace.run(
        "curl", "-s", "--unix-socket", str(amber.run_dir / "api.sock"), "http://node/api/v1/api-tokens/self"
    )
    check(json.loads(local.stdout)["name"] == "owner", "the owner asks by the Unix socket, without a token", local.stdout)
    mode = (amber.run_dir / "api.sock").stat().st_mode & 0o777
    check(mode & 0o077 == 0, "which is its owner's alone", oct(mode))


# ---- Refusals ---------------------------------------------------------------------------------------


def check_refusals(api: Api) -> None:
    none = api.get("/alerts", token="")
    problem(none, 401, "unauthorized", "without a token")
    check("Bearer" in none.header("WWW-Authenticate"), "which says how", none.header("WWW-Authenticate"))
    problem(api.get("/nothing"), 404, "no-route", "a place that is not there")
    problem(api.get("/alerts/4711"), 404, "not-found", "an alert that is not there")
    wrong = api.call("DELETE", "/alerts")
    problem(wrong, 405, "method-not-allowed", "what cannot be done")
    check(wrong.header("Allow") == "GET, HEAD", "which says what can", wrong.header("Allow"))
    problem(api.call("POST", "/silences", raw=b"{", type="application/json"), 400, "bad-json", "half a body")
    bad = api.call("POST", "/silences", {"matchers": 7, "more": 1})
    problem(bad, 422, "invalid", "a body that lacks what is needed")
    pointers = [each["pointer"] for each in bad.json()["errors"]]
    check(pointers == ["/matchers", "/for_s", "/more"], "field by field", bad.text)
    problem(api.get("/alerts?limit=0"), 422, "invalid", "a parameter out of range")
    problem(api.get("/alerts?cursor=x"), 422, "invalid", "a cursor that is none")
    problem(api.get("/alerts?what=x"), 422, "invalid", "a parameter that is not known")
    problem(api.call("POST", "/silences", raw=b"{}", type="text/plain"), 415, "unsupported-media-type", "a text")
    large = api.call("POST", "/silences", raw=b"x" * ((1 << 20) + 1), type="application/json")
    problem(large, 413, "too-large", "a body over 1 MiB")
    header = api.get("/alerts", headers={"X-Large": "x" * 20_000})
    problem(header, 431, "header-too-large", "a header over 16 KiB")
    listed = api.get("/alerts")
    same = api.get("/alerts", headers={"If-None-Match": listed.header("ETag")})
    check(same.status == 304 and same.text == "", "what is known is not sent again", f"{same.status} {same.text}")
    head = api.call("HEAD", "/alerts")
    check(head.status == 200 and head.text == "", "HEAD has no body", head.text)


def check_roles(api: Api, amber: MeshNode) -> None:
    viewer = Api(api.namespace, api.certificate, amber.ask("api-token", "create", "eye", "--role", "viewer")["token"])
    check(viewer.get("/alerts").status == 200, "a viewer reads")
    problem(viewer.call("POST", "/alerts/1/ack"), 403, "forbidden", "and does not write")
    problem(viewer.get("/audit"), 403, "forbidden", "nor reads the audit log")
    made = amber.ask("api-token", "create", "hand", "--role", "responder")
    responder = Api(api.namespace, api.certificate, made["token"])
    check(responder.get("/audit").status == 200, "a responder reads the audit log")
    credential = {"executor": "credential", "target": "birch"}
    problem(responder.call("POST", "/actions", credential), 403, "forbidden", "and takes no member's credentials")
    problem(responder.call("PUT", "/policy", {"text": "{}"}), 403, "forbidden", "nor changes the policy")
    slow = amber.ask("api-token", "create", "slow", "--role", "viewer", "--rate", "5")
    slowly = Api(api.namespace, api.certificate, slow["token"])
    answers = [slowly.get("/version") for _ in range(6)]
    check(answers[0].header("RateLimit").startswith('"minute";r=4'), "what is left is told", answers[0].headers)
    problem(answers[5], 429, "rate-limited", "more often than a token may")
    check(int(answers[5].header("Retry-After")) >= 1, "which says when", answers[5].headers)
    amber.phantom("api-token", "revoke", "slow")
    problem(slowly.get("/version"), 401, "unauthorized", "a token that `phantom` has revoked")


# ---- Sessions ---------------------------------------------------------------------------------------


class SignedIn:
    """What a browser does after it has shown a token: a cookie with each request, its word with each change."""

    def __init__(self, api: Api) -> None:
        self.api = api
        answer = api.call("POST", "/sessions")
        check(answer.status == 201, "a token is exchanged for a session", answer.text)
        self.field = answer.header("Set-Cookie")
        self.cookie = self.field.partition(";")[0]
        self.csrf = answer.json()["csrf"]
        self.id = answer.json()["id"]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        word = {} if method == "GET" else {"X-CSRF-Token": self.csrf}
        given = {"Cookie": self.cookie, "Origin": f"https://{self.api.place}"} | word
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.api.call(method, path, body, headers=given, token="")


def check_sessions(api: Api, amber: MeshNode) -> SignedIn:
    session = SignedIn(api)
    attributes = {each.strip() for each in session.field.split(";")[1:]}
    check({"Path=/", "Secure", "HttpOnly", "SameSite=Strict"} <= attributes and "__Host-" in session.cookie,
          "by a cookie that no script and no other site has", session.field)
    check(session.call("GET", "/version").status == 200, "which asks")
    wish = {"matchers": '{peer="nobody"}', "for_s": 60}
    problem(session.call("POST", "/silences", wish, X_CSRF_Token="x" * 43), 403, "no-csrf", "a change without its word")
    problem(session.call("GET", "/version", Origin="https://evil.example"), 403, "foreign-page", "another site's page")
    problem(session.call("GET", "/version", Sec_Fetch_Site="cross-site"), 403, "foreign-page", "of which the browser says so")
    rebound = session.call("GET", "/version", Host="evil.example", Origin="https://evil.example")
    problem(rebound, 403, "foreign-page", "a name that was pointed here")
    check(session.call("GET", "/version", Host="localhost:8443", Origin="https://localhost:8443").status == 200, "not so ours")
    check(session.call("POST", "/silences", wish).status == 201, "with its word it is done")
    kept = (amber.state_dir / "api_sessions").read_text()
    secret = session.cookie.partition("=")[2]
    check(secret not in kept and session.csrf not in kept, "what is kept of it is a hash")
    other = SignedIn(api)
    check(other.call("DELETE", "/sessions/self").status == 204, "signed out")
    problem(other.call("GET", "/version"), 401, "unauthorized", "it is none any more")
    made = amber.ask("api-token", "create", "gone", "--role", "viewer")
    brief = SignedIn(Api(api.namespace, api.certificate, made["token"]))
    amber.phantom("api-token", "revoke", "gone")
    problem(brief.call("GET", "/version"), 401, "unauthorized", "a session whose token was revoked")
    audit = api.get("/audit?limit=50").json()["entries"]
    said = {each["what"]: each for each in reversed(audit) if each["what"].startswith("session.")}
    check(said["session.open"]["who"] == "token gone" and said["session.close"]["who"] == "token admin",
          "who signed in and out stands in the audit log", json.dumps(said))
    silenced = next(each for each in audit if each["what"] == "silence.add")
    check(f"session {session.id}" in silenced["from"], "and what was done in which session", silenced)
    return session


# ---- Broken and slow requests -----------------------------------------------------------------------


def connect(amber: MeshNode) -> ssl.SSLSocket:
    with amber.namespace.entered():
        context = ssl.create_default_context(cafile=str(amber.state_dir / "api.crt"))
        plain = socket.create_connection(("127.0.0.1", 8443), timeout=30)
        return context.wrap_socket(plain, server_hostname="localhost")


def read_all(stream: ssl.SSLSocket) -> bytes:
    said = b""
    while True:
        try:
            more = stream.recv(65536)
        except (OSError, ssl.SSLError):
            return said
        if not more:
            return said
        said += more


def check_broken(amber: MeshNode, api: Api) -> None:
    request = f"GET /api/v1/version HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {api.token}\r\n"
    with connect(amber) as stream:
        stream.sendall((request + "\r\n").encode() * 20 + (request + "Connection: close\r\n\r\n").encode())
        said = read_all(stream)
        check(said.count(b"HTTP/1.1 200 OK") == 21, "pipelined requests are answered in turn", said.count(b"HTTP/1.1"))
    for bad, what in (
        (b"GET / HTTP/1.1\r\n\r\n", "without Host"),
        (b"\x00\x01\x02\x03\r\n\r\n", "of no language"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "of two lengths"),
    ):
        with connect(amber) as stream:
            stream.sendall(bad)
            said = read_all(stream)
            check(said.startswith(b"HTTP/1.1 400 "), f"a request {what} is refused, and the connection ends", said[:200])
    with connect(amber) as stream:
        stream.sendall(b"GET / HTTP/1.1\r\n")
        began = time.monotonic()
        ended = threading.Thread(target=read_all, args=(stream,))
        ended.start()
        # A header that comes a byte at a time has 10 s in all.
        while ended.is_alive() and time.monotonic() - began < 25:
            time.sleep(1)
            try:
                stream.sendall(b"X")
            except OSError:
                break
        ended.join(5)
        took = time.monotonic() - began
        check(8 < took < 16, "a header that comes slowly is not waited for", f"{took:.1f} s")
    for _ in range(20):
        abandoned = connect(amber)
        abandoned.sendall((request + "\r\n").encode())
        abandoned.close()
    check(api.get("/version").status == 200, "requests that were abandoned harm nobody")


def check_crowd(amber: MeshNode, api: Api) -> None:
    """More connections than one address may have: who has shown no token gives way."""
    with amber.namespace.entered():
        crowd = [socket.create_connection(("127.0.0.1", 8443), timeout=5) for _ in range(300)]
    check(api.get("/version").status == 200, "300 silent connections keep nobody out")
    now = amber.status()["self"]["api"]["connections"]
    check(now <= 257, "there are no more than one address may have", now)
    for each in crowd:
        each.close()


def check_guessing(amber: MeshNode, api: Api) -> None:
    answers = [api.get("/version", token=f"pm_{number:043}") for number in range(12)]
    problem(answers[0], 401, "unauthorized", "a token that is none")
    problem(answers[-1], 429, "rate-limited", "one after the other")
    check(api.get("/version").status == 200, "a good token passes from the same address")
    expect(
        lambda: wait_until(
            lambda: any(each["rule"] == "api:token-guessing" for each in api.get("/alerts").json()["alerts"]),
            "an alert", within=10,
        ),
        "guessing tokens is an alert",
    )
    entries = api.get("/audit?limit=50").json()["entries"]
    check(any(each["what"] == "token guessing" for each in entries), "and stands in the audit log", entries[:3])


def check_link(amber: MeshNode, api: Api) -> None:
    """Guessing is told of by mail; the mail's link is a page whose button acknowledges."""
    if not has_mail_server():
        check_guessing(amber, api)
        skip("the link of a mail", "python3-aiosmtpd is not installed")
        return
    box = Mailbox(amber.namespace)
    (amber.state_dir / "alerts.yml").write_text(config_for({"first": box.port}))
    amber.phantom("alerts", "reload")
    check_guessing(amber, api)
    expect(
        lambda: wait_until(
            lambda: any("token-guessing" in str(mail["Subject"]) for mail in box.mails()), "a mail", within=20
        ),
        "guessing is told of by mail",
    )
    mail = next(mail for mail in box.mails() if "token-guessing" in str(mail["Subject"]))
    words = text_of(mail).split()
    link = words[words.index("--link") + 1]
    for _ in range(3):  # as programs do that look at mails
        page = api.call("GET", f"//ack?token={link}", token="")
    check(
        page.status == 200 and page.type.startswith("text/html") and "token-guessing" in page.text
        and '<form method="post"' in page.text, "its link is a page with a button", page.text,
    )  # fmt: skip
    check("default-src 'none'" in page.header("Content-Security-Policy"), "which loads nothing", page.headers)
    number = next(each["number"] for each in api.get("/alerts").json()["alerts"] if each["rule"] == "api:token-guessing")
    check(api.get(f"/alerts/{number}").json()["acknowledged_by"] == "", "which changes nothing when it is looked at")
    form = {"raw": f"token={link}".encode(), "type": "application/x-www-form-urlencoded", "token": ""}
    done = api.call("POST", "//ack", **form)
    check(done.status == 200 and "Acknowledged" in done.text, "its button acknowledges", done.text)
    check(api.get(f"/alerts/{number}").json()["acknowledged_by"] == "first", "in the name of whom the mail was sent to")
    again = api.call("POST", "//ack", **form)
    check(again.status == 409 and "used" in again.text, "once", again.text)
    forged = api.call("GET", f"//ack?token={link[:-2]}AA", token="")
    check(forged.status == 409 and "<form" not in forged.text, "a link that was changed does nothing", forged.text)
    entries = api.get("/audit?limit=50").json()["entries"]
    check(any(each["who"] == "link" and each["what"] == "ack.link" for each in entries), "and the audit log has it")
    box.close()


# ---- Events -----------------------------------------------------------------------------------------


class Listener:
    """curl at /events, read by a thread."""

    def __init__(self, api: Api, last: str = "") -> None:
        headers = ["-H", f"Last-Event-ID: {last}"] if last else []
        with api.namespace.entered():
            self.process = subprocess.Popen(
                ["curl", "-sN", "--cacert", str(api.certificate), "-H", f"Authorization: Bearer {api.token}",
                 *headers, "https://127.0.0.1:8443/api/v1/events"],
                stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
        self.lines: list[str] = []
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.append(line.rstrip("\n"))

    def events(self) -> list[tuple[str, str, dict[str, Any]]]:
        text = "\n".join(self.lines)
        found = re.findall(r"^id: (.+)\nevent: (.+)\ndata: (.+)$", text, re.MULTILINE)
        return [(identity, kind, json.loads(data)) for identity, kind, data in found]

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


def check_events(amber: MeshNode, api: Api) -> str:
    listener = Listener(api)
    wait_until(lambda: ": listening" in listener.lines, "it listens", within=10)
    made = api.call("POST", "/actions", {"executor": "firewall", "target": "203.0.113.77", "for_s": 600}).json()
    expect(
        lambda: wait_until(
            lambda: any(kind == "action.begun" for _, kind, _ in listener.events()), "an event", within=10
        ),
        "an action is heard of at once",
    )
    identity, _, event = next(each for each in listener.events() if each[1] == "action.begun")
    check(
        event["specversion"] == "1.0" and event["type"] == "phantommesh.action.begun" and event["id"] == identity
        and event["source"] == "/nodes/amber" and event["data"]["number"] == made["number"],
        "as a CloudEvent", event,
    )  # fmt: skip
    listener.close()
    api.call("POST", f"/actions/{made['number']}/undo")
    later = Listener(api, identity)
    expect(
        lambda: wait_until(
            lambda: any(kind == "action.ended" for _, kind, _ in later.events()), "an event", within=10
        ),
        "who comes back hears what it has missed",
    )
    kinds = [kind for _, kind, _ in later.events()]
    check("action.begun" not in kinds and "reset" not in kinds, "and nothing twice", kinds)
    later.close()
    lost = Listener(api, "0-1")
    expect(
        lambda: wait_until(lambda: any(kind == "reset" for _, kind, _ in lost.events()), "reset", within=10),
        "who was away for too long is told so",
    )
    lost.close()
    eye = amber.ask("api-token", "create", "ear", "--role", "viewer")["token"]
    listener = Listener(Api(api.namespace, api.certificate, eye))
    wait_until(lambda: ": listening" in listener.lines, "it listens", within=10)
    amber.phantom("api-token", "revoke", "ear")
    expect(
        lambda: wait_until(lambda: listener.process.poll() is not None, "the end", within=10),
        "a token that is revoked listens no more",
    )
    return identity


# ---- After a kill -----------------------------------------------------------------------------------


def check_kill(amber: MeshNode, api: Api, old_event: str, session: SignedIn) -> None:
    before = api.certificate.read_text()
    amber.kill()
    amber.phantom("up")
    wait_until(lambda: api.get("/health", token="").status == 200, "it is back", within=20)
    check(api.get("/api-tokens/self").json()["name"] == "admin", "a killed node knows its tokens when it is back")
    check(session.call("GET", "/version").status == 200, "and who was signed in")
    own = session.call("GET", "/sessions/self").json()
    check(own["csrf"] == session.csrf and own["id"] == session.id, "with the same word", own)
    check(api.certificate.read_text() == before, "and shows the same certificate")
    listener = Listener(api, old_event)
    expect(
        lambda: wait_until(
            lambda: any(kind == "reset" for _, kind, _ in listener.events()), "reset", within=10
        ),
        "who listened before is told that it has missed something",
    )
    listener.close()
    (amber.state_dir / "api_tokens").write_text('{"version": 9}')
    amber.kill()
    amber.phantom("up")
    wait_until(lambda: api.get("/health", token="").status == 200, "it is back", within=20)
    problem(api.get("/version"), 401, "unauthorized", "with a file of tokens that cannot be understood none is good")
    said = amber.phantom("api-token", "list", check=False)
    check(said.returncode == 1 and "api_tokens" in said.stderr, "and `phantom` says so", said.stderr)


def check_off(lab: Lab, folder: Path) -> None:
    space = lab.namespace("cedar")
    node = MeshNode(lab, space, "cedar", built_program("phantom"), folder)
    made = node.ask("init", "--name", "cedar", "--api", "[::1]:9443", "--endpoint", "192.0.2.1:51820")
    check(made["api"] == "https://[::1]:9443" and made["api_token"].startswith("pm_"), "init prints the first token", made)
    answer = Api(space, node.state_dir / "api.crt", made["api_token"], place="[::1]:9443").get("/nodes/self")
    check(answer.status == 200 and answer.json()["name"] == "cedar", "which works, where --api says", answer.text)
    node.phantom("down")
    node.phantom("up", "--api", "off")
    status = node.status()["self"]["api"]
    check(status["place"] is None and status["problem"] == "off", "it can be switched off", status)
    node.kill()


def body(lab: Lab) -> None:
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        amber, birch, api = check_init(lab, folder)
        check_tls(amber)
        check_refusals(api)
        check_roles(api, amber)
        event = check_events(amber, api)
        session = check_sessions(api, amber)
        check_broken(amber, api)
        check_crowd(amber, api)
        check_link(amber, api)
        check_kill(amber, api, event, session)
        check_off(lab, folder)
        for node in (amber, birch):
            node.kill()


if __name__ == "__main__":
    with_packages_of_the_system()
    main(body, needs=("curl", "nft"), seconds=230)
