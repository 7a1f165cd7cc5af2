#!/usr/bin/env python3
"""From an incident's opening to its first evidence, sealed and on the disk (./dev bench incident), inside a mesh of two
nodes: one scans, the other opens an incident, collects what is gone soon, and signs it. The times are the daemon's own
(`first_ms` of `phantom evidence --json`); each trial ends as a false positive, so that the next one opens anew.

Both namespaces share the machine's cores with nmap.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "tools"))

from netlab import Lab  # noqa: E402
from netlab.attack import two_nodes  # noqa: E402
from netlab.lab import wait_until  # noqa: E402
from netlab.machine import machine  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402

SCHEMA = "phantom.bench.incident/1"
TRIALS = 50
GOAL_P99_MS = 50.0


def newest(node: MeshNode) -> int:
    return max((each["number"] for each in node.query("incidents")["incidents"]), default=0)


def first_ms(node: MeshNode, incident: int) -> float | None:
    shown = node.query("evidence.show", number=incident)
    return shown["evidence"][0]["first_ms"] if "evidence" in shown else None


def trial(victim: MeshNode, attacker: MeshNode, address: str, port: int) -> float:
    before = newest(victim)
    attacker.namespace.run(
        "nmap", "-Pn", "-n", "-sT", "-T5", "--max-retries", "0", "-p", f"{port}-{port + 199}", address,
        check=False, timeout=30,
    )
    wait_until(lambda: newest(victim) > before, "an incident opens", within=10)
    number = newest(victim)
    wait_until(lambda: first_ms(victim, number) is not None, "its evidence is sealed", within=10)
    victim.query("incident.close", number=number, false_positive=True)
    return first_ms(victim, number) or 0.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench incident", description=__doc__)
    parser.add_argument("--json", action="store_true", help=f"print {SCHEMA} instead of a table")
    parser.add_argument("--trials", type=int, default=TRIALS, help=f"(default {TRIALS})")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        print("bench: network namespaces need root: run it with sudo", file=sys.stderr)
        return 1
    program = os.environ.get("PHANTOM_BUILD", str(PROJECT / "build" / "release")) + "/phantom"
    where = machine()
    with Lab() as lab, tempfile.TemporaryDirectory() as folder:
        victim, attacker = two_nodes(lab, program, Path(folder))
        address = victim.addresses()[0]
        times = []
        for number in range(arguments.trials):
            times.append(trial(victim, attacker, address, 1_000 + 250 * number))
            if (number + 1) % 10 == 0:
                print(f"bench: {number + 1} of {arguments.trials}", file=sys.stderr, flush=True)
        victim.kill()
        attacker.kill()
    times.sort()
    result = {
        "schema": SCHEMA,
        "machine": where,
        "trials": len(times),
        "p50_ms": round(statistics.median(times), 1),
        "p99_ms": round(times[min(len(times) - 1, int(len(times) * 0.99))], 1),
        "goal_p99_ms": GOAL_P99_MS,
    }
    if arguments.json:
        print(json.dumps(result, indent=2))
    else:
        print(f"{where['processor']}, {where['cores']} cores, Linux {where['kernel']}")
        print(f"opened with evidence: p50 {result['p50_ms']} ms, p99 {result['p99_ms']} ms of {len(times)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
