#!/usr/bin/env python3
# beside others
"""The pages of both programs are well formed, and name every verb and option of their help."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab  # noqa: E402
from netlab.harness import built_program, check, main, phantomd, skip  # noqa: E402


def said_by(*argv: str, text: str | None = None) -> str:
    return subprocess.run(argv, input=text, capture_output=True, text=True, check=True).stdout


def check_page(name: str, page: str, shown: str) -> None:
    plain = page.replace("\\-", "-")
    options = set(re.findall(r"--[a-z-]+", shown))
    missing = [option for option in sorted(options) if option not in plain]
    check(not missing, f"{name}: every option of the help is there", missing)
    if shutil.which("mandoc"):
        linted = subprocess.run(
            ["mandoc", "-T", "lint", "-W", "error"], input=page, capture_output=True, text=True
        )
        check(linted.returncode == 0, f"{name}: mandoc finds no error", linted.stdout)
    else:
        skip(f"{name}: mandoc finds no error", "mandoc is not installed")
    if shutil.which("man"):
        read = subprocess.run(
            ["man", "--warnings", "-l", "-"], input=page, capture_output=True, text=True
        )
        check(read.returncode == 0 and not read.stderr, f"{name}: man reads it", read.stderr)
    else:
        skip(f"{name}: man reads it", "man is not installed")


def body(_: Lab) -> None:
    phantom = built_program("phantom")
    page = said_by(phantom, "manual")
    check_page("phantom(1)", page, said_by(phantom, "--help") + said_by(phantom, "init", "--help"))
    check(".SS phantom token create" in page, "phantom(1): verbs of verbs are there")
    daemon = phantomd()
    check_page(
        "phantomd(8)", said_by(daemon, "run", "--manual"),
        said_by(daemon, "--help") + said_by(daemon, "run", "--help"),
    )  # fmt: skip


if __name__ == "__main__":
    main(body, seconds=60)
