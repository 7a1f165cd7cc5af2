#!/usr/bin/env python3
# timeout: 240
# beside others
"""Feeds end to end: who is listed is told of with the feed's name, and blocked when it scans too; a broken new
version leaves the last good one, also after a kill; whom a guard list names is never blocked, unless it is a
member: of those this node says itself who is not to be cut off; and a member that acts tells the others."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.harness import built_program, check, expect, main  # noqa: E402
from netlab.mesh import MeshNode, nodes_on_wan  # noqa: E402
from netlab.traffic import pings  # noqa: E402

ASK = """
import socket
name = b"".join(bytes([len(part)]) + part for part in b"www.evil.example".split(b".")) + b"\\0"
query = b"\\0\\7\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0" + name + b"\\0\\1\\0\\1"
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(query, ("{}", 53))
"""


def alerts(node: MeshNode, rule: str) -> list[dict[str, Any]]:
    return [alert for alert in node.ask("alerts")["alerts"] if alert["rule"] == rule]


def told(node: MeshNode, rule: str, what: str) -> dict[str, Any]:
    expect(
        lambda: wait_until(lambda: alerts(node, rule) != [], rule, within=15), what
    )
    return alerts(node, rule)[-1]


def is_blocked(node: MeshNode, address: str) -> bool:
    sets = (
        node.namespace.run("nft", "-s", "list", "set", "inet", "phantommesh", name, check=False)
        for name in ("blocked_v4", "blocked_v6")
    )
    return any(each.returncode == 0 and address in each.stdout for each in sets)


def scan(attacker: MeshNode, address: str, ports: str) -> None:
    attacker.namespace.run(
        "nmap", "-Pn", "-n", "-sT", "-T4", "--max-retries", "0", "--host-timeout", "20s",
        "-p", ports, address, check=False, timeout=40,
    )


def feed(node: MeshNode, name: str) -> dict[str, Any]:
    return next(each for each in node.ask("feeds")["feeds"] if each["name"] == name)


def describe(node: MeshNode, **feeds: dict[str, str]) -> None:
    folder = node.state_dir / "feeds"
    folder.mkdir(exist_ok=True)
    (folder / "feeds.hujson").write_text(json.dumps({"feeds": feeds}))


LOCAL = {"path": "local.txt", "format": "plain", "confidence": "0.9"}
FRIENDS = {"path": "friends.json", "format": "misp"}


def check_listed(amber: MeshNode, birch: MeshNode) -> None:
    shown = amber.phantom("feeds").stdout
    check("There are no feeds" in shown, "a new node has none, and says how to have some", shown)
    own = birch.addresses()[0]
    describe(amber, local=LOCAL)
    lines = [f"198.51.100.{number}" for number in range(1, 20)]
    (amber.state_dir / "feeds" / "local.txt").write_text(
        "\n".join([*lines, own, "evil.example", "0.0.0.0/0", amber.addresses()[0]]) + "\n"
    )
    loaded = amber.phantom("feeds", "reload")
    check("current" in loaded.stdout, "a feed is read when asked", loaded.stdout)
    local = feed(amber, "local")
    check(local["entries"] == 21, "with its entries", json.dumps(local))
    check(local["refused"] == 1, "but 0.0.0.0/0", json.dumps(local))
    check(local["guarded"] == 1, "and the node's own address", json.dumps(local))
    check(local["refusals"][0]["place"] == "line 22", "of which the line is told")
    hits = amber.ask("feeds", "lookup", own)["hits"]
    check([hit["feed"] for hit in hits] == ["local"], "who is listed is found", str(hits))
    check(pings(birch.namespace, amber.addresses()[0]), "birch gets through")
    alert = told(amber, "feed:local", "and is told of")
    check("local (0 d old)" in alert["feeds"], "with the feed's name", json.dumps(alert))
    check(alert["subject_name"] == "birch", "and the member's")
    birch.namespace.run("python3", "-c", ASK.format(amber.addresses()[0]))
    alert = told(amber, "feed-name:local", "who asks for a listed name is told of")
    check("www.evil.example" in alert["text"], "with the name", alert["text"])
    check(feed(amber, "local")["hits"] >= 2, "the feed's hits are counted")


def check_evidence(amber: MeshNode, birch: MeshNode, cedar: MeshNode) -> None:
    own = birch.addresses()[0]
    amber.phantom("defence", "act")
    check(pings(birch.namespace, amber.addresses()[0]), "birch gets through again")
    time.sleep(2)
    check(not is_blocked(amber, own), "to be listed alone is no reason for a block")
    scan(birch, amber.addresses()[0], "1-300")
    expect(
        lambda: wait_until(lambda: is_blocked(amber, own), "blocked", within=10),
        "who is listed and scans is blocked",
    )
    alert = alerts(amber, "behaviour:port-scan")[-1]
    check("local (0 d old)" in alert["feeds"], "the scan's alert names the feed", json.dumps(alert))
    check("reputation" in alert["assessment"], "and counts it", alert["assessment"])
    heard = told(cedar, "peer-report", "cedar hears of it from amber")
    check(heard["subject"] == own and "amber acts" in heard["text"], "whom and why", str(heard))
    check(heard["action"] == 0, "and does nothing for that alone")
    amber.phantom("undo", str(alert["action"]))


def check_last_good(amber: MeshNode, birch: MeshNode) -> None:
    own = birch.addresses()[0]
    (amber.state_dir / "feeds" / "local.txt").write_text('{"type": "bundle", "objects": [{"ty')
    broken = amber.phantom("feeds", "reload", check=False)
    check(broken.returncode == 1 and "last good" in broken.stdout, "a broken one is told", broken.stdout)
    check(feed(amber, "local")["entries"] == 21, "and the last good one holds")
    (amber.state_dir / "feeds" / "local.txt").write_text("198.51.100.1\n")
    small = amber.phantom("feeds", "reload", check=False)
    check("shrink" in small.stdout, "so it does where a new one is far too small", small.stdout)
    amber.kill()
    amber.phantom("up")
    expect(
        lambda: wait_until(lambda: amber.ask("feeds")["feeds"] != [], "read", within=10),
        "killed and started, the feeds are read",
    )
    check(feed(amber, "local")["source"] == "last good", "and the last good one still holds")
    hits = amber.ask("feeds", "lookup", own)["hits"]
    check(len(hits) == 1, "and names whom it named", str(hits))
    (amber.state_dir / "feeds" / "feeds.hujson").write_text("{")
    wrong = amber.phantom("feeds", "reload", check=False)
    check("feeds.hujson:1:" in wrong.stdout, "a broken list of feeds has line and column", wrong.stdout)
    check(len(amber.ask("feeds", "lookup", own)["hits"]) == 1, "and changes nothing")


def check_guarded(amber: MeshNode, birch: MeshNode) -> None:
    """The list of shared address space (RFC 6598) that MISP keeps has every IPv4 address of a mesh in it."""
    own = birch.addresses()[0]
    (amber.state_dir / "feeds" / "friends.json").write_text(
        json.dumps({"type": "cidr", "list": ["100.64.0.0/10", "192.0.2.0/24"]})
    )
    describe(amber, local=LOCAL, friends=FRIENDS)
    amber.phantom("feeds", "reload", check=False)
    check(amber.ask("feeds", "lookup", "192.0.2.7")["guard"] == "friends", "a guard list takes whom it names")
    refused = amber.phantom("block", "192.0.2.7", check=False)
    check(refused.returncode == 1 and "friends" in refused.stderr, "who is not blocked, not by hand either",
          refused.stderr)
    nobody = "100.64.0.1" if own != "100.64.0.1" else "100.64.0.2"
    check(amber.ask("feeds", "lookup", nobody)["guard"] == "friends", "nor is an address of nobody")
    lookup = amber.ask("feeds", "lookup", own)
    check(lookup["guard"] == "" and lookup["hits"] != [], "a member is not shielded by it", json.dumps(lookup))
    check(amber.ask("feeds", "lookup", amber.addresses()[0])["guard"] == "this node",
          "the node itself is shielded by itself")
    amber.phantom("defence", "act")
    scan(birch, amber.addresses()[0], "1000-1800")
    expect(
        lambda: wait_until(lambda: is_blocked(amber, own), "blocked", within=10),
        "a member that scans is blocked",
    )
    action = next(each for each in amber.ask("actions")["actions"] if own in json.dumps(each))
    amber.phantom("undo", str(action["number"]))


def check_guard_file(amber: MeshNode, birch: MeshNode) -> None:
    """What protects a member is the owner's own list."""
    own = birch.addresses()[0]
    (amber.state_dir / "guard").write_text("birch\n")
    scan(birch, amber.addresses()[0], "2000-2800")
    time.sleep(2)
    check(not is_blocked(amber, own), "whom the owner's list names is not blocked")
    refused = amber.phantom("block", own, check=False)
    check(refused.returncode == 1 and "guard" in refused.stderr, "nor by hand", refused.stderr)


def check_offline(amber: MeshNode, folder: Path) -> None:
    path = folder / "list.txt"
    path.write_text("192.0.2.1\n0.0.0.0/0\n")
    checked = amber.phantom("feeds", "check", str(path), "--format", "plain", check=False)
    check(checked.returncode == 1 and "line 2" in checked.stderr, "a check says what is refused",
          checked.stdout + checked.stderr)
    path.write_text("192.0.2.1\n")
    check(amber.ask("feeds", "check", str(path), "--format", "plain")["networks"] == 1, "or taken")


def body(lab: Lab) -> None:
    program = built_program("phantom")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        nodes = nodes_on_wan(lab, ("amber", "birch", "cedar"), program, folder)
        amber, birch, cedar = nodes
        birch.join(amber.init())
        cedar.join(amber.ask("token", "create")["token"])
        amber.wait_for({"birch", "cedar"})
        cedar.wait_for({"amber", "birch"})
        check_listed(amber, birch)
        check_evidence(amber, birch, cedar)
        check_last_good(amber, birch)
        check_guarded(amber, birch)
        check_guard_file(amber, birch)
        check_offline(amber, folder)
        for node in nodes:
            node.kill()


main(body, needs=("nft", "nmap"), seconds=230)
