#!/usr/bin/env python3
# timeout: 180
# beside others
"""What holds for all verbs: docs/reference/cli.md and docs/schemas are what the program says and answers, --watch, help,
exit statuses, tables that fit a terminal."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import jsonschema

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.harness import PROJECT, built_program, check, expect, main  # noqa: E402
from netlab.mesh import MeshNode, nodes_on_wan  # noqa: E402
from netlab.tty import Tty  # noqa: E402

FOLDER = PROJECT / "docs" / "schemas"
CVSS = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


def strict(schema: Any) -> Any:
    """As it is, and nothing beside what it names: so that a field without a description is found."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: strict(value) for key, value in schema.items()}
    if "properties" in out and isinstance(out["properties"], dict):
        out.setdefault("additionalProperties", False)
    return out


def is_as_described(answer: dict[str, Any], what: str) -> None:
    name = answer.get("schema", "")
    path = FOLDER / f"{name.replace('/', '.')}.json"
    if not check(path.is_file(), f"{what}: there is a schema of '{name}'"):
        return
    schema = strict(json.loads(path.read_text()))
    errors = [
        f"{'/'.join(map(str, each.path))}: {each.message[:300]}"
        for each in jsonschema.Draft202012Validator(schema).iter_errors(answer)
    ]
    check(not errors, f"{what}: as {name} says", errors[:3])


def check_documents(phantom: str) -> None:
    page = subprocess.run([phantom, "reference"], capture_output=True, text=True, check=True).stdout
    there = (PROJECT / "docs" / "reference" / "cli.md").read_text()
    check(page == there, "docs/reference/cli.md is what 'phantom reference' prints: write it again")
    made = subprocess.run(
        [PROJECT / "tools" / "make_schemas", "--check"], capture_output=True, text=True, check=False
    )
    check(made.returncode == 0, "docs/schemas are of the shapes", made.stdout)
    named = set(re.findall(r"`(phantom\.[a-z_.-]+/\d+)`", page))
    files = {path.name for path in FOLDER.glob("*.json")}
    missing = {name for name in named if f"{name.replace('/', '.')}.json" not in files}
    check(not missing, "each schema that a verb names is there", missing)
    for path in FOLDER.glob("*.json"):
        jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text()))


def check_help(phantom: str) -> None:
    page = (PROJECT / "docs" / "reference" / "cli.md").read_text()
    verbs = re.findall(r"^## `phantom (.*)`$", page, re.MULTILINE)
    check(len(verbs) > 75, "there are many verbs", len(verbs))
    bad = []
    for verb in verbs:
        done = subprocess.run(
            [phantom, *verb.split(), "--help"], capture_output=True, text=True, check=False
        )
        if done.returncode != 0 or "Examples:" not in done.stdout or f"phantom {verb}" not in done.stdout:
            bad.append(verb)
    check(not bad, "each has a help with examples of its own", bad)
    for argv in (["nonsense"], ["status", "--nonsense"], []):
        done = subprocess.run([phantom, *argv], capture_output=True, text=True, check=False)
        check(done.returncode == 2, f"'phantom {' '.join(argv)}' is wrong usage: 2", done.returncode)
    done = subprocess.run(
        [phantom, "--run-dir", "/nonexistent", "status"], capture_output=True, text=True, check=False
    )
    check(done.returncode == 3 and "phantom up" in done.stderr, "no daemon: 3, and what to do")


def check_reads(amber: MeshNode) -> None:
    for argv in (
        ["status"], ["peers"], ["netcheck"], ["doctor"], ["top"], ["meshes"], ["schema"], ["token", "list"],
        ["api-token", "list"], ["policy", "show"], ["policy", "explain", "birch", "amber", "22"],
        ["dns", "status"], ["route", "list"], ["root", "status"], ["actions"], ["defence"], ["inputs"],
        ["incidents"], ["incidents", "1"], ["incidents", "1", "--post-mortem"], ["alerts"], ["alerts", "1"],
        ["silence", "list"], ["escalations"], ["oncall"], ["audit"], ["audit", "--verify"], ["evidence"],
        ["playbook", "list"], ["playbook", "status"], ["rules"], ["feeds"], ["feeds", "lookup", "203.0.113.9"],
        ["import", "--list"], ["cvss", CVSS],
    ):  # fmt: skip
        done = amber.phantom(*argv, "--json", check=False)
        name = " ".join(argv)
        if check(done.stdout.count("\n") == 1, f"{name}: one line", done.stdout[:200] + done.stderr):
            is_as_described(json.loads(done.stdout), name)


