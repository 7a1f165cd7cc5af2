#!/usr/bin/env python3
# timeout: 90
# beside others
"""Who was blocked, and is let go after a restart, is blocked again when he goes on: also when his incident was closed
meanwhile, and nothing but the alert remembers the action."""

from __future__ import annotations

import socket
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.attack import PROBE_PORT, TRIGGER, arm, take_rules, two_nodes  # noqa: E402
from netlab.harness import built_program, check, expect, main  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402


def attack(victim: MeshNode, attacker: MeshNode) -> int:
    """Until it is acted against; the number of the action."""
    address = victim.addresses()[0]

    def is_acted_against() -> int:
        with attacker.namespace.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(TRIGGER, (address, PROBE_PORT))
        actions = victim.query("actions")["actions"]
        return actions[0]["number"] if actions else 0

    return wait_until(is_acted_against, "it is acted against", within=10, every=0.2)


def body(lab: Lab) -> None:
    with tempfile.TemporaryDirectory() as folder:
        victim, attacker = two_nodes(lab, built_program("phantom"), Path(folder))
        take_rules(victim)
        arm(victim)
        first = attack(victim, attacker)
        check(first > 0, "an attack is acted against")
        number = victim.ask("incidents")["incidents"][0]["number"]
        victim.phantom("incidents", str(number), "--close")
        victim.phantom("down")
        victim.phantom("up")
        victim.wait_for({"birch"})
        held = [each["number"] for each in victim.query("actions")["actions"]]
        check(held == [first], "it holds over a restart", held)
        victim.phantom("undo", str(first))
        victim.phantom("down")
        victim.phantom("up")
        victim.wait_for({"birch"})
        arm(victim)
        again: list[int] = []
        expect(
            lambda: again.append(attack(victim, attacker)), "who goes on is acted against again"
        )
        check(bool(again) and again[0] != first, "by another action", again)
        for node in (victim, attacker):
            node.kill()


if __name__ == "__main__":
    main(body, needs=("nft",), seconds=80)
