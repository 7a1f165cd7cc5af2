"""The demonstration as text: frames of the live view, plain lines, and the summary."""

from __future__ import annotations

import time

from .demo_checks import Check, Checks
from .demo_network import Network, Node, Tunnel
from .screen import bars, bits_per_second, pad, pad_left, size, style, width

COLOURS = {"amber": "yellow", "birch": "cyan", "cedar": "magenta"}
MARKS = {"waiting": "·", "running": "▸", "held": "✓", "failed": "✗"}
MARK_COLOURS = {"waiting": "grey", "running": "yellow", "held": "green", "failed": "red"}
CHART_COLUMNS = 24
# A chart's full height is at least this, so that pings alone look like what they are.
CHART_TOP_MIN = 20e6
FRAME_COLUMNS_MAX = 110
CHECK_NAME_COLUMNS = 46


def frame(network: Network, checks: Checks, columns: int, rows: int) -> list[str]:
    columns = min(columns, FRAME_COLUMNS_MAX)
    lines = ["", headline(network, checks, columns), rule("nodes", columns)]
    lines += [node_line(node) for node in network.nodes]
    lines += [rule("tunnels", columns)]
    for tunnel in network.tunnels:
        lines += tunnel_lines(tunnel)
    lines += [rule("checks", columns)]
    footer = ["", footer_line(network, checks)]
    lines += check_lines(checks, rows - len(lines) - len(footer))
    return lines + [""] * (rows - len(lines) - len(footer)) + footer


def headline(network: Network, checks: Checks, columns: int) -> str:
    left = "  " + style("PhantomMesh", "bold", "white") + style("  three nodes, three tunnels", "dim")
    seconds = int(time.monotonic() - network.started)
    clock = style(f"{seconds // 60:02d}:{seconds % 60:02d}", "dim")
    right = f"{progress(checks)}   {clock}  "
    return left + " " * max(1, columns - width(left) - width(right)) + right


def progress(checks: Checks) -> str:
    done, failed = checks.count("held"), checks.count("failed")
    text = style(f"{done}/{len(checks.all)} checks held", "green" if not failed else "white")
    return text + (style(f", {failed} failed", "bold", "red") if failed else "")


def rule(title: str, columns: int) -> str:
    return style(f"  ── {title} " + "─" * max(0, columns - len(title) - 8), "grey")


def coloured(node: Node) -> str:
    return style(node.name, "bold", COLOURS[node.name])


def node_line(node: Node) -> str:
    cells = (
        pad(coloured(node), 8),
        pad(node.program, 14),
        pad(f"{node.inner4}  {node.inner6}", 20),
        pad(style(node.offloads(), "green" if "so" in node.offloads() else "dim"), 26),
        style(f"{size(node.memory_bytes())} resident", "dim"),
    )
    return "  " + "  ".join(cells)


def tunnel_lines(tunnel: Tunnel) -> list[str]:
    age = time.time() - tunnel.handshake_s
    shook = f"handshake {age:.0f} s ago" if tunnel.handshake_s else "no handshake yet"
    rtt = f"{tunnel.rtt_ms:.2f} ms" if tunnel.rtt_ms is not None else "-"
    names = f"{coloured(tunnel.left)} {style('⇄', 'dim')} {coloured(tunnel.right)}"
    head = (
        pad(names, 16),
        pad(style(shook, "dim"), 23),
        pad(f"RTT {rtt}", 16),
        style(f"{size(tunnel.moved_bytes)} moved", "dim"),
    )
    return ["  " + "  ".join(head), "  " + rate_cells(tunnel)]


def rate_cells(tunnel: Tunnel) -> str:
    cells = []
    for arrow, rate in (("→", tunnel.forth), ("←", tunnel.back)):
        value = pad_left(bits_per_second(rate.current()), 12)
        busy = rate.current() >= 1e6
        chart = style(bars(rate.history, CHART_COLUMNS, CHART_TOP_MIN), "cyan")
        cells.append(f"{style(arrow, 'dim')} {style(value, 'bold') if busy else value} {chart}")
    return " " * 2 + "    ".join(cells)


def check_lines(checks: Checks, rows: int) -> list[str]:
    """As many as fit: the one that runs, those before it, and failures before all others."""
    reached = [check for check in checks.all if check.state != "waiting"]
    failed = [check for check in reached if check.state == "failed"]
    others = [check for check in reached if check.state != "failed"]
    room = max(0, rows - len(failed))
    return [check_line(check) for check in failed[:rows] + others[max(0, len(others) - room) :]]


def check_line(check: Check) -> str:
    colour = MARK_COLOURS[check.state]
    said = "running" if check.state == "running" else check.said
    name = pad(check.name, CHECK_NAME_COLUMNS)
    return f"  {style(MARKS[check.state], 'bold', colour)} {name} {style(said, 'dim')}"


def footer_line(network: Network, checks: Checks) -> str:
    if not checks.are_done():
        return style("  Ctrl-C ends it and takes everything away", "dim")
    verdict = (
        style("all checks held", "bold", "green")
        if checks.all_held()
        else style("a check failed", "bold", "red")
    )
    busy = style(f" · now {network.doing}" if network.doing else "", "dim")
    return f"  {verdict}{busy}{style(' · Ctrl-C ends it and takes everything away', 'dim')}"


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
