#!/usr/bin/env python3
# timeout: 240
"""The policy on three machines: what is granted passes and what is not does not, on every node within
two seconds, by TCP, UDP and ICMP; a bad policy changes nothing; a restart forgets nothing."""

from __future__ import annotations

import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.harness import built_program, check, expect, main, say  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402
from netlab.traffic import pings, transfer  # noqa: E402

OPEN, SHUT = 5432, 22
# Long enough for a handshake inside the tunnel, short enough to ask often.
PATIENCE_S = 0.4
APPLIED_S = 2.0

POLICY = """\
// Who may reach whom.
{
    "groups": {"group:ops": ["amber"]},
    "grants": [
        {"src": ["*"], "dst": ["*"], "ip": ["tcp:5432", "udp:5300-5400"]},
        {"src": ["group:ops"], "dst": ["*"], "ip": ["icmp"]}, /* trailing commas */
    ],
    "tests": [
        {"src": "amber", "accept": ["birch:5432", "cedar:icmp"], "deny": ["birch:22"]},
        {"src": "cedar", "accept": ["birch:udp:5353"], "deny": ["amber:icmp"]},
    ],
}
"""


class Echo:
    """TCP and UDP services of one node, which say back what they hear."""

    def __init__(self, node: MeshNode) -> None:
        self.sockets: list[socket.socket] = []
        for port in (OPEN, SHUT):
            with node.namespace.entered():
                listener = socket.create_server(("", port))
            self.sockets.append(listener)
            threading.Thread(target=self._serve_tcp, args=(listener,), daemon=True).start()
        for port in (5353, 5253):
            with node.namespace.entered():
                bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            bound.bind(("", port))
            self.sockets.append(bound)
            threading.Thread(target=self._serve_udp, args=(bound,), daemon=True).start()

    @staticmethod
    def _serve_tcp(listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=Echo._echo, args=(connection,), daemon=True).start()

    @staticmethod
    def _echo(connection: socket.socket) -> None:
        try:
            while heard := connection.recv(1 << 16):
                connection.sendall(heard)
        except OSError:
            pass
        finally:
            connection.close()

    @staticmethod
    def _serve_udp(bound: socket.socket) -> None:
        while True:
            heard, sender = bound.recvfrom(1 << 16)
            bound.sendto(heard, sender)


def connected(source: MeshNode, address: str, port: int) -> socket.socket | None:
    with source.namespace.entered():
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.settimeout(PATIENCE_S)
    try:
        client.connect((address, port))
        return client if answers(client, b"hello") else None
    except OSError:
        client.close()
        return None


def answers(client: socket.socket, text: bytes) -> bool:
    try:
        client.sendall(text)
        return client.recv(100) == text
    except OSError:
        return False


def tcp(source: MeshNode, address: str, port: int) -> bool:
    client = connected(source, address, port)
    if client is None:
        return False
    client.close()
    return True


def udp(source: MeshNode, address: str, port: int) -> bool:
    with source.namespace.entered():
        client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(PATIENCE_S)
    with client:
        try:
            client.sendto(b"hello", (address, port))
            return client.recv(100) == b"hello"
        except OSError:
            return False


def pairs(nodes: list[MeshNode]) -> list[tuple[MeshNode, MeshNode]]:
    return [(source, sink) for source in nodes for sink in nodes if source is not sink]


def set_policy(node: MeshNode, text: str, folder: Path, *, ok: bool = True):
    file = folder / "policy.hujson"
    file.write_text(text)
    done = node.phantom("policy", "set", str(file), check=False)
    check((done.returncode == 0) == ok, "policy set", done.stderr.strip() or done.stdout.strip())
    return done


def applied_within(nodes: list[MeshNode], addresses: dict[str, str], port: int, wanted: bool) -> None:
    """Until a TCP port is open, or shut, on every node towards every other one."""
    started = time.monotonic()
    wait_until(
        lambda: all(tcp(a, addresses[b.name], port) == wanted for a, b in pairs(nodes)),
        f"port {port} is {'open' if wanted else 'shut'} everywhere",
        within=15,
    )
    say(f"seen by trying: {time.monotonic() - started:.2f} s")


def sequences(nodes: list[MeshNode]) -> set[int]:
    return {node.ask("policy", "show")["sequence"] for node in nodes}


def check_open(nodes: list[MeshNode], addresses: dict[str, str]) -> None:
    for source, sink in pairs(nodes):
        address = addresses[sink.name]
        check(
            tcp(source, address, SHUT) and udp(source, address, 5253)
            and pings(source.namespace, address),
            f"without a policy {source.name} reaches {sink.name}",
        )


def check_applied(nodes: list[MeshNode], addresses: dict[str, str], folder: Path) -> None:
    amber = nodes[0]
    long_lived = connected(nodes[1], addresses["cedar"], SHUT)
    check(long_lived is not None, "a connection stands before the policy")
    before = sequences(nodes)
    started = time.monotonic()
    set_policy(amber, POLICY, folder)
    wait_until(
        lambda: len(now := sequences(nodes)) == 1 and now != before, "every node has it", within=15
    )
    took = time.monotonic() - started
    say(f"set, and held by every node: {took:.2f} s")
    check(took <= APPLIED_S, "applied everywhere within two seconds", f"{took:.2f} s")
    check_enforced(nodes, addresses)
    check(
        long_lived is not None and not answers(long_lived, b"still there?"),
        "a connection that is not granted any more ends",
    )


