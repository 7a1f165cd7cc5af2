#!/usr/bin/env python3
# timeout: 300
"""Rules of a running node: one that is added speaks, without a restart; a broken file changes nothing, also after
a kill, and is told of with line and reason; and while rules are exchanged twenty times under traffic, each
packet that a rule is about is told of."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.harness import PROJECT, built_program, check, expect, main, say  # noqa: E402
from netlab.mesh import MeshNode, nodes_on_wan  # noqa: E402

SWAPS = 20
INTERVAL_S = 0.005
PORT = 7070
HIT_SID = 9000100
HIT = (
    f'alert udp any any -> any {PORT} (msg:"a hit"; content:"phantomhit"; sid:{HIT_SID}; rev:1; '
    "priority:2;)\n"
)


def ping_rule(sid: int, word: str) -> str:
    return (
        f'alert icmp any any -> any any (msg:"a ping with {word}"; itype:8; content:"{word}"; '
        f"sid:{sid}; rev:1; priority:2;)\n"
    )


def ping_with(attacker: MeshNode, address: str, word: str) -> None:
    attacker.namespace.run(
        "ping", "-n", "-c", "1", "-p", word.encode().hex(), address, check=False
    )


def count_of(node: MeshNode, sid: int) -> int:
    rule = f"suricata:1:{sid}"
    return sum(each["count"] for each in node.query("alerts")["alerts"] if each["rule"] == rule)


def told_of(node: MeshNode, sid: int, least: int = 1) -> None:
    wait_until(lambda: count_of(node, sid) >= least, f"rule {sid} speaks", within=10)


def file_of(node: MeshNode, name: str) -> dict[str, Any]:
    return next(each for each in node.ask("rules")["files"] if each["name"] == name)


def check_added(amber: MeshNode, birch: MeshNode) -> None:
    address = amber.addresses()[0]
    check("There are no rules" in amber.phantom("rules").stdout, "a new node has no rules, and says so")
    folder = amber.state_dir / "rules"
    folder.mkdir()
    (folder / "first.rules").write_text(
        ping_rule(9000001, "firstword") + "alert nothing any any -> any any (sid:9000002;)\n"
    )
    shown = amber.phantom("rules", "reload")
    check("first.rules:2: sid 9000002: protocol" in shown.stdout,
          "of a rule that cannot be used it is told why", shown.stdout)
    check(file_of(amber, "first.rules")["usable"] == 1, "the others of its file are in force")
    ping_with(birch, address, "firstword")
    expect(lambda: told_of(amber, 9000001), "a rule added while the node runs speaks")
    (folder / "second.rules").write_text(ping_rule(9000003, "secondword"))
    os.kill(amber.pid(), signal.SIGHUP)
    expect(
        lambda: wait_until(lambda: amber.query("rules")["in_force"] == 2, "read", within=10),
        "SIGHUP reads rules",
    )
    (folder / "third.rules").write_text(ping_rule(9000004, "thirdword"))
    expect(
        lambda: wait_until(lambda: amber.query("rules")["in_force"] == 3, "noticed", within=30),
        "a file that came is noticed by itself",
    )
    for sid, word in ((9000003, "secondword"), (9000004, "thirdword")):
        ping_with(birch, address, word)
        expect(lambda sid=sid: told_of(amber, sid), f"{word} speaks")
    check(count_of(amber, 9000001) == 1, "what was told before is not told again")


def check_broken(amber: MeshNode, birch: MeshNode) -> None:
    address = amber.addresses()[0]
    path = amber.state_dir / "rules" / "second.rules"
    path.write_text(ping_rule(9000005, "fifthword") + 'alert icmp any any -> any any (msg:"half a ru')
    broken = amber.phantom("rules", "reload", check=False)
    check(broken.returncode == 1 and "line 2" in broken.stdout and "last good" in broken.stdout,
          "a broken file is told of, with its line", broken.stdout)
    for word in ("secondword", "fifthword"):
        ping_with(birch, address, word)
    expect(lambda: told_of(amber, 9000003, 2), "its last good version holds")
    check(count_of(amber, 9000005) == 0, "and nothing of the broken one")
    amber.kill()
    amber.phantom("up")
    amber.wait_for({"birch"})
    expect(
        lambda: wait_until(lambda: amber.query("rules")["in_force"] == 3, "read", within=20),
        "killed and started, rules are read",
    )
    check(file_of(amber, "second.rules")["source"] == "last good", "and the last good one still holds")
    before = count_of(amber, 9000003)
    ping_with(birch, address, "secondword")
    expect(lambda: told_of(amber, 9000003, before + 1), "and speaks")
    path.unlink()
    check(amber.phantom("rules", "reload").returncode == 0, "taken out, it is no trouble any more")
    check(amber.query("rules")["in_force"] == 2, "and not in force")


def check_offline(amber: MeshNode, folder: Path) -> None:
    path = folder / "mine.rules"
    path.write_text(ping_rule(1, "word") + "alert tcp any any -> any any (content:\"x\"; lua:y; sid:2;)\n")
    checked = amber.phantom("rules", "check", str(path), check=False)
    check(checked.returncode == 1 and "mine.rules:2: sid 2: lua" in checked.stdout,
          "a check says what a rule needs that there is none of", checked.stdout)
    answer = json.loads(amber.phantom("rules", "check", str(path), "--json", check=False).stdout)
    check((answer["usable"], answer["unusable"]) == (1, 1), "in JSON too", json.dumps(answer))
    path.write_text(ping_rule(1, "word"))
    check(amber.phantom("rules", "check", str(path)).returncode == 0, "and 0 where nothing is missing")


def filler_rules() -> str:
    """Thousands, so that a set takes time to build: the public ones where they are."""
    data = Path(os.environ.get("PHANTOM_DATA", PROJECT.parent / "shared" / "data"))
    public = sorted((data / "threat" / "rules").glob("*.rules"))
    if public:
        return "".join(path.read_text(errors="replace") for path in public)
    return "".join(
        f'alert tcp any any -> any any (msg:"filler"; content:"filler{number:05}"; sid:{number}; rev:1;)\n'
        for number in range(1, 3001)
    )


class Stream:
    """Numbered datagrams that a rule is about, one each few milliseconds; and who receives them."""

    def __init__(self, sender: MeshNode, receiver: MeshNode) -> None:
        address = receiver.addresses()[0]
        with receiver.namespace.entered():
            self.receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            self.receiver.bind((address, PORT))
        self.receiver.settimeout(0.5)
        with sender.namespace.entered():
            self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.to = (address, PORT)
        self.sent = 0
        self.received: set[bytes] = set()
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._send), threading.Thread(target=self._receive)]

    def _send(self) -> None:
        while not self.stopping.wait(INTERVAL_S):
            self.sender.sendto(f"phantomhit {self.sent}".encode(), self.to)
            self.sent += 1

    def _receive(self) -> None:
        while True:
            try:
                self.received.add(self.receiver.recv(64))
            except TimeoutError:
                if self.stopping.is_set():
                    return

    def __enter__(self) -> Stream:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        self.receiver.close()
        self.sender.close()


def check_swaps(amber: MeshNode, birch: MeshNode) -> None:
    folder = amber.state_dir / "rules"
    for path in folder.glob("*.rules"):
        path.unlink()
    filler = filler_rules()
    (folder / "hit.rules").write_text(HIT)
    (folder / "filler.rules").write_text(filler)
    amber.phantom("rules", "reload")
    swaps = amber.query("rules")["swaps"]
    dropped = amber.query("defence")["packets_dropped"]
    took = []
    with Stream(birch, amber) as stream:
        time.sleep(0.5)
        for number in range(SWAPS):
            # Another set each time, and the rule in question at another place in it.
            (folder / "filler.rules").write_text(filler + ping_rule(9001000 + number, f"word{number}"))
            (folder / ("a.rules" if number % 2 else "z.rules")).write_text(HIT)
            (folder / ("z.rules" if number % 2 else "a.rules")).unlink(missing_ok=True)
            (folder / "hit.rules").unlink(missing_ok=True)
            amber.phantom("rules", "reload", check=False)
            took.append(amber.query("rules")["load_ms"])
        time.sleep(0.5)
    answer = amber.query("rules")
    say(
        f"{stream.sent} sent, {len(stream.received)} received, {count_of(amber, HIT_SID)} told of; "
        f"{answer['in_force']} rules, built in {sorted(took)[len(took) // 2]} ms (median)"
    )
    check(answer["swaps"] - swaps >= SWAPS, f"rules were exchanged {SWAPS} times", str(answer["swaps"]))
    check(len(stream.received) > SWAPS * 10, "while packets came through", len(stream.received))
    check(len(stream.received) == stream.sent, "all of them")
    expect(
        lambda: wait_until(
            lambda: count_of(amber, HIT_SID) >= len(stream.received), "all are told of", within=10
        ),
        "of each of them it is told",
    )
    check(count_of(amber, HIT_SID) == len(stream.received), "once", count_of(amber, HIT_SID))
    check(amber.query("defence")["packets_dropped"] == dropped, "the tap dropped none")
    ping_with(birch, amber.addresses()[0], f"word{SWAPS - 1}")
    expect(lambda: told_of(amber, 9001000 + SWAPS - 1), "the last set is in force")


def check_off(amber: MeshNode) -> None:
    amber.phantom("defence", "off")
    expect(
        lambda: wait_until(lambda: amber.query("rules")["in_force"] == 0, "let go of", within=30),
        "who does not look holds no rules",
    )
    amber.phantom("defence", "watch")
    expect(
        lambda: wait_until(lambda: amber.query("defence")["rules"] > 0, "in force", within=30),
        "and has them again when it does",
    )


def body(lab: Lab) -> None:
    program = built_program("phantom")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        nodes = nodes_on_wan(lab, ("amber", "birch"), program, folder)
        amber, birch = nodes
        birch.join(amber.init())
        amber.wait_for({"birch"})
        birch.wait_for({"amber"})
        check_added(amber, birch)
        check_broken(amber, birch)
        check_offline(amber, folder)
        check_swaps(amber, birch)
        check_off(amber)
        for node in nodes:
            node.kill()


main(body, seconds=290)
