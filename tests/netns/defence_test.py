#!/usr/bin/env python3
# timeout: 180
# beside others
"""An attack inside the mesh, from the first packet to the post-mortem: a member scans another with nmap. Who
only watches tells of it; who acts drops its packets in the kernel; undoing lets it through again; and a
restart in between loses nothing."""

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
from netlab.traffic import pings, wait_ping  # noqa: E402

RULE = (
    'alert icmp any any -> any any (msg:"a ping with a name on it"; itype:8; content:"phantomtest"; '
    "sid:9000001; rev:1; priority:2;)\n"
    "alert tcp any any -> any any (msg:not a rule\n"
)


def alerts(node: MeshNode) -> list[dict[str, Any]]:
    return node.ask("alerts")["alerts"]


def incidents(node: MeshNode) -> list[dict[str, Any]]:
    return node.ask("incidents")["incidents"]


def blocked(node: MeshNode) -> str:
    """What the kernel drops, without what counts; empty where there is no table."""
    sets = (
        node.namespace.run("nft", "-s", "list", "set", "inet", "phantommesh", name, check=False)
        for name in ("blocked_v4", "blocked_v6")
    )
    return "".join(each.stdout for each in sets if each.returncode == 0)


def scan(attacker: MeshNode, address: str, ports: str = "1-400") -> None:
    attacker.namespace.run(
        "nmap", "-Pn", "-n", "-sT", "-T4", "--max-retries", "0", "--host-timeout", "20s",
        "-p", ports, address, check=False, timeout=40,
    )


def check_watching(amber: MeshNode, birch: MeshNode) -> None:
    defence = amber.ask("defence")
    check(defence["mode"] == "watch", "a node watches from the start", json.dumps(defence))
    scan(birch, amber.addresses()[0])
    expect(
        lambda: wait_until(lambda: alerts(amber) != [], "there is an alert", within=10),
        "a scan is told of",
    )
    alert = alerts(amber)[0]
    check(alert["rule"] == "behaviour:port-scan", "as what it is", json.dumps(alert))
    check(alert["subject_name"] == "birch", "with the name of the member")
    check(alert["technique"] == "T1046", "and the technique")
    check(alert["action"] == 0 and blocked(amber) == "", "who watches does not act")
    opened = incidents(amber)
    check(len(opened) == 1 and opened[0]["state"] == "new", "an incident is open", str(opened))
    shown = amber.phantom("alerts").stdout
    check("birch" not in shown or "port" in shown, "the table can be read", shown)
    amber.phantom("ack", "1")
    check(incidents(amber)[0]["state"] == "triage", "acknowledged, somebody looks at it")
    check(alerts(birch) == [] or all(a["subject_name"] != "amber" for a in alerts(birch)),
          "the victim is not taken for the attacker", str(alerts(birch)))
    mistaken = amber.phantom("incidents", "1", "--false-positive")
    check("false_positive" in mistaken.stdout, "what was none is closed", mistaken.stdout)


