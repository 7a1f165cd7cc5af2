"""A live terminal view made of lines: colours, columns, small bar charts, whole frames at a time."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable

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


def pad_left(text: str, columns: int) -> str:
    return " " * max(0, columns - width(text)) + text


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


def bars(values: Iterable[float], columns: int, top_min: float) -> str:
    """The newest values, newest last; full height is the largest of them, or `top_min`."""
    shown = list(values)[-columns:]
    top = max(*shown, top_min)
    steps = len(_BARS) - 1
    drawn = "".join(_BARS[min(steps, max(1 if v > 0 else 0, round(v / top * steps)))] for v in shown)
    return pad_left(drawn, columns)


def bits_per_second(value: float) -> str:
    for unit in ("bit/s", "kbit/s", "Mbit/s"):
        if value < 999.5:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.2f} Gbit/s"


def size(count: float) -> str:
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"


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
