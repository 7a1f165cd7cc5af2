#!/usr/bin/env python3
"""The demonstration (./dev run): two phantomd nodes and one stock wireguard-go node, each in its own
network namespace, a tunnel between every two, and real traffic through all three.

On a terminal it shows what happens and stays until Ctrl-C; without one, or with --once, it prints
plain lines and ends after the checks. Exit status 0 only if every check held.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import threading
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "tools"))

from netlab import Lab, LabError  # noqa: E402
from netlab.demo_checks import Checks, all_checks, check_cleaned_up  # noqa: E402
from netlab.demo_network import Network  # noqa: E402
from netlab.demo_view import frame, plain_check, summary  # noqa: E402
from netlab.screen import Screen, style  # noqa: E402

FRAMES_PER_S = 5
HELD, FAILED, INTERRUPTED = 0, 1, 130


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev run", description=__doc__)
    parser.add_argument("--once", action="store_true", help="plain lines, end after the checks")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each transfer (default 2)")
    parser.add_argument(
        "--phantomd", default=str(PROJECT / "build/release/phantomd"), help="program of our nodes"
    )
    parser.add_argument("--wireguard-go", default="wireguard-go", help="program of the stock node")
    return parser.parse_args()


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise LabError(f"{name} is not there: `./dev build` builds ours, apt has wireguard-go")
    return str(Path(found).resolve())


def check_needs() -> None:
    if os.geteuid() != 0:
        raise LabError("network namespaces need root: run it with sudo")
    for need in ("ip", "wg", "ping", "iperf3"):
        if shutil.which(need) is None:
            raise LabError(f"`{need}` is not installed")


# ---- Plain lines ------------------------------------------------------------------------------


def run_plain(network: Network, checks: Checks) -> None:
    print("PhantomMesh: two phantomd nodes and one wireguard-go node, a tunnel between every two")
    for node in network.nodes:
        print(f"      {node.describe()}")
    for check in checks.run():
        print(plain_check(check), flush=True)


# ---- Live view --------------------------------------------------------------------------------


class Worker:
    """Runs the checks, then keeps traffic flowing, until it is told to stop."""

    def __init__(self, network: Network, checks: Checks) -> None:
        self.error: Exception | None = None
        self._network = network
        self._checks = checks
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            for _ in self._checks.run():
                if self._stop.is_set():
                    return
            self._network.keep_busy(self._stop)
        except Exception as error:  # shown by the thread that draws
            self.error = None if self._stop.is_set() else error

    def stop(self) -> None:
        self._stop.set()
        self._network.stop_traffic()
        self._thread.join(10)


def run_live(network: Network, checks: Checks) -> None:
    worker = Worker(network, checks)
    try:
        with Screen() as screen:
            while worker.error is None:
                screen.draw(frame(network, checks, *screen.size()))
                time.sleep(1 / FRAMES_PER_S)
    finally:
        worker.stop()
    raise worker.error


# ---- All of it --------------------------------------------------------------------------------


def demonstrate(arguments: argparse.Namespace, checks: Checks) -> bool:
    """False: interrupted before the end."""
    live = sys.stdout.isatty() and not arguments.once
    with Lab() as lab:
        try:
            if live:
                print(style("starting three nodes ...", "dim"))
            network = Network(lab, program(arguments.phantomd), program(arguments.wireguard_go))
            checks.plan(all_checks(network, arguments.seconds))
            (run_live if live else run_plain)(network, checks)
        except KeyboardInterrupt:
            return checks.are_done()
    return True


def main() -> int:
    arguments = parse_arguments()
    checks = Checks()
    try:
        check_needs()
        finished = demonstrate(arguments, checks)
    except LabError as error:
        print(f"demo: {error}", file=sys.stderr)
        return FAILED
    checks.add(check_cleaned_up())
    print(summary(checks))
    if not finished:
        print("interrupted before all checks were made")
        return INTERRUPTED
    return HELD if checks.all_held() else FAILED


if __name__ == "__main__":
    sys.exit(main())
