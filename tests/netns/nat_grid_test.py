#!/usr/bin/env python3
# timeout: 420
"""Two nodes behind any two kinds of router reach each other, directly wherever that is possible: 8 x 8
kinds, a mesh of its own for each cell, several at once. The public node `amber` introduces, and relays
where it must.

    nat_grid_test.py --cell port-restricted "symmetric random" --log    # one cell, with its logs
"""

from __future__ import annotations

import argparse
import tempfile
import time
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, LabError, Namespace, wait_until  # noqa: E402
from netlab.harness import built_program, check, main, say, skip  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402
from netlab.nat import ADDRESS_RESTRICTED, DOUBLE, FULL_CONE, KINDS, OPEN  # noqa: E402
from netlab.nat import PORT_RESTRICTED, SYMMETRIC_RANDOM, SYMMETRIC_SEQUENTIAL  # noqa: E402
from netlab.nat import UDP_BLOCKED, Carrier, Internet, Kind, Site, UnsupportedKind  # noqa: E402
from netlab.traffic import wait_ping  # noqa: E402

# What the physics of two routers allows; each cell once, the columns in the order of KINDS.
#   D direct: one side keeps its port whatever the destination, and lets in the other once it has
#     itself sent to where that can be seen: any port (open, full cone), that address
#     (address-restricted), that port (which must then be the same for all destinations).
#   R relayed: the port that one side must be sent to is known to nobody outside, and it filters.
#   E either: it could be foretold, from a counter.
#   T by TCP from the one to the other, which can be called.
# Who has no UDP reaches the relay of an R by TCP.
EXPECTED = {
    OPEN:                 "D D D D D D D T",
    FULL_CONE:              "D D D D D D R",
    ADDRESS_RESTRICTED:       "D D D D D R",
    PORT_RESTRICTED:            "D E R D R",
    SYMMETRIC_SEQUENTIAL:         "E R E R",
    SYMMETRIC_RANDOM:               "R R R",
    DOUBLE:                           "D R",
    UDP_BLOCKED:                        "R",
}  # fmt: skip
PATHS = {"D": {"direct"}, "R": {"relay"}, "E": {"direct", "relay"}, "T": {"tcp"}}

WITHIN_S = 40.0  # for the expected path; also on a machine with many other things to do
SETTLES_S = 15.0  # longer than a way that failed once is held back
POLL_S = 0.2
MESHES_AT_ONCE = 6


@dataclass(frozen=True)
class Cell:
    left: Kind
    right: Kind
    expected: str  # a letter of PATHS
    together: str = ""  # behind one router, or two routers of one carrier

    @property
    def name(self) -> str:
        if self.together:
            return f"{self.left.name}, {self.together}"
        return f"{self.left.name} x {self.right.name}"

    def is_called(self, left: str, right: str) -> bool:
        own = (self.left.name, self.together or self.right.name)
        return sorted(map(_plain, (left, right))) == sorted(map(_plain, own))


def _plain(name: str) -> str:
    return name.replace("-", " ")


@dataclass
class Outcome:
    path: str = "-"
    any_path_s: float | None = None  # from the second join's begin
    path_s: float | None = None
    build_s: float = 0.0
    total_s: float = 0.0
    problem: str = ""
    skipped: str = ""
    log: list[str] = field(default_factory=list)


def all_cells() -> list[Cell]:
    cells = [
        Cell(left, right, letter)
        for row, left in enumerate(KINDS)
        for right, letter in zip(KINDS[row:], EXPECTED[left].split(), strict=True)
    ]
    # The same, and the one without UDP comes first.
    cells += [
        Cell(UDP_BLOCKED, kind, EXPECTED[kind].split()[-1])
        for kind in KINDS
        if kind is not UDP_BLOCKED
    ]
    one_router = [FULL_CONE, PORT_RESTRICTED, SYMMETRIC_RANDOM, DOUBLE]
    cells += [Cell(kind, kind, "D", "one router") for kind in one_router]
    # Neither sees an address of the other but the carrier's, which does not turn datagrams round.
    cells.append(Cell(DOUBLE, DOUBLE, "R", "one carrier"))
    return cells


# ---- One cell ---------------------------------------------------------------------------------


class Mesh:
    """amber with a public address, and two nodes where the cell says."""

    def __init__(self, lab: Lab, cell: Cell, prefix: str, root: Path) -> None:
        internet = Internet(lab, prefix)
        program = built_program("phantom")
        names = ("amber", "birch", "cedar")
        places = (internet.server("amber"), *build_hosts(internet, cell))
        self.nodes = [
            MeshNode(lab, place, name, program, root / prefix, log_level="verbose")
            for name, place in zip(names, places, strict=True)
        ]

    def form(self) -> float:
        """When the second of the two began to join: before that neither knew of the other."""
        amber, birch, cedar = self.nodes
        birch.join(amber.init())
        token = amber.ask("token", "create")["token"]
        began = time.monotonic()
        cedar.join(token)
        return began

    def paths(self) -> set[str]:
        """As each of the two sees its way to the other; "none" before the keys are agreed."""
        _, birch, cedar = self.nodes
        views = (birch.peer_now("cedar"), cedar.peer_now("birch"))
        return {
            view["path"] if view and view["post_quantum"]["established"] else "none"
            for view in views
        }

    def ping_each_way(self) -> None:
        _, birch, cedar = self.nodes
        for source, sink in ((birch, cedar), (cedar, birch)):
            for address in sink.addresses():
                wait_ping(source.namespace, address, within=10)

    def kill(self) -> None:
        for node in self.nodes:
            node.kill()