def check_enforced(nodes: list[MeshNode], addresses: dict[str, str]) -> None:
    for source, sink in pairs(nodes):
        name, address = f"{source.name} to {sink.name}", addresses[sink.name]
        check(tcp(source, address, OPEN), f"{name}: TCP {OPEN} passes, with its replies")
        check(not tcp(source, address, SHUT), f"{name}: TCP {SHUT} does not")
        check(udp(source, address, 5353), f"{name}: UDP 5353 passes, with its replies")
        check(not udp(source, address, 5253), f"{name}: UDP 5253 does not")
        granted = source.name == "amber"
        check(
            pings(source.namespace, address) == granted,
            f"{name}: ping {'passes' if granted else 'does not'}",
        )
    amber, birch = nodes[:2]
    v6 = birch.addresses()[1]
    check(pings(amber.namespace, v6), "IPv6: amber pings birch")
    check(not pings(birch.namespace, amber.addresses()[1]), "IPv6: birch does not ping amber")
    check(
        pings(amber.namespace, addresses["birch"], size=4_000), "a ping in fragments, there and back"
    )


def check_refusals(nodes: list[MeshNode], addresses: dict[str, str], folder: Path) -> None:
    amber, birch, _ = nodes
    before = sequences(nodes)
    failing = POLICY.replace('"deny": ["birch:22"]', '"deny": ["birch:5432"]')
    done = set_policy(amber, failing, folder, ok=False)
    check(
        "policy.hujson:9:" in done.stderr and "line 5" in done.stderr,
        "a test that fails names its line, and the grant's", done.stderr,
    )
    done = set_policy(amber, POLICY.replace('"tcp:5432"', '"tpc:5432"'), folder, ok=False)
    check(
        "policy.hujson:5:45" in done.stderr and "^" in done.stderr and "tcp:22" in done.stderr,
        "bad words name line, column, and what would be right", done.stderr,
    )
    done = set_policy(birch, POLICY, folder, ok=False)
    check("amber" in done.stderr, "another node says where to do it", done.stderr)
    checked = amber.phantom("policy", "check", str(folder / "policy.hujson"), check=False)
    check(checked.returncode == 0 and "2 grants" in checked.stdout, "check", checked.stdout)
    check(sequences(nodes) == before, "none of these changed anything")
    check(not tcp(birch, addresses["cedar"], SHUT), "what was shut is shut")


def check_explain(nodes: list[MeshNode]) -> None:
    birch = nodes[1]
    told = birch.phantom("policy", "explain", "cedar", "birch", "5432", check=False)
    check(told.returncode == 0 and "line 5" in told.stdout, "explain names the grant", told.stdout)
    told = birch.phantom("policy", "explain", "cedar", "birch", "icmp", check=False)
    check(told.returncode == 4 and "no grant" in told.stdout, "or says there is none", told.stdout)
    told = birch.ask("policy", "explain", "amber", "cedar", "icmp")
    check(told["allowed"] and told["line"] == 6, "explain --json", told)
    told = birch.phantom("policy", "explain", "nobody", "birch", "icmp", check=False)
    check(told.returncode == 1 and "nobody" in told.stderr, "explain of a stranger", told.stderr)


def check_restart(nodes: list[MeshNode], addresses: dict[str, str]) -> None:
    amber, birch, cedar = nodes
    before = sequences(nodes)
    birch.kill()
    amber.kill()
    birch.phantom("up")
    check(sequences([birch]) == before, "a node that starts alone has the policy at once")
    expect(
        lambda: wait_until(lambda: tcp(cedar, addresses["birch"], OPEN), "cedar reaches birch"),
        "what is granted is open after a restart",
    )
    check(not tcp(cedar, addresses["birch"], SHUT), "and what is not is shut")
    amber.phantom("up")
    for node in nodes:
        names = {each.name for each in nodes if each is not node}
        expect(lambda node=node, names=names: node.wait_for(names), f"{node.name} is complete")


def body(lab: Lab) -> None:
    program = built_program("phantom")
    names = ("amber", "birch", "cedar")
    switch = lab.namespace("switch")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        nodes = []
        for number, name in enumerate(names, start=1):
            namespace = lab.namespace(name)
            lab.veth(namespace, switch, f"10.9.{number}.2/24", f"10.9.{number}.1/24")
            namespace.ip("route", "add", "default", "via", f"10.9.{number}.1")
            nodes.append(MeshNode(lab, namespace, name, program, folder))
        switch.sysctl("net.ipv4.ip_forward", 1)
        amber, birch, cedar = nodes
        birch.join(amber.init())
        cedar.join(amber.ask("token", "create")["token"])
        for node in nodes:
            node.wait_for({name for name in names if name != node.name})
        addresses = {node.name: node.addresses()[0] for node in nodes}
        services = [Echo(node) for node in nodes]
        check_open(nodes, addresses)
        check_applied(nodes, addresses, folder)
        check_refusals(nodes, addresses, folder)
        check_explain(nodes)
        check_restart(nodes, addresses)
        expect(
            lambda: transfer_granted(nodes, addresses, folder), "megabytes pass a granted port range"
        )
        amber.phantom("policy", "clear")
        applied_within(nodes, addresses, SHUT, True)
        check_open(nodes, addresses)
        check(len(services) == 3, "the services ran to the end")
        for node in nodes:
            node.kill()


def transfer_granted(nodes: list[MeshNode], addresses: dict[str, str], folder: Path) -> None:
    amber, birch, cedar = nodes
    set_policy(amber, '{"grants": [{"src": ["birch"], "dst": ["cedar"], "ip": ["tcp:*"]}]}', folder)
    wait_until(lambda: len(sequences(nodes)) == 1, "every node has it")
    transfer(birch.namespace, cedar.namespace, addresses["cedar"], size=64 << 20)


main(body, seconds=220)