def check_acting(amber: MeshNode, birch: MeshNode) -> None:
    amber.phantom("defence", "act")
    own = birch.addresses()[0]
    check(pings(birch.namespace, amber.addresses()[0]), "before, birch gets through")
    scan(birch, amber.addresses()[0], "1000-1600")
    expect(
        lambda: wait_until(lambda: own in blocked(amber), "birch is blocked", within=10),
        "who scans is blocked in the kernel",
    )
    check(not pings(birch.namespace, amber.addresses()[0]), "its packets do not get through")
    story = amber.ask("incidents", str(incidents(amber)[-1]["number"]))
    check(story["state"] == "containment", "the incident is contained", json.dumps(story))
    check(len(story["actions"]) > 0, "with the number of the action")
    before = blocked(amber)
    amber.kill()
    amber.phantom("up")
    check(blocked(amber) == before, "after a kill and a start it still holds")
    again = amber.ask("incidents", str(story["number"]))
    check(again["state"] == "containment", "the incident is known after it", json.dumps(again))
    check(amber.ask("defence")["mode"] == "act", "and so is that it acts")
    amber.phantom("undo", str(story["actions"][-1]))  # an earlier one gave way to it
    expect(lambda: wait_ping(birch.namespace, amber.addresses()[0]), "undone, birch gets through")
    expect(
        lambda: wait_until(
            lambda: amber.ask("incidents", str(story["number"]))["state"] == "recovery",
            "it recovers", within=10,
        ),
        "the incident recovers",
    )
    check(own not in blocked(amber), "nothing of it is left in the kernel")
    scan(birch, amber.addresses()[0], "2000-2400")
    time.sleep(1)
    check(own not in blocked(amber), "whom somebody let go is not blocked again at once")
    closed = amber.phantom("incidents", str(story["number"]), "--close")
    check("closed" in closed.stdout, "it can be closed", closed.stdout)
    told = amber.phantom("incidents", str(story["number"]), "--post-mortem").stdout
    for part in ("# Incident", "## Measured times", "T1046", "birch", "life cycle", "## Actions"):
        check(part in told, f"the post-mortem has '{part}'", told)


def check_guard(amber: MeshNode, birch: MeshNode) -> None:
    """Whoever holds the root scans: birch tells, and does not cut itself off from it."""
    birch.phantom("defence", "act")
    scan(amber, birch.addresses()[0], "1-400")
    expect(
        lambda: wait_until(
            lambda: any(a["subject_name"] == "amber" for a in alerts(birch)), "told", within=10
        ),
        "a scan by the root's holder is told of",
    )
    check(amber.addresses()[0] not in blocked(birch), "and it is not blocked")
    number = incidents(birch)[-1]["number"]
    story = json.dumps(birch.ask("incidents", str(number)))
    check("guard list" in story, "the incident says why", story)


def check_rules(amber: MeshNode, birch: MeshNode) -> None:
    rules = amber.state_dir / "rules"
    rules.mkdir()
    (rules / "local.rules").write_text(RULE)
    amber.phantom("defence", "watch")
    expect(
        lambda: wait_until(lambda: amber.ask("defence")["rules"] == 1, "read", within=20),
        "rules are read from the state directory",
    )
    check(amber.ask("defence")["rules_unusable"] == 1, "what is no rule is counted")
    pattern = "phantomtest".encode().hex()
    birch.namespace.run("ping", "-n", "-c", "1", "-p", pattern, amber.addresses()[0], check=False)
    expect(
        lambda: wait_until(
            lambda: any(a["rule"] == "suricata:1:9000001" for a in alerts(amber)), "told", within=10
        ),
        "a signature that matches is told of",
    )


def check_off(amber: MeshNode, birch: MeshNode) -> None:
    amber.phantom("defence", "off")
    count = sum(alert["count"] for alert in alerts(amber))
    scan(birch, amber.addresses()[0], "2000-2200")
    time.sleep(1)
    check(sum(alert["count"] for alert in alerts(amber)) == count, "switched off it sees nothing")
    check("Nobody looks" in amber.phantom("defence").stdout, "and says so")
    refused = amber.phantom("incidents", "77", check=False)
    check(refused.returncode == 1 and "phantom incidents" in refused.stderr, "no such incident")


def body(lab: Lab) -> None:
    program = built_program("phantom")
    with tempfile.TemporaryDirectory() as folder:
        nodes = nodes_on_wan(lab, ("amber", "birch"), program, Path(folder))
        amber, birch = nodes
        birch.join(amber.init())
        amber.wait_for({"birch"})
        birch.wait_for({"amber"})
        check_watching(amber, birch)
        check_acting(amber, birch)
        check_guard(amber, birch)
        check_rules(amber, birch)
        check_off(amber, birch)
        for node in nodes:
            node.kill()


main(body, needs=("nft", "nmap"), seconds=170)
