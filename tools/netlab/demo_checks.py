"""A list of checks that one thread runs and another draws."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .lab import UAPI_DIRECTORY, LabError, run

ERRORS = (LabError, OSError, LookupError, ValueError, subprocess.SubprocessError)


@dataclass
class Check:
    name: str
    step: Callable[[], str]  # returns what to say; raises one of ERRORS when it fails
    needed: bool = False  # without it the checks after it could only fail
    state: str = "waiting"  # waiting, running, held, failed
    said: str = ""

    def run(self) -> None:
        self.state = "running"
        try:
            self.said = self.step()
            self.state = "held"
        except ERRORS as error:
            self.said = str(error) or type(error).__name__
            self.state = "failed"


class Checks:
    def __init__(self) -> None:
        self.all: list[Check] = []
        self.are_over = False

    def plan(self, checks: list[Check]) -> None:
        self.all.extend(checks)

    def run(self) -> Iterator[Check]:
        for check in self.all:
            check.run()
            yield check
            if check.needed and check.state == "failed":
                break
        self.are_over = True

    def add(self, check: Check) -> None:
        check.run()
        self.all.append(check)

    def count(self, state: str) -> int:
        return sum(check.state == state for check in self.all)

    def all_held(self) -> bool:
        return bool(self.all) and self.count("held") == len(self.all)


def check_cleaned_up() -> Check:
    """To be run when the lab is closed."""
    prefix = f"pm{os.getpid()}"

    def step() -> str:
        left = [line for line in run(["ip", "netns", "list"]).stdout.split() if prefix in line]
        left += [path.name for path in UAPI_DIRECTORY.glob(f"{prefix}*")]
        left += run(["pgrep", "-f", f"phantomd.*/{prefix}-"], check=False).stdout.split()
        if left:
            raise LabError(f"left behind: {', '.join(left)}")
        return "no namespace, interface, socket or process"

    return Check("everything was taken away", step)
