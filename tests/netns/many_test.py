#!/usr/bin/env python3
# timeout: 240
"""More members than keep links with each other: a node has a link with some, a packet makes one with
any other, also between two behind routers, a revocation and a death are known to all."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, Namespace, wait_until  # noqa: E402
from netlab.harness import Skip, built_program, check, expect, main, say  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402
from netlab.traffic import wait_ping  # noqa: E402

MEMBERS = 22
HIDDEN = 2  # the last ones, each behind a router of its own
FULL_MESH = 16  # kFullMeshMax


def attach(lab: Lab, switch: Namespace, namespace: Namespace, number: int) -> None:
    _, port = lab.veth(namespace, switch, f"203.0.113.{number}/24", "")
    switch.ip("link", "set", port, "master", "switch")


def hide(lab: Lab, switch: Namespace, namespace: Namespace, number: int) -> None:
    router = lab.namespace(f"router{number}")
    attach(lab, switch, router, number)
    lab.veth(namespace, router, "192.168.7.2/24", "192.168.7.1/24")
    namespace.ip("route", "add", "default", "via", "192.168.7.1")
    router.sysctl("net.ipv4.ip_forward", 1)
    rule = ("-s", "192.168.7.0/24", "-j", "MASQUERADE")
    translated = router.run("iptables", "-t", "nat", "-A", "POSTROUTING", *rule, check=False)
    if translated.returncode != 0:
        raise Skip(f"this kernel cannot translate addresses: {translated.stderr.strip()}")


def build(lab: Lab, program: str, root: Path) -> list[MeshNode]:
    switch = lab.namespace("switch")
    switch.ip("link", "add", "name", "switch", "type", "bridge", "mcast_snooping", "0")
    switch.ip("link", "set", "switch", "up")
    nodes = []
    for index in range(MEMBERS):
        namespace = lab.namespace(f"n{index}")
        put = attach if index < MEMBERS - HIDDEN else hide
        put(lab, switch, namespace, 10 + index)
        nodes.append(MeshNode(lab, namespace, f"n{index}", program, root))
    return nodes


def peers_of(node: MeshNode) -> dict[str, dict]:
    return {peer["name"]: peer for peer in node.query("status")["peers"]}


def form(nodes: list[MeshNode]) -> None:
    first = nodes[0]
    first.init("--no-lan-discovery")
    token = first.ask("token", "create", "--uses", str(MEMBERS))["token"]
    for node in nodes[1:]:
        node.phantom("join", token, "--name", node.name, "--no-lan-discovery")
    for node in nodes:
        wait_until(lambda node=node: len(peers_of(node)) == MEMBERS - 1, "all are known", within=60)


def check_links(nodes: list[MeshNode]) -> None:
    counts = []
    for node in nodes:
        def tended(node: MeshNode = node) -> bool:
            kept = [peer for peer in peers_of(node).values() if peer["neighbour"]]
            return bool(kept) and all(peer["post_quantum"]["established"] for peer in kept)

        wait_until(tended, f"{node.name} has its neighbours", within=60)
        counts.append(sum(peer["neighbour"] for peer in peers_of(node).values()))
    say(f"{MEMBERS} members, links kept by each: {min(counts)} to {max(counts)}")
    check(min(counts) < MEMBERS - 1, "not everybody is a neighbour of everybody", counts)


def strangers(nodes: list[MeshNode]) -> tuple[MeshNode, MeshNode]:
    """Two in the open that have no link."""
    open_ones = nodes[: MEMBERS - HIDDEN]
    for one in open_ones:
        peers = peers_of(one)
        for other in open_ones:
            peer = peers.get(other.name)
            if peer and not peer["neighbour"] and peer["path"] == "none":
                return one, other
    raise Skip("these ids happen to make everybody a neighbour of everybody")


def check_on_demand(one: MeshNode, other: MeshNode, what: str) -> None:
    address = other.addresses()[0]
    known = peers_of(one)[other.name]
    started = time.monotonic()
    expect(lambda: wait_ping(one.namespace, address), what)
    say(f"{what}: {time.monotonic() - started:.2f} s, before: {known['path']}")
    check(peers_of(one)[other.name]["post_quantum"]["established"], f"{what}: post-quantum")


def check_revocation(nodes: list[MeshNode], revoked: MeshNode) -> None:
    started = time.monotonic()
    nodes[0].phantom("revoke", revoked.name)
    for node in nodes:
        if node is not revoked:
            wait_until(
                lambda node=node: revoked.name not in peers_of(node), "it is out", within=30
            )
    say(f"revoked everywhere: {time.monotonic() - started:.2f} s")


def check_death(nodes: list[MeshNode], dead: MeshNode) -> None:
    dead.kill()
    started = time.monotonic()
    alive = [node for node in nodes if node is not dead]

    def known() -> bool:
        return all(peers_of(node)[dead.name]["state"] == "dead" for node in alive)

    expect(lambda: wait_until(known, "all know of the death", within=60), "a death is known to all")
    say(f"a death was known to all after {time.monotonic() - started:.1f} s")
    wrong = [name for name, peer in peers_of(alive[0]).items() if peer["state"] == "dead"]
    check(wrong == [dead.name], "nobody else is taken for dead", wrong)


def body(lab: Lab) -> None:
    check(MEMBERS > FULL_MESH, "enough members")
    with tempfile.TemporaryDirectory() as folder:
        nodes = build(lab, built_program("phantom"), Path(folder))
        started = time.monotonic()
        form(nodes)
        say(f"{MEMBERS} members formed in {time.monotonic() - started:.1f} s")
        check_links(nodes)
        check_on_demand(*strangers(nodes), "a packet makes a link")
        check_on_demand(nodes[-1], nodes[-2], "a packet makes a link between two behind routers")
        check_revocation(nodes, nodes[5])
        check_death([node for node in nodes if node is not nodes[5]], nodes[7])
        for node in nodes:
            node.kill()


main(body, seconds=230)
