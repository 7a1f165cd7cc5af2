#!/usr/bin/env python3
# timeout: 120
"""Blocks of a node in the kernel's firewall: what is blocked does not pass, whatever happens to the daemon
or to the rules; what must not be blocked is refused; what is undone is as if it had never been."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.harness import built_program, check, expect, main  # noqa: E402
from netlab.mesh import MeshNode, nodes_on_wan  # noqa: E402
from netlab.traffic import pings, wait_ping  # noqa: E402

STRANGER = "203.0.113.9"
GATEWAY = "10.9.1.1"


def dump(node: MeshNode) -> str:
    """Our table, without what counts."""
    return node.namespace.run("nft", "-s", "list", "table", "inet", "phantommesh").stdout


def kernel_has(node: MeshNode, address: str) -> bool:
    listed = json.loads(node.namespace.run("nft", "-j", "list", "ruleset").stdout)
    sets = [each["set"] for each in listed["nftables"] if "set" in each]
    return address in json.dumps([each.get("elem", []) for each in sets])


def has_table(node: MeshNode) -> bool:
    return "phantommesh" in node.namespace.run("nft", "list", "tables").stdout


def journal(node: MeshNode) -> Path:
    return Path(node.state_dir) / "actions"


def actions(node: MeshNode) -> list[dict[str, object]]:
    return node.ask("actions")["actions"]


def check_refusals(amber: MeshNode, birch: MeshNode) -> None:
    own = amber.addresses()[0]
    for address in (own, "10.9.1.2", GATEWAY, "127.0.0.1", "fe80::1", "ff02::1"):
        refused = amber.phantom("block", address, check=False)
        check(refused.returncode == 1, f"{address} is not blocked", refused.stdout)
        check("guard list" in refused.stderr, "and it says why", refused.stderr)
    refused = birch.phantom("block", own, check=False)
    check(refused.returncode == 1, "the member that holds the root is not blocked by others")
    check(amber.phantom("block", "nobody", check=False).returncode == 1, "a name is no address")
    dry = amber.ask("block", STRANGER, "--dry-run")
    check(dry["number"] is None, "a dry run has no number")
    check(not kernel_has(amber, STRANGER) and actions(amber) == [], "and changes nothing")
    undone = amber.phantom("undo", "7", check=False)
    check("phantom actions" in undone.stderr, "what was never done is not undone", undone.stderr)
    check(not has_table(amber), "what is refused leaves no table behind")
    check(not journal(amber).exists(), "and no journal")


def is_blocked(amber: MeshNode, birch: MeshNode) -> bool:
    return not pings(birch.namespace, amber.addresses()[0])


def check_member(amber: MeshNode, birch: MeshNode) -> None:
    """Inside the mesh: one of birch's addresses, and not the other."""
    v4, v6 = birch.addresses()
    first = amber.ask("block", STRANGER)["number"]
    amber.phantom("undo", str(first))
    empty = dump(amber)
    blocked = amber.ask("block", v4, "--for", "1h", "--reason", "a\ntest")
    check(kernel_has(amber, v4), "the kernel has it")
    check(not pings(birch.namespace, amber.addresses()[0]), "birch does not get through")
    check(pings(birch.namespace, amber.addresses()[1]), f"by {v6} it does")
    shown = amber.phantom("actions").stdout
    check("a?test" in shown and v4 in shown, "it is listed, on one line", shown)

    twice = amber.ask("block", v4, "--for", "2h")
    amber.phantom("undo", str(twice["number"]))
    check(not pings(birch.namespace, amber.addresses()[0]), "the first one holds still")

    for interference in (
        ("flush", "set", "inet", "phantommesh", "blocked_v4"),
        ("flush", "chain", "inet", "phantommesh", "guard"),
        ("delete", "table", "inet", "phantommesh"),
        ("flush", "ruleset"),
    ):
        amber.namespace.run("nft", *interference)
        expect(
            lambda: wait_until(lambda: is_blocked(amber, birch), "it is back", within=10),
            "somebody's 'nft " + " ".join(interference) + "' is put right",
        )
    amber.kill()
    check(kernel_has(amber, v4), "killed, it is in force")
    amber.namespace.run("nft", "delete", "table", "inet", "phantommesh")
    amber.phantom("up")
    check(kernel_has(amber, v4), "after a start, too, though all of it was gone")
    check([each["number"] for each in actions(amber)] == [blocked["number"]], "with its number")

    amber.phantom("undo", str(blocked["number"]))
    expect(lambda: wait_ping(birch.namespace, amber.addresses()[0]), "undone, birch gets through")
    check(dump(amber) == empty, "and the table is as it was", dump(amber))
    gone = amber.phantom("undo", str(blocked["number"]), check=False)
    check(gone.returncode == 1 and "phantom actions" in gone.stderr, "undone twice is said")


def check_time(amber: MeshNode) -> None:
    amber.namespace.run(
        "nft", "add", "element", "inet", "phantommesh", "blocked_v4", "{", STRANGER, "}"
    )
    before = dump(amber)
    number = amber.ask("block", STRANGER, "--for", "2s")["number"]
    check(any(each["number"] == number for each in actions(amber)), "for two seconds it is listed")
    expect(
        lambda: wait_until(lambda: actions(amber) == [], "it has ended", within=10),
        "then it ends by itself",
    )
    check(dump(amber) == before, "what an administrator had blocked before stays so", dump(amber))


def check_damage(amber: MeshNode) -> None:
    """A journal that cannot be believed is not the same as none."""
    amber.ask("block", STRANGER)
    amber.kill()
    content = bytearray(journal(amber).read_bytes())
    content[len(content) // 3] ^= 0x40
    journal(amber).write_bytes(content)
    amber.phantom("up")
    for verb in (("actions",), ("block", STRANGER), ("undo", "1")):
        refused = amber.phantom(*verb, check=False)
        said = refused.stdout + refused.stderr
        check(refused.returncode == 1 and str(journal(amber)) in said, f"{verb[0]} says so", said)
    check(journal(amber).read_bytes() == content, "and what is left of it is kept")


def body(lab: Lab) -> None:
    program = built_program("phantom")
    with tempfile.TemporaryDirectory() as folder:
        nodes = nodes_on_wan(lab, ("amber", "birch"), program, Path(folder))
        amber, birch = nodes
        birch.join(amber.init())
        amber.wait_for({"birch"})
        check(not has_table(amber), "a node that never acted has no table")
        check(actions(amber) == [], "and no actions")
        check_refusals(amber, birch)
        check_member(amber, birch)
        check_time(amber)
        check_damage(amber)
        for node in nodes:
            node.kill()


main(body, needs=("nft",), seconds=110)
