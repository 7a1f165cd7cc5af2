#!/usr/bin/env python3
# timeout: 60
# beside others
"""`phantom cvss` as it is called: an answer to each line, in order, whatever the line holds; for one vector a
table, or the place of its fault. Needs no daemon."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab  # noqa: E402
from netlab.harness import built_program, check, main  # noqa: E402

WORST_31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
EXAMPLE_40 = "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"  # CVE-2022-41741


def run(phantom: str, *arguments: str, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [phantom, "cvss", *arguments], input=text, capture_output=True, check=False, timeout=30
    )


def check_lines(phantom: str) -> None:
    lines = [
        WORST_31.encode(), EXAMPLE_40.encode(), b"", b"\xff\x1b[2J",
        WORST_31.encode() + b"/AV:N\r", b"CVSS:3.1/" + b"A" * 1_000_000, WORST_31.encode(),
    ]  # fmt: skip
    done = run(phantom, "-", "--json", text=b"\n".join(lines))
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    check(done.returncode == 0, "lines: it ends with 0", done.stderr)
    check(len(answers) == len(lines), "lines: an answer for each", len(answers))
    scores = [(each.get("base"), each.get("score"), "error" in each) for each in answers]
    check(
        scores == [(9.8, None, False), (None, 7.3, False), *[(None, None, True)] * 4,
                   (9.8, None, False)],
        "lines: scores and errors in their order", scores,
    )  # fmt: skip
    check(
        all("vector" in each and "severity" in each for each in answers),
        "lines: each has the vector and a severity",
    )
    check(
        answers[4]["error"] == "column 46: AV stands here a second time",
        "lines: an error names the place", answers[4],
    )  # fmt: skip
    shown = run(phantom, "-", text=EXAMPLE_40.encode() + b"\n").stdout.decode()
    check(shown == f"{EXAMPLE_40}\n  CVSS-B          7.3  high\n", "lines: for people too", shown)


def check_one(phantom: str) -> None:
    one = run(phantom, WORST_31)
    check(one.returncode == 0 and b"base            9.8  critical" in one.stdout, "one: a table")
    answer = json.loads(run(phantom, "--json", WORST_31).stdout)
    check(
        (answer["schema"], answer["base"]) == ("phantom.cvss/1", 9.8), "one: its schema", answer
    )
    wrong = run(phantom, "CVSS:3.1/AV:Q")
    said = wrong.stderr.decode().splitlines()
    check(wrong.returncode == 1 and not wrong.stdout, "one that is wrong: 1, and no output")
    check(
        len(said) == 3 and said[2].index("^") == said[1].index("Q"),
        "one that is wrong: a caret under the place", said,
    )  # fmt: skip
    check(run(phantom).returncode == 2, "none: wrong usage")


def body(_: Lab) -> None:
    phantom = built_program("phantom")
    check_lines(phantom)
    check_one(phantom)


if __name__ == "__main__":
    main(body, seconds=60)
