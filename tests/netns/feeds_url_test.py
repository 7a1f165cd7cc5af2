#!/usr/bin/env python3
# timeout: 240
"""Feeds that have a URL, from real servers: fetched, asked again only for what is new, also after a kill; whatever
else a server says (404, 500, half a file, too much, nothing for long, a redirect to a file or to this machine)
leaves the last good version, is told, and keeps nobody waiting."""

from __future__ import annotations

import gzip
import json
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.harness import built_program, check, expect, main  # noqa: E402
from netlab.lab import Namespace  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402

SERVER = "10.9.1.1"
PORT = 8099
LIST = "".join(f"198.51.100.{number}\n" for number in range(1, 51))
MIB = 1 << 20


class Handler(BaseHTTPRequestHandler):
    """What it says is what the test has put into `answers`, by path."""

    protocol_version = "HTTP/1.1"
    answers: dict[str, Any] = {}
    asked: list[tuple[str, str]] = []  # path, and what it was asked to compare with

    def do_GET(self) -> None:
        compare = self.headers.get("If-None-Match") or self.headers.get("If-Modified-Since") or ""
        self.asked.append((self.path, compare))
        self.close_connection = True
        try:
            self.answers[self.path.split("?")[0]](self, compare)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def serve(lab: Lab, namespace: Namespace, address: str, port: int, certificate: str = "") -> None:
    with namespace.entered():
        server = ThreadingHTTPServer((address, port), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    lab.on_close(server.shutdown)


def tagged(text: str, tag: str) -> Any:
    def answer(handler: Handler, compare: str) -> None:
        if compare == tag:
            handler.say(304, ETag=tag)
        else:
            handler.say(200, text.encode(), ETag=tag)

    return answer


def dated(text: str, date: str) -> Any:
    def answer(handler: Handler, compare: str) -> None:
        if compare == date:
            handler.say(304)
        else:
            handler.say(200, text.encode(), Last_Modified=date)

    return answer


def feed(node: MeshNode, name: str = "list") -> dict[str, Any]:
    return next(each for each in node.query("feeds")["feeds"] if each["name"] == name)


def describe(node: MeshNode, **feeds: dict[str, str]) -> None:
    folder = node.state_dir / "feeds"
    folder.mkdir(exist_ok=True)
    (folder / "feeds.hujson").write_text(json.dumps({"feeds": feeds}))


def url_feed(path: str, **more: str) -> dict[str, str]:
    return {"url": f"http://{SERVER}:{PORT}{path}", "format": "plain", **more}


def check_fetched(node: MeshNode) -> None:
    Handler.answers["/list"] = tagged(LIST, '"one"')
    describe(node, list=url_feed("/list?key=secret"))
    node.phantom("feeds", "reload", check=False)
    expect(
        lambda: wait_until(lambda: feed(node)["source"] == "current", "fetched", within=20),
        "a feed with a URL is fetched by itself",
    )
    check(feed(node)["entries"] == 50, "with its entries", json.dumps(feed(node)))
    check(node.ask("feeds", "lookup", "198.51.100.7")["hits"] != [], "which are found")
    shown = node.phantom("feeds").stdout
    check(f"from http://{SERVER}:{PORT}, fetched" in shown and "secret" not in shown,
          "it is shown where it is from, and no secret of the URL", shown)
    check(21000 <= feed(node)["fetch"]["next_in_s"] + 2600 and feed(node)["fetch"]["next_in_s"] <= 23760,
          "the next time is some six hours ahead", json.dumps(feed(node)["fetch"]))
    asked = len(Handler.asked)
    node.phantom("feeds", "fetch")
    check(Handler.asked[asked:] == [("/list?key=secret", '"one"')], "it is asked for what is new only",
          str(Handler.asked[asked:]))
    check(feed(node)["entries"] == 50, "304: nothing changes")
    Handler.answers["/list"] = tagged(LIST + "203.0.113.1\n", '"two"')
    node.phantom("feeds", "fetch", "list")
    check(feed(node)["entries"] == 51, "what is new is taken", json.dumps(feed(node)))


def check_restart(node: MeshNode) -> None:
    asked = len(Handler.asked)
    node.kill()
    node.phantom("up")
    expect(
        lambda: wait_until(lambda: node.query("feeds")["feeds"] != [], "read", within=10),
        "killed and started, the feed is read",
    )
    time.sleep(1)
    check(feed(node)["entries"] == 51, "as it was")
    check(len(Handler.asked) == asked, "and the server is left alone", str(Handler.asked[asked:]))
    node.phantom("feeds", "fetch")
    check(Handler.asked[asked:] == [("/list?key=secret", '"two"')], "what it said is remembered",
          str(Handler.asked[asked:]))


def check_dates(node: MeshNode) -> None:
    date = "Sun, 01 Nov 2026 10:00:00 GMT"
    Handler.answers["/dated"] = dated(LIST, date)
    describe(node, list=url_feed("/dated"))
    node.phantom("feeds", "reload", check=False)
    expect(
        lambda: wait_until(lambda: feed(node)["fetch"]["fetched"] is not None, "fetched", within=20),
        "another URL is fetched at once",
    )
    expect(
        lambda: wait_until(lambda: feed(node)["published"] == "2026-11-01T10:00:00Z", "dated", within=10),
        "a feed is as old as its server says",
    )
    node.phantom("feeds", "fetch")
    check(Handler.asked[-1] == ("/dated", date), "Last-Modified is remembered as well", str(Handler.asked[-1]))


def refused(node: MeshNode, what: str, words: str) -> None:
    answer = node.phantom("feeds", "fetch", check=False)
    fetch = feed(node)["fetch"]
    check(answer.returncode == 1 and words in fetch["problem"], f"{what} is told", json.dumps(fetch))
    check(fetch["failures"] > 0, "and counted")
    check(feed(node)["entries"] == 50, "and what was there holds", json.dumps(feed(node)))


def check_refusals(node: MeshNode) -> None:
    def half(handler: Handler, _: str) -> None:
        handler.say(200, LIST.encode()[:100], Content_Length=str(len(LIST)))

    def bomb(handler: Handler, _: str) -> None:
        handler.say(200, gzip.compress(b"1" * (65 * MIB)), Content_Encoding="gzip")

    def long(handler: Handler, _: str) -> None:
        handler.say(200, b"", Content_Length=str(66 * MIB))
        for _part in range(66):
            handler.wfile.write(b"#" * MIB)

    def to(place: str, status: int = 302) -> Any:
        return lambda handler, _: handler.say(status, Location=place)

    Handler.answers["/turn"] = to("/turn")
    Handler.answers["/inside"] = lambda handler, _: handler.say(200, b"192.0.2.66\n")
    for what, words, answer in (
        ("404", "answers 404", lambda handler, _: handler.say(404)),
        ("500", "answers 500", lambda handler, _: handler.say(500)),
        ("204", "answers 204", lambda handler, _: handler.say(204)),
        ("half a file", "transfer closed", half),
        ("a file that unpacks to too much", "longer than", bomb),
        ("a file that is too long", "longer than", long),
        ("a redirect to a file", "file", to("file:///etc/passwd")),
        ("a redirect to another protocol", "ftp", to("ftp://10.9.1.1/list")),
        ("a redirect without end", "redirects", to("/turn")),
        ("a redirect to this machine", "this machine", to(f"http://127.0.0.1:{PORT}/inside")),
        ("a connection that is cut", "", lambda handler, _: handler.connection.close()),
    ):
        Handler.answers["/dated"] = answer
        refused(node, what, words)
    check(all(path != "/inside" for path, _ in Handler.asked), "the machine itself was not asked")
    wait = feed(node)["fetch"]["next_in_s"]
    check(wait >= 3600, "after many failures the server is left alone for long", wait)
    Handler.answers["/dated"] = lambda handler, _: handler.say(503, Retry_After="40000")
    refused(node, "503", "answers 503")
    check(feed(node)["fetch"]["next_in_s"] >= 39_990, "and as long as it asks for",
          feed(node)["fetch"]["next_in_s"])
    Handler.answers["/dated"] = lambda handler, _: handler.say(200, b"{ not a list at all", )
    node.phantom("feeds", "fetch", check=False)
    check(feed(node)["source"] == "last good" and feed(node)["entries"] == 50,
          "a file that is no good leaves the last good one", json.dumps(feed(node)))
    Handler.answers["/moved"] = lambda handler, _: handler.say(200, (LIST + "203.0.113.9\n").encode())
    Handler.answers["/dated"] = to("/moved", 301)
    answer = node.phantom("feeds", "fetch")
    check(answer.returncode == 0 and feed(node)["entries"] == 51, "a redirect on the same server is followed",
          answer.stdout)
    check(feed(node)["fetch"]["failures"] == 0, "and all is well again")


def check_slow(node: MeshNode) -> None:
    def slow(handler: Handler, _: str) -> None:
        handler.say(200, b"", Content_Length="100000")
        for _part in range(60):
            handler.wfile.write(b"#")
            time.sleep(1)

    Handler.answers["/dated"] = slow
    fetching = threading.Thread(target=lambda: node.phantom("feeds", "fetch", check=False))
    begun = time.monotonic()
    fetching.start()
    slowest = 0.0
    while fetching.is_alive():
        asked = time.monotonic()
        node.query("status")
        node.query("feeds")
        slowest = max(slowest, time.monotonic() - asked)
        time.sleep(0.05)
    took = time.monotonic() - begun
    check(slowest < 1, "while a server is slow the node answers", f"{slowest:.2f} s")
    check(took < 45 and "too slow" in feed(node)["fetch"]["problem"], "and hangs up in the end",
          f"{took:.0f} s, {json.dumps(feed(node)['fetch'])}")
    Handler.answers["/dated"] = slow
    node.query("feeds.fetch", name="list")
    time.sleep(1)
    begun = time.monotonic()
    node.phantom("down")
    wait_until(lambda: not node.is_running(), "down", within=15)
    check(time.monotonic() - begun < 10, "a node that goes down does not wait for it",
          f"{time.monotonic() - begun:.1f} s")
    node.phantom("up")


def check_tls(lab: Lab, node: MeshNode, wan: Namespace, folder: Path) -> None:
    certificate = folder / "server.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=feeds",
         "-addext", f"subjectAltName=IP:{SERVER}", "-keyout", str(folder / "key.pem"),
         "-out", str(folder / "certificate.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    certificate.write_text((folder / "certificate.pem").read_text() + (folder / "key.pem").read_text())
    serve(lab, wan, SERVER, PORT + 1, str(certificate))
    Handler.answers["/tls"] = tagged(LIST, '"tls"')
    own = {"url": f"https://{SERVER}:{PORT + 1}/tls", "format": "plain"}
    describe(node, list=own)
    node.phantom("feeds", "reload", check=False)
    node.phantom("feeds", "fetch", check=False)
    check("certificate" in feed(node)["fetch"]["problem"], "a certificate of nobody is refused",
          json.dumps(feed(node)["fetch"]))
    describe(node, list={**own, "ca": str(folder / "certificate.pem")})
    node.phantom("feeds", "reload", check=False)
    answer = node.phantom("feeds", "fetch", check=False)
    check(answer.returncode == 0 and feed(node)["fetch"]["problem"] == "", "and one that is trusted is not",
          answer.stdout)
    Handler.answers["/tls"] = lambda handler, _: handler.say(302, Location=f"http://{SERVER}:{PORT}/list")
    node.phantom("feeds", "fetch", check=False)
    check("http" in feed(node)["fetch"]["problem"], "from https no redirect leads to http",
          json.dumps(feed(node)["fetch"]))


def check_forgotten(node: MeshNode) -> None:
    folder = node.state_dir / "feeds" / "fetched"
    check({path.name for path in folder.iterdir()} == {"list", "list.state"}, "two files of a feed are there",
          str(list(folder.iterdir())))
    (node.state_dir / "feeds" / "feeds.hujson").write_text('{"feeds": {"a": {"url": "ftp://x/", "format": "plain"}}}')
    wrong = node.phantom("feeds", "reload", check=False)
    check('feeds.hujson:1:25: "url" is https://HOST/' in wrong.stdout, "what is no URL is refused with its place",
          wrong.stdout)
    describe(node)
    node.phantom("feeds", "reload", check=False)
    check(list(folder.iterdir()) == [], "a feed that is named no more leaves nothing", str(list(folder.iterdir())))
    missing = node.phantom("feeds", "fetch", "other", check=False)
    check(missing.returncode == 1 and "no feed 'other'" in missing.stderr, "what is no feed is told", missing.stderr)


def body(lab: Lab) -> None:
    program = built_program("phantom")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        amber, wan = lab.namespace("amber"), lab.namespace("wan")
        amber.ip("link", "set", "lo", "up", check=False)
        lab.veth(amber, wan, "10.9.1.2/24", f"{SERVER}/24")
        serve(lab, wan, SERVER, PORT)
        serve(lab, amber, "127.0.0.1", PORT)
        node = MeshNode(lab, amber, "amber", program, folder)
        node.init()
        check_fetched(node)
        check_restart(node)
        check_dates(node)
        check_refusals(node)
        check_slow(node)
        check_tls(lab, node, wan, folder)
        check_forgotten(node)
        node.kill()


main(body, needs=("openssl",), seconds=230)
