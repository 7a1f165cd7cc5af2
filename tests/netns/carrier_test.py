#!/usr/bin/env python3
# timeout: 150
# beside others
"""A node whose network drops all UDP joins and talks by TCP alone: to a member that takes TCP, and over it
to another one without UDP; direct again once UDP gets through, and by TCP again once it does not. Without
an open TCP port there is no way, and `phantom join` says so."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.harness import built_program, check, expect, main  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402
from netlab.nat import UDP_BLOCKED, Internet, Site  # noqa: E402
from netlab.traffic import transfer, wait_ping  # noqa: E402

PORT = 8443


def wait_path(node: MeshNode, other: str, path: str, within: float = 40) -> None:
    def is_agreed() -> bool:
        peer = node.peer_now(other)
        return peer.get("path") == path and peer["post_quantum"]["established"]

    expect(
        lambda: wait_until(is_agreed, f"{node.name} reaches {other}: {path}", within=within),
        f"{node.name} reaches {other}: {path}",
    )


def connections_of(node: MeshNode) -> int:
    return node.query("status")["self"]["carrier"]["connections"]


def check_join(amber: MeshNode, birch: MeshNode, token: str) -> None:
    birch.join(token)
    wait_path(birch, "amber", "tcp")
    wait_path(amber, "birch", "tcp")
    peer = birch.peer_now("amber")
    check(peer["endpoint"].endswith(f":{PORT}"), "the endpoint shown is the TCP one", peer)
    found = birch.query("netcheck")
    check(found["udp"] is False, "netcheck does not take TCP for UDP", found)
    check("No UDP gets through" in found["advice"][0], "and says so", found["advice"])
    for address in amber.addresses():
        expect(lambda a=address: wait_ping(birch.namespace, a), f"birch reaches amber at {address}")
    for source, sink in ((birch, amber), (amber, birch)):
        expect(
            lambda s=source, d=sink: transfer(s.namespace, d.namespace, d.addresses()[0], 16 << 20),
            f"16 MiB from {source.name} to {sink.name} arrive as they were sent",
        )


def check_two_blocked(birch: MeshNode, cedar: MeshNode, token: str) -> None:
    cedar.join(token)
    wait_path(cedar, "birch", "relay")
    wait_path(birch, "cedar", "relay")
    check(cedar.peer_now("birch")["relays"] == ["amber"], "over amber", cedar.peer_now("birch"))
    expect(
        lambda: wait_ping(cedar.namespace, birch.addresses()[0]), "cedar reaches birch over amber"
    )


def check_return_of_udp(amber: MeshNode, birch: MeshNode, home: Site) -> None:
    router = home.router.namespace
    before = connections_of(amber)
    router.run("nft", "flush", "chain", "ip", "router", "through")
    wait_path(birch, "amber", "direct", within=70)
    expect(
        lambda: wait_until(lambda: connections_of(amber) < before, "birch hangs up", within=30),
        "birch hangs up once UDP has held",
    )
    router.run("nft", "add", "rule", "ip", "router", "through", "meta", "l4proto", "!=", "tcp", "drop")
    wait_path(birch, "amber", "tcp")


def check_no_way(amber: MeshNode, dune: MeshNode) -> None:
    amber.phantom("down")
    amber.phantom("up", "--carrier", "off")
    check(amber.query("status")["self"]["carrier"]["problem"] == "off", "amber takes no TCP")
    done = dune.join(amber.ask("token", "create")["token"], check=False)
    check(done.returncode == 1, "without UDP and TCP nobody joins", done.stdout)
    check("no answer from the introducer" in done.stderr, "and is told so", done.stderr)


def body(lab: Lab) -> None:
    with tempfile.TemporaryDirectory() as folder:
        internet = Internet(lab)
        program = built_program("phantom")
        homes = [Site(internet, UDP_BLOCKED, f"{name}-home") for name in ("birch", "cedar", "dune")]
        places = [internet.server("amber")]
        places += [home.host(name) for home, name in zip(homes, ("birch", "cedar", "dune"))]
        amber, birch, cedar, dune = (
            MeshNode(lab, place, name, program, Path(folder))
            for place, name in zip(places, ("amber", "birch", "cedar", "dune"), strict=True)
        )
        amber.init("--carrier", str(PORT))
        check_join(amber, birch, amber.ask("token", "create")["token"])
        check_two_blocked(birch, cedar, amber.ask("token", "create")["token"])
        check_return_of_udp(amber, birch, homes[0])
        check_no_way(amber, dune)


if __name__ == "__main__":
    main(body, needs=("nft",), seconds=140)
