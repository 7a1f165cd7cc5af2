#!/usr/bin/env python3
"""What watching costs (./dev bench tap): TCP between two mesh nodes with `phantom defence off` and `watch` on
both, in alternating runs; the ratio of each pair, and the median of the ratios.

Both ends, the watchers among them, share the machine's cores.
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
from netlab.machine import machine  # noqa: E402
from netlab.traffic import iperf, tcp_bits_per_second  # noqa: E402

SCHEMA = "phantom.bench.tap/1"
PAIRS = 7
SECONDS = 4.0
GOAL = 0.98


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench tap", description=__doc__)
    parser.add_argument("--json", action="store_true", help=f"print {SCHEMA} instead of a table")
    parser.add_argument("--pairs", type=int, default=PAIRS, help=f"(default {PAIRS})")
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"each (default {SECONDS:g})")
    parser.add_argument("--streams", type=int, default=1, help="of TCP (default 1)")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        print("bench: network namespaces need root: run it with sudo", file=sys.stderr)
        return 1
    program = str(PROJECT / "build" / "release" / "phantom")
    where = machine()
    pairs = []
    with Lab() as lab, tempfile.TemporaryDirectory() as folder:
        amber, birch = two_nodes(lab, program, Path(folder))
        address = amber.addresses()[0]

        def gbit(mode: str) -> float:
            for node in (amber, birch):
                node.query("defence", mode=mode)
            report = iperf(
                birch.namespace, amber.namespace, address, "-P", str(arguments.streams),
                seconds=arguments.seconds,
            )
            return tcp_bits_per_second(report) / 1e9

        gbit("off")  # warm
        for number in range(1, arguments.pairs + 1):
            # Who goes first changes, so that a drift of the machine favours neither.
            order = ("off", "watch") if number % 2 else ("watch", "off")
            pair = {mode: gbit(mode) for mode in order}
            pairs.append(pair)
            print(f"bench: pair {number}: {pair}", file=sys.stderr, flush=True)
        seen = amber.query("defence")
        amber.kill()
        birch.kill()
    ratio = statistics.median(pair["watch"] / pair["off"] for pair in pairs)
    result = {
        "schema": SCHEMA,
        "machine": where,
        "streams": arguments.streams,
        "pairs_gbit_s": pairs,
        "watch_to_off": round(ratio, 4),
        "goal": GOAL,
        "packets_looked_at": seen["packets"],
        "packets_dropped": seen["packets_dropped"],
    }
    if arguments.json:
        print(json.dumps(result, indent=2))
    else:
        print(f"{where['processor']}, {where['cores']} cores, Linux {where['kernel']}")
        print(f"watching leaves {100 * ratio:.1f} % of the throughput (median of {len(pairs)} pairs)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