def build_hosts(internet: Internet, cell: Cell) -> list[Namespace]:
    if cell.together == "one router":
        site = Site(internet, cell.left)
        return [site.host("birch"), site.host("cedar")]
    carrier = Carrier(internet) if cell.together == "one carrier" else None
    return [
        Site(internet, kind, f"{name}-home", carrier).host(name)
        for kind, name in ((cell.left, "birch"), (cell.right, "cedar"))
    ]


def run_cell(lab: Lab, cell: Cell, prefix: str, root: Path) -> Outcome:
    outcome = Outcome()
    started = time.monotonic()
    mesh = None
    try:
        mesh = Mesh(lab, cell, prefix, root)
        outcome.build_s = time.monotonic() - started
        follow(mesh, cell, outcome, began=mesh.form())
    except UnsupportedKind as why:
        outcome.skipped = str(why)
    except (LabError, OSError, KeyError, ValueError) as error:
        outcome.problem = str(error)
    finally:
        if mesh is not None:
            outcome.log = views_of(mesh) if outcome.problem else []
            mesh.kill()
            outcome.log += logs_of(mesh)
        # Only those of this cell: the others are still at work.
        own = f"{lab.prefix}-{prefix}"
        lab.remove([each for each in lab.namespaces if each.name.startswith(own)])
        outcome.total_s = time.monotonic() - started
    return outcome


def follow(mesh: Mesh, cell: Cell, outcome: Outcome, began: float) -> None:
    """Until both see the expected path; then real packets, each way."""

    def is_as_expected() -> bool:
        paths = mesh.paths()
        outcome.path = "/".join(sorted(paths))
        if outcome.any_path_s is None and "none" not in paths:
            outcome.any_path_s = time.monotonic() - began
        return len(paths) == 1 and paths <= PATHS[cell.expected]

    wanted = " or ".join(sorted(PATHS[cell.expected]))
    wait_until(is_as_expected, f"both see the path as {wanted}", within=WITHIN_S, every=POLL_S)
    outcome.path_s = time.monotonic() - began
    mesh.ping_each_way()
    # A node that was starved of the processor, with so many at once, may have taken the relay for a moment.
    wait_until(is_as_expected, f"after the pings the path is {wanted}", within=SETTLES_S, every=POLL_S)


def views_of(mesh: Mesh) -> list[str]:
    lines = []
    for node in mesh.nodes:
        try:
            peers = node.query("status")["peers"]
        except (OSError, KeyError, ValueError) as error:
            lines.append(f"{node.name}: no status: {error}")
            continue
        for peer in peers:
            shown = {key: value for key, value in peer.items() if key not in ("id", "expires")}
            lines.append(f"{node.name}: sees {shown}")
    return lines


def logs_of(mesh: Mesh) -> list[str]:
    lines = []
    for node in mesh.nodes:
        if node.log_path.exists():
            lines += [f"{node.name}: {line}" for line in node.log_path.read_text().splitlines()]
    return lines


# ---- All of them ------------------------------------------------------------------------------


def run_cells(lab: Lab, cells: list[Cell], options: argparse.Namespace) -> list[Outcome]:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.jobs) as pool:
        running = [
            pool.submit(run_cell, lab, cell, f"g{number}-", Path(folder))
            for number, cell in enumerate(cells)
        ]
        outcomes = []
        for cell, each in zip(cells, running, strict=True):
            outcomes.append(each.result())
            report(cell, outcomes[-1], options.log)
        return outcomes


def report(cell: Cell, outcome: Outcome, with_log: bool) -> None:
    if outcome.skipped:
        skip(cell.name, outcome.skipped)
        return
    if check(not outcome.problem, cell.name, outcome.problem):
        say(
            f"{outcome.path} after {outcome.path_s:.2f} s, first path after "
            f"{outcome.any_path_s:.2f} s; built in {outcome.build_s:.1f} s of {outcome.total_s:.1f} s"
        )
    if with_log or outcome.problem:
        print("\n".join(outcome.log), flush=True)


def short(outcome: Outcome) -> str:
    if outcome.skipped:
        return "skipped"
    if outcome.problem:
        return f"FAIL {outcome.path}"
    return f"{outcome.path} {outcome.path_s:.1f}"


def table(cells: list[Cell], outcomes: list[Outcome]) -> str:
    """Kind x kind: the path, and the seconds until it stood."""
    cell_of = {(c.left, c.right): short(o) for c, o in zip(cells, outcomes) if not c.together}
    rows = [["", *(kind.name for kind in KINDS)]]
    for left in KINDS:
        rows.append([left.name, *(cell_of.get((left, right), "") for right in KINDS)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in rows
    ]
    lines += [f"{c.name}: {short(o)}" for c, o in zip(cells, outcomes) if c.together]
    return "\n".join(lines)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--cell", nargs=2, metavar=("KIND", "KIND"), help="only this one")
    parser.add_argument("--repeat", type=int, default=1, help="each cell so often")
    parser.add_argument("--log", action="store_true", help="print logs without a failure too")
    parser.add_argument("--jobs", type=int, default=MESHES_AT_ONCE, help="meshes at once")
    return parser.parse_args()


def body(lab: Lab) -> None:
    options = parse_arguments()
    cells = all_cells()
    if options.cell:
        cells = [cell for cell in cells if cell.is_called(*options.cell)]
        if not cells:
            raise LabError(f"no such cell; kinds: {', '.join(kind.name for kind in KINDS)}")
    cells *= options.repeat
    started = time.monotonic()
    outcomes = run_cells(lab, cells, options)
    print(f"\n{table(cells, outcomes)}\n{time.monotonic() - started:.0f} s\n", flush=True)


if __name__ == "__main__":
    main(body, needs=("nft",), seconds=400)
