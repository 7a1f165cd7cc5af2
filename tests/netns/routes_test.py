#!/usr/bin/env python3
# timeout: 240
# beside others
"""A network behind two members and an exit node, granted by policy: reached after policy, offer and
grant and not before; the second router takes over; the exit's address is what the world sees; and
after all of it, a power cut included, every machine's routes, rules and settings are as before."""

from __future__ import annotations

import json
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, Namespace, wait_until  # noqa: E402
from netlab.harness import built_program, check, expect, main, say  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402
from netlab.traffic import pings  # noqa: E402

LAN_HOST, WORLD = "192.168.7.5", "203.0.113.9"
PORT = 8080
PATIENCE_S = 0.6
SETTINGS = ("ipv4/ip_forward", "ipv4/conf/all/src_valid_mark", "ipv4/conf/all/accept_redirects",
            "ipv4/conf/all/forwarding", "ipv6/conf/all/forwarding", "ipv4/conf/all/rp_filter")

BASE = '{"src": ["*"], "dst": ["*"], "ip": ["*"]}'
TO_OFFICE = '{"src": ["amber"], "dst": ["192.168.7.0/24"], "ip": ["*"]}'
TO_WORLD = '{"src": ["amber"], "dst": ["0.0.0.0/0"], "ip": ["*"]}'
FROM_OFFICE = '{"src": ["192.168.7.0/24"], "dst": ["amber"], "ip": ["*"]}'
ROUTES = '{"192.168.7.0/24": ["birch", "cedar"], "0.0.0.0/0": ["cedar"]}'


def policy_of(*grants: str) -> str:
    return f'{{"grants": [{", ".join(grants)}], "routes": {ROUTES}}}'


class WhoAreYou:
    """Says to whoever connects which address it comes from."""

    def __init__(self, namespace: Namespace) -> None:
        with namespace.entered():
            self.listener = socket.create_server(("0.0.0.0", PORT))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            connection, sender = self.listener.accept()
            with connection:
                connection.sendall(sender[0].encode())


def seen_as(source: Namespace, address: str) -> str:
    """The source address that the service there sees; empty when it is not reached."""
    with source.entered():
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.settimeout(PATIENCE_S)
    with client:
        try:
            client.connect((address, PORT))
            return client.recv(100).decode()
        except OSError:
            return ""


def state_of(namespace: Namespace) -> dict[str, str]:
    """All that a node may change on its machine."""
    routes = namespace.ip("-4", "route", "show", "table", "all") + namespace.ip(
        "-6", "route", "show", "table", "all"
    )
    found = {
        "rules": namespace.ip("rule") + namespace.ip("-6", "rule"),
        # The kernel makes up a new link-local address for each new TUN interface.
        "routes": "\n".join(
            line for line in routes.splitlines() if not ("fe80::" in line and "phantom0" in line)
        ),
        "nft": namespace.run("nft", "list", "ruleset").stdout,
    }
    with namespace.entered():
        root = Path("/proc/sys/net")
        for name in SETTINGS:
            found[name] = (root / name).read_text()
        for path in sorted(root.glob("ipv4/conf/*/forwarding")):
            if path.parent.name != "phantom0":
                found[str(path)] = path.read_text()
    return found


def same(before: dict[str, str], namespace: Namespace, what: str) -> None:
    after = state_of(namespace)
    differing = {key: (before.get(key), after.get(key)) for key in before | after
                 if before.get(key) != after.get(key)}
    check(not differing, what, json.dumps(differing, indent=1))


def routes_of(node: MeshNode) -> dict[tuple[str, str], tuple[str, str]]:
    listed = node.query("route.list")["routes"]
    return {(each["prefix"], each["via"]): (each["state"], each["reason"]) for each in listed}


