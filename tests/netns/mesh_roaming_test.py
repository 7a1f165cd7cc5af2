#!/usr/bin/env python3
# timeout: 200
"""A node's address changes under a stream of pings, and so does its router's; how long the stream
is silent is printed, and must not be long."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, LabError, Namespace  # noqa: E402
from netlab.harness import Skip, built_program, check, expect, main, say  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402
from netlab.nat import PORT_RESTRICTED, Internet, Site, UnsupportedKind  # noqa: E402
from netlab.traffic import PingStream, wait_ping  # noqa: E402

OUTAGE_MAX_S = 3.0  # the goal is one second; a busy machine gets more
# Where the peer's router filters by address, the peer has to be told: a node looks at its own
# addresses each 10 s, not when the kernel says that they changed.
OUTAGE_MAX_FILTERED_S = 13.0
BEFORE_S = 1.0
AFTERWARDS_S = 2.0  # past the longest outage that passes

Move = Callable[[], None]


def move(namespace: Namespace, link: str, old: str, new: str, gateway: str) -> None:
    """As a client of DHCP does that got another lease: one address goes, another one comes."""
    namespace.ip("address", "delete", f"{old}/24", "dev", link)
    namespace.add_address(link, f"{new}/24")
    namespace.ip("route", "replace", "default", "via", gateway)


def check_outage(
    source: MeshNode, sink: MeshNode, change: Move, what: str, most_s: float = OUTAGE_MAX_S
) -> None:
    """Both ends call, since either may be the one to notice."""
    wait_ping(source.namespace, sink.addresses()[0])  # an earlier move may have cut these too
    streams = [
        PingStream(one.namespace, other.addresses()[0])
        for one, other in ((source, sink), (sink, source))
    ]
    time.sleep(BEFORE_S)
    change()
    time.sleep(most_s + AFTERWARDS_S)
    try:
        outages = [stream.end() for stream in streams]
    except LabError as error:
        check(False, what, error)
        return
    say(f"{what}: silent for {outages[0] * 1000:.0f} ms one way, {outages[1] * 1000:.0f} the other")
    check(max(outages) < most_s, f"{what}: less than {most_s:g} s of silence", outages)
    expect(lambda: wait_ping(source.namespace, sink.addresses()[0]), f"{what}: they meet again")


def body(lab: Lab) -> None:
    program = built_program("phantom")
    internet = Internet(lab)
    try:
        home = Site(internet, PORT_RESTRICTED)
    except UnsupportedKind as why:
        raise Skip(str(why)) from why
    places = (internet.server("amber"), internet.server("birch"), home.host("cedar"))
    with tempfile.TemporaryDirectory() as folder:
        amber, birch, cedar = nodes = [
            MeshNode(lab, place, name, program, Path(folder))
            for name, place in zip(("amber", "birch", "cedar"), places, strict=True)
        ]
        birch.join(amber.init())
        cedar.join(amber.ask("token", "create")["token"])
        for one, other in ((birch, cedar), (cedar, birch), (amber, cedar), (amber, birch)):
            wait_ping(one.namespace, other.addresses()[0])

        def uplink(namespace: Namespace) -> str:
            route = namespace.ip("route", "show", "default").split()
            return route[route.index("dev") + 1]

        def changed(namespace: Namespace, subnet: str, old: int, new: int) -> Move:
            addresses = (f"{subnet}.{old}", f"{subnet}.{new}", f"{subnet}.1")
            return lambda: move(namespace, uplink(namespace), *addresses)

        birch_place, cedar_place, router = places[1], places[2], home.router.namespace
        subnet = home.public.rpartition(".")[0]
        # The second server's uplink is the third: the home has the first one.
        moved = changed(birch_place, "198.19.3", 2, 77)
        what = "a public node moves, its peer's router filters"
        check_outage(birch, cedar, moved, what, OUTAGE_MAX_FILTERED_S)
        moved = changed(birch_place, "198.19.3", 77, 78)
        check_outage(birch, amber, moved, "a public node moves, its peer is public")
        check_outage(cedar, birch, changed(cedar_place, "192.168.1", 2, 77), "a node at home moves")
        check_outage(cedar, birch, changed(router, subnet, 2, 78), "the router's address changes")
        check_outage(amber, cedar, changed(router, subnet, 78, 79), "and again, to another peer")
        for node in nodes:
            node.kill()


if __name__ == "__main__":
    main(body, needs=("nft",), seconds=180)
