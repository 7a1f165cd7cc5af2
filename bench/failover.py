#!/usr/bin/env python3
"""A direct path dies silently while two others remain (./dev bench failover): how long nothing
arrives, for a mesh of four nodes and for Debian's babeld with several hello intervals, in one run.

The four namespaces share the machine's cores, so figures compare contenders of one run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "tools"))

from netlab import Lab, LabError  # noqa: E402
from netlab.failover import PROBE_INTERVAL_S, BabelSide, MeshSide, Side, Trial  # noqa: E402
from netlab.failover import control_bytes_per_second, run_trial  # noqa: E402
from netlab.machine import machine  # noqa: E402

SCHEMA = "phantom.bench.failover/1"
HELLOS_S = (4.0, 1.0, 0.2, 0.05)
TRIALS = 5
SEED = 1  # of the moments at which the path dies


@dataclass
class Contender:
    name: str
    build: Callable[[Lab], Side]
    why_not: str = ""
    trials: list[Trial] = field(default_factory=list)
    control_bytes_per_second: float | None = None
    errors: list[str] = field(default_factory=list)

    def percentile_s(self, percent: float) -> float | None:
        """Of all trials; one without a recovery counts as long as it was watched."""
        outages = sorted(trial.outage_s for trial in self.trials)
        if not outages:
            return None
        if percent == 50:
            return statistics.median(outages)
        return outages[min(len(outages) - 1, int(len(outages) * percent / 100))]

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "skipped": self.why_not or None,
            "errors": self.errors,
            "outage_p50_s": self.percentile_s(50),
            "outage_p99_s": self.percentile_s(99),
            "recovered": sum(trial.recovered for trial in self.trials),
            "control_bytes_per_second": self.control_bytes_per_second,
            "outages_s": [round(trial.outage_s, 3) for trial in self.trials],
        }


def progress(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


def contenders(only: str, hellos_s: list[float]) -> list[Contender]:
    phantom = PROJECT / "build" / "release" / "phantom"
    babeld = shutil.which("babeld") or ""
    found = [
        Contender(
            "phantom",
            lambda lab: MeshSide(lab, str(phantom), lab.directory),
            "" if phantom.exists() else "not built: ./dev build",
        )
    ]
    for hello_s in hellos_s:
        found.append(
            Contender(
                f"babeld, hello {hello_s:g} s",
                lambda lab, hello_s=hello_s: BabelSide(lab, babeld, hello_s),
                "" if babeld else "not installed (apt-get install babeld; it starts a service)",
            )
        )
    return [contender for contender in found if contender.name.startswith(only)]


def measure(contender: Contender, trials: int, chance: random.Random) -> None:
    """Whatever was measured before an error counts."""
    try:
        with Lab() as lab:
            side = contender.build(lab)
            for number in range(1, trials + 1):
                trial = run_trial(side, chance)
                contender.trials.append(trial)
                ending = "" if trial.recovered else ", and no end of it"
                progress(
                    f"{contender.name}, {number} of {trials}: {trial.outage_s:.3f} s{ending}"
                )
            contender.control_bytes_per_second = control_bytes_per_second(side)
    except (LabError, OSError, KeyError, ValueError) as error:
        contender.errors.append(str(error))
        progress(f"{contender.name}: {error}")


def as_json(found: list[Contender], where: dict[str, object], trials: int) -> str:
    answer = {
        "schema": SCHEMA,
        "machine": where,
        "trials": trials,
        "probe_interval_s": PROBE_INTERVAL_S,
        "contenders": [contender.as_json() for contender in found],
    }
    return json.dumps(answer, indent=2)


def table(found: list[Contender], where: dict[str, object], trials: int) -> str:
    lines = [
        f"{where['processor']}, {where['cores']} cores, Linux {where['kernel']}, {trials} trials",
        "",
        f"{'outage (s)':20}{'p50':>9}{'p99':>9}{'recovered':>11}{'control B/s':>13}",
    ]
    for each in found:
        if each.why_not:
            lines.append(f"{each.name:20}  skipped: {each.why_not}")
            continue
        cells = [each.percentile_s(50), each.percentile_s(99)]
        shown = "".join("        -" if cell is None else f"{cell:9.3f}" for cell in cells)
        recovered = f"{sum(t.recovered for t in each.trials)} of {len(each.trials)}"
        control = each.control_bytes_per_second
        lines.append(
            f"{each.name:20}{shown}{recovered:>11}"
            + ("            -" if control is None else f"{control:13,.0f}")
        )
        lines += [f"    {error}" for error in each.errors]
    return "\n".join(lines)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench failover", description=__doc__)
    parser.add_argument("--json", action="store_true", help=f"print {SCHEMA} instead of a table")
    parser.add_argument("--trials", type=int, default=TRIALS, help=f"each (default {TRIALS})")
    parser.add_argument("--only", default="", metavar="NAME", help="contenders that begin so")
    parser.add_argument(
        "--hello", type=float, nargs="*", metavar="S", help="intervals of babeld (default 4 to 0.05)"
    )
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    if os.geteuid() != 0:
        print("bench: network namespaces need root: run it with sudo", file=sys.stderr)
        return 1
    found = contenders(arguments.only, arguments.hello or list(HELLOS_S))
    where = machine()
    chance = random.Random(SEED)
    started = time.monotonic()
    try:
        for contender in found:
            if contender.why_not:
                progress(f"{contender.name}: skipped, {contender.why_not}")
            else:
                measure(contender, arguments.trials, chance)
    except KeyboardInterrupt:
        progress("interrupted: what was measured so far follows")
    progress(f"{time.monotonic() - started:.0f} s")
    show = as_json if arguments.json else table
    print(show(found, where, arguments.trials))
    return 1 if any(contender.errors for contender in found) else 0


if __name__ == "__main__":
    sys.exit(main())