def set_policy(node: MeshNode, text: str, nodes: list[MeshNode], folder: Path) -> None:
    file = folder / "policy.hujson"
    file.write_text(text)
    sequence = node.ask("policy", "set", str(file))["sequence"]
    wait_until(
        lambda: all(each.ask("policy", "show")["sequence"] == sequence for each in nodes),
        "every node has the policy",
    )


def build(lab: Lab) -> tuple[dict[str, Namespace], list[Namespace]]:
    """Three machines on routed networks; birch and cedar have the office behind them."""
    switch, lan = lab.namespace("switch"), lab.namespace("lan")
    switch.sysctl("net.ipv4.ip_forward", 1)
    switch.ip("address", "add", f"{WORLD}/32", "dev", "lo")
    lan.ip("link", "add", "br0", "type", "bridge")
    lan.ip("link", "set", "br0", "up")
    lan.ip("address", "add", f"{LAN_HOST}/24", "dev", "br0")
    machines = {}
    for number, name in enumerate(("amber", "birch", "cedar"), start=1):
        machines[name] = machine = lab.namespace(name)
        lab.veth(machine, switch, f"10.9.{number}.2/24", f"10.9.{number}.1/24")
        machine.ip("route", "add", "default", "via", f"10.9.{number}.1")
        if name != "amber":
            _, port = lab.veth(machine, lan, f"192.168.7.{number}/24", "")
            lan.ip("link", "set", port, "master", "br0")
    return machines, [switch, lan]


def check_granting(nodes: list[MeshNode], folder: Path) -> None:
    amber, birch, cedar = nodes
    reached = lambda: seen_as(amber.namespace, LAN_HOST)  # noqa: E731
    set_policy(amber, policy_of(BASE, TO_OFFICE), nodes, folder)
    time.sleep(1)
    check(not reached(), "named by the policy, but offered by nobody: not reached")
    state, reason = routes_of(amber)[("192.168.7.0/24", "birch")]
    check(state == "unused" and "does not offer" in reason, "and the list says why", reason)
    birch.phantom("route", "offer", "192.168.7.0/24")
    expect(lambda: wait_until(reached, "amber reaches the office"), "reached after the offer")
    check(reached() == "192.168.7.2", "translated by the router", reached())
    check(pings(amber.namespace, LAN_HOST), "a ping as well")
    check(routes_of(amber)[("192.168.7.0/24", "birch")][0] == "active", "shown as active")
    check(routes_of(birch)[("192.168.7.0/24", "birch")][0] == "carried", "and as carried there")
    check("192.168.7.0/24" in amber.phantom("status").stdout, "status shows it")
    set_policy(amber, policy_of(BASE), nodes, folder)
    check(not reached(), "without a grant it is not reached")
    set_policy(amber, policy_of(BASE, TO_OFFICE), nodes, folder)
    check(bool(reached()), "with it, again")
    cedar.phantom("route", "offer", "10.77.0.0/16")
    check(
        routes_of(cedar)[("10.77.0.0/16", "cedar")][0] == "unused", "offered and not named: unused"
    )
    cedar.phantom("route", "withdraw", "10.77.0.0/16")


def check_from_office(nodes: list[MeshNode], lan: Namespace, folder: Path) -> None:
    amber, birch, _ = nodes
    address = amber.addresses()[0]
    lan.ip("route", "add", "100.64.0.0/10", "via", "192.168.7.2")
    check(not seen_as(lan, address), "the office does not begin to talk to a member")
    set_policy(amber, policy_of(BASE, TO_OFFICE, FROM_OFFICE), nodes, folder)
    expect(
        lambda: wait_until(lambda: seen_as(lan, address) == LAN_HOST, "the office reaches amber"),
        "but when its network is granted as a source",
    )
    set_policy(amber, policy_of(BASE, TO_OFFICE), nodes, folder)


