#!/usr/bin/env python3
# timeout: 180
# beside others
"""Logs that the daemon reads: guessing at sshd becomes an alert that names who guesses; what another sensor says
too; rotation, a kill and a bad configuration lose nothing; lines that want to be more than lines are not."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.harness import PROJECT, built_program, check, expect, main, skip  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402

RULE = """title: Failed password
id: 7a1b0a3e-0000-4000-8000-000000000001
level: high
tags: [attack.t1110]
logsource: {product: linux, service: sshd}
detection:
  keywords: ['Failed password']
  condition: keywords
"""
DATA = Path(os.environ.get("PHANTOM_DATA", PROJECT.parent / "shared" / "data"))
HUB = DATA / "threat" / "crowdsec"
WANTED = {"syslog-logs.yaml", "dateparse-enrich.yaml", "sshd-logs.yaml", "ssh-bf.yaml"}


def failed_login(address: str, name: str = "root") -> str:
    when = time.strftime("%b %e %H:%M:%S")
    return f"{when} amber sshd[77]: Failed password for {name} from {address} port 40022 ssh2\n"


def append(path: Path, text: str) -> None:
    with path.open("a") as log:
        log.write(text)


def alert_of(node: MeshNode, address: str, rule: str = "") -> dict[str, Any]:
    for alert in node.ask("alerts")["alerts"]:
        if alert["subject"] == address and alert["rule"].startswith(rule):
            return alert
    return {}


def told_of(node: MeshNode, address: str, what: str, rule: str = "") -> None:
    expect(
        lambda: wait_until(lambda: alert_of(node, address, rule) != {}, what, within=15), what
    )


def is_ready(node: MeshNode, inputs: int) -> bool:
    body = node.ask("inputs")
    return body["ready"] and len(body["inputs"]) == inputs


def reload(node: MeshNode) -> None:
    os.kill(node.pid(), signal.SIGHUP)


def check_file(node: MeshNode, log: Path) -> None:
    append(log, failed_login("203.0.113.7"))
    told_of(node, "203.0.113.7", "a failed login in a log is told of", "sigma:")
    alert = alert_of(node, "203.0.113.7")
    check(alert["technique"] == "T1110", "with its technique", json.dumps(alert))
    append(log, failed_login("203.0.113.8", "x from 198.51.100.1"))
    told_of(node, "203.0.113.8", "who is named in a name is not who came")
    check(alert_of(node, "198.51.100.1") == {}, "and is not accused")
    log.rename(log.with_suffix(".log.1"))
    append(log.with_suffix(".log.1"), failed_login("203.0.113.10"))
    append(log, failed_login("203.0.113.11"))
    told_of(node, "203.0.113.10", "what is written to a renamed file counts")
    told_of(node, "203.0.113.11", "and so does the new one")
    log.write_text("")
    time.sleep(1)
    append(log, failed_login("203.0.113.12"))
    told_of(node, "203.0.113.12", "a file that was cut is read on")
    hostile = "\x1b[2J\x1b]0;owned\x07"
    append(log, hostile + failed_login("203.0.113.14") + "x" * 200_000 + "\n")
    append(log, failed_login("203.0.113.13", hostile))
    told_of(node, "203.0.113.13", "a line with control characters is a line")
    shown = node.phantom("alerts").stdout + node.phantom("inputs").stdout
    check("\x1b" not in shown and "\x07" not in shown, "and moves no terminal", shown)


def check_scenarios(node: MeshNode, log: Path) -> None:
    if node.ask("inputs")["scenarios"] == 0:
        skip("guessing is seen by the public scenario", f"no CrowdSec hub in {HUB}")
        return
    for _ in range(12):
        append(log, failed_login("203.0.113.66"))
    told_of(node, "203.0.113.66", "guessing is seen by the public scenario", "crowdsec:")


def check_syslog(node: MeshNode) -> None:
    message = b"<38>1 2026-11-09T10:00:00Z h sshd 7 - - Failed password for x from 203.0.113.20 port 1 ssh2"
    script = (
        "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
        f"s.sendto({message!r}, ('127.0.0.1', 5514))"
    )
    node.namespace.run("python3", "-c", script)
    told_of(node, "203.0.113.20", "syslog by UDP is heard")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.sendto(message.replace(b"113.20", b"113.21"), str(node.run_dir / "log"))
    told_of(node, "203.0.113.21", "and by a Unix socket")


def check_sensor(node: MeshNode, eve: Path) -> None:
    append(eve, json.dumps({
        "event_type": "alert", "src_ip": "203.0.113.30", "dest_ip": "203.0.113.1", "dest_port": 22,
        "alert": {"gid": 1, "signature_id": 2001219, "signature": "ET SCAN SSH", "severity": 2},
    }) + "\n{not json\n")
    told_of(node, "203.0.113.30", "an alert of Suricata is told of", "eve:1:2001219")


def check_flood(node: MeshNode, eve: Path) -> None:
    """Thousands of findings at once: judged in turns, and meanwhile the node answers."""
    count = 3000
    append(eve, "".join(
        json.dumps({
            "event_type": "alert", "src_ip": f"198.18.{number // 250}.{number % 250}",
            "dest_ip": "203.0.113.1", "dest_port": 22,
            "alert": {"gid": 1, "signature_id": 7, "signature": "flood", "severity": 3},
        }) + "\n"
        for number in range(count)
    ))
    slowest = 0.0
    end = time.monotonic() + 60
    while time.monotonic() < end:
        asked = time.monotonic()
        body = node.query("inputs")
        slowest = max(slowest, time.monotonic() - asked)
        if body["inputs"][1]["sightings"] >= count and body["sightings_waiting"] == 0:
            break
        time.sleep(0.01)
    check(body["sightings_waiting"] == 0, "thousands of findings at once are judged", json.dumps(body))
    check(body["sightings_dropped"] == 0, "none is lost")
    told = sum(alert["rule"] == "eve:1:7" for alert in node.query("alerts")["alerts"])
    check(told == count, "each makes its alert", told)
    check(slowest < 2, "and meanwhile the node answers", f"{slowest:.2f} s")


def check_bad_config(node: MeshNode, config: Path, log: Path) -> None:
    good = config.read_text()
    config.write_text(good + "  - file: relative.log\n    type: syslog\n")
    reload(node)
    expect(
        lambda: wait_until(lambda: node.ask("inputs")["problem"] != "", "refused", within=10),
        "a bad configuration is refused",
    )
    body = node.ask("inputs")
    line = len(good.splitlines()) + 1
    check(f"inputs.yml:{line}: a file is written from '/'" in body["problem"], "with file and line",
          body["problem"])
    check(len(body["inputs"]) == 4 and body["ready"], "what was there goes on", json.dumps(body))
    append(log, failed_login("203.0.113.40"))
    told_of(node, "203.0.113.40", "and is read")
    config.write_text(good)
    reload(node)
    expect(
        lambda: wait_until(
            lambda: node.ask("inputs")["problem"] == "" and is_ready(node, 4), "good", within=20
        ),
        "a good one is taken",
    )


def check_kill(node: MeshNode, log: Path) -> None:
    append(log, failed_login("203.0.113.50"))
    told_of(node, "203.0.113.50", "before a kill")
    time.sleep(2)  # the place is kept once a second
    node.kill()
    append(log, failed_login("203.0.113.51"))
    node.phantom("up")
    told_of(node, "203.0.113.51", "what was written while nobody looked is read")
    lines = node.ask("inputs")["inputs"][0]["lines"]
    check(lines == 1, "and what was read before is not read again", lines)


def body(lab: Lab) -> None:
    program = built_program("phantom")
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        space = lab.namespace("amber")
        space.ip("link", "set", "lo", "up", check=False)
        lab.veth(space, lab.namespace("wan"), "10.9.1.2/24", "10.9.1.1/24")
        node = MeshNode(lab, space, "amber", program, base)
        node.init()
        shown = node.phantom("inputs").stdout
        check("No logs are read" in shown and "inputs.yml" in shown, "nothing is read by itself", shown)
        log, eve = base / "auth.log", base / "eve.json"
        log.write_text(failed_login("203.0.113.99"))
        eve.write_text("")
        (node.state_dir / "sigma").mkdir()
        (node.state_dir / "sigma" / "ssh.yml").write_text(RULE)
        hub = sorted(str(path) for path in HUB.rglob("*.yaml") if path.name in WANTED)
        config = node.state_dir / "inputs.yml"
        config.write_text(
            f"scenarios: [{', '.join(hub)}]\nsigma: [sigma]\ninputs:\n"
            f"  - file: {log}\n    type: syslog\n"
            f"  - file: {eve}\n    type: eve\n"
            "  - syslog: udp://127.0.0.1:5514\n"
            f"  - syslog: unix:{node.run_dir / 'log'}\n"
        )
        reload(node)
        expect(
            lambda: wait_until(lambda: is_ready(node, 4), "read", within=30), "SIGHUP reads the inputs"
        )
        check(alert_of(node, "203.0.113.99") == {}, "what is old is not told of")
        check_file(node, log)
        check_scenarios(node, log)
        check_syslog(node)
        check_sensor(node, eve)
        check_flood(node, eve)
        check_bad_config(node, config, log)
        check_kill(node, log)
        table = node.phantom("inputs").stdout
        check("INPUT" in table and "BEHIND" in table and str(log) in table, "the table can be read", table)


main(body, seconds=170)
