"""A drawing made of characters: text, and lines of Braille dots, of which a cell has 2 x 4."""

from __future__ import annotations

from itertools import groupby

from .screen import style

_BRAILLE = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # [row][column] of a cell


class Canvas:
    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._cells = [[(" ", ()) for _ in range(columns)] for _ in range(rows)]

    def text(self, column: int, row: int, text: str, *names: str) -> None:
        for at, character in enumerate(text, start=column):
            self._put(at, row, character, names)

    def text_right(self, column: int, row: int, text: str, *names: str) -> None:
        """Ends at that column."""
        self.text(column - len(text) + 1, row, text, *names)

    def text_centred(self, column: int, row: int, text: str, *names: str) -> None:
        self.text(column - len(text) // 2, row, text, *names)

    def line(
        self, start: tuple[int, int], end: tuple[int, int], *names: str, gap: int = 0
    ) -> None:
        """Between the middles of two cells (column, row); with a gap, dotted."""
        (x0, y0), (x1, y1) = ((2 * x, 4 * y + 2) for x, y in (start, end))
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for step in range(0, steps + 1, gap + 1):
            self._dot(
                round(x0 + (x1 - x0) * step / steps), round(y0 + (y1 - y0) * step / steps), names
            )

    def lines(self) -> list[str]:
        return [
            "".join(
                style("".join(cell[0] for cell in cells), *names)
                for names, cells in groupby(row, key=lambda cell: cell[1])
            )
            for row in self._cells
        ]

    def _put(self, column: int, row: int, character: str, names: tuple[str, ...]) -> None:
        if 0 <= row < self.rows and 0 <= column < self.columns:
            self._cells[row][column] = (character, names)

    def _dot(self, x: int, y: int, names: tuple[str, ...]) -> None:
        column, row = x // 2, y // 4
        if not (0 <= row < self.rows and 0 <= column < self.columns):
            return
        had = ord(self._cells[row][column][0])
        dots = had - _BRAILLE if _BRAILLE <= had < _BRAILLE + 256 else 0
        self._put(column, row, chr(_BRAILLE + (dots | _DOTS[y % 4][x % 2])), names)
