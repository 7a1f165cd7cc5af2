#!/usr/bin/env python3
# timeout: 120
# beside others
"""The routers of tools/netlab/nat.py are of the kinds they claim: measured with plain sockets from both
sides, in the terms of RFC 4787. What this says about the routers is what nat_grid_test relies on."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, Namespace  # noqa: E402
from netlab.harness import check, expect, main, skip  # noqa: E402
from netlab.nat import DOUBLE, KINDS, Carrier, Filtering, Internet, Kind, Mapping  # noqa: E402
from netlab.nat import Site, UnsupportedKind  # noqa: E402

PORT = 51820
SILENCE_S = 0.3  # how long nothing may come before it counts as dropped
DESTINATION_COUNT = 6  # of the mapping's measurement, over two addresses
OBSERVERS = ("198.18.255.1", "198.18.255.2")

Endpoint = tuple[str, int]


def udp(namespace: Namespace, address: str = "", port: int = 0) -> socket.socket:
    with namespace.entered():
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((address, port))
    made.settimeout(SILENCE_S)
    return made


def receive(inbox: socket.socket) -> tuple[bytes, Endpoint] | None:
    try:
        return inbox.recvfrom(2048)
    except TimeoutError:
        return None


def seen_by(observer: socket.socket, host: socket.socket) -> Endpoint | None:
    """Where the host's datagrams to this observer seem to come from."""
    host.sendto(b"out", observer.getsockname())
    found = receive(observer)
    return found[1] if found else None


def comes_in(observer: socket.socket, outer: Endpoint, host: socket.socket) -> bool:
    observer.sendto(b"in", outer)
    found = receive(host)
    return found is not None and found[1] == observer.getsockname()


def measure_filtering(observers: list[socket.socket], host: socket.socket) -> Filtering:
    """The host has spoken to the first observer only: (address, port) = (1, 1)."""
    spoken_to, other_port, other_address = observers[0], observers[1], observers[2]
    outer = seen_by(spoken_to, host)
    if outer is None:
        return Filtering.BLOCKED
    assert comes_in(spoken_to, outer, host), "an answer comes in"
    strangers = [comes_in(observer, outer, host) for observer in (other_address, other_port)]
    match strangers:
        case [True, True]:
            return Filtering.ENDPOINT_INDEPENDENT
        case [False, True]:
            return Filtering.ADDRESS
        case [False, False]:
            return Filtering.ADDRESS_AND_PORT
    raise AssertionError("another address comes in where another port does not")


def measure_mapping(observers: list[socket.socket], host: socket.socket, own: str) -> Mapping:
    """The first three observers have sent datagrams before, which must not matter."""
    outer = [seen_by(observer, host) for observer in observers]
    if None in outer:
        return Mapping.BLOCKED
    ports = [endpoint[1] for endpoint in outer if endpoint]
    if len(set(outer)) == 1:
        untranslated = outer[0] == (own, PORT)
        return Mapping.NONE if untranslated else Mapping.ENDPOINT_INDEPENDENT
    if ports == list(range(ports[0], ports[0] + len(ports))):
        return Mapping.SEQUENTIAL
    assert len(set(ports)) == len(ports), f"some destinations share a port: {ports}"
    return Mapping.RANDOM


def open_observers(internet: Internet) -> list[socket.socket]:
    for address in OBSERVERS:
        internet.namespace.add_address("lo", f"{address}/32")
    ports = range(4000, 4000 + DESTINATION_COUNT // 2)
    first, second = (
        [udp(internet.namespace, address, port) for port in ports] for address in OBSERVERS
    )
    return [first[0], first[1], second[0], *first[2:], *second[1:]]


def tcp_connects(internet: Internet, host: Namespace) -> None:
    with internet.namespace.entered():
        listener = socket.create_server((OBSERVERS[0], 443))
    with host.entered():
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    with listener, client:
        client.settimeout(5)
        client.connect((OBSERVERS[0], 443))


def check_kind(lab: Lab, kind: Kind, number: int) -> None:
    internet = Internet(lab, f"n{number}")
    try:
        site = Site(internet, kind)
    except UnsupportedKind as why:
        skip(f"{kind.name}: the router", str(why))
        return
    host = site.host("host")
    observers = open_observers(internet)
    own = host.ip("-4", "-o", "address", "show", "scope", "global").split()[3].partition("/")[0]
    with udp(host, "", PORT) as inside:
        filtering = measure_filtering(observers, inside)
        what = f"{kind.name}: open to {kind.filtering.value}"
        check(filtering is kind.filtering, what, filtering)
        mapping = measure_mapping(observers, inside, own)
        check(mapping is kind.mapping, f"{kind.name}: mapping {kind.mapping.value}", mapping)
        if kind.mapping is not Mapping.BLOCKED:
            outer = seen_by(observers[0], inside)
            expected = own if kind.mapping is Mapping.NONE else site.public
            check(outer and outer[0] == expected, f"{kind.name}: seen at {expected}", outer)
    for observer in observers:
        observer.close()
    expect(lambda: tcp_connects(internet, host), f"{kind.name}: TCP goes out")


def check_one_carrier(lab: Lab) -> None:
    """Two homes of one carrier have one public address, and no way to each other through it."""
    internet = Internet(lab, "c")
    carrier = Carrier(internet)
    left, right = (Site(internet, DOUBLE, name, carrier) for name in ("left", "right"))
    observers = open_observers(internet)
    with udp(left.host("a"), "", PORT) as a, udp(right.host("b"), "", PORT) as b:
        outer_a, outer_b = (seen_by(observers[0], host) for host in (a, b))
        assert outer_a and outer_b, "both reach the observer"
        check(outer_a[0] == outer_b[0] and outer_a != outer_b, "one address, two ports", outer_a)
        for _ in range(2):
            a.sendto(b"to b", outer_b)
            b.sendto(b"to a", outer_a)
        check(not receive(a) and not receive(b), "no way from one to the other")
    for observer in observers:
        observer.close()


def body(lab: Lab) -> None:
    for number, kind in enumerate(KINDS):
        check_kind(lab, kind, number)
    check_one_carrier(lab)


if __name__ == "__main__":
    main(body, needs=("nft",), seconds=100)