def check_failover(nodes: list[MeshNode]) -> None:
    amber, birch, cedar = nodes
    cedar.phantom("route", "offer", "192.168.7.0/24")
    wait_until(
        lambda: routes_of(amber)[("192.168.7.0/24", "cedar")][0] == "standby", "cedar stands by"
    )
    birch.kill()
    started = time.monotonic()
    wait_until(
        lambda: seen_as(amber.namespace, LAN_HOST) == "192.168.7.3", "cedar takes over", within=40
    )
    say(f"taken over after {time.monotonic() - started:.1f} s")
    check(routes_of(amber)[("192.168.7.0/24", "birch")][0] == "offline", "birch is shown offline")
    birch.phantom("up")
    expect(
        lambda: wait_until(
            lambda: seen_as(amber.namespace, LAN_HOST) == "192.168.7.2", "birch is back"
        ),
        "the first in the policy's order takes it back",
    )


def check_exit(nodes: list[MeshNode], folder: Path) -> None:
    amber, _, cedar = nodes
    seen = lambda: seen_as(amber.namespace, WORLD)  # noqa: E731
    set_policy(amber, policy_of(BASE, TO_OFFICE, TO_WORLD), nodes, folder)
    cedar.phantom("route", "offer", "exit")
    time.sleep(1)
    check(seen() == "10.9.1.2", "an exit that was not chosen is not used", seen())
    before = state_of(amber.namespace)
    amber.namespace.sysctl("net.ipv4.conf.all.rp_filter", 1)
    amber.phantom("route", "use", "exit", "cedar")
    expect(lambda: wait_until(lambda: seen() == "10.9.3.2", "seen as cedar"), "seen as the exit")
    check(bool(seen_as(amber.namespace, LAN_HOST)), "the office is still reached")
    # Longer than a link lives without an answer.
    time.sleep(18)
    check(seen() == "10.9.3.2" and amber.sees({"birch", "cedar"}), "the tunnel itself stays up")
    check_killed(amber, seen)
    cedar.kill()
    check(not seen(), "without the exit nothing leaves")
    amber.phantom("route", "use", "exit", "none")
    amber.namespace.sysctl("net.ipv4.conf.all.rp_filter", 0)
    check(seen() == "10.9.1.2", "off: seen as itself again", seen())
    cedar.phantom("up")
    wait_until(lambda: amber.sees({"birch", "cedar"}), "cedar is back")
    same(before, amber.namespace, "off leaves routes, rules and settings as they were")


def check_killed(amber: MeshNode, seen: Callable[[], str]) -> None:
    amber.kill()
    check(not seen(), "a daemon that was killed does not open the way out")
    amber.phantom("up")
    expect(lambda: wait_until(lambda: seen() == "10.9.3.2", "again"), "the next start goes on")


def body(lab: Lab) -> None:
    program = built_program("phantom")
    machines, (switch, lan) = build(lab)
    services = [WhoAreYou(each) for each in (switch, lan, machines["amber"])]
    pristine = {name: state_of(machine) for name, machine in machines.items()}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        nodes = [MeshNode(lab, machine, name, program, folder) for name, machine in machines.items()]
        amber, birch, cedar = nodes
        birch.join(amber.init())
        cedar.join(amber.ask("token", "create")["token"])
        for node in nodes:
            node.wait_for(set(machines) - {node.name})
        check_granting(nodes, folder)
        check_from_office(nodes, lan, folder)
        check_failover(nodes)
        check_exit(nodes, folder)
        birch.phantom("route", "withdraw", "192.168.7.0/24")
        wait_until(
            lambda: state_of(birch.namespace)["nft"] == pristine["birch"]["nft"], "withdrawn"
        )
        cedar.kill()
        cedar.phantom("up")
        cedar.phantom("route", "withdraw", "192.168.7.0/24")
        cedar.phantom("route", "withdraw", "exit")
        for node in nodes:
            node.phantom("down")
            same(pristine[node.name], node.namespace, f"{node.name} is as it was before")
    check(len(services) == 3, "the services ran to the end")


main(body, seconds=220)
