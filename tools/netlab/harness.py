"""How a test script of tests/netns runs: needs, checks, a bound on time, and an exit status."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from .lab import Lab, LabError

PASSED, FAILED, SKIPPED = 0, 1, 77
PROJECT = Path(__file__).resolve().parents[2]
BASE_NEEDS = ("ip", "wg", "ping")


class Skip(Exception):
    """The test cannot say anything here; the text says why."""


_failure_count = 0


def check(held: object, what: str, detail: object = "") -> bool:
    """Prints and counts. Goes on after a failure, so that one run shows them all."""
    global _failure_count
    if held:
        print(f"ok    {what}", flush=True)
        return True
    _failure_count += 1
    print(f"FAIL  {what}" + (f": {detail}" if detail != "" else ""), flush=True)
    return False


def expect(step: Callable[[], object], what: str) -> bool:
    """A step that raises a LabError, or an error of a socket, when it fails."""
    try:
        step()
    except (LabError, OSError) as error:
        return check(False, what, error)
    return check(True, what)


def skip(what: str, why: str) -> None:
    """One fact that cannot be tested here; the report lists it by name."""
    print(f"ok    {what} # SKIP {why}", flush=True)


def say(text: str) -> None:
    print(f"      {text}", flush=True)


def phantomd() -> str:
    """The program under test: $PHANTOMD, else the release build."""
    program = os.environ.get("PHANTOMD") or str(PROJECT / "build" / "release" / "phantomd")
    found = shutil.which(program)
    if found is None:
        raise Skip(f"{program} is not built (set PHANTOMD to another program)")
    return str(Path(found).resolve())


def is_wireguard_go(program: str) -> bool:
    return "wireguard-go" in Path(program).name


def wireguard_go() -> str:
    found = shutil.which("wireguard-go")
    if found is None:
        raise Skip("wireguard-go is not installed")
    return found


def built_program(name: str) -> str:
    """A helper program of our own: of the build under test, else of any other."""
    build = os.environ.get("PHANTOM_BUILD", str(PROJECT / "build" / "release"))
    for path in (Path(build) / name, *sorted(PROJECT.glob(f"build/*/{name}"))):
        if path.is_file() and os.access(path, os.X_OK):
            return str(path)
    raise Skip(f"the helper program `{name}` is not built")


def _check_needs(needs: Sequence[str]) -> None:
    if os.geteuid() != 0:
        raise Skip("network namespaces need root")
    for need in (*BASE_NEEDS, *needs):
        if shutil.which(need) is None:
            raise Skip(f"`{need}` is not installed")
    if not Path("/dev/net/tun").exists():
        raise Skip("there is no /dev/net/tun")


def _out_of_time(_number: int, _frame: object) -> None:
    raise LabError("the test ran out of its time")


def main(body: Callable[[Lab], None], *, needs: Sequence[str] = (), seconds: int = 300) -> None:
    """Runs `body` in a fresh lab and ends the process."""
    sys.exit(_run(body, needs, seconds))


def _run(body: Callable[[Lab], None], needs: Sequence[str], seconds: int) -> int:
    started = time.monotonic()
    try:
        _check_needs(needs)
        phantomd()
        signal.signal(signal.SIGALRM, _out_of_time)
        signal.alarm(seconds)
        with Lab() as lab:
            body(lab)
            signal.alarm(0)
    except Skip as reason:
        print(f"skipped: {reason}")
        return SKIPPED
    except Exception as error:
        signal.alarm(0)
        check(False, "the test ran to its end", error)
        if not isinstance(error, LabError):
            traceback.print_exc()
    failed = _failure_count
    took = time.monotonic() - started
    print(f"{'FAILED' if failed else 'passed'}: {failed} failures, {took:.1f} s")
    return FAILED if failed else PASSED
