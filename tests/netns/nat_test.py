#!/usr/bin/env python3
# timeout: 400
# beside others
"""A peer behind a translating router with a short memory: reached from outside only because persistent
keepalives hold the router's entry, and not any more without them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, Namespace, WireGuard, wait_until  # noqa: E402
from netlab.harness import Skip, check, expect, main, phantomd, wireguard_go  # noqa: E402
from netlab.traffic import pings, transfer, wait_ping  # noqa: E402

PORT = 51820
ENTRY_LIFETIME_S = 2
KEEPALIVE_SIZE = 32
KEEPALIVE_COUNT = 5


def build_network(lab: Lab) -> tuple[Namespace, Namespace]:
    inside, router, outside = (lab.namespace(name) for name in ("inside", "router", "outside"))
    lab.veth(inside, router, "192.168.1.100/24", "192.168.1.1/24")
    lab.veth(router, outside, "10.0.0.1/24", "10.0.0.100/24")
    inside.ip("route", "add", "default", "via", "192.168.1.1")
    router.sysctl("net.ipv4.ip_forward", 1)
    rule = ("-s", "192.168.1.0/24", "-d", "10.0.0.0/24", "-j", "SNAT", "--to", "10.0.0.1")
    translated = router.run("iptables", "-t", "nat", "-A", "POSTROUTING", *rule, check=False)
    if translated.returncode != 0:
        raise Skip(f"this kernel cannot translate addresses: {translated.stderr.strip()}")
    for name in ("nf_conntrack_udp_timeout", "nf_conntrack_udp_timeout_stream"):
        router.sysctl(f"net.netfilter.{name}", ENTRY_LIFETIME_S)
    return inside, outside


def build_tunnel(
    lab: Lab, inside: Namespace, outside: Namespace, programs: tuple[str, str]
) -> tuple[WireGuard, WireGuard]:
    client = WireGuard(lab, inside, "a", programs[0]).start().listen(PORT)
    server = WireGuard(lab, outside, "b", programs[1]).start().listen(PORT)
    client.add_peer(
        server.keys.public, "10.7.0.2/32", endpoint=f"10.0.0.100:{PORT}", keepalive_s=1
    )
    server.add_peer(client.keys.public, "10.7.0.1/32")
    server.up("10.7.0.2/24")
    client.up("10.7.0.1/24")
    return client, server


def check_reachable(client: WireGuard, server: WireGuard) -> None:
    outside = server.namespace
    wait_until(
        lambda: server.peer(client.keys.public).last_handshake_s > 0,
        "the client shakes hands without any traffic, for its keepalives",
    )
    check(True, "a persistent keepalive starts the handshake")
    endpoint = server.endpoint_of(client.keys.public)
    check(endpoint.startswith("10.0.0.1:"), "the server sees the router's address", endpoint)
    expect(lambda: wait_ping(outside, "10.7.0.1"), "the server reaches the client")
    start = server.peer(client.keys.public).received_bytes
    wait_until(
        lambda: server.peer(client.keys.public).received_bytes
        >= start + KEEPALIVE_COUNT * KEEPALIVE_SIZE,
        f"{KEEPALIVE_COUNT} keepalives arrive",
    )
    # One a second, so the entry would have expired twice by now.
    check(pings(outside, "10.7.0.1"), f"still so after {KEEPALIVE_COUNT} keepalives")
    expect(lambda: transfer(outside, client.namespace, "10.7.0.1", 1 << 20), "TCP inwards")


def check_unreachable_without(client: WireGuard, server: WireGuard) -> None:
    client.set("peer", server.keys.public, "persistent-keepalive", "off")

    # Passive keepalives for earlier traffic may still come for a while; each call that gets
    # through opens the way for another ENTRY_LIFETIME_S.
    def closed() -> bool:
        return not pings(server.namespace, "10.7.0.1")

    def waits() -> None:
        wait_until(closed, "it is closed", within=60, every=2 * ENTRY_LIFETIME_S)

    expect(waits, "without keepalives the way in closes")
    expect(lambda: wait_ping(client.namespace, "10.7.0.2"), "the client can open it again")


def body(lab: Lab) -> None:
    inside, outside = build_network(lab)
    tested, stock = phantomd(), wireguard_go()
    for programs in ((tested, stock), (stock, tested)):
        names = [Path(program).name for program in programs]
        print(f"--- {names[0]} inside, {names[1]} outside", flush=True)
        client, server = build_tunnel(lab, inside, outside, programs)
        check_reachable(client, server)
        check_unreachable_without(client, server)
        for node in (client, server):
            node.stop()
            wait_until(lambda: not node.namespace.has_link(node.name), "the interface is gone")


if __name__ == "__main__":
    main(body, needs=("iptables",), seconds=360)
