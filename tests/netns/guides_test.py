#!/usr/bin/env python3
# timeout: 280
# beside others
"""The commands of README.md, docs/getting-started.md and docs/guides/ do what stands there, on machines of which each
has the programs' default places to itself."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.attack import PROBE_PORT, RULE, TRIGGER  # noqa: E402
from netlab.guide import Machine, Reader, Step, steps_of  # noqa: E402
from netlab.harness import PROJECT, built_program, check, main, say  # noqa: E402

PLACES = {"amber": "192.0.2.1", "birch": "198.51.100.7", "cedar": "203.0.113.5"}
WORLD = "203.0.113.80"  # and hooks.slack.com
SLACK = "hooks.slack.com"
# Commands whose answer may take a moment to become what the page says.
SETTLING = ("route list", "ping", "status", "policy explain", "alerts\n", "actions")
SETTLE_S = 20.0
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


class World:
    """Machines on routed networks, as the page needs them."""

    def __init__(self, lab: Lab, names: list[str]) -> None:
        self.lab = lab
        self.internet = lab.namespace("internet")
        self.internet.sysctl("net.ipv4.ip_forward", 1)
        self.internet.ip("address", "add", f"{WORLD}/32", "dev", "lo")
        programs = Path(built_program("phantom")).parent
        self.machines: dict[str, Machine] = {}
        for name in names:
            space = lab.namespace(name)
            if place := PLACES.get(name):
                gateway = place.rpartition(".")[0] + ".254"
                lab.veth(space, self.internet, f"{place}/24", f"{gateway}/24")
                space.ip("route", "add", "default", "via", gateway)
            self.machines[name] = Machine(lab, space, name, programs)

    def do(self, name: str, command: str) -> str:
        done = self.machines[name].run(command)
        check(done.returncode == 0, f"before: {name}$ {command[:60]}", done.stderr)
        return done.stdout


def two_sites(world: World) -> None:
    for name, host, net, last in (("amber", "printer", "192.168.10", 9), ("birch", "server", "192.168.20", 5)):
        ends = (world.machines[each].namespace for each in (name, host))
        world.lab.veth(*ends, f"{net}.1/24", f"{net}.{last}/24")


def attacked(world: World) -> None:
    """birch is blocked by amber, because of one packet that a rule drops."""
    token = next(word for word in world.do("amber", "phantom init --name amber").split() if word.startswith("phantom1"))
    world.do("birch", f"phantom join {token} --name birch")
    rules = world.machines["amber"].own("/var/lib/phantommesh") / "rules"
    rules.mkdir()
    (rules / "attack.rules").write_text(RULE)
    world.do("amber", "phantom defence act")
    wait_until(lambda: "1 rule" in world.machines["amber"].run("phantom rules").stdout, "the rule is read")
    address = world.do("amber", "phantom status --json").split('"addresses":["')[1].split('"')[0]
    with world.machines["birch"].namespace.entered():
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sender:
        sender.sendto(TRIGGER, (address, PROBE_PORT))
    wait_until(lambda: "active" in world.machines["amber"].run("phantom actions").stdout, "birch is blocked")


class Slack(BaseHTTPRequestHandler):
    told: list[bytes] = []

    def do_POST(self) -> None:
        self.told.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        pass


def slack(world: World) -> None:
    """A server that is called as Slack's, and that amber takes for it."""
    folder = world.lab.directory / "slack"
    folder.mkdir()
    certificate, key = folder / "crt", folder / "key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", f"/CN={SLACK}", "-addext", f"subjectAltName=DNS:{SLACK}", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    (folder / "hosts").write_text(f"127.0.0.1 localhost\n{WORLD} {SLACK}\n")
    amber = world.machines["amber"]
    world.do("amber", f"mount --bind {folder}/hosts /etc/hosts && mount --bind {certificate} {CERTIFICATES}")
    with world.internet.entered():
        server = ThreadingHTTPServer((WORLD, 443), Slack)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    check(amber.run("phantom init --name amber").returncode == 0, "before: amber is up")


def slack_was_told(_: World) -> None:
    check(any(b"TEST" in each for each in Slack.told), "Slack's server has the test message", Slack.told)


def one_node(world: World) -> None:
    world.do("amber", "phantom init --name amber")


def a_pair(world: World) -> None:
    token = next(word for word in world.do("amber", "phantom init --name amber").split() if word.startswith("phantom1"))
    world.do("birch", f"phantom join {token} --name birch")


def nothing(_: World) -> None:
    pass


Prepare = Callable[[World], None]
# Machines that nobody types at; what is there before the page begins, and what has to be so after it.
PAGES: dict[str, tuple[str, Prepare, Prepare]] = {
    "README.md": ("", nothing, nothing),
    "docs/getting-started.md": ("", nothing, nothing),
    "docs/guides/two-sites.md": ("", two_sites, nothing),
    "docs/guides/exit-node.md": ("", nothing, nothing),
    "docs/guides/alerts-to-slack.md": ("", slack, slack_was_told),
    "docs/guides/undo-a-block.md": ("birch", attacked, nothing),
    "docs/guides/backup.md": ("", one_node, nothing),
    "docs/guides/rotate-keys.md": ("amber", a_pair, nothing),
}


def take(reader: Reader, step: Step) -> str:
    settles = any(each in step.command + "\n" for each in SETTLING)
    return reader.take_patiently(step, SETTLE_S) if settles else reader.take(step)


def read(lab: Lab, page: str) -> None:
    steps = steps_of(PROJECT / page)
    check(steps, f"{page} has commands")
    started = time.monotonic()
    others, before, after = PAGES[page]
    world = World(lab, sorted({step.machine for step in steps} | set(others.split())))
    before(world)
    reader = Reader(world.machines)
    for step in steps:
        wrong = take(reader, step)
        first = step.command.splitlines()[0]
        if not check(not wrong, f"{page}:{step.line}: {step.machine}$ {first}", wrong):
            break
    after(world)
    say(f"{page}: {len(steps)} commands in {time.monotonic() - started:.1f} s")


def body(lab: Lab) -> None:
    chosen = sys.argv[1:] or list(PAGES)
    there = {str(path.relative_to(PROJECT)) for path in (PROJECT / "docs" / "guides").glob("*.md")}
    check(there <= set(PAGES), "every guide is read here", there - set(PAGES))
    for page in chosen:
        with Lab() as own:
            own.prefix += f"g{list(PAGES).index(page)}"
            read(own, page)


main(body, seconds=270)
