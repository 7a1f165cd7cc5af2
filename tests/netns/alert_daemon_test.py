#!/usr/bin/env python3
# timeout: 240
# beside others
"""A node that tells: a member scans another with nmap, and a mail about it arrives at a real SMTP server. Nobody
answers, so somebody else is told; who acknowledges by the mail's link ends that. A daemon that is killed while it
waits for the mail server sends what it had put down, under the same key, and nothing twice. What is silenced is
not told."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.attack import two_nodes  # noqa: E402
from netlab.harness import built_program, check, expect, main, say, skip  # noqa: E402
from netlab.mailbox import (  # noqa: E402
    Mailbox, config_for, has_mail_server, text_of, with_packages_of_the_system,
)
from netlab.mesh import MeshNode  # noqa: E402

LADDER = """\
rotas:
  - {name: ops, time_zone: Europe/Berlin, people: [second, third], shift: 7d}
escalations:
  - {name: quick, priority: P5, levels: [{after: 0s}, {after: 4s, targets: ['rota:ops']}]}
"""


HITS = 20
# Each hit is an alert of its own, and an urgent one.
RULES = "".join(
    f'drop icmp any any -> any any (msg:"hit {number}"; itype:8; content:"phantomhit{number:02}"; '
    f"sid:{9000100 + number}; rev:1; priority:1;)\n"
    for number in range(HITS)
)


def hit(attacker: MeshNode, address: str, number: int) -> None:
    pattern = f"phantomhit{number:02}".encode().hex()
    attacker.namespace.run("ping", "-n", "-c", "2", "-i", "0.2", "-p", pattern, address, check=False)


def take_rules(node: MeshNode) -> None:
    folder = node.state_dir / "rules"
    folder.mkdir()
    (folder / "hits.rules").write_text(RULES)
    node.phantom("defence", "watch")
    wait_until(lambda: node.ask("defence")["rules"] == HITS, "the rules are read")


def scan(attacker: MeshNode, address: str, ports: str) -> None:
    attacker.namespace.run(
        "nmap", "-Pn", "-n", "-sT", "-T4", "--max-retries", "0", "--host-timeout", "20s",
        "-p", ports, address, check=False, timeout=40,
    )  # fmt: skip


def write_config(node: MeshNode, text: str) -> None:
    (node.state_dir / "alerts.yml").write_text(text)


def alerts(node: MeshNode) -> list[dict[str, Any]]:
    return node.ask("alerts")["alerts"]


def newest(node: MeshNode) -> dict[str, Any]:
    return alerts(node)[-1]


def check_without_configuration(amber: MeshNode) -> None:
    shown = amber.phantom("alerts").stdout
    check("Nobody is told" in shown and "alerts.yml" in shown, "without a file: it says so", shown)
    write_config(amber, "route:\n  receiver: nobody\nreceivers: []\n")
    refused = amber.phantom("alerts", "reload", check=False)
    check(
        refused.returncode == 1 and "alerts.yml:2:13" in refused.stderr,
        "a wrong file is refused, with its line", refused.stderr,
    )  # fmt: skip


def check_mail(amber: MeshNode, birch: MeshNode, boxes: dict[str, Mailbox]) -> None:
    ports = {name: box.port for name, box in boxes.items()}
    write_config(amber, config_for(ports, tail=LADDER).replace("  group_wait", "  escalation: quick\n  group_wait"))
    reloaded = amber.phantom("alerts", "reload", check=False)
    check(reloaded.returncode == 0, "a right one is taken", reloaded.stdout + reloaded.stderr)
    tested = amber.phantom("alerts", "test", "first", check=False)
    check(
        tested.returncode == 0 and "delivered" in tested.stdout, "each channel can be tested",
        tested.stdout + tested.stderr,
    )  # fmt: skip
    check("TEST" in str(boxes["first"].mails()[0]["Subject"]), "which arrives, marked as a test")
    scan(birch, amber.addresses()[0], "1-400")
    expect(
        lambda: wait_until(lambda: len(boxes["first"].mails()) > 1, "a mail", within=10),
        "a scan is told of by mail",
    )
    mail = boxes["first"].mails()[1]
    text = text_of(mail)
    check("port-scan" in str(mail["Subject"]), "its subject", str(mail["Subject"]))
    for part in ("birch", "T1046", "risk ", "phantom block ", "phantom ack --link ", "incident: 1"):
        check(part in text, f"the mail has '{part}'", text)
    told = newest(amber)
    check(told["told"] == ["first/email"], "`phantom alerts` says who was told", json.dumps(told))
    shown = amber.phantom("alerts", "1").stdout
    check("delivered" in shown and "250" in shown, "`phantom alerts 1` has the delivery", shown)


def link_in(mail: Any) -> str:
    words = text_of(mail).split()
    return words[words.index("--link") + 1]


def check_escalation(amber: MeshNode, boxes: dict[str, Mailbox]) -> None:
    on_call = amber.ask("oncall")["rotas"][0]["now"]["who"]
    under_way = amber.ask("escalations")["escalations"]
    check(len(under_way) >= 1, "an escalation is under way", json.dumps(under_way))
    expect(
        lambda: wait_until(lambda: boxes[on_call].mails() != [], "a second mail", within=15),
        "nobody answers: whose turn it is gets a mail",
    )
    other = "third" if on_call == "second" else "second"
    check(boxes[other].mails() == [], "and nobody else")
    check("level 2" in text_of(boxes[on_call].mails()[0]), "which says what level it is")


def check_link(amber: MeshNode, birch: MeshNode, boxes: dict[str, Mailbox]) -> None:
    before = len(boxes["first"].mails())
    hit(birch, amber.addresses()[0], 0)
    expect(
        lambda: wait_until(lambda: len(boxes["first"].mails()) > before, "a mail", within=10),
        "another alert, another mail",
    )
    link = link_in(boxes["first"].mails()[-1])
    forged = amber.phantom("ack", "--link", link[:-2] + "AA", check=False)
    check(forged.returncode == 1, "a link that was changed is refused", forged.stderr)
    done = amber.phantom("ack", "--link", link, check=False)
    check(done.returncode == 0 and "first" in done.stdout, "the mail's link acknowledges", done.stderr)
    again = amber.phantom("ack", "--link", link, check=False)
    check("has been used" in again.stderr, "once", again.stderr)
    check(amber.ask("escalations")["escalations"] == [], "that ends the escalation")
    check(newest(amber)["telling"] == "acked", "and is shown", json.dumps(newest(amber)))
    after = {name: len(box.mails()) for name, box in boxes.items()}
    time.sleep(6)
    others = {name: len(box.mails()) for name, box in boxes.items() if name != "first"}
    check(all(after[name] == count for name, count in others.items()), "nobody else is told", others)


def check_kill(amber: MeshNode, birch: MeshNode, boxes: dict[str, Mailbox]) -> None:
    """The mail server does not take it; the daemon is killed; the next one has it, with the same key."""
    box = boxes["first"]
    box.answers = ["451 not now"] * 3
    before = len(box.mails())
    tried = len(box.tried)
    numbers = {alert["number"] for alert in alerts(amber)}
    hit(birch, amber.addresses()[0], 1)
    expect(
        lambda: wait_until(lambda: len(box.tried) > tried, "tried", within=10), "it is tried, and refused"
    )
    amber.kill()
    amber.phantom("up")
    known = {alert["number"] for alert in alerts(amber)}
    check(numbers <= known, "a killed daemon knows its alerts when it is back", f"{numbers} {known}")
    expect(
        lambda: wait_until(lambda: len(box.mails()) > before, "the mail", within=30),
        "and what it had put down arrives",
    )
    keys = box.tried[tried:]
    check(
        set(keys) == {str(mail["Message-ID"]) for mail in box.mails()[before:]} and len(set(keys)) == 1,
        "under the key that was tried before", keys,
    )  # fmt: skip
    taken = [str(mail["Message-ID"]) for mail in box.mails()]
    check(len(taken) == len(set(taken)), "and nothing arrives twice", taken)
    say(f"{len(keys)} tries under {len(set(keys))} keys around the kill")


def check_kills_at_any_moment(amber: MeshNode, birch: MeshNode, boxes: dict[str, Mailbox]) -> None:
    box = boxes["first"]
    for number in range(4):
        before = len(box.tried)
        hit(birch, amber.addresses()[0], 2 + number)
        rule = f"suricata:1:{9000102 + number}"
        wait_until(
            lambda: rule in {alert["rule"] for alert in amber.query("alerts")["alerts"]}, "it is seen",
            every=0.005,
        )  # fmt: skip
        time.sleep(0.02 * number)
        amber.kill()
        amber.phantom("up")
        birch.wait_for({"amber"})
        amber.wait_for({"birch"})
        say(f"kill {number}: {len(box.tried) - before} mails around it")
    hits = {alert["rule"] for alert in alerts(amber) if alert["rule"].startswith("suricata:")}
    check(len(hits) == 6, "all alerts are known", hits)
    expect(
        lambda: wait_until(
            lambda: all(rule in " ".join(str(m["Subject"]) for m in box.mails()) for rule in hits),
            "told", within=15,
        ),
        "and each was told of",
    )
    time.sleep(2)
    waiting = amber.ask("alerts")["telling"]["waiting"]
    check(waiting == 0, "four kills later nothing waits any more", waiting)
    taken = [str(mail["Message-ID"]) for mail in box.mails()]
    check(len(taken) == len(set(taken)), "and no mail has come twice", taken)


def check_silence(amber: MeshNode, birch: MeshNode, boxes: dict[str, Mailbox]) -> None:
    refused = amber.phantom("silence", "add", "peer=~.*", check=False)
    check(refused.returncode == 1, "a silence of everything is refused", refused.stderr)
    amber.phantom("silence", "add", "object=" + birch.addresses()[0], "--for", "1h", "--comment", "x y")
    done = amber.phantom("silence", "add", "peer=birch", "--for", "10m", "--by", "ann", check=False)
    check("Silence 2 holds" in done.stdout, "a silence is made", done.stdout + done.stderr)
    amber.kill()
    amber.phantom("up")
    listed = amber.ask("silence", "list")["silences"]
    check([each["number"] for each in listed] == [1, 2], "it outlives the daemon", json.dumps(listed))
    birch.wait_for({"amber"})
    amber.wait_for({"birch"})
    before = {name: len(box.tried) for name, box in boxes.items()}
    hit(birch, amber.addresses()[0], 10)
    expect(
        lambda: wait_until(lambda: newest(amber)["rule"] == "suricata:1:9000110", "seen", within=10),
        "another alert is seen",
    )
    time.sleep(3)
    check(
        {name: len(box.tried) for name, box in boxes.items()} == before, "what is silenced is not told"
    )
    check("suppressed" in amber.phantom("alerts").stdout, "and shown as suppressed")
    amber.phantom("silence", "expire", "1")
    amber.phantom("silence", "expire", "2")
    check(amber.ask("silence", "list")["silences"] == [], "and it can be ended")


def check_dead_letter(amber: MeshNode, boxes: dict[str, Mailbox]) -> None:
    boxes["third"].answers = ["550 nobody of this name"]
    tested = amber.phantom("alerts", "test", "third", check=False)
    check(
        tested.returncode == 1 and "NOT DELIVERED" in tested.stdout and "550" in tested.stdout,
        "a refusal is shown", tested.stdout + tested.stderr,
    )  # fmt: skip
    shown = amber.phantom("alerts").stdout
    check("given up" in shown and "550" in shown, "and stays visible", shown)
    defence = amber.phantom("defence").stdout
    check("third/email" in defence, "`phantom defence` has the channels", defence)


def check_hangup(amber: MeshNode) -> None:
    import os
    import signal

    path = amber.state_dir / "alerts.yml"
    good = path.read_text()
    path.write_text(good + "what: ever\n")
    os.kill(amber.pid(), signal.SIGHUP)
    expect(
        lambda: wait_until(
            lambda: "what" in amber.ask("alerts")["telling"]["config_problem"], "said", within=10
        ),
        "SIGHUP reads the file again, and what is wrong is said",
    )
    check(amber.ask("oncall")["rotas"] != [], "the last good one stays in force")
    path.write_text(good)
    os.kill(amber.pid(), signal.SIGHUP)
    expect(
        lambda: wait_until(
            lambda: amber.ask("alerts")["telling"]["config_problem"] == "", "taken", within=10
        ),
        "and a right one is taken",
    )


def body(lab: Lab) -> None:
    if not has_mail_server():
        skip("a mail about a scan", "python3-aiosmtpd is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        amber, birch = two_nodes(lab, built_program("phantom"), Path(folder))
        boxes = {
            name: Mailbox(amber.namespace, port)
            for name, port in (("first", 2525), ("second", 2526), ("third", 2527))
        }
        check_without_configuration(amber)
        check_mail(amber, birch, boxes)
        check_escalation(amber, boxes)
        take_rules(amber)
        check_link(amber, birch, boxes)
        check_kill(amber, birch, boxes)
        check_kills_at_any_moment(amber, birch, boxes)
        check_silence(amber, birch, boxes)
        check_dead_letter(amber, boxes)
        check_hangup(amber)
        for node in (amber, birch):
            node.kill()
        for box in boxes.values():
            box.close()


if __name__ == "__main__":
    with_packages_of_the_system()
    main(body, needs=("nft", "nmap"), seconds=230)
