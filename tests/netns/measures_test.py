#!/usr/bin/env python3
# timeout: 150
"""By which executor a finding is acted on, looked at in the kernel: less sure, a sender is slowed down; surer, his packets
are dropped, and the limit is gone. A dry run names the flows that would be cut. Where the owner wants to be asked, the
drop waits for `phantom actions approve`, also through a kill, and the gentler is done meanwhile. A wrong file has its
line, and what was good before stays."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.harness import built_program, check, expect, main  # noqa: E402
from netlab.mesh import MeshNode, nodes_on_wan  # noqa: E402
from netlab.traffic import pings, wait_ping  # noqa: E402

RULES = (
    'alert icmp any any -> any any (msg:"less sure"; itype:8; content:"gentle"; sid:1; priority:2; '
    "metadata:confidence High;)\n"
    'drop icmp any any -> any any (msg:"surer"; itype:8; content:"harsh"; sid:2; priority:2;)\n'
)


def in_set(node: MeshNode, name: str, address: str) -> bool:
    listed = node.namespace.run("nft", "-s", "list", "set", "inet", "phantommesh", name, check=False)
    return address in listed.stdout


def dropped(node: MeshNode, address: str) -> bool:
    return in_set(node, "blocked_v4", address)


def slowed(node: MeshNode, address: str) -> bool:
    return in_set(node, "limited_v4_100000", address)


def soon(holds: Callable[[], bool], what: str) -> None:
    expect(lambda: wait_until(holds, what, within=10), what)


def send(attacker: MeshNode, address: str, word: str) -> None:
    attacker.namespace.run(
        "ping", "-n", "-c", "1", "-W", "1", "-p", word.encode().hex(), address, check=False
    )


def arm(node: MeshNode) -> None:
    """Nobody is spared any more; the rules are read again."""
    node.phantom("defence", "act")
    wait_until(lambda: node.ask("defence")["rules"] == 2, "the rules are read", within=20)


def settings(node: MeshNode, text: str) -> None:
    path = node.state_dir / "handling.json"
    path.write_text(text)
    path.chmod(0o600)
    os.kill(node.pid(), signal.SIGHUP)


def actions(node: MeshNode) -> list[dict[str, Any]]:
    return node.ask("actions")["actions"]


def measure(node: MeshNode, executor: str) -> dict[str, Any]:
    return next(each for each in node.ask("defence")["measures"] if each["executor"] == executor)


def story(node: MeshNode) -> dict[str, Any]:
    return node.ask("incidents", str(node.ask("incidents")["incidents"][-1]["number"]))


def check_gentler(amber: MeshNode, birch: MeshNode) -> None:
    own, other = amber.addresses()[0], birch.addresses()[0]
    arm(amber)
    send(birch, own, "gentle")
    soon(lambda: slowed(amber, other), "less sure, the sender is slowed down")
    check(not dropped(amber, other), "and not more")
    check(pings(birch.namespace, own), "what it sends still gets through")
    send(birch, own, "harsh")
    soon(lambda: dropped(amber, other), "surer, its packets are dropped")
    soon(lambda: not slowed(amber, other), "and the limit is taken back")
    check(not pings(birch.namespace, own), "nothing gets through")
    told = story(amber)
    check(len(told["actions"]) == 2, "both are the incident's", json.dumps(told))
    check(f"instead of action {told['actions'][0]}" in json.dumps(told), "and it says which gave way")
    amber.phantom("undo", str(told["actions"][-1]))
    expect(lambda: wait_ping(birch.namespace, own), "one undo lets it through")
    check(not slowed(amber, other), "without a limit")


def check_effect(amber: MeshNode, birch: MeshNode) -> None:
    """What would be cut, with a connection that is open; and that it is cut by nothing but the deed."""
    own, other = amber.addresses()[0], birch.addresses()[0]
    with amber.namespace.entered():
        listener = socket.create_server((own, 7001))
    with birch.namespace.entered():
        client = socket.create_connection((own, 7001), timeout=10)
    with listener, client:
        effect = amber.ask("block", other, "--dry-run")["effect"]
        check(f"{own}:7001" in json.dumps(effect["flow_list"]), "a dry run names the flow it would cut",
              json.dumps(effect))
        check(effect["flows"] >= 1 and effect["members"] == ["birch"], "counts it, and says whose it is")
        said = amber.phantom("act", "isolation", "birch", "--dry-run").stdout
        check("would cut" in said and f"{own}:7001" in said, "of isolation as well", said)
        said = amber.phantom("act", "rate-limit", other, "--dry-run").stdout
        check("would touch" in said, "a rate limit cuts nothing", said)
        nobody = amber.ask("block", "203.0.113.99", "--dry-run")["effect"]
        check(nobody["flows"] == 0, "of who has none it says so", json.dumps(nobody))
        number = amber.ask("act", "firewall", other, "--propose")["number"]
        shown = amber.phantom("actions").stdout
        check(f"Action {number} would cut" in shown, "and so does what waits for a word", shown)
        client.sendall(b"still there")
        check(listener.accept()[0].recv(11) == b"still there", "nothing was cut by looking")
        amber.phantom("actions", "deny", str(number))


def check_settings(amber: MeshNode) -> None:
    settings(amber, '{"actions": {\n  "firewall": {"aprove": "always"}}}')
    soon(lambda: amber.ask("defence")["settings_problem"] != "", "SIGHUP reads the settings")
    problem = amber.ask("defence")["settings_problem"]
    check("handling.json:2:" in problem and "aprove" in problem, "what is wrong has its line", problem)
    check(measure(amber, "firewall")["approve"] == "never", "and what was good before stays")
    settings(amber, '{"targets": [{"target": "birch", "executors": ["firewall"], "approve": "always"}]}')
    soon(lambda: amber.ask("defence")["settings_problem"] == "", "put right, it is read")
    check(amber.ask("defence")["targets"][0]["target"] == "birch", "as it stands there")
    shown = amber.phantom("defence").stdout
    check("Of 1 targets somebody is asked" in shown, "and `phantom defence` says so", shown)


def propose(amber: MeshNode, birch: MeshNode) -> int:
    arm(amber)
    send(birch, amber.addresses()[0], "harsh")
    soon(lambda: any(each["state"] == "proposed" for each in actions(amber)), "somebody is asked")
    return next(each["number"] for each in actions(amber) if each["state"] == "proposed")


def check_asked(amber: MeshNode, birch: MeshNode) -> None:
    own, other = amber.addresses()[0], birch.addresses()[0]
    number = propose(amber, birch)
    check(not dropped(amber, other), "nothing is dropped before somebody has answered")
    soon(lambda: slowed(amber, other), "meanwhile the sender is slowed down")
    send(birch, own, "harsh")
    check(sum(each["state"] == "proposed" for each in actions(amber)) == 1, "it is asked once")
    amber.kill()
    amber.phantom("up")
    amber.phantom("actions", "approve", str(number))
    check(dropped(amber, other), "approved, also after a kill, packets are dropped")
    soon(lambda: number in story(amber)["actions"], "it is the incident's")
    soon(lambda: not slowed(amber, other), "and the limit gives way")
    amber.phantom("undo", str(number))
    expect(lambda: wait_ping(birch.namespace, own), "undone, birch gets through")
    number = propose(amber, birch)
    amber.phantom("actions", "deny", str(number))
    soon(lambda: f"proposal {number}: it was denied" in json.dumps(story(amber)), "denied, the incident says so")
    send(birch, own, "harsh")
    check(all(each["state"] != "proposed" for each in actions(amber)), "it is not asked again")
    check(not dropped(amber, other) and slowed(amber, other), "the gentler stays")


def body(lab: Lab) -> None:
    program = built_program("phantom")
    with tempfile.TemporaryDirectory() as folder:
        nodes = nodes_on_wan(lab, ("amber", "birch"), program, Path(folder))
        amber, birch = nodes
        birch.join(amber.init())
        amber.wait_for({"birch"})
        birch.wait_for({"amber"})
        (amber.state_dir / "rules").mkdir()
        (amber.state_dir / "rules" / "local.rules").write_text(RULES)
        check_effect(amber, birch)
        check_gentler(amber, birch)
        check_settings(amber)
        check_asked(amber, birch)
        for node in nodes:
            node.kill()


main(body, needs=("nft", "ping"), seconds=140)
