#!/usr/bin/env python3
# timeout: 400
"""Paced UDP both ways across a natural rekey, phantomd and wireguard-go each as the initiator: no packet
is lost. Takes over two minutes, so it runs only with PHANTOM_SLOW_TESTS=1."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, Namespace, WireGuard, wait_until  # noqa: E402
from netlab.harness import Skip, built_program, check, main, phantomd, wireguard_go  # noqa: E402
from netlab.traffic import wait_ping  # noqa: E402

# WireGuard paper 6.1: the initiator renews a session that is older than 120 s when it sends.
SECONDS = 140
PACKETS_PER_SECOND = 1000
SIZE = 256
FLOW_PORT = 9000


class Pair:
    """An initiator and a responder in their own namespaces."""

    def __init__(self, lab: Lab, number: int, initiator: str, responder: str) -> None:
        self.name = f"{Path(initiator).name} initiates"
        self.inner = (f"10.7.{number}.1", f"10.7.{number}.2")
        left, right = lab.namespace(f"left{number}"), lab.namespace(f"right{number}")
        lab.veth(left, right, "10.99.0.1/24", "10.99.0.2/24")
        self.left = WireGuard(lab, left, f"a{number}", initiator).start().listen(51820)
        self.right = WireGuard(lab, right, f"b{number}", responder).start().listen(51820)
        self.left.add_peer(
            self.right.keys.public, f"{self.inner[1]}/32", endpoint="10.99.0.2:51820"
        )
        self.right.add_peer(self.left.keys.public, f"{self.inner[0]}/32")
        self.left.up(f"{self.inner[0]}/24")
        self.right.up(f"{self.inner[1]}/24")
        wait_ping(left, self.inner[1])

    def handshake_times(self) -> tuple[int, int]:
        return (
            self.left.peer(self.right.keys.public).last_handshake_s,
            self.right.peer(self.left.keys.public).last_handshake_s,
        )


class Flow:
    """Numbered datagrams one way, for SECONDS."""

    def __init__(self, source: Namespace, sink: Namespace, address: str) -> None:
        program = built_program("flood")
        self.name = f"{source.name} to {sink.name}"
        self.sink = sink.start(
            program, "sink", address, str(FLOW_PORT), stdout=subprocess.PIPE, text=True
        )
        wait_until(lambda: sink.is_listening(FLOW_PORT, "udp"), "the sink listens")
        self.source = source.start(
            program, "sequence", address, str(FLOW_PORT), "--pps", str(PACKETS_PER_SECOND),
            "--size", str(SIZE), "--seconds", str(SECONDS), stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def end(self) -> tuple[dict[str, Any], dict[str, Any]]:
        sent, _ = self.source.communicate(timeout=SECONDS + 60)
        self.sink.terminate()
        received, _ = self.sink.communicate(timeout=60)
        return json.loads(sent), json.loads(received)


def run_pair(pair: Pair, lines: list[tuple[bool, str, object]]) -> None:
    before = pair.handshake_times()
    left, right = pair.left.namespace, pair.right.namespace
    flows = (Flow(left, right, pair.inner[1]), Flow(right, left, pair.inner[0]))
    for flow, direction in zip(flows, ("out", "in")):
        sent, received = flow.end()
        lost = sent["sent"] - received["received"]
        lines.append((lost == 0, f"{pair.name}, {direction}: {sent['sent']} sent, none lost", lost))
        lines.append((received["reordered"] == 0, f"{pair.name}, {direction}: in order", received))
    after = pair.handshake_times()
    renewed = all(new >= old + 100 for old, new in zip(before, after))
    lines.append((renewed, f"{pair.name}: the session was renewed", (before, after)))


def body(lab: Lab) -> None:
    if os.environ.get("PHANTOM_SLOW_TESTS") != "1":
        raise Skip("it takes over two minutes (set PHANTOM_SLOW_TESTS=1)")
    built_program("flood")
    programs = (phantomd(), wireguard_go())
    pairs = (Pair(lab, 1, *programs), Pair(lab, 2, *reversed(programs)))
    lines: list[tuple[bool, str, object]] = []
    threads = [
        threading.Thread(target=run_pair, args=(pair, lines), daemon=True) for pair in pairs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(len(lines) == 5 * len(pairs), "all flows ended")
    for held, what, detail in lines:
        check(held, what, detail)


if __name__ == "__main__":
    main(body, seconds=SECONDS + 160)
