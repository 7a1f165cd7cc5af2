"""Mesh nodes for tests and the demonstration: the real `phantom` in a namespace of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .lab import Lab, LabError, Namespace, is_alive, wait_until


class MeshNode:
    """One node: its namespace, its two folders, and the command that speaks to it."""

    def __init__(
        self, lab: Lab, namespace: Namespace, name: str, program: str, root: Path,
        *, log_level: str = "", mesh: str = "",
    ) -> None:
        self.namespace = namespace
        self.name = name
        self.program = program
        self.state_dir = root / name / "state"
        self.run_dir = root / name / "run"
        self.log_level = log_level  # empty: the daemon's choice, and errors are not kept
        self.log_path = root / name / "log"
        # As the user calls it; then the folders lie below those of the machine's first mesh.
        self.choice = ["--state-dir", str(self.state_dir), "--run-dir", str(self.run_dir)]
        if mesh:
            self.choice += ["--mesh", mesh]
            self.state_dir = self.state_dir / "meshes" / mesh
            self.run_dir = self.run_dir / "meshes" / mesh
        self.log_path.parent.mkdir(parents=True, exist_ok=bool(mesh))
        lab.on_close(self.kill)

    def phantom(
        self, *argv: str, check: bool = True, text: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """`text` is what it reads from standard input."""
        command = [self.program, *self.choice]
        environment = {}
        if self.log_level:
            # The daemon keeps the output it inherits, and a pipe would never come to its end.
            script = '"$@" >"$0.said" 2>>"$0"; status=$?; cat "$0.said"; exit $status'
            command = ["sh", "-c", script, str(self.log_path), *command]
            environment = {"LOG_LEVEL": self.log_level}
        return self.namespace.run(
            *command, *argv, check=check, text=text, timeout=60, env=environment
        )

    def query(self, verb: str, **fields: Any) -> dict[str, Any]:
        """What the command would ask for, without starting it: for those who ask often."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(10)
            client.connect(str(self.run_dir / "phantomd.sock"))
            client.sendall(json.dumps({"verb": verb, **fields}).encode() + b"\n")
            with client.makefile() as answer:
                return json.loads(answer.readline())

    def ask(self, *argv: str) -> dict[str, Any]:
        return json.loads(self.phantom(*argv, "--json").stdout)

    def init(self, *options: str) -> str:
        """Makes a mesh; the invitation for the next node."""
        return self.ask("init", "--name", self.name, *options)["token"]

    def join(self, token: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.phantom("join", token, "--name", self.name, check=check)

    def status(self) -> dict[str, Any]:
        return self.ask("status")

    def addresses(self) -> list[str]:
        return self.status()["self"]["addresses"]

    def peer(self, name: str) -> dict[str, Any]:
        return _named(name, self.status())

    def peer_now(self, name: str) -> dict[str, Any]:
        return _named(name, self.query("status"))

    def sees(self, names: set[str]) -> bool:
        """Exactly these peers are there, each with post-quantum keys."""
        peers = self.status()["peers"]
        return {peer["name"] for peer in peers} == names and all(
            peer["post_quantum"]["established"] for peer in peers
        )

    def wait_for(self, names: set[str], within: float = 30) -> None:
        wait_until(lambda: self.sees(names), f"{self.name} sees {sorted(names)}", within=within)

    def pid(self) -> int:
        try:
            return int((self.run_dir / "phantomd.pid").read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def is_running(self) -> bool:
        return self.pid() != 0 and is_alive(self.pid())

    def kill(self) -> None:
        """As a power cut would; the process is gone on return."""
        pid = self.pid()
        if pid == 0 or not is_alive(pid):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(LabError):
            wait_until(lambda: not is_alive(pid), f"{self.name} is gone", within=5)


def nodes_on_wan(lab: Lab, names: Sequence[str], program: str, root: Path) -> list[MeshNode]:
    """One each in a namespace of its own, 10.9.1.2, 10.9.2.2 ..., with a router between them; none runs."""
    wan = lab.namespace("wan")
    wan.sysctl("net.ipv4.ip_forward", 1)
    nodes = []
    for number, name in enumerate(names, start=1):
        space = lab.namespace(name)
        lab.veth(space, wan, f"10.9.{number}.2/24", f"10.9.{number}.1/24")
        space.ip("route", "add", "default", "via", f"10.9.{number}.1")
        nodes.append(MeshNode(lab, space, name, program, root))
    return nodes


def _named(name: str, status: dict[str, Any]) -> dict[str, Any]:
    found = [peer for peer in status["peers"] if peer["name"] == name]
    return found[0] if found else {}
