#!/usr/bin/env python3
# timeout: 500
"""What allowed IPs decide: who may send from which inner address, who receives what, with 130,560 of
them, and with several peers talking at once; and every MTU from 1280 to 34816."""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, Namespace, WireGuard, key_pair, run, wait_until  # noqa: E402
from netlab.harness import check, expect, main, phantomd, wireguard_go  # noqa: E402
from netlab.traffic import UdpPair, pings, transfer, transfer_together, wait_ping  # noqa: E402

PORT = 51820
MTUS = (1280, 1420, 9000, 34816)
OUTER_MTU = 65535
HUB = "10.7.0.1"
SPOKE_COUNT = 3
UDP_TRIES = 5


def start_pair(lab: Lab, left: Namespace, right: Namespace) -> tuple[WireGuard, WireGuard]:
    near = WireGuard(lab, left, "a", phantomd()).start().listen(PORT)
    far = WireGuard(lab, right, "b", wireguard_go()).start().listen(PORT)
    near.add_peer(far.keys.public, "10.7.0.2/32,fd07::2/128", endpoint=f"10.99.0.2:{PORT}")
    far.add_peer(near.keys.public, "10.7.0.1/32,fd07::1/128", endpoint=f"10.99.0.1:{PORT}")
    near.up("10.7.0.1/24", "fd07::1/64")
    far.up("10.7.0.2/24", "fd07::2/64")
    return near, far


def stop(*nodes: WireGuard) -> None:
    for node in nodes:
        node.stop()
        wait_until(lambda: not node.namespace.has_link(node.name), "the interface is gone")


# ---- Crypto-routing ---------------------------------------------------------------------------


def check_inner_source(near: WireGuard, far: WireGuard) -> None:
    """Authentic packets from a source that is not the sender's are dropped."""
    wait_ping(far.namespace, "10.7.0.1")
    for stray, family in (("10.7.0.66", "10.7.0.1"), ("fd07::66", "fd07::1")):
        length = "128" if ":" in stray else "32"
        far.namespace.add_address(far.name, f"{stray}/{length}")
        near.namespace.ip("route", "replace", f"{stray}/{length}", "dev", near.name)
        reached = pings(far.namespace, family, source=stray)
        check(not reached, f"a packet from {stray}, which is not the peer's, is dropped")
        near.set("peer", far.keys.public, "allowed-ips", f"10.7.0.2/32,fd07::2/128,{stray}")
        expect(lambda: wait_stray(far, family, stray), f"once {stray} is allowed, it passes")
        near.set("peer", far.keys.public, "allowed-ips", "10.7.0.2/32,fd07::2/128")
        check(not pings(far.namespace, family, source=stray), "and no more when it is not")
        far.namespace.ip("address", "delete", f"{stray}/{length}", "dev", far.name)


def wait_stray(far: WireGuard, target: str, source: str) -> None:
    wait_until(lambda: pings(far.namespace, target, source=source), "it passes")


def check_more_specific_owner(near: WireGuard, far: WireGuard) -> None:
    """As netns.sh does: a second peer takes the more specific prefix, so the first loses it."""
    near.set("peer", far.keys.public, "allowed-ips", "10.7.0.0/24,fd07::/64")
    expect(lambda: wait_ping(far.namespace, "10.7.0.1"), "a wide prefix covers the peer")
    thief = key_pair().public
    near.add_peer(thief, "10.7.0.2/32")
    check(not pings(far.namespace, "10.7.0.1"), "a longer prefix of another peer takes its place")
    check(pings(far.namespace, "fd07::1"), "the other family is untouched")
    near.remove_peer(thief)
    expect(lambda: wait_ping(far.namespace, "10.7.0.1"), "removed, the wide prefix holds again")


def check_no_route(near: WireGuard) -> None:
    near.namespace.ip("route", "replace", "10.8.0.0/16", "dev", near.name)
    check(not pings(near.namespace, "10.8.0.1"), "a destination that is nobody's gets no answer")
    check(near.is_running(), "and does no harm")


# ---- MTU --------------------------------------------------------------------------------------


def check_mtu(near: WireGuard, far: WireGuard, mtu: int) -> None:
    for node in (near, far):
        node.namespace.ip("link", "set", node.name, "mtu", str(mtu))
        # A link that was below 1280 bytes, or is new, has no IPv6 address.
        node.namespace.ip("link", "set", node.name, "up")
    ends = (near.namespace, far.namespace)
    for address, headers in (("10.7.0.2", 28), ("fd07::2", 48)):
        for size in (mtu - headers - 1, mtu - headers, mtu - headers + 1):
            reached = any(pings(near.namespace, address, size=size) for _ in range(UDP_TRIES))
            check(reached, f"MTU {mtu}: ping {address} with {size} bytes")
        expect(lambda: transfer(*ends, address, 8 << 20), f"MTU {mtu}: TCP to {address}")
    expect(lambda: transfer(*reversed(ends), "10.7.0.1", 8 << 20), f"MTU {mtu}: TCP back")
    expect(lambda: transfer(*reversed(ends), "fd07::1", 8 << 20), f"MTU {mtu}: TCP back, IPv6")
    with UdpPair(*ends, "10.7.0.1", "10.7.0.2") as pair:
        payload = os.urandom(mtu - 28)
        check(any(pair.echo(payload) for _ in range(UDP_TRIES)), f"MTU {mtu}: full UDP datagram")


