"""A live terminal view made of lines: colours, columns, bar charts, whole frames at a time."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable
from itertools import groupby

_CODES = {
    "bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34",
    "magenta": "35", "cyan": "36", "white": "97", "grey": "90",
}  # fmt: skip
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
_BARS = " ▁▂▃▄▅▆▇█"


def has_colours() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def style(text: str, *names: str) -> str:
    if not names or not has_colours():
        return text
    return f"\x1b[{';'.join(_CODES[name] for name in names)}m{text}\x1b[0m"


def width(text: str) -> int:
    """Columns it takes: escapes take none. Our text has no double-width characters."""
    return len(_ESCAPE.sub("", text))


def pad(text: str, columns: int) -> str:
    return text + " " * max(0, columns - width(text))


def clip(text: str, columns: int) -> str:
    """At most so many columns; what is cut off loses its colour too."""
    if width(text) <= columns:
        return text
    kept, used = [], 0
    for part in re.split(f"({_ESCAPE.pattern})", text):
        if _ESCAPE.fullmatch(part):
            kept.append(part)
            continue
        kept.append(part[: columns - used])
        used += len(kept[-1])
    return "".join(kept) + ("\x1b[0m" if has_colours() else "")


def chart(values: Iterable[float], columns: int, rows: int, top_min: float) -> list[str]:
    """The newest values, newest last, in bars several rows high; full height is the largest of them,
    or `top_min`. Where nothing arrived the ground is red."""
    shown = list(values)[-columns:]
    top = max([*shown, top_min])
    steps = len(_BARS) - 1
    heights = [round(value / top * rows * steps) for value in shown]
    lines = []
    for floor in reversed(range(0, rows * steps, steps)):
        row = "".join(_BARS[max(0, min(steps, height - floor))] for height in heights)
        lines.append(style(row, "cyan"))
    lines[-1] = "".join(
        style("▁" * len(run), "red") if is_silent else style("".join(run), "cyan")
        for is_silent, run in (
            (silent, [_BARS[max(1, min(steps, height))] for height in group])
            for silent, group in ((k, list(g)) for k, g in groupby(heights, key=lambda h: h == 0))
        )
    )
    return lines


def bits_per_second(value: float) -> str:
    for unit in ("bit/s", "kbit/s", "Mbit/s"):
        if value < 999.5:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.2f} Gbit/s"


class Screen:
    """The terminal's other page while it is open; drawn over, never scrolled."""

    def __enter__(self) -> Screen:
        sys.stdout.write("\x1b[?1049h\x1b[?25l\x1b[?7l")
        sys.stdout.flush()
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdout.write("\x1b[?7h\x1b[?25h\x1b[?1049l")
        sys.stdout.flush()

    def size(self) -> tuple[int, int]:
        found = shutil.get_terminal_size((100, 30))
        return found.columns, found.lines

    def draw(self, lines: list[str]) -> None:
        columns, rows = self.size()
        shown = [clip(line, columns) + "\x1b[K" for line in lines[:rows]]
        sys.stdout.write("\x1b[H" + "\r\n".join(shown) + "\x1b[J")
        sys.stdout.flush()
