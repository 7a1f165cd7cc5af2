"""The mesh as a drawing: four nodes in the corners, each pair's way between them.

    ● amber ─────────── 1.2 ms ─────────── birch ●
    │   ⠉⠒⠤⣀                            ⣀⠤⠒⠉     │
    ● cedar ╌╌╌╌╌╌ over birch, 2.4 ms ╌╌╌╌╌ dune ●

Direct ways are green; a way over a relay is yellow and dotted, and so are the two ways it takes.
"""

from __future__ import annotations

from typing import Any

from .canvas import Canvas
from .demo_mesh import AT_HOME, PUBLIC, STRANGER, Mesh

COLOURS = {"amber": "yellow", "birch": "cyan", "cedar": "magenta", "dune": "blue"}
LEFT, RIGHT = ("amber", "cedar"), ("birch", "dune")
STATE_MARKS = {"absent": "○", "up": "●", "killed": "✗"}
STRANGER_SAYS = {
    "absent": "", "refused": "✗ fir: a used token, refused", "up": "● fir: a member for now",
    "revoked": "✗ fir: revoked",
}  # fmt: skip


def draw_map(mesh: Mesh, columns: int, rows: int) -> list[str]:
    canvas = Canvas(columns, rows)
    relay = relay_in_use(mesh)
    for left, right in (("amber", "dune"), ("cedar", "birch")):
        draw_diagonal(canvas, mesh, left, right, relay)
    for top, bottom in (LEFT, RIGHT):
        draw_side(canvas, mesh, top, bottom, relay)
    draw_level(canvas, mesh, PUBLIC, 0, relay)
    draw_level(canvas, mesh, AT_HOME, rows - 1, relay)
    for name in (*PUBLIC, *AT_HOME):
        draw_node(canvas, mesh, name)
    draw_stranger(canvas, mesh)
    return canvas.lines()


def view_of(mesh: Mesh, one: str, other: str) -> dict[str, Any]:
    """What either of them says of the other."""
    for source, sink in ((one, other), (other, one)):
        view = mesh.views.get(source, {}).get(sink, {})
        if mesh.states[source] == mesh.states[sink] == "up" and view.get("path", "none") != "none":
            return view
    return {}


def relay_in_use(mesh: Mesh) -> str:
    return (view_of(mesh, *AT_HOME).get("relays") or [""])[0]


def colour_of(view: dict[str, Any], ends: tuple[str, str], relay: str) -> str:
    if not view:
        return "grey"
    if not view["post_quantum"]["established"]:
        return "red"
    carries = relay in ends and set(ends) & set(AT_HOME)
    return "yellow" if view["path"] == "relay" or carries else "green"


def label_of(view: dict[str, Any]) -> str:
    if not view:
        return ""
    rtt = "..." if view["rtt_ms"] is None else f"{view['rtt_ms']:.1f} ms"
    relays = view.get("relays") or []
    return f" over {' > '.join(relays)}, {rtt} " if relays else f" {rtt} "


# ---- Parts ------------------------------------------------------------------------------------


def draw_level(canvas: Canvas, mesh: Mesh, ends: tuple[str, str], row: int, relay: str) -> None:
    view = view_of(mesh, *ends)
    names = [title(mesh, name) for name in ends]
    start, end = len(names[0]) + 1, canvas.columns - len(names[1]) - 1
    is_relayed = view.get("path") == "relay"
    colour = colour_of(view, ends, relay)
    if view:
        canvas.text(start, row, ("╌" if is_relayed else "─") * (end - start), colour)
    canvas.text_centred(canvas.columns // 2, row, label_of(view), colour)


def draw_side(canvas: Canvas, mesh: Mesh, top: str, bottom: str, relay: str) -> None:
    view = view_of(mesh, top, bottom)
    if not view:
        return
    column = 0 if top in LEFT else canvas.columns - 1
    colour = colour_of(view, (top, bottom), relay)
    for row in range(1, canvas.rows - 1):
        canvas.text(column, row, "│", colour)
    put = canvas.text_right if column else canvas.text
    put(column, canvas.rows // 2, label_of(view).strip(), colour)


def draw_diagonal(canvas: Canvas, mesh: Mesh, left: str, right: str, relay: str) -> None:
    view = view_of(mesh, left, right)
    if not view:
        return
    falls = left in PUBLIC
    first, last = (2, canvas.rows - 3) if falls else (canvas.rows - 3, 2)
    margin = 10
    start, end = (margin, first), (canvas.columns - 1 - margin, last)
    colour = colour_of(view, (left, right), relay)
    canvas.line(start, end, colour)
    # A quarter of the way along, where the two do not meet.
    column = start[0] + (end[0] - start[0]) // 4
    row = round(first + (last - first) / 4)
    canvas.text_centred(column, row, label_of(view), colour)


def title(mesh: Mesh, name: str) -> str:
    mark = STATE_MARKS.get(mesh.states[name], "●")
    place = "public" if name in PUBLIC else "behind NAT"
    if mesh.states[name] == "killed":
        place = "killed"
    return f"{mark} {name}  {place}" if name in LEFT else f"{place}  {name} {mark}"


def draw_node(canvas: Canvas, mesh: Mesh, name: str) -> None:
    row = 0 if name in PUBLIC else canvas.rows - 1
    beside = 1 if name in PUBLIC else canvas.rows - 2
    text = title(mesh, name)
    state = mesh.states[name]
    colours = ("grey",) if state == "absent" else ("bold", COLOURS[name])
    if state == "killed":
        colours = ("bold", "red")
    address = mesh.addresses.get(name, [""])[0]
    if name in LEFT:
        canvas.text(0, row, text, *colours)
        canvas.text(2, beside, address, "dim")
    else:
        canvas.text_right(canvas.columns - 1, row, text, *colours)
        canvas.text_right(canvas.columns - 3, beside, address, "dim")


def draw_stranger(canvas: Canvas, mesh: Mesh) -> None:
    state = mesh.states[STRANGER]
    colour = "green" if state == "up" else "red"
    canvas.text_centred(canvas.columns // 2, 2, STRANGER_SAYS.get(state, ""), colour)