def check_writes(amber: MeshNode, root: Path) -> None:
    rules = root / "local.rules"
    rules.write_text('alert icmp any any -> any any (msg:"x"; sid:1;)\nalert nonsense\n')
    feed = root / "feed.txt"
    feed.write_text("203.0.113.77\n")
    policy = root / "mesh.hujson"
    policy.write_text('{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]}\n')
    alerts = root / "alertmanager.yml"
    alerts.write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    for argv in (
        ["token", "create", "--uses", "2"], ["api-token", "create", "t", "--role", "viewer"],
        ["api-token", "revoke", "t"], ["ping", "birch", "--count", "1"], ["policy", "check", str(policy)],
        ["policy", "set", str(policy)], ["route", "offer", "192.168.7.0/24"],
        ["route", "withdraw", "192.168.7.0/24"], ["block", "203.0.113.9", "--dry-run"],
        ["block", "203.0.113.9", "--for", "10m"], ["act", "firewall", "203.0.113.10", "--propose"],
        ["actions"], ["actions", "deny", "2"], ["undo", "1"], ["ack", "1"],
        ["silence", "add", "peer=birch", "--for", "1h"], ["silence", "list"], ["silence", "expire", "1"],
        ["incidents", "note", "1", "seen"], ["evidence", "collect", "1"], ["incidents", "1", "--close"],
        ["defence", "watch"], ["rules", "check", str(rules)], ["rules", "reload"], ["feeds", "reload"],
        ["feeds", "check", str(feed), "--format", "plain"], ["alert", "check", str(alerts)],
        ["backup", str(root / "backup.db")], ["root", "split", "--threshold", "2", "--shares", "3"],
        ["rotate"],
    ):  # fmt: skip
        done = amber.phantom(*argv, "--json", check=False)
        name = " ".join(argv[:3])
        lines = done.stdout.splitlines()
        if check(bool(lines), f"{name} answers", done.stderr):
            is_as_described(json.loads(lines[-1]), name)


def check_watch(amber: MeshNode) -> None:
    process = subprocess.Popen(
        ["ip", "netns", "exec", amber.namespace.name, amber.program, *amber.choice, "status", "--json",
         "--watch", "0.2"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    lines = [json.loads(process.stdout.readline()) for _ in range(3)]
    check(all(each["self"]["name"] == "amber" for each in lines), "--watch --json: a line each time")
    process.send_signal(signal.SIGINT)
    process.wait(timeout=5)
    command = ["ip", "netns", "exec", amber.namespace.name, amber.program, *amber.choice]
    with Tty([*command, "peers", "--watch", "0.3"], height=12) as tty:
        tty.wait_until(lambda text: "birch" in text and "every 0.3 s" in text, "the table")
        begin = len(tty.received)
        time.sleep(1)
        tty.read(0.1)
        later = tty.received[begin:]
        check(later.count(b"\x1b[H") >= 2, "on a terminal each answer takes the place of the last")
        check(b"\x1b[2J" not in later, "without clearing it")
        tty.process.send_signal(signal.SIGINT)
        tty.wait_end()
    for argv, what in (
        (["down"], "a verb that changes something is not watched"),
        (["actions", "approve", "1"], "nor one that does with what is said"),
        (["ping", "birch"], "nor one that goes on by itself"),
    ):
        done = amber.phantom(*argv, "--watch", check=False)
        check(done.returncode == 2 and amber.is_running(), what, done.stderr)
    done = amber.phantom("--watch", "0.2", "alerts", "999", check=False)
    check(done.returncode == 1, "piped, the first failure ends it", done.returncode)


def check_width(amber: MeshNode) -> None:
    command = ["ip", "netns", "exec", amber.namespace.name, amber.program, *amber.choice, "incidents"]
    with Tty(command, width=120, height=200) as tty:
        tty.wait_end()
        lines = re.sub(rb"\x1b\[[0-9;]*m", b"", tty.received).decode().splitlines()
        check(any(each.endswith("...") for each in lines), "a table is cut at the terminal's edge")
    whole = amber.phantom("incidents").stdout
    check("..." not in whole, "and is whole where a program reads it")


def check_progress(amber: MeshNode, root: Path) -> None:
    log = root / "big.log"
    line = "Nov 23 01:32:27 amber sshd[1]: Failed password for root from 203.0.113.9 port 2222 ssh2\n"
    log.write_text(line * 800_000)
    rules = root / "sigma.yml"
    rules.write_text(
        "title: x\nid: 9c2f6e1a-0000-4000-8000-000000000001\nlogsource: {product: linux, service: sshd}\n"
        "detection: {keywords: ['nothing like this'], condition: keywords}\nlevel: low\n"
    )
    argv = [amber.program, "detect", "--sigma", str(rules), "--log", str(log), "--type", "syslog"]
    with Tty(["sh", "-c", '"$@" > /dev/null', "-", *argv], width=90) as tty:
        tty.wait_end(within=60)
        check(b"reading " in tty.received and b" %" in tty.received, "long work says how far it is")
        check("reading" not in tty.text() and "lines" in tty.text(), "and wipes it before it says more")
    piped = subprocess.run(argv, capture_output=True, text=True, check=False)
    check("reading " not in piped.stderr, "but not to a program", piped.stderr[-200:])


def body(lab: Lab) -> None:
    phantom = built_program("phantom")
    check_documents(phantom)
    check_help(phantom)
    with tempfile.TemporaryDirectory(prefix="pm-grammar-") as folder:
        root = Path(folder)
        amber, birch = nodes_on_wan(lab, ["amber", "birch"], phantom, root)
        birch.join(amber.init())
        amber.wait_for({"birch"})
        birch.namespace.run(
            "nmap", "-Pn", "-n", "-sT", "-T4", "--max-retries", "0", "--host-timeout", "20s",
            "-p", "1-400", amber.addresses()[0], check=False, timeout=40,
        )  # fmt: skip
        wait_until(lambda: amber.ask("incidents")["incidents"], "an incident", within=15)
        check_reads(amber)
        check_watch(amber)
        check_writes(amber, root)
        check_width(amber)
        check_progress(amber, root)
        down = amber.phantom("down", check=False)
        check(down.returncode == 0, "it goes down")
        expect(
            lambda: is_as_described(amber.ask("restore", str(root / "backup.db")), "restore"), "restored"
        )
        os.sync()


if __name__ == "__main__":
    main(body, needs=["nft", "nmap"], seconds=170)
