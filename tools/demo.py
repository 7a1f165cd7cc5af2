#!/usr/bin/env python3
"""The demonstration (./dev run): a mesh made by `phantom init` and three `phantom join`, each node in a
network namespace of its own, two of them behind symmetric NATs. A transfer outlives its relay, a member that
attacks another is blocked and let go, a policy denies one flow, a member is put out. One node's page is there for a
browser on this machine.

On a terminal it shows what happens and stays until Ctrl-C, with an attack each minute to be watched on the page; without one, or with --once, it prints
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
from netlab.demo_checks import ERRORS, Checks, check_cleaned_up  # noqa: E402
from netlab.demo_mesh import Mesh  # noqa: E402
from netlab.demo_page import Page  # noqa: E402
from netlab.demo_story import Story  # noqa: E402
from netlab.login_server import has_login_server  # noqa: E402
from netlab.mailbox import has_mail_server, with_packages_of_the_system  # noqa: E402
from netlab.demo_view import frame, plain_check, summary  # noqa: E402
from netlab.nat import UnsupportedKind  # noqa: E402
from netlab.screen import Screen, style  # noqa: E402

FRAMES_PER_S = 8
HELD, FAILED, INTERRUPTED = 0, 1, 130


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--once", action="store_true", help="plain lines, end after the checks")
    parser.add_argument(
        "--seconds", type=float, default=3.0,
        help="of the transfer after the death of its relay (default 3)",
    )  # fmt: skip
    parser.add_argument(
        "--phantom", default=str(PROJECT / "build/release/phantom"), help="program of our nodes"
    )
    parser.add_argument("--wireguard-go", default="wireguard-go", help="program of the stock peer")
    return parser.parse_args()


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise LabError(f"{name} is not there: `./dev build` builds ours, apt has wireguard-go")
    return str(Path(found).resolve())


def check_needs() -> None:
    if os.geteuid() != 0:
        raise LabError("network namespaces need root: run it with sudo")
    for need in ("ip", "nft", "wg", "ping", "nmap", "ncrack"):
        if shutil.which(need) is None:
            raise LabError(f"`{need}` is not installed")
    for package, is_there in (("aiosmtpd", has_mail_server()), ("pyftpdlib", has_login_server())):
        if not is_there:
            raise LabError(f"python3-{package} is not installed")


# ---- Live view --------------------------------------------------------------------------------


class Worker:
    """Runs the checks, then keeps traffic flowing, until it is told to stop."""

    def __init__(self, story: Story, checks: Checks) -> None:
        self.error: Exception | None = None
        self._story = story
        self._checks = checks
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            for _ in self._checks.run():
                if self._stop.is_set():
                    return
            if self._checks.all_held():
                self._story.keep_busy(self._stop)
        except Exception as error:  # shown by the thread that draws
            self.error = None if self._stop.is_set() else error

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)


def run_live(mesh: Mesh, story: Story, checks: Checks) -> None:
    worker = Worker(story, checks)
    try:
        with Screen() as screen:
            while worker.error is None:
                screen.draw(frame(mesh, story, checks, *screen.size()))
                time.sleep(1 / FRAMES_PER_S)
    finally:
        worker.stop()
    raise worker.error


# ---- All of it --------------------------------------------------------------------------------


def demonstrate(arguments: argparse.Namespace, checks: Checks) -> bool:
    """False: interrupted before the end."""
    live = sys.stdout.isatty() and not arguments.once
    ours, stock = program(arguments.phantom), program(arguments.wireguard_go)
    page = Page()
    with Lab() as lab:
        try:
            print(style("PhantomMesh: building a small internet, with two NATs ...", "dim"))
            mesh = Mesh(lab, ours, (lambda _: None) if live else print)
            story = Story(mesh, page, arguments.seconds, stock)
            checks.plan(story.checks())
            if live:
                run_live(mesh, story, checks)
            else:
                for check in checks.run():
                    print(plain_check(check), flush=True)
        except KeyboardInterrupt:
            return checks.are_over
        finally:
            page.close()
    return True


def main() -> int:
    arguments = parse_arguments()
    checks = Checks()
    try:
        check_needs()
        finished = demonstrate(arguments, checks)
    except (*ERRORS, UnsupportedKind) as error:
        print(f"demo: {error}", file=sys.stderr)
        return FAILED
    checks.add(check_cleaned_up())
    print(summary(checks))
    if not finished:
        print("interrupted before all checks were made")
        return INTERRUPTED
    return HELD if checks.all_held() else FAILED


if __name__ == "__main__":
    with_packages_of_the_system()
    sys.exit(main())
