#!/usr/bin/env python3
"""From an attacking packet to the block in the kernel (./dev bench block), inside a mesh of two nodes: how
long after it the attacker's packets still come through. Idle, and while iperf3 fills the tunnel.

Each trial is real: a signature that drops, the journal on the disk, the kernel's firewall, then undo. Both
namespaces share the machine's cores. Datagrams are sent 50 us apart, which is how exact a figure is.

Beside it, where they are on the machine, fail2ban and CrowdSec with its firewall bouncer: the attacked service
writes a line of a failed login for the same packet, one is enough, and they block as they ask for by themselves.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "tools"))

from netlab import Lab  # noqa: E402
from netlab.attack import BlockTrial, take_rules, two_nodes  # noqa: E402
from netlab.lab import wait_until  # noqa: E402
from netlab.log_blockers import CrowdSec, Fail2ban, LogTrial  # noqa: E402
from netlab.machine import machine  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402

SCHEMA = "phantom.bench.block/1"
TRIALS = 100
PEER_TRIALS = 10
GOALS_MS = {"p50": 1.0, "p99": 5.0}
LOAD_PORT = 5300
BLOCKS_OF_ONE_START = 90  # 100 an hour (respond/measures.h)


class FreshTrials:
    """Of a victim that is started anew before it has done all that it does in an hour without being asked."""

    def __init__(self, victim: MeshNode, attacker: MeshNode, *, is_loaded: bool) -> None:
        self._victim, self._attacker = victim, attacker
        self._is_loaded = is_loaded
        self._done = 0
        self._open: ExitStack | None = None
        self._trial: BlockTrial | None = None

    def run(self) -> float | None:
        if self._done % BLOCKS_OF_ONE_START == 0:
            self._start_anew()
        self._done += 1
        assert self._trial is not None
        return self._trial.run()

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = None

    def _start_anew(self) -> None:
        self.close()
        self._victim.phantom("down")
        self._victim.phantom("up")
        self._victim.wait_for({self._attacker.name})
        self._open = ExitStack()
        self._trial = BlockTrial(self._victim, self._attacker)
        self._open.callback(self._trial.close)
        if self._is_loaded:
            self._open.enter_context(load(self._victim, self._attacker))


@contextmanager
def load(victim: MeshNode, attacker: MeshNode) -> Iterator[None]:
    """iperf3 from the victim to the attacker: what the block lets live is what comes back, so over IPv6."""
    address = attacker.addresses()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = attacker.namespace.start("iperf3", "-s", "-p", str(LOAD_PORT), **quiet)
    wait_until(lambda: attacker.namespace.is_listening(LOAD_PORT), "iperf3 listens")
    argv = ("iperf3", "-6", "-c", address, "-p", str(LOAD_PORT), "-t", "3600")
    client = victim.namespace.start(*argv, **quiet)
    try:
        yield
    finally:
        for process in (client, server):
            process.terminate()
            process.wait()


def summary(times: list[float | None]) -> dict[str, object]:
    seen = sorted(1000 * time for time in times if time is not None)
    if not seen:
        return {"trials": len(times), "blocked": 0}
    return {
        "trials": len(times),
        "blocked": len(seen),
        "p50_ms": round(statistics.median(seen), 3),
        "p99_ms": round(seen[min(len(seen) - 1, int(len(seen) * 0.99))], 3),
        "max_ms": round(seen[-1], 3),
    }


def measure(trial: FreshTrials | LogTrial, count: int, what: str) -> dict[str, object]:
    times: list[float | None] = []
    for number in range(1, count + 1):
        times.append(trial.run())
        if number % 50 == 0:
            print(f"bench: {what}, {number} of {count}", file=sys.stderr, flush=True)
    return summary(times)


def peers(lab: Lab, folder: Path, count: int) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for blocker in (Fail2ban, CrowdSec) if count else ():
        if not blocker.is_here():
            print(f"bench: skipped: {blocker.name} is not on this machine", file=sys.stderr)
            continue
        trial = LogTrial(lab, blocker, folder)
        found[blocker.name] = measure(trial, count, blocker.name)
        trial.close()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench block", description=__doc__)
    parser.add_argument("--json", action="store_true", help=f"print {SCHEMA} instead of a table")
    parser.add_argument("--trials", type=int, default=TRIALS, help=f"each (default {TRIALS})")
    parser.add_argument(
        "--peer-trials", type=int, default=PEER_TRIALS, help=f"of fail2ban and CrowdSec (default {PEER_TRIALS})"
    )
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        print("bench: network namespaces need root: run it with sudo", file=sys.stderr)
        return 1
    program = str(PROJECT / "build" / "release" / "phantom")
    where = machine()
    with Lab() as lab, tempfile.TemporaryDirectory() as folder:
        victim, attacker = two_nodes(lab, program, Path(folder))
        take_rules(victim)
        found = {}
        for how in ("idle", "loaded"):
            trials = FreshTrials(victim, attacker, is_loaded=how == "loaded")
            found[how] = measure(trials, arguments.trials, how)
            trials.close()
        victim.kill()
        attacker.kill()
        found |= peers(lab, Path(folder), arguments.peer_trials)
    if arguments.json:
        print(json.dumps({"schema": SCHEMA, "machine": where, "goals_ms": GOALS_MS, **found}, indent=2))
    else:
        print(f"{where['processor']}, {where['cores']} cores, Linux {where['kernel']}")
        for name, each in found.items():
            print(f"{name:10}" + "  ".join(f"{key} {value}" for key, value in each.items()))
    return 0 if all(each["blocked"] == each["trials"] for each in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
