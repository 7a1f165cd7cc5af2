#!/usr/bin/env python3
"""A node's dashboard as Chromium sees it (./dev bench page): what the first load weighs, as sent, and how long until it
says what is wrong, over loopback and TLS with nothing cached; frames in a second while the map of a large mesh is moved
and zoomed without pause. The page and the node are real; the peers of the large mesh are generated
(web/tests/generated_mesh.mjs), for they answer instead of the node. No GPU is used: a canvas is drawn by the processor,
the slowest there is.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "tools"))

from netlab import Lab  # noqa: E402
from netlab.machine import machine  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402

SCHEMA = "phantom.bench.page/1"
SCRIPT = PROJECT / "web" / "tests" / "page_bench.mjs"
GOALS = {"first_load_bytes": 130_000, "interactive_ms": 1000, "frames_per_s": 30}


def require_browser() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if (found := shutil.which(name)) and (PROJECT / "web" / "node_modules" / "playwright-core").is_dir():
            return found
    raise SystemExit("bench: chromium and playwright-core are needed: ./dev bench installs them where npm is")


def measure(program: str, nodes: int, seconds: int, browser: str) -> dict[str, float]:
    with Lab() as lab, tempfile.TemporaryDirectory() as folder:
        node = MeshNode(lab, lab.namespace("amber"), "amber", program, Path(folder))
        node.init("--endpoint", "192.0.2.1:51820")
        token = node.ask("api-token", "create", "bench", "--rate", "0")["token"]
        said = node.namespace.run(
            "node", SCRIPT, "https://127.0.0.1:8443", browser, token, str(nodes), str(seconds), timeout=180 + seconds
        )
        node.kill()
    return json.loads(said.stdout)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench page", description=__doc__)
    parser.add_argument("--json", action="store_true", help=f"print {SCHEMA} instead of a table")
    parser.add_argument("--nodes", type=int, default=5000, help="of the large mesh (default 5000)")
    parser.add_argument("--seconds", type=int, default=8, help="that its map is moved (default 8)")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        print("bench: network namespaces need root: run it with sudo", file=sys.stderr)
        return 1
    program = os.environ.get("PHANTOM_BUILD", str(PROJECT / "build" / "release")) + "/phantom"
    where = machine()
    measured = measure(program, arguments.nodes, arguments.seconds, require_browser())
    if arguments.json:
        print(json.dumps({"schema": SCHEMA, "machine": where, "goals": GOALS, **measured}, indent=2))
        return 0
    print(f"first load       {measured['first_load_bytes']:9,.0f} bytes as sent   goal: at most {GOALS['first_load_bytes']:,}")
    print(f"interactive      {measured['interactive_ms']:9,.0f} ms              goal: below {GOALS['interactive_ms']:,}")
    print(f"map of {measured['nodes']:,} nodes")
    print(f"  drawn after    {measured['drawn_ms']:9,.0f} ms")
    print(f"  frames         {measured['frames_per_s']:9.1f} in a second     goal: at least {GOALS['frames_per_s']}")
    print(f"  95 % within    {measured['frame_ms_p95']:9.1f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
