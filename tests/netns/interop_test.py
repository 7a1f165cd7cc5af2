#!/usr/bin/env python3
# timeout: 400
# beside others
"""phantomd and stock wireguard-go understand each other: each as initiator, over IPv4 and IPv6, with
and without a pre-shared key, for ping, TCP with a checksum, and UDP of every size around the MTU."""

from __future__ import annotations

import itertools
import os
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, WireGuard, preshared_key, wait_until  # noqa: E402
from netlab.harness import check, expect, main, phantomd, wireguard_go  # noqa: E402
from netlab.traffic import UdpPair, pings, transfer, wait_ping  # noqa: E402

MTU = 1420
OUTER = {"IPv4": ("10.99.0.1", "10.99.0.2"), "IPv6": ("[fd99::1]", "[fd99::2]")}
INNER = {"IPv4": ("10.7.0.1", "10.7.0.2"), "IPv6": ("fd07::1", "fd07::2")}
HEADERS = {"IPv4": 28, "IPv6": 48}
FRAGMENTED = (1500, 4000, 9000, 60000)
UDP_TRIES = 5
PORT = 51820


@dataclass(frozen=True)
class Case:
    initiator: str
    outer: str
    with_psk: bool

    def __str__(self) -> str:
        psk = "with" if self.with_psk else "without"
        return f"{self.initiator} initiates over {self.outer} {psk} pre-shared key"


def build(
    lab: Lab, case: Case, programs: tuple[str, str], *, matching: bool = True
) -> tuple[WireGuard, WireGuard]:
    """The first of the pair is the initiator: only it knows where the other is."""
    nodes = tuple(
        WireGuard(lab, namespace, suffix, program).start().listen(PORT)
        for namespace, suffix, program in zip(lab.namespaces, "ab", programs)
    )
    psk = preshared_key() if case.with_psk else None
    psks = (psk, psk if matching else preshared_key())
    for own, (node, other) in enumerate(zip(nodes, reversed(nodes))):
        allowed = f"{INNER['IPv4'][1 - own]}/32,{INNER['IPv6'][1 - own]}/128"
        endpoint = f"{OUTER[case.outer][1]}:{PORT}" if own == 0 else None
        node.add_peer(other.keys.public, allowed, endpoint=endpoint, preshared_key=psks[own])
        node.up(f"{INNER['IPv4'][own]}/24", f"{INNER['IPv6'][own]}/64", mtu=MTU)
    return nodes[0], nodes[1]


def udp_sizes(family: str) -> list[int]:
    largest = MTU - HEADERS[family]
    around_mtu = range(largest - 17, largest + 3)
    return [0, 1, 15, 16, 17, 512, 1200, *around_mtu, *FRAGMENTED]


def check_udp(left: WireGuard, right: WireGuard, family: str) -> None:
    lost = []
    with UdpPair(left.namespace, right.namespace, *INNER[family]) as pair:
        for size in udp_sizes(family):
            payload = os.urandom(size)
            if not any(pair.echo(payload) for _ in range(UDP_TRIES)):
                lost.append(size)
    check(not lost, f"UDP over inner {family}, both ways, fragments included", f"lost sizes {lost}")


def check_traffic(left: WireGuard, right: WireGuard, family: str) -> None:
    ends = (left.namespace, right.namespace)
    for source, address in zip(ends, reversed(INNER[family])):
        check(pings(source, address), f"ping {address}")
        check(pings(source, address, size=8000), f"ping {address} in fragments")
    expect(lambda: transfer(*ends, INNER[family][1]), f"TCP to the responder, inner {family}")
    expect(
        lambda: transfer(*reversed(ends), INNER[family][0]), f"TCP to the initiator, inner {family}"
    )
    check_udp(left, right, family)


def check_status(left: WireGuard, right: WireGuard, case: Case) -> None:
    for node, other in ((left, right), (right, left)):
        peer = node.peer(other.keys.public)
        check(peer.last_handshake_s > 0, f"{Path(node.program).name} reports the handshake")
        check(
            peer.received_bytes > 1 << 20 and peer.sent_bytes > 1 << 20,
            f"{Path(node.program).name} counts bytes both ways",
            peer,
        )
    expected = f"{OUTER[case.outer][0]}:{PORT}"
    check(right.endpoint_of(left.keys.public) == expected, "the responder learnt the endpoint")


def run_case(lab: Lab, case: Case, programs: tuple[str, str]) -> None:
    print(f"--- {case}", flush=True)
    left, right = build(lab, case, programs)
    try:
        wait_ping(left.namespace, INNER["IPv4"][1])
        for family in INNER:
            check_traffic(left, right, family)
        check_status(left, right, case)
    finally:
        end(left, right)


def run_mismatch(lab: Lab, case: Case, programs: tuple[str, str]) -> None:
    print(f"--- {case.initiator} initiates, the pre-shared keys differ", flush=True)
    left, right = build(lab, case, programs, matching=False)
    try:
        check(not pings(left.namespace, INNER["IPv4"][1]), "no ping crosses")
        check(left.peer(right.keys.public).last_handshake_s == 0, "no handshake for the initiator")
        check(left.peer(right.keys.public).sent_bytes > 0, "although it tried")
    finally:
        end(left, right)


def end(*nodes: WireGuard) -> None:
    for node in nodes:
        node.stop()
        wait_until(lambda: not node.namespace.has_link(node.name), "the interface is gone")


def body(lab: Lab) -> None:
    tested, stock = phantomd(), wireguard_go()
    lab.pair()
    programs = {"phantomd": (tested, stock), "wireguard-go": (stock, tested)}
    for initiator, outer, with_psk in itertools.product(programs, OUTER, (False, True)):
        run_case(lab, Case(initiator, outer, with_psk), programs[initiator])
    for initiator in programs:
        run_mismatch(lab, Case(initiator, "IPv4", True), programs[initiator])


if __name__ == "__main__":
    main(body, seconds=360)
