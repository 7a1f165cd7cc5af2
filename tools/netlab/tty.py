"""A program on a terminal of its own, and what that terminal shows. It knows the sequences that `phantom top` sends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Sequence
from typing import Any

from .lab import LabError

SEQUENCE = re.compile(rb"\x1b\[([?0-9;]*)([A-Za-z])")


class Tty:
    """Use it as a context: what still runs at the end is killed."""

    def __init__(
        self, argv: Sequence[str], *, width: int = 100, height: int = 30,
        env: dict[str, str] | None = None,
    ) -> None:
        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.width, self.height = width, height
        self._set_size(width, height)
        self.received = b""
        self._pending = b""
        self._clear()
        self.modes: set[str] = set()  # private ones that are on
        self.process = subprocess.Popen(
            argv, stdin=self.slave, stdout=self.slave, stderr=self.slave,
            env={"LC_ALL": "C.UTF-8", "TERM": "xterm-256color", **os.environ, **(env or {})},
            start_new_session=True,
        )  # fmt: skip

    def __enter__(self) -> Tty:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for fd in (self.master, self.slave):
            with contextlib.suppress(OSError):
                os.close(fd)

    # ---- What a person does

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def resize(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._set_size(width, height)
        self._clear()
        self.process.send_signal(signal.SIGWINCH)

    def wait_until(self, seen: Callable[[str], Any], what: str, within: float = 15) -> str:
        """The screen once `seen` says yes of it."""
        end = time.monotonic() + within
        while True:
            self.read(0.05)
            if seen(self.text()):
                return self.text()
            if time.monotonic() > end:
                raise LabError(f"{what} did not come; the screen:\n{self.text()}")

    def wait_end(self, within: float = 10) -> int:
        """The exit status, and all that was said."""
        end = time.monotonic() + within
        while self.process.poll() is None:
            self.read(0.05)
            if time.monotonic() > end:
                raise LabError("the program did not end")
        self.read(0.1)
        return self.process.returncode

    # ---- What the terminal knows

    def is_as_before(self) -> bool:
        """The alternate screen is left, the cursor is there, and lines are cooked as they were."""
        shown = "1049" not in self.modes and "25" in self.modes
        return shown and termios.tcgetattr(self.slave)[:6] == self.before[:6]

    def text(self) -> str:
        return "\n".join("".join(row).rstrip() for row in self.rows)

    def read(self, patience: float) -> None:
        while select.select([self.master], [], [], patience)[0]:
            try:
                got = os.read(self.master, 65536)
            except OSError:
                return
            if not got:
                return
            self.received += got
            self._pending += got
            self._obey()
            patience = 0

    def _set_size(self, width: int, height: int) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def _clear(self) -> None:
        self.rows = [[" "] * self.width for _ in range(self.height)]
        self.x = self.y = 0

    def _obey(self) -> None:
        while self._pending:
            if self._pending[0] == 0x1B:
                found = SEQUENCE.match(self._pending)
                if not found:
                    return  # the rest is still to come
                self._sequence(found[1].decode(), found[2].decode())
                self._pending = self._pending[found.end() :]
                continue
            size = 1
            while size < 4 and size < len(self._pending) and self._pending[size] & 0xC0 == 0x80:
                size += 1
            try:
                glyph = self._pending[:size].decode()
            except UnicodeDecodeError:
                return
            self._pending = self._pending[size:]
            self._glyph(glyph)

    def _sequence(self, parameters: str, command: str) -> None:
        if command == "H":
            row, column = ([int(each or 1) for each in parameters.split(";")] + [1, 1])[:2]
            self.y, self.x = row - 1, column - 1
        elif command == "J" and parameters == "2":
            self._clear()
        elif command == "J":
            for row in self.rows[self.y + 1 :]:
                row[:] = [" "] * self.width
            self._wipe_line()
        elif command == "K":
            self._wipe_line()
        elif command in "hl" and parameters.startswith("?"):
            (self.modes.add if command == "h" else self.modes.discard)(parameters[1:])

    def _wipe_line(self) -> None:
        if self.y < self.height:
            self.rows[self.y][self.x :] = [" "] * max(self.width - self.x, 0)

    def _glyph(self, glyph: str) -> None:
        if glyph == "\r":
            self.x = 0
        elif glyph == "\n":
            self.y = min(self.y + 1, self.height - 1)
        else:
            if self.y < self.height and self.x < self.width:
                self.rows[self.y][self.x] = glyph
            self.x += 1
