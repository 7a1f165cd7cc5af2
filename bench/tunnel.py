#!/usr/bin/env python3
"""Whole tunnels between two network namespaces (./dev bench tunnel): phantomd, Debian's wireguard-go and
the null-cipher build of phantomd in turn, several times in one run; medians and ratios.

The two ends, the traffic generators and both daemons share the machine's cores, so figures compare
contenders of one run; they do not carry over to another machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "tools"))

from netlab import Lab, LabError, WireGuard, cpu_seconds, memory_peak_bytes  # noqa: E402
from netlab import memory_resident_bytes  # noqa: E402
from netlab.load import Load  # noqa: E402
from netlab.machine import machine  # noqa: E402
from netlab.traffic import Rtt, iperf, measure_rtt, tcp_bits_per_second, wait_ping  # noqa: E402

SCHEMA = "phantom.bench.tunnel/1"
PORT = 51820
UDP_PAYLOAD_SIZE = 64
UDP_LOSS_MAX = 0.001
LOADED_PING_INTERVAL_S = 0.01
OUTER = ("10.99.0.1", "10.99.0.2")
INNER = ("10.7.0.1", "10.7.0.2")


@dataclass(frozen=True)
class Effort:
    tcp_seconds: int
    ping_count: int
    loaded_seconds: int
    udp_seconds: int
    udp_steps: int


FULL = Effort(tcp_seconds=5, ping_count=1000, loaded_seconds=4, udp_seconds=1, udp_steps=5)
QUICK = Effort(tcp_seconds=2, ping_count=250, loaded_seconds=2, udp_seconds=1, udp_steps=3)


@dataclass(frozen=True)
class Metric:
    key: str
    title: str
    scale: float
    unit: str
    digits: int


METRICS = (
    Metric("tcp_1_bits_per_second", "TCP, 1 stream", 1e-9, "Gbit/s", 2),
    Metric("tcp_8_bits_per_second", "TCP, 8 streams", 1e-9, "Gbit/s", 2),
    Metric("udp_lossless_packets_per_second", "UDP 64 B, < 0.1 % lost", 1e-3, "kpps", 1),
    Metric("udp_received_packets_per_second", "UDP 64 B, flat out", 1e-3, "kpps", 1),
    Metric("rtt_idle_p50_us", "RTT idle, p50", 1, "us", 0),
    Metric("rtt_idle_p99_us", "RTT idle, p99", 1, "us", 0),
    Metric("rtt_added_p50_us", "RTT idle added, p50", 1, "us", 0),
    Metric("rtt_added_p99_us", "RTT idle added, p99", 1, "us", 0),
    Metric("rtt_loaded_p50_us", "RTT under TCP, p50", 1, "us", 0),
    Metric("rtt_loaded_p99_us", "RTT under TCP, p99", 1, "us", 0),
    Metric("cpu_seconds_per_gbit", "CPU, both daemons", 1, "s/Gbit", 3),
    Metric("memory_idle_bytes", "memory at rest", 1 / (1 << 20), "MiB", 1),
    Metric("memory_peak_bytes", "memory, highest", 1 / (1 << 20), "MiB", 1),
)


@dataclass
class Contender:
    name: str
    program: str | None
    why_not: str = ""
    rounds: list[dict[str, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def median(self, key: str) -> float | None:
        values = [seen[key] for seen in self.rounds if key in seen]
        return statistics.median(values) if values else None


def progress(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


# ---- One contender, once ----------------------------------------------------------------------


class Measurement:
    """Two namespaces, two daemons, and everything that is asked of them."""

    def __init__(self, lab: Lab, program: str, effort: Effort, flood: str) -> None:
        self.effort = effort
        self.values: dict[str, float] = {}
        self.flood = flood
        self.left, self.right = lab.pair()
        self.nodes = [
            WireGuard(lab, namespace, suffix, program).start(log_level="error").listen(PORT)
            for namespace, suffix in ((self.left, "a"), (self.right, "b"))
        ]
        for own, node in enumerate(self.nodes):
            other = self.nodes[1 - own]
            endpoint = f"{OUTER[1 - own]}:{PORT}"
            node.add_peer(other.keys.public, f"{INNER[1 - own]}/32", endpoint=endpoint)
            node.up(f"{INNER[own]}/24")
        wait_ping(self.left, INNER[1])

    def all(self) -> dict[str, float]:
        self.values["memory_idle_bytes"] = max(
            memory_resident_bytes(node.pid) for node in self.nodes
        )
        self.idle_rtt()
        self.tcp()
        self.loaded_rtt()
        self.udp()
        self.values["memory_peak_bytes"] = max(memory_peak_bytes(node.pid) for node in self.nodes)
        return self.values

    def idle_rtt(self) -> None:
        beside = measure_rtt(self.left, OUTER[1], count=self.effort.ping_count)
        through = measure_rtt(self.left, INNER[1], count=self.effort.ping_count)
        for percent in (50, 99):
            self.values[f"rtt_veth_p{percent}_us"] = beside.percentile(percent)
            self.values[f"rtt_idle_p{percent}_us"] = through.percentile(percent)
            added = through.percentile(percent) - beside.percentile(percent)
            self.values[f"rtt_added_p{percent}_us"] = added

    def tcp(self) -> None:
        before = self.cpu_seconds()
        report = iperf(self.left, self.right, INNER[1], seconds=self.effort.tcp_seconds)
        spent = self.cpu_seconds() - before
        self.values["tcp_1_bits_per_second"] = tcp_bits_per_second(report)
        gbit = report["end"]["sum_received"]["bytes"] * 8 / 1e9
        self.values["cpu_seconds_per_gbit"] = spent / gbit
        report = iperf(self.left, self.right, INNER[1], "-P", "8", seconds=self.effort.tcp_seconds)
        self.values["tcp_8_bits_per_second"] = tcp_bits_per_second(report)

    def cpu_seconds(self) -> float:
        return sum(cpu_seconds(node.pid) for node in self.nodes)

    def loaded_rtt(self) -> None:
        found: list[Rtt] = []
        count = int(self.effort.loaded_seconds / LOADED_PING_INTERVAL_S)

        def ping() -> None:
            found.append(
                measure_rtt(self.left, INNER[1], count=count, interval_s=LOADED_PING_INTERVAL_S)
            )

        pinger = threading.Thread(target=ping, daemon=True)
        pinger.start()
        iperf(self.left, self.right, INNER[1], seconds=self.effort.loaded_seconds + 1)
        pinger.join(60)
        if not found:
            raise LabError("no ping came to its end under load")
        self.values["rtt_loaded_p50_us"] = found[0].percentile(50)
        self.values["rtt_loaded_p99_us"] = found[0].percentile(99)

    def udp(self) -> None:
        load = Load(self.flood, self.left, self.right, INNER[1], UDP_PAYLOAD_SIZE)
        flat_out = load.trial(0, 2 * self.effort.udp_seconds)
        self.values["udp_received_packets_per_second"] = flat_out.received_per_second
        self.values["udp_lossless_packets_per_second"] = load.highest_rate(
            UDP_LOSS_MAX,
            start=flat_out.received_per_second,
            seconds=self.effort.udp_seconds,
            steps=self.effort.udp_steps,
        )


def measure(contender: Contender, effort: Effort, flood: str) -> None:
    """Whatever was measured before an error counts."""
    assert contender.program is not None
    with Lab() as lab:
        measurement = None
        try:
            measurement = Measurement(lab, contender.program, effort, flood)
            measurement.all()
        except (LabError, OSError, KeyError, subprocess.SubprocessError) as error:
            contender.errors.append(str(error))
            progress(f"{contender.name}: {error}")
        if measurement is not None:
            contender.rounds.append(measurement.values)


# ---- All of them ------------------------------------------------------------------------------


def find_contender(name: str, program: str | Path, why_not: str) -> Contender:
    found = shutil.which(program)
    return Contender(name, str(Path(found).resolve()) if found else None, "" if found else why_not)


def contenders(arguments: argparse.Namespace) -> list[Contender]:
    build = PROJECT / "build"
    ours = arguments.phantomd or build / "release" / "phantomd"
    found = [
        find_contender("phantomd", ours, "not built: ./dev build"),
        find_contender("wireguard-go", "wireguard-go", "not installed"),
        find_contender("null cipher", build / "null" / "phantomd", "not built: ./dev build null"),
    ]
    for given in arguments.peer_binary:
        name, separator, path = given.rpartition("=")
        found.append(find_contender(name if separator else Path(path).name, path, "not there"))
    return found


def run_rounds(all_contenders: list[Contender], pairs: int, effort: Effort) -> None:
    flood = PROJECT / "build" / "release" / "flood"
    if not flood.exists():
        raise LabError(f"{flood} is not built: ./dev build")
    for number in range(1, pairs + 1):
        for contender in all_contenders:
            if contender.program is None:
                continue
            started = time.monotonic()
            measure(contender, effort, str(flood))
            done = contender.rounds[-1] if contender.rounds else {}
            progress(
                f"round {number} of {pairs}, {contender.name}: "
                f"{done.get('tcp_1_bits_per_second', 0) / 1e9:.2f} Gbit/s, "
                f"{done.get('udp_lossless_packets_per_second', 0) / 1e3:.0f} kpps, "
                f"{done.get('rtt_added_p50_us', float('nan')):.0f} us added "
                f"({time.monotonic() - started:.0f} s)"
            )


def ratio(one: Contender, other: Contender, key: str) -> float | None:
    first, second = one.median(key), other.median(key)
    return first / second if first is not None and second else None


# ---- Reports ----------------------------------------------------------------------------------


def as_json(found: list[Contender], where: dict[str, object], pairs: int, effort: Effort) -> str:
    first = found[0]
    answer = {
        "schema": SCHEMA,
        "machine": where,
        "rounds": pairs,
        "effort": vars(effort),
        "contenders": [
            {
                "name": contender.name,
                "program": contender.program,
                "skipped": contender.why_not or None,
                "errors": contender.errors,
                "medians": {
                    key: contender.median(key)
                    for key in (*(m.key for m in METRICS), "rtt_veth_p50_us", "rtt_veth_p99_us")
                },
                "rounds": contender.rounds,
            }
            for contender in found
        ],
        "ratios": {
            f"{first.name} / {other.name}": {
                metric.key: ratio(first, other, metric.key) for metric in METRICS
            }
            for other in found[1:]
        },
    }
    return json.dumps(answer, indent=2)


def table(found: list[Contender], where: dict[str, object], pairs: int) -> str:
    shown = [contender for contender in found if contender.rounds]
    others = [contender for contender in shown if contender is not found[0]]
    heads = ["", *(contender.name for contender in shown)]
    heads += [f"{found[0].name}/{other.name}" for other in others if found[0].rounds]
    rows = [heads]
    for metric in METRICS:
        row = [f"{metric.title} ({metric.unit})"]
        for contender in shown:
            value = contender.median(metric.key)
            row.append("-" if value is None else f"{value * metric.scale:,.{metric.digits}f}")
        for other in others if found[0].rounds else []:
            quotient = ratio(found[0], other, metric.key)
            row.append("-" if quotient is None else f"{quotient:.2f}x")
        rows.append(row)
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    lines = [
        f"{where['processor']}, {where['cores']} cores, Linux {where['kernel']}, "
        f"medians of {pairs} rounds",
        "",
    ]
    for row in rows:
        first, *rest = (cell.rjust(wide) for cell, wide in zip(row, widths))
        lines.append("  ".join((row[0].ljust(widths[0]), *rest)))
    veth = shown[0].median("rtt_veth_p50_us") if shown else None
    if veth is not None:
        lines += ["", f"RTT of the veth pair alone, p50: {veth:.0f} us (what `added` starts from)"]
    lines += [f"{c.name}: skipped, {c.why_not}" for c in found if c.program is None]
    lines += [f"{c.name}: {error}" for c in found for error in c.errors]
    return "\n".join(lines)


# ---- Command line -----------------------------------------------------------------------------


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench tunnel", description=__doc__)
    parser.add_argument("--json", action="store_true", help=f"print {SCHEMA} instead of a table")
    parser.add_argument("--pairs", type=int, default=0, help="rounds (default 3, quick 1)")
    parser.add_argument("--quick", action="store_true", help="shorter, for a first impression")
    parser.add_argument("--phantomd", help="another build of ours")
    parser.add_argument(
        "--peer-binary", action="append", default=[], metavar="[NAME=]PATH",
        help="a further contender, started as `PATH IFNAME`; may be given again",
    )  # fmt: skip
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    if os.geteuid() != 0:
        print("bench: network namespaces need root: run it with sudo", file=sys.stderr)
        return 1
    effort = QUICK if arguments.quick else FULL
    pairs = arguments.pairs or (1 if arguments.quick else 3)
    found = contenders(arguments)
    where = machine()
    for contender in found:
        if contender.program is None:
            progress(f"{contender.name}: skipped, {contender.why_not}")
    try:
        run_rounds(found, pairs, effort)
    except LabError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        progress("interrupted: what was measured so far follows")
    print(as_json(found, where, pairs, effort) if arguments.json else table(found, where, pairs))
    return 0 if found[0].rounds and not found[0].errors else 1


if __name__ == "__main__":
    sys.exit(main())