# ---- Many allowed IPs -------------------------------------------------------------------------


def check_many_allowed_ips(lab: Lab, near: WireGuard, far: WireGuard) -> None:
    prefixes = [
        f"{first}.{second}.0.0/16,{first:x}::{second:x}/128"
        for first, second in itertools.product(range(1, 256), range(256))
    ]
    path = lab.directory / "many.conf"
    path.write_text(
        f"[Interface]\nPrivateKey = {near.keys.private}\nListenPort = {PORT}\n"
        f"[Peer]\nPublicKey = {far.keys.public}\nEndpoint = 10.99.0.2:{PORT}\n"
        + "".join(f"AllowedIPs = {prefix}\n" for prefix in prefixes)
    )
    run(["wg", "setconf", near.name, path], timeout=120)
    shown = near.show("allowed-ips").split("\t")[1].split()
    check(len(shown) == 2 * len(prefixes), f"setconf of {2 * len(prefixes)} allowed IPs", len(shown))
    expect(lambda: wait_ping(near.namespace, "10.7.0.2"), "traffic, with all of them in place")
    ends = (near.namespace, far.namespace)
    expect(lambda: transfer(*ends, "10.7.0.2"), "TCP, with all of them in place")
    far.set("peer", near.keys.public, "allowed-ips", "10.7.0.1/32,fd07::1/128")
    run(["wg", "set", near.name, "peer", far.keys.public, "remove"], timeout=120)
    check(not near.peers(), "the peer and all of them are removed")


# ---- Several peers ----------------------------------------------------------------------------


def check_several_peers(lab: Lab) -> None:
    """A hub and three spokes; two spokes run the stock program. All talk to all, at once."""
    middle = lab.namespace("hub")
    hub = WireGuard(lab, middle, "h", phantomd()).start().listen(PORT).up(f"{HUB}/24")
    middle.sysctl("net.ipv4.ip_forward", 1)
    spokes: list[WireGuard] = []
    for number in range(2, 2 + SPOKE_COUNT):
        edge = lab.namespace(f"spoke{number}")
        lab.veth(edge, middle, f"10.98.{number}.2/24", f"10.98.{number}.1/24")
        program = phantomd() if number == 2 else wireguard_go()
        spoke = WireGuard(lab, edge, f"s{number}", program).start().listen(PORT)
        spoke.add_peer(hub.keys.public, "10.7.0.0/24", endpoint=f"10.98.{number}.1:{PORT}")
        hub.add_peer(spoke.keys.public, f"10.7.0.{number}/32")
        spoke.up(f"10.7.0.{number}/24")
        spokes.append(spoke)
        wait_ping(edge, HUB)
    both_ways = []
    for number, spoke in enumerate(spokes, start=2):
        both_ways.append((spoke.namespace, middle, HUB))
        both_ways.append((middle, spoke.namespace, f"10.7.0.{number}"))
    expect(lambda: transfer_together(both_ways, 8 << 20), "TCP both ways with each spoke at once")
    across = [
        (one.namespace, other.namespace, f"10.7.0.{2 + spokes.index(other)}")
        for one, other in itertools.permutations(spokes, 2)
    ]
    expect(lambda: transfer_together(across, 4 << 20), "TCP between all spokes through the hub")
    for number, spoke in enumerate(spokes, start=2):
        peer = hub.peer(spoke.keys.public)
        check(peer.endpoint == f"10.98.{number}.2:{PORT}", f"spoke {number}: its endpoint", peer)
    stop(hub, *spokes)


def body(lab: Lab) -> None:
    left, right = lab.namespace("left"), lab.namespace("right")
    lab.veth(left, right, "10.99.0.1/24", "10.99.0.2/24", mtu=OUTER_MTU)
    near, far = start_pair(lab, left, right)
    check_inner_source(near, far)
    check_more_specific_owner(near, far)
    check_no_route(near)
    near.set("peer", far.keys.public, "allowed-ips", "10.7.0.2/32,fd07::2/128")
    for mtu in MTUS:
        check_mtu(near, far, mtu)
    check_many_allowed_ips(lab, near, far)
    stop(near, far)
    check_several_peers(lab)


if __name__ == "__main__":
    main(body, seconds=460)
