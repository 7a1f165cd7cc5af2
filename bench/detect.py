#!/usr/bin/env python3
"""What seeing costs (./dev bench detect): signatures over public captures with the public rules, beside the
search for their patterns alone and decoding alone, in one run; features of flows; behaviour and anomalies;
scenarios and Sigma's rules over lines of a log; rules and feeds from text to the moment they are in force. One core,
in processor time, the median of several runs: others may use the machine too. Where there is a `suricata` (PATH, or
$PHANTOM_SURICATA), the same captures and rules with it, as a ratio.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "tools"))

from netlab.machine import machine  # noqa: E402

SCHEMA = "phantom.bench.detect/1"
COMPONENTS = ("detect", "ml", "behaviour", "scenario", "intel")


def data_folder() -> Path:
    return Path(os.environ.get("PHANTOM_DATA", PROJECT.parent / "shared" / "data")) / "threat"


def measured(component: str, seconds: float, runs: int) -> dict[str, dict[str, Any]]:
    """By the name of each benchmark, the median of what it says; what was skipped is left out."""
    program = PROJECT / "build" / "release" / f"{component}_bench"
    done = subprocess.run(
        [
            program, "--benchmark_format=json", f"--benchmark_min_time={seconds}",
            f"--benchmark_repetitions={max(runs, 2)}", "--benchmark_report_aggregates_only=true",
        ],
        capture_output=True, text=True, check=True, cwd=PROJECT,
    )
    return {
        each["run_name"]: each
        for each in json.loads(done.stdout)["benchmarks"]
        if each.get("aggregate_name") == "median" and not each.get("error_occurred")
    }


def user_seconds(command: list[str]) -> float:
    before = os.times()
    subprocess.run(command, check=True, capture_output=True)
    after = os.times()
    return (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )


def suricata(captures: list[Path], rules: list[Path]) -> dict[str, float] | None:
    """CPU seconds for all captures, without what it costs to start and to read the rules."""
    program = os.environ.get("PHANTOM_SURICATA") or shutil.which("suricata")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        (base / "all.rules").write_text("".join(path.read_text(errors="replace") for path in rules))
        (base / "none").mkdir()
        (base / "all").mkdir()
        shutil.copy(min(captures, key=lambda path: path.stat().st_size), base / "none" / "0.pcap")
        for number, path in enumerate(captures):
            shutil.copy(path, base / "all" / f"{number}.pcap")

        def run(which: str) -> float:
            return user_seconds([
                program, "-r", str(base / which), "-S", str(base / "all.rules"), "-l", folder,
                "-k", "none", "--runmode", "single", "--set", "outputs.0.fast.enabled=no",
                "--set", "vars.address-groups.HOME_NET=any",
                "--set", "vars.address-groups.EXTERNAL_NET=any",
            ])

        started = min(run("none") for _ in range(2))
        return {"seconds": max(run("all") - started, 0.001), "start_seconds": started}


def report(seconds: float, runs: int) -> dict[str, Any]:
    result: dict[str, Any] = {"schema": SCHEMA, "machine": machine(), "runs": runs, "signatures": {}}
    all_of = {name: measured(name, seconds, runs) for name in COMPONENTS}
    detect = all_of["detect"]
    for name in ("signatures", "prefilter_only", "decode_only"):
        if name in detect:
            result["signatures"][name] = {
                "mbit_per_second": detect[name]["bit/s"] / 1e6,
                "packets_per_second": detect[name]["items_per_second"],
            }
    if "signatures" in detect:
        result["signatures"]["rules"] = int(detect["signatures"]["rules"])
        result["signatures"]["share_of_ceiling"] = (
            detect["prefilter_only"]["cpu_time"] / detect["signatures"]["cpu_time"]
        )
    if "load_rules" in detect:
        result["load_rules_ms"] = detect["load_rules"]["cpu_time"]
    intel = all_of["intel"]
    result["load_feed_of_120430_ms"] = intel["load"]["cpu_time"]
    result["ask_feeds_ns"] = {
        name: intel[name]["cpu_time"]
        for name in ("ask_unlisted", "ask_listed", "ask_among_all_lengths", "ask_name")
    }
    result["features_ns_per_packet"] = {
        name.rpartition("/")[2]: each["cpu_time"]
        for name, each in all_of["ml"].items()
        if name.startswith("count_packets")
    }
    result["behaviour_ns_per_packet"] = all_of["behaviour"]["watch_packets"]["cpu_time"]
    for name in ("scenario_lines", "sigma_lines"):
        if name in all_of["scenario"]:
            result[f"{name}_per_second"] = all_of["scenario"][name]["items_per_second"]
    threat = data_folder()
    captures = sorted(threat.glob("ids-tests/**/*.pcap"))
    if captures and "signatures" in detect:
        theirs = suricata(captures, sorted(threat.glob("rules/*.rules")))
        if theirs is not None:
            ours = detect["signatures"]["cpu_time"] / 1e3
            result["suricata"] = theirs | {"our_seconds": ours, "times_as_fast": theirs["seconds"] / ours}
    return result


def show(result: dict[str, Any]) -> None:
    signatures = result["signatures"]
    print(f"{'':24}{'Mbit/s':>10}{'packets/s':>14}")
    for name in ("signatures", "prefilter_only", "decode_only"):
        if name in signatures:
            each = signatures[name]
            print(f"{name:24}{each['mbit_per_second']:10.0f}{each['packets_per_second']:14,.0f}")
    if "rules" in signatures:
        print(f"with {signatures['rules']} rules; {signatures['share_of_ceiling']:.2f} of the ceiling")
        print(f"rules from text to in force: {result['load_rules_ms']:.0f} ms")
    print(f"a feed of 120,430 entries from text to in force: {result['load_feed_of_120430_ms']:.0f} ms")
    for name, nanoseconds in result["ask_feeds_ns"].items():
        print(f"{name.replace('_', ' ')}: {nanoseconds:.0f} ns")
    for flows, nanoseconds in result["features_ns_per_packet"].items():
        print(f"features, {flows} flows: {nanoseconds:.0f} ns a packet")
    print(f"behaviour and anomalies: {result['behaviour_ns_per_packet']:.0f} ns a packet")
    for name in ("scenario_lines_per_second", "sigma_lines_per_second"):
        if name in result:
            print(f"{name.replace('_', ' ')}: {result[name]:,.0f}")
    if "suricata" in result:
        each = result["suricata"]
        print(f"suricata: {each['seconds']:.2f} s, ours {each['our_seconds']:.2f} s: "
              f"{each['times_as_fast']:.2f} times as fast")


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench detect", description=__doc__)
    parser.add_argument("--json", action="store_true", help=f"print {SCHEMA} instead of a table")
    parser.add_argument("--seconds", type=float, default=0.5, help="each run, at least (default 0.5)")
    parser.add_argument("--runs", type=int, default=5, help="of each; the median counts (default 5, at least 2)")
    arguments = parser.parse_args()
    started = time.monotonic()
    result = report(arguments.seconds, arguments.runs)
    result["seconds"] = round(time.monotonic() - started, 1)
    if arguments.json:
        print(json.dumps(result, indent=2))
    else:
        show(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
