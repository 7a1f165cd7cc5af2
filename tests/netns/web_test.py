#!/usr/bin/env python3
# timeout: 600
"""The page of a real node in a real browser, with a mesh behind it: somebody signs in, watches an attack arrive, opens its
incident, undoes the block, signs a policy; a bad one is refused; axe-core has nothing against any page. The person is
web/tests/browser.mjs (Playwright on the distribution's Chromium); here is the world around it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, LabError, wait_until  # noqa: E402
from netlab.attack import two_nodes  # noqa: E402
from netlab.harness import PROJECT, Skip, built_program, check, main, say  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402
from netlab.playbook import contain_playbook  # noqa: E402

BROWSER = PROJECT / "web" / "tests" / "browser.mjs"
PLACE = "127.0.0.1:8443"
HOOK_PORT = 8099
ALERTS = f"""\
route: {{receiver: operator, escalation: ladder, group_wait: 1s, group_interval: 2s}}
receivers:
  - name: operator
    webhook_configs: [{{url: 'http://127.0.0.1:{HOOK_PORT}/'}}]
  - name: nobody
    webhook_configs: [{{url: 'http://127.0.0.1:9/'}}]
rotas:
  - {{name: ops, time_zone: Europe/Berlin, people: [operator], shift: 7d}}
escalations:
  - {{name: ladder, priority: P5, levels: [{{after: 0s}}, {{after: 10m, targets: ['rota:ops']}}]}}
"""


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise Skip("there is no chromium")


def blocked(node: MeshNode) -> str:
    listed = node.namespace.run("nft", "-s", "list", "set", "inet", "phantommesh", "blocked_v4", check=False)
    return listed.stdout if "elements" in listed.stdout else ""


def scan(attacker: MeshNode, victim: MeshNode, ports: str) -> None:
    attacker.namespace.run(
        "nmap", "-Pn", "-n", "-sT", "-T4", "--max-retries", "0", "--host-timeout", "20s",
        "-p", ports, victim.addresses()[0], check=False, timeout=40,
    )  # fmt: skip


class World:
    """What the browser cannot do."""

    def __init__(self, amber: MeshNode, birch: MeshNode) -> None:
        self.amber = amber
        self.birch = birch

    def answer(self, want: str) -> dict[str, Any]:
        does: dict[str, Callable[[], dict[str, Any]]] = {
            "scan": lambda: self._scan("1-300"),
            "scan again": lambda: self._scan("300-700"),
            "blocked soon": self._blocked_soon,
            "blocked": lambda: {"blocked": blocked(self.amber) != ""},
            "policy": lambda: {"text": self.amber.ask("policy", "show")["text"]},
            "kill": self._kill,
            "up": self._up,
            "revoke viewer": self._revoke,
        }
        return does[want]()

    def _blocked_soon(self) -> dict[str, Any]:
        """The gentlest measure comes first: it may be slowed down before it is blocked."""
        with contextlib.suppress(LabError):
            wait_until(lambda: blocked(self.amber), "blocked", within=10)
        return {"blocked": blocked(self.amber) != ""}

    def _scan(self, ports: str) -> dict[str, Any]:
        scan(self.birch, self.amber, ports)
        return {}

    def _kill(self) -> dict[str, Any]:
        self.amber.kill()
        return {}

    def _up(self) -> dict[str, Any]:
        self.amber.phantom("up")
        return {}

    def _revoke(self) -> dict[str, Any]:
        self.amber.phantom("api-token", "revoke", "eye")
        return {}


class Hook:
    """Takes whatever is posted to it."""

    def __init__(self, node: MeshNode) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        with node.namespace.entered():
            self._server = ThreadingHTTPServer(("127.0.0.1", HOOK_PORT), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def prepare(node: MeshNode) -> None:
    """Somebody to tell, somebody on call, and a playbook."""
    (node.state_dir / "alerts.yml").write_text(ALERTS)
    node.phantom("alerts", "reload")
    folder = node.state_dir / "playbooks"
    folder.mkdir()
    (folder / "contain.json").write_text(json.dumps(contain_playbook()))


def play(node: MeshNode, world: World, tokens: dict[str, str]) -> None:
    """Runs the browser; its lines are checks, wants or remarks."""
    shots = os.environ.get("PHANTOM_SHOTS", "")
    process = node.namespace.start(
        "node", BROWSER, PLACE, chromium(), shots, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    checks = 0

    def say_to(value: Any) -> None:
        process.stdin.write(json.dumps(value) + "\n")
        process.stdin.flush()

    say_to(tokens)
    for line in process.stdout:
        said = json.loads(line)
        if "want" in said:
            say_to(world.answer(said["want"]))
        elif "check" in said:
            checks += 1
            check(said["check"], said["what"], said["detail"])
        else:
            say(said["say"])
    check(process.wait(timeout=10) == 0 and checks > 30, "the browser came to its end", f"{checks} checks")


def body(lab: Lab) -> None:
    if not (PROJECT / "web" / "node_modules" / "playwright-core").is_dir():
        raise Skip("playwright-core is not installed (web/build installs it, where npm is)")
    with tempfile.TemporaryDirectory() as folder:
        amber, birch = two_nodes(lab, built_program("phantom"), Path(folder))
        page = amber.namespace.run("curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", f"https://{PLACE}/")
        if page.stdout != "200":
            raise Skip("this node was built without its page (PM_UI)")
        amber.ask("defence", "act")
        prepare(amber)
        hook = Hook(amber)
        tokens = {
            role: amber.ask("api-token", "create", name, "--role", role)["token"]
            for role, name in (("administrator", "hand"), ("viewer", "eye"))
        }
        wait_until(lambda: amber.status()["self"]["api"]["place"] == PLACE, "the node listens")
        play(amber, World(amber, birch), tokens)
        hook.close()
        for node in (amber, birch):
            node.kill()


if __name__ == "__main__":
    main(body, needs=("curl", "nft", "nmap", "node"), seconds=580)
