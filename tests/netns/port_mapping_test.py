#!/usr/bin/env python3
# timeout: 240
# beside others
"""Two nodes behind routers that would keep them on a relay become direct when one of the routers maps a
port: asked by PCP, and by UPnP where nothing else is spoken. At the end the port is given back."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.gateway import PortMappingServer, has_port_mapping  # noqa: E402
from netlab.harness import Skip, built_program, check, expect, main, say  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402
from netlab.nat import PORT_RESTRICTED, SYMMETRIC_RANDOM, Internet, Site  # noqa: E402
from netlab.nat import UnsupportedKind  # noqa: E402
from netlab.traffic import wait_ping  # noqa: E402

WITHIN_S = 40.0


def endpoints(node: MeshNode) -> list[str]:
    return node.query("status")["self"]["endpoints"]


def paths(one: MeshNode, other: MeshNode) -> set[str]:
    views = (one.peer_now(other.name), other.peer_now(one.name))
    return {view["path"] if view else "none" for view in views}


def run(lab: Lab, root: Path, protocols: tuple[str, ...]) -> None:
    label = protocols[0]
    prefix = label.lower()[0]
    internet = Internet(lab, f"{prefix}-")
    homes = [
        Site(internet, kind, f"{name}-home")
        for name, kind in (("birch", PORT_RESTRICTED), ("cedar", SYMMETRIC_RANDOM))
    ]
    places = (internet.server("amber"), homes[0].host("birch"), homes[1].host("cedar"))
    program = built_program("phantom")
    amber, birch, cedar = nodes = [
        MeshNode(lab, place, name, program, root / label, log_level="verbose")
        for name, place in zip(("amber", "birch", "cedar"), places, strict=True)
    ]
    birch.join(amber.init())
    cedar.join(amber.ask("token", "create")["token"])
    expect(
        lambda: wait_until(lambda: paths(birch, cedar) == {"relay"}, "they are on a relay"),
        f"{label}: without a mapping they are on a relay",
    )

    server = PortMappingServer(lab, homes[1], protocols)
    # Who was refused asks again after a minute; after a change of the network at once.
    cedar.phantom("down")
    cedar.phantom("up")
    mapped = f"{server.public}:51820"
    expect(
        lambda: wait_until(lambda: mapped in endpoints(cedar), "mapped", within=WITHIN_S),
        f"{label}: what the router maps is an endpoint of the node",
    )
    expect(
        lambda: wait_until(lambda: paths(birch, cedar) == {"direct"}, "direct", within=WITHIN_S),
        f"{label}: they become direct",
    )
    expect(lambda: wait_ping(birch.namespace, cedar.addresses()[0]), f"{label}: packets pass")
    found = cedar.query("netcheck")["port_mapping"]
    check(found["protocol"] == label, f"{label}: netcheck names the protocol", found)
    found = birch.query("netcheck")
    check(found["port_mapping"]["state"] != "mapped", f"{label}: and none for the other", found)
    check(server.mapped_ports() == [51820], f"{label}: the router has the port", server.log()[-2000:])
    cedar.phantom("down")
    expect(
        lambda: wait_until(lambda: not server.mapped_ports(), "no port is mapped", within=10),
        f"{label}: at the end the port is given back",
    )
    for node in nodes:
        node.kill()


def body(lab: Lab) -> None:
    if not has_port_mapping():
        raise Skip("miniupnpd is not installed")
    try:
        with tempfile.TemporaryDirectory() as folder:
            for protocols in (("PCP", "NAT-PMP"), ("UPnP",)):
                run(lab, Path(folder), protocols)
    except UnsupportedKind as why:
        raise Skip(str(why)) from why
    say("PCP and UPnP")


if __name__ == "__main__":
    main(body, needs=("nft",), seconds=220)
