"""The page of the attacked node, for a browser on the machine that shows the demonstration."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request

from .demo_mesh import Mesh
from .forward import HOST, Forward
from .lab import LabError
from .mesh import MeshNode

API_PORT = 8443
TOKEN_NAME = "demo"
PATIENCE_S = 10


class Page:
    def __init__(self) -> None:
        self._forward: Forward | None = None
        self.link = ""  # signs in; empty until it is open

    def open(self, mesh: Mesh, name: str) -> str:
        """The node is up; asks for its page as a browser would, and says where it is."""
        node = mesh.nodes[name]
        token = _token_of(node)
        self._forward = Forward(node.namespace, API_PORT)
        place = f"https://{HOST}:{self._forward.port}"
        trust = ssl.create_default_context(cafile=str(node.state_dir / "api.crt"))
        status, told = _get(f"{place}/api/v1/nodes/self", trust, token)
        if status != 200 or json.loads(told)["name"] != name:
            raise LabError(f"{place} does not answer as {name}: {status} {told[:200]!r}")
        status, text = _get(f"{place}/", trust)
        if status == 404:
            return f"{place}: the API; this build has no page, for want of npm"
        if b'id="root"' not in text:
            raise LabError(f"{place} is not the page: {status} {text[:200]!r}")
        self.link = f"{place}/#token={token}"
        mesh.command_line(f"your browser: {self.link}")
        return f"{place}, until this ends"

    def close(self) -> None:
        if self._forward is not None:
            self._forward.close()


def _token_of(node: MeshNode) -> str:
    return str(node.ask("api-token", "create", TOKEN_NAME, "--role", "administrator")["token"])


def _get(address: str, trust: ssl.SSLContext, token: str = "") -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, context=trust, timeout=PATIENCE_S) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
