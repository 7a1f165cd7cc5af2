"""The demonstration as text: frames of the live view, plain lines, and the summary.

A frame is a map, a rate or what the last command said, and the checks; in a tall terminal, all of it.
"""

from __future__ import annotations

import time

from .demo_checks import Check, Checks
from .demo_map import draw_map
from .demo_mesh import Mesh
from .demo_story import Story
from .screen import bits_per_second, chart, clip, pad, style, width

MARKS = {"waiting": "·", "running": "▸", "held": "✓", "failed": "✗"}
MARK_COLOURS = {"waiting": "grey", "running": "yellow", "held": "green", "failed": "red"}
FRAME_COLUMNS_MAX = 120
CHECK_NAME_COLUMNS = 31
MAP_ROWS_MIN, MAP_ROWS_MAX = 9, 13
PANEL_ROWS_MIN, TRANSCRIPT_ROWS_MAX, CHART_ROWS = 4, 12, 4
TALL = 34  # rows of a terminal that shows the transcript and the rate together
# A chart's full height is at least this.
CHART_TOP_MIN = 30e6


def frame(mesh: Mesh, story: Story, checks: Checks, columns: int, rows: int) -> list[str]:
    columns = min(columns, FRAME_COLUMNS_MAX)
    map_rows = max(MAP_ROWS_MIN, min(MAP_ROWS_MAX, rows // 3))
    lines = [headline(mesh, checks, columns)]
    lines += ["  " + line for line in draw_map(mesh, columns - 4, map_rows)]
    if rows >= TALL:
        lines += transcript_panel(mesh, columns, rows - 12 - len(lines) - len(checks.all) // 2)
        lines += rate_panel(story, columns)
    elif story.stream is not None and story.stream.is_running:
        lines += rate_panel(story, columns)
    else:
        lines += transcript_panel(mesh, columns, PANEL_ROWS_MIN)
    lines += [rule("checks", columns)]
    footer = [*page_line(story), footer_line(checks, columns)]
    lines += check_lines(checks, columns, rows - len(lines) - len(footer))
    return lines + [""] * (rows - len(lines) - len(footer)) + footer


def headline(mesh: Mesh, checks: Checks, columns: int) -> str:
    left = "  " + style("PhantomMesh", "bold", "white")
    left += style("  four nodes, two of them behind symmetric NATs", "dim")
    seconds = int(time.monotonic() - mesh.started)
    clock = style(f"{seconds // 60:02d}:{seconds % 60:02d}", "dim")
    right = f"{progress(checks)}  {clock}  "
    left = clip(left, columns - width(right) - 1)
    return left + " " * max(1, columns - width(left) - width(right)) + right


def progress(checks: Checks) -> str:
    held, failed = checks.count("held"), checks.count("failed")
    text = style(f"{held}/{len(checks.all)} held", "green" if not failed else "white")
    return text + (style(f", {failed} failed", "bold", "red") if failed else "")


def rule(title: str, columns: int) -> str:
    return style(f"  ── {title} " + "─" * max(0, columns - len(title) - 8), "grey")


# ---- Panels -----------------------------------------------------------------------------------


def transcript_panel(mesh: Mesh, columns: int, rows: int) -> list[str]:
    """The last command, and as much of what it said as fits; the oldest lines go first."""
    rows = max(PANEL_ROWS_MIN, min(TRANSCRIPT_ROWS_MAX, rows))
    lines = [line for line in list(mesh.transcript) if line.strip()]
    starts = [at for at, line in enumerate(lines) if "$ phantom" in line]
    last = lines[starts[-1] :] if starts else lines
    # A command is seen with the end of its answer; where there is room, so are those before it.
    shown = [last[0], *last[1 - rows :]] if len(last) > rows else lines[-rows:]
    drawn = [clip("  " + transcript_line(line), columns - 2) for line in shown]
    return [rule("commands", columns), *drawn, *[""] * (rows - len(drawn))]


def transcript_line(line: str) -> str:
    return style(line, "bold") if "$ phantom" in line else style(line, "dim")


def rate_panel(story: Story, columns: int) -> list[str]:
    stream = story.stream
    if stream is None:
        return [rule("a stream", columns), *[""] * CHART_ROWS]
    history = list(stream.history)
    now = bits_per_second(history[-1]) if history else "-"
    drawn = chart(history, columns - 4, CHART_ROWS, CHART_TOP_MIN)
    title = f"TCP {story.stream_title}, {now}, {stream.received >> 20} MiB"
    return [rule(title, columns), *("  " + line for line in drawn)]


def check_lines(checks: Checks, columns: int, rows: int) -> list[str]:
    """All where there is room; else the one that runs, those before it, and every failure."""
    shown = checks.all
    if len(shown) > rows:
        reached = [check for check in checks.all if check.state != "waiting"]
        failed = [check for check in reached if check.state == "failed"][:rows]
        room = rows - len(failed)
        others = [check for check in reached if check.state != "failed"]
        waiting = [check for check in checks.all if check.state == "waiting"]
        others = others[max(0, len(others) - room) :]
        shown = [*failed, *others, *waiting[: room - len(others)]]
    return [clip(check_line(check), columns) for check in shown]


def check_line(check: Check) -> str:
    colour = MARK_COLOURS[check.state]
    said = "..." if check.state == "running" else check.said
    name = pad(check.name, CHECK_NAME_COLUMNS)
    name = style(name, "grey") if check.state == "waiting" else name
    return f"  {style(MARKS[check.state], 'bold', colour)} {name} {style(said, 'dim')}"


def page_line(story: Story) -> list[str]:
    """Whole, also where that is more than a frame has: a link that is cut leads nowhere."""
    if not story.page.link:
        return []
    return [style("  The page ", "dim") + style(story.page.link, "bold", "cyan")]


def footer_line(checks: Checks, columns: int) -> str:
    left = style("Ctrl-C ends it and takes everything away", "dim")
    if checks.are_over:
        verdict = ("every check held", "green") if checks.all_held() else ("a check failed", "red")
        left = style(verdict[0], "bold", verdict[1]) + style(" · Ctrl-C ends it", "dim")
    right = style("── direct", "green") + "  " + style("╌╌ over a relay", "yellow") + "  "
    return pad("  " + left, columns - width(right)) + right


# ---- Plain text -------------------------------------------------------------------------------


def plain_check(check: Check) -> str:
    word = "ok  " if check.state == "held" else "FAIL"
    return f"{word}  {check.name}: {check.said}"


def summary(checks: Checks) -> str:
    lines = ["", style("  what was checked", "bold"), ""]
    for check in checks.all:
        if check.state in ("held", "failed"):
            verdict = ("PASS", "green") if check.state == "held" else ("FAIL", "red")
            name = pad(check.name, CHECK_NAME_COLUMNS)
            lines.append(f"  {style(verdict[0], 'bold', verdict[1])}  {name} {check.said}")
    skipped = len(checks.all) - checks.count("held") - checks.count("failed")
    counts = f"{checks.count('held')} passed, {checks.count('failed')} failed"
    lines += ["", "  " + style(counts + (f", {skipped} not reached" if skipped else ""), "bold")]
    return "\n".join(lines)
