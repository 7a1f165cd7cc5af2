#!/usr/bin/env python3
# timeout: 150
# beside others
"""One machine in two meshes that know nothing of each other: a daemon, an interface, a port and keys for
each; the second goes without IPv4, which the first has."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab  # noqa: E402
from netlab.harness import built_program, check, expect, main  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402
from netlab.traffic import pings, wait_ping  # noqa: E402


def v6_of(node: MeshNode) -> str:
    return next(each for each in node.addresses() if ":" in each)


def listed(node: MeshNode) -> dict[str, bool]:
    return {each["mesh"]: each["running"] for each in node.ask("meshes")["meshes"]}


def body(lab: Lab) -> None:
    switch = lab.namespace("switch")
    switch.ip("link", "add", "name", "switch", "type", "bridge")
    switch.ip("link", "set", "switch", "up")
    program = built_program("phantom")
    with tempfile.TemporaryDirectory() as folder:
        nodes = []
        for number, name in enumerate(("amber", "birch", "cedar"), start=10):
            namespace = lab.namespace(name)
            _, port = lab.veth(namespace, switch, f"10.1.0.{number}/24", "")
            switch.ip("link", "set", port, "master", "switch")
            nodes.append(MeshNode(lab, namespace, name, program, Path(folder)))
        amber, birch, cedar = nodes
        work = MeshNode(lab, birch.namespace, "birch", program, Path(folder), mesh="work")

        birch.join(amber.init())
        work.join(cedar.init())
        birch.wait_for({"amber"})
        work.wait_for({"cedar"})

        mine, other = birch.status()["self"], work.status()["self"]
        check(mine["id"] != other["id"], "two meshes, two identities")
        check(
            (mine["interface"], other["interface"]) == ("phantom0", "phantom1"),
            "an interface each", (mine["interface"], other["interface"]),
        )
        check(mine["listen_port"] != other["listen_port"], "a port each")
        check(all(":" in each for each in other["addresses"]), "the second has IPv6 alone", other)
        check(listed(birch) == {"": True, "work": True}, "phantom meshes lists both", listed(birch))
        told = other["endpoints"]
        inner = [each for each in told if any(own in each for own in mine["addresses"])]
        check(inner == [] and told, "the other mesh is not told of", told)

        expect(lambda: wait_ping(birch.namespace, amber.addresses()[0]), "the first carries packets")
        expect(lambda: wait_ping(birch.namespace, v6_of(amber)), "over IPv6 too")
        expect(lambda: wait_ping(birch.namespace, v6_of(cedar)), "the second carries packets")
        check(not pings(amber.namespace, v6_of(cedar)), "no way from one into the other")

        birch.kill()
        work.kill()
        check(listed(birch) == {"": False, "work": False}, "both are down", listed(birch))
        work.phantom("up")  # the second first: each finds its own interface
        birch.phantom("up")
        birch.wait_for({"amber"})
        work.wait_for({"cedar"})
        expect(lambda: wait_ping(birch.namespace, v6_of(cedar)), "again, after both were killed")
        birch.phantom("down")
        check(listed(birch) == {"": False, "work": True}, "one ends, the other stays", listed(birch))
        refused = birch.phantom("--mesh", "No Name", "status", check=False)
        check(refused.returncode == 2, "a name that is none is refused", refused.stderr)


if __name__ == "__main__":
    main(body, seconds=140)
