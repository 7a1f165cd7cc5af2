#!/usr/bin/env python3
# timeout: 120
# beside others
"""What is done about an attack: evidence when the incident opens, checked to the byte and without the node; an audit
log that shows what was altered; a playbook that runs by itself, waits for a person and survives a kill; incidents in
the database, backed up and restored."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.harness import built_program, check, expect, main  # noqa: E402
from netlab.mesh import MeshNode, nodes_on_wan  # noqa: E402
from netlab.playbook import contain_playbook, step  # noqa: E402


RULE = (
    'alert icmp any any -> any any (msg:"guesses"; itype:8; content:"guesses"; sid:1; priority:1; '
    "metadata:confidence High, signature_severity Major, mitre_technique_id T1110;)\n"
)


def note_playbook() -> dict[str, Any]:
    """Says in the incident that it ran."""
    book = contain_playbook()
    first = book["workflow"][step("action", 1)]
    first["commands"] = [{"type": "phantommesh", "command": "note joined"}]
    first["on_completion"] = step("end", 1)
    del first["out_args"], book["playbook_variables"]
    for number in (2, 3):
        del book["workflow"][step("action", number)]
    return {**book, "id": step("playbook", 2), "name": "joined"}


def incidents(node: MeshNode) -> list[dict[str, Any]]:
    return node.ask("incidents")["incidents"]


def scan(attacker: MeshNode, address: str, ports: str) -> None:
    attacker.namespace.run(
        "nmap", "-Pn", "-n", "-sT", "-T4", "--max-retries", "0", "--host-timeout", "20s",
        "-p", ports, address, check=False, timeout=40,
    )


def blocked(node: MeshNode, address: str) -> bool:
    listed = node.namespace.run("nft", "-s", "list", "table", "inet", "phantommesh", check=False)
    return address in listed.stdout


def check_playbook(amber: MeshNode, birch: MeshNode) -> None:
    folder = amber.state_dir / "playbooks"
    folder.mkdir()
    (folder / "contain.json").write_text(json.dumps(contain_playbook()))
    broken = contain_playbook()
    del broken["workflow"][step("end", 1)]
    (folder / "broken.json").write_text(json.dumps(broken))
    listed = {each["name"]: each for each in amber.ask("playbook", "list")["playbooks"]}
    check(listed["contain"]["problem"] == "", "a sound playbook is listed", json.dumps(listed))
    check(step("action", 3) in listed["broken"]["problem"], "of a broken one the place is told", str(listed))
    refused = amber.phantom("playbook", "check", str(folder / "broken.json"), check=False)
    check(refused.returncode == 1 and "there is no step" in refused.stderr, "and the reason", refused.stderr)
    (amber.state_dir / "handling.json").write_text(
        json.dumps({"triggers": [{"playbook": "contain", "priority": 3, "technique": "T1046"}]})
    )
    (amber.state_dir / "handling.json").chmod(0o600)
    amber.phantom("down")
    amber.phantom("up")
    amber.wait_for({"birch"})
    scan(birch, amber.addresses()[0], "1-400")
    expect(lambda: wait_until(lambda: incidents(amber) != [], "opened", within=10), "a scan opens an incident")
    own = birch.addresses()[0]
    expect(lambda: wait_until(lambda: blocked(amber, own), "blocked", within=10),
           "the playbook that its settings ask for blocks the subject")
    expect(lambda: wait_until(lambda: incidents(amber)[0]["actions"] != [], "its action", within=5),
           "what the playbook does is one of the incident's actions")
    check(incidents(amber)[0]["state"] == "containment", "which is contained by it", json.dumps(incidents(amber)))
    check(incidents(amber)[0]["playbooks"] == ["contain"], "and knows what was begun for it")
    runs = amber.ask("playbook", "status")["runs"]
    check(runs[0]["waiting"][0]["command"] == "look at the machine", "and waits for a person", json.dumps(runs))
    dry = amber.phantom("playbook", "run", "contain", "--incident", "1", "--dry-run").stdout
    check(f"block {own} 600" in dry and "Nothing was done" in dry, "a dry run says what it would do", dry)
    check(len(amber.ask("playbook", "status")["runs"]) == 1, "and starts nothing")


def check_kill(amber: MeshNode, birch: MeshNode) -> None:
    expect(
        lambda: wait_until(
            lambda: len(amber.ask("evidence", "1")["evidence"][0]["items"]) >= 14, "sealed", within=10
        ),
        "evidence is collected when it opens",
    )
    before = incidents(amber)
    amber.kill()
    amber.phantom("up")
    check(incidents(amber) == before, "after a kill the incidents are as they were", json.dumps(incidents(amber)))
    waiting = amber.ask("playbook", "status", "1")["runs"][0]["waiting"]
    done = amber.phantom("playbook", "done", "1", str(waiting[0]["step"]), "--text", "it is clean")
    check("done" in done.stdout, "the playbook goes on after the kill, and ends", done.stdout)
    check(not blocked(amber, birch.addresses()[0]), "it has taken its block back")
    expect(lambda: wait_until(lambda: incidents(amber)[0]["state"] == "recovery", "recovers", within=5),
           "and the incident recovers")


def check_joined(amber: MeshNode, birch: MeshNode) -> None:
    """A trigger that the incident did not meet when it opened, and meets when an alert joins."""
    (amber.state_dir / "playbooks" / "joined.json").write_text(json.dumps(note_playbook()))
    (amber.state_dir / "handling.json").write_text(
        json.dumps({"triggers": [{"playbook": "joined", "technique": "T1110"},
                                 {"playbook": "contain", "priority": 3, "technique": "T1046"}]})
    )
    (amber.state_dir / "rules").mkdir()
    (amber.state_dir / "rules" / "local.rules").write_text(RULE)

    def guess() -> None:
        amber.phantom("defence", "watch")
        wait_until(lambda: amber.ask("defence")["rules"] == 1, "the rule is read", within=20)
        birch.namespace.run("ping", "-n", "-c", "2", "-W", "1", "-p", b"guesses".hex(), amber.addresses()[0],
                            check=False)

    def runs() -> list[str]:
        return [run["name"] for run in amber.ask("playbook", "status")["runs"]]

    for round_ in (1, 2):
        amber.phantom("down")
        amber.phantom("up")
        amber.wait_for({"birch"})
        guess()
        if round_ == 1:
            expect(lambda: wait_until(lambda: "joined" in runs(), "it runs", within=10),
                   "an alert that joins an incident starts what it then asks for")
            check("T1110" in incidents(amber)[0]["techniques"] and len(incidents(amber)) == 1, "in the same incident",
                  json.dumps(incidents(amber)))
    wait_until(lambda: any(each["count"] > 2 for each in amber.ask("alerts")["alerts"]), "seen again", within=10)
    check(sorted(runs()) == ["contain", "joined"], "once, also over a restart, and the other not again", str(runs()))


def check_evidence(amber: MeshNode, root: Path) -> None:
    one = amber.ask("evidence", "1")["evidence"][0]
    folder = Path(one["folder"])
    names = [item["what"] for item in one["items"]]
    for what in ("packets", "sockets", "routes", "processes", "events", "firewall", "configuration", "files"):
        check(what in names, f"there are {what}", str(names))
    packets = next(item for item in one["items"] if item["what"] == "packets")
    if shutil.which("tcpdump"):
        read = subprocess.run(["tcpdump", "-nr", str(folder / packets["file"])], capture_output=True, text=True)
        check(read.returncode == 0 and "Flags [S]" in read.stdout, "tcpdump reads the packets", read.stderr)
    verified = amber.phantom("evidence", "verify", "1")
    check("what amber signed" in verified.stdout, "the evidence holds", verified.stdout)
    copy = root / "copy"
    shutil.copytree(folder, copy)
    mesh = amber.ask("evidence")["mesh"]
    amber.phantom("down")
    alone = amber.phantom("evidence", "verify", str(copy), "--trust", mesh)
    check("the mesh that was asked for" in alone.stdout, "also as a copy, without the node", alone.stdout)
    other = amber.phantom("evidence", "verify", str(copy), "--trust", "0" * 64, check=False)
    check(other.returncode == 1 and "another mesh" in other.stdout, "not for another mesh", other.stdout)
    for name in ("manifest", packets["file"]):
        content = bytearray((copy / name).read_bytes())
        content[len(content) // 2] ^= 1
        (copy / name).write_bytes(content)
        found = amber.phantom("evidence", "verify", str(copy), check=False)
        check(found.returncode == 1, f"a flipped bit in {name} is found", found.stdout)
        content[len(content) // 2] ^= 1
        (copy / name).write_bytes(content)
    amber.phantom("up")


def check_audit(amber: MeshNode, root: Path) -> None:
    entries = amber.ask("audit", "--count", "1000")["entries"]
    told = {(entry["who"], entry["what"]) for entry in entries}
    for pair in (("defence", "alert"), ("playbook", "block"), ("playbook", "undo"), ("operator", "playbook.done"),
                 ("node", "start"), ("node", "evidence")):
        check(pair in told, f"the log has {pair}", str(sorted(told)))
    asked = next(entry for entry in entries if entry["what"] == "playbook.done")
    check("uid 0" in asked["from"], "with who asked", json.dumps(asked))
    holds = amber.phantom("audit", "--verify")
    check("hold" in holds.stdout, "it holds", holds.stdout)
    backup = root / "backup.db"
    amber.phantom("backup", str(backup))
    altered = root / "altered.db"
    shutil.copy(backup, altered)
    with sqlite3.connect(altered) as database:
        database.execute("DROP TRIGGER audit_is_not_changed")
        database.execute("UPDATE audit SET who = 'nobody' WHERE sequence = 3")
    found = amber.phantom("audit", "--verify", "--file", str(altered), check=False)
    check(found.returncode == 1 and "entry 3" in found.stdout, "an altered entry is found", found.stdout)
    good = amber.phantom("audit", "--verify", "--file", str(backup))
    check("hold" in good.stdout, "the backup holds", good.stdout)
    check(amber.phantom("restore", str(backup), check=False).returncode == 1, "no restore under a running node")
    amber.phantom("down")
    (root / "half.db").write_bytes(backup.read_bytes()[:5000])
    half = amber.phantom("restore", str(root / "half.db"), check=False)
    check(half.returncode == 1 and "Nothing was changed" in half.stderr, "nor of half a file", half.stderr)
    amber.phantom("restore", str(backup))
    amber.phantom("up")
    check(len(incidents(amber)) == 1, "restored, the incident is there")


def check_story(amber: MeshNode, birch: MeshNode) -> None:
    amber.wait_for({"birch"})
    amber.phantom("incidents", "note", "1", "the intern did it")
    amber.phantom("incidents", "1", "--close")
    check(incidents(amber)[0]["state"] == "closed", "an incident is closed")
    amber.phantom("incidents", "reopen", "1")
    check(incidents(amber)[0]["state"] == "reopened", "and opened again")
    told = amber.phantom("incidents", "1", "--post-mortem").stdout
    for part in ("the intern did it", "T1046", "discovery", "contain, done", "packets.pcapng", "reopened"):
        check(part in told, f"the post-mortem has '{part}'", told)
    record = amber.ask("incidents", "1", "--post-mortem")["record"]
    check(record["seconds"]["seen_to_detected"] is not None, "and is there for machines", json.dumps(record)[:300])
    refused = amber.phantom("incidents", "merge", "1", "77", check=False)
    check(refused.returncode == 1, "nothing is merged into what is not there", refused.stderr)


def body(lab: Lab) -> None:
    program = built_program("phantom")
    with tempfile.TemporaryDirectory() as folder:
        nodes = nodes_on_wan(lab, ("amber", "birch"), program, Path(folder))
        amber, birch = nodes
        birch.join(amber.init())
        amber.wait_for({"birch"})
        check_playbook(amber, birch)
        check_kill(amber, birch)
        check_joined(amber, birch)
        check_evidence(amber, Path(folder))
        check_audit(amber, Path(folder))
        check_story(amber, birch)
        for node in nodes:
            node.kill()


main(body, needs=("nft", "nmap"), seconds=110)
