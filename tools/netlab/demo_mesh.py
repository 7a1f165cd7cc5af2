"""The demonstration's network: two public machines, two behind symmetric NATs that no hole can be made
through, and a stranger; and what their nodes say of each other, sampled in the background."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from .lab import Lab, LabError, wait_until
from .mesh import MeshNode
from .nat import SYMMETRIC_RANDOM, Internet, Site

PUBLIC, AT_HOME, STRANGER = ("amber", "birch"), ("cedar", "dune"), "fir"
MEMBERS = (*PUBLIC, *AT_HOME)
SAMPLE_S = 0.2
TRANSCRIPT_LINES = 40
TOKEN_SHOWN = 24  # of some 220 characters


class Mesh:
    """Owns the nodes. Any thread may read `views`, `states` and `transcript`."""

    def __init__(self, lab: Lab, program: str, print_line: Callable[[str], None]) -> None:
        self.lab = lab
        self.started = time.monotonic()
        self.transcript: deque[str] = deque(maxlen=TRANSCRIPT_LINES)
        self.internet = Internet(lab)
        places = {name: self.internet.server(name) for name in (*PUBLIC, STRANGER)}
        for name in AT_HOME:
            places[name] = Site(self.internet, SYMMETRIC_RANDOM, f"{name}-nat").host(name)
        self.nodes = {
            name: MeshNode(lab, place, name, program, lab.directory)
            for name, place in places.items()
        }
        self.states = dict.fromkeys(self.nodes, "absent")  # absent, up, killed, refused, revoked
        self.addresses: dict[str, list[str]] = {}
        self.views: dict[str, dict[str, dict[str, Any]]] = {}  # [node][peer], as in status
        self._print_line = print_line
        threading.Thread(target=self._sample_always, daemon=True).start()

    # ---- What a person would type ----

    def command(self, name: str, *argv: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        self._note("")
        self._note(f"{name}$ phantom {' '.join(argv)}")
        done = self.nodes[name].phantom(*argv, check=False)
        for line in (done.stdout + done.stderr).splitlines():
            self._note("  " + line)
        if check and done.returncode != 0:
            raise LabError(f"phantom {argv[0]} on {name}: {done.stderr.strip()}")
        return done

    def command_line(self, *lines: str) -> None:
        """What was done in another way than by `phantom`."""
        for line in ("", *lines):
            self._note(line)

    def _note(self, line: str) -> None:
        shown = " ".join(
            word[:TOKEN_SHOWN] + "..." if word.startswith("phantom1") else word
            for word in line.split(" ")
        )
        self.transcript.append(shown)
        self._print_line(shown)

    # ---- What the nodes say ----

    def is_complete(self) -> bool:
        """Each member sees all others, with post-quantum keys."""
        return all(self.nodes[name].sees(set(MEMBERS) - {name}) for name in MEMBERS)

    def wait_complete(self) -> None:
        wait_until(self.is_complete, "every member sees all others with post-quantum keys", every=0.1)

    def relay_between(self, source: str, sink: str) -> str:
        """The first relay of the way in use; empty where there is none."""
        relays = self.nodes[source].peer_now(sink).get("relays") or [""]
        return str(relays[0])

    def forget(self, name: str, state: str) -> None:
        self.states[name] = state
        self.views.pop(name, None)

    def _sample_always(self) -> None:
        while True:
            for name, node in self.nodes.items():
                if self.states[name] != "up":
                    continue
                try:
                    peers = node.query("status")["peers"]
                    self.views[name] = {peer["name"]: peer for peer in peers}
                except (OSError, KeyError, json.JSONDecodeError):
                    self.views.pop(name, None)  # it is about to go, or to come back
            time.sleep(SAMPLE_S)
