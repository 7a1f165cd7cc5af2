#!/usr/bin/env python3
# timeout: 120
"""Nodes at each other's API with the keys that they are members by (mutual TLS): a member is answered and may what its role
may, a stranger with a certificate of his own is not; who is put out loses what is open at once, wherever he calls from."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.attack import two_nodes  # noqa: E402
from netlab.harness import built_program, check, expect, main  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402

PORT = 8443
# PKCS #8 around an Ed25519 seed (RFC 8410 section 7).
PKCS8 = bytes.fromhex("302e020100300506032b657004220420")
SPKI = bytes.fromhex("302a300506032b6570032100")


def openssl(*argv: str, given: bytes | None = None) -> bytes:
    return subprocess.run(["openssl", *argv], input=given, capture_output=True, check=True).stdout


def seed_of(node: MeshNode) -> bytes:
    """Out of node.key: the seed of the key that the node signs with."""
    signer = bytes.fromhex(node.query("audit.head")["signer"]["verify_key"])
    wanted = SPKI + signer[1:33]
    content = (node.state_dir / "node.key").read_bytes()
    for at in range(len(content) - 32):
        made = subprocess.run(
            ["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"],
            input=PKCS8 + content[at : at + 32], capture_output=True,
        )  # fmt: skip
        if made.stdout == wanted:
            return content[at : at + 32]
    raise AssertionError("node.key has no such seed")


def certificate_for(folder: Path, name: str, seed: bytes | None) -> Path:
    """PEM with a key and a certificate of it; without a seed of somebody new."""
    key = folder / f"{name}.key"
    if seed is None:
        key.write_bytes(openssl("genpkey", "-algorithm", "ED25519"))
    else:
        key.write_bytes(openssl("pkey", "-inform", "DER", given=PKCS8 + seed))
    certificate = openssl("req", "-x509", "-new", "-key", str(key), "-subj", f"/CN={name}", "-days", "1")
    both = folder / f"{name}.pem"
    both.write_bytes(key.read_bytes() + certificate)
    return both


class Caller:
    """A connection that is kept, with a certificate."""

    def __init__(self, at: MeshNode, place: str, certificate: Path | None) -> None:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if certificate is not None:
            context.load_cert_chain(str(certificate))
        with at.namespace.entered():
            plain = socket.create_connection((place, PORT), timeout=10)
        self.stream = context.wrap_socket(plain)

    def ask(self, path: str, method: str = "GET", until: bytes = b"}") -> bytes:
        head = f"{method} /api/v1{path} HTTP/1.1\r\nHost: node\r\nContent-Length: 0\r\n\r\n"
        self.stream.sendall(head.encode())
        said = b""
        while until not in said:
            more = self.stream.recv(65536)
            if not more:
                break
            said += more
        return said

    def has_ended(self) -> bool:
        self.stream.settimeout(5)
        try:
            while self.stream.recv(65536):
                pass
        except TimeoutError:
            return False
        except (OSError, ssl.SSLError):
            pass
        return True


def check_members(amber: MeshNode, birch: MeshNode) -> None:
    said = birch.phantom("api", "get", "--node", "amber", "/api/v1/nodes/self")
    check(json.loads(said.stdout)["name"] == "amber", "birch asks amber, with no token", said.stdout)
    alerts = json.loads(birch.phantom("api", "get", "--node", "amber", "/api/v1/alerts?limit=1").stdout)
    check(alerts["schema"] == "phantom.alerts/1", "also for a list", alerts)
    kept = birch.phantom("api", "get", "--node", "amber", "/api/v1/audit", check=False)
    check(kept.returncode == 1 and "403" in kept.stderr and "audit:read" in kept.stderr,
          "a viewer's role it has, and no more", kept.stderr)
    amber.phantom("api-token", "members", "responder")
    said = birch.phantom("api", "get", "--node", "amber", "/api/v1/audit?limit=5")
    entries = json.loads(said.stdout)["entries"]
    check(entries[0]["what"] == "api-token.members", "until its owner says otherwise", entries)
    amber.phantom("api-token", "members", "off")
    off = birch.phantom("api", "get", "--node", "amber", "/api/v1/nodes/self", check=False)
    check(off.returncode == 1 and "401" in off.stderr, "or nothing at all", off.stderr)
    amber.kill()
    amber.phantom("up")
    birch.wait_for({"amber"})
    check("need tokens" in amber.phantom("api-token", "members").stdout, "which a restart does not forget")
    amber.phantom("api-token", "members", "viewer")
    nobody = birch.phantom("api", "get", "--node", "dogwood", "/api/v1/nodes/self", check=False)
    check(nobody.returncode == 1 and "no other member" in nobody.stderr, "somebody who is not there", nobody.stderr)
    closed = amber.phantom("api", "get", "--node", "birch", "/api/v1/nodes/self", check=False)
    check(closed.returncode == 1 and "does its API listen there" in closed.stderr, "an API that listens elsewhere", closed.stderr)


def check_revoked(amber: MeshNode, birch: MeshNode, folder: Path) -> None:
    place = "10.9.1.2"
    own = certificate_for(folder, "birch", seed_of(birch))
    stranger = Caller(birch, place, certificate_for(folder, "stranger", None)).ask("/nodes/self")
    check(b" 401 " in stranger and b"no current member" in stranger, "a stranger's certificate is nobody's", stranger)
    bare = Caller(birch, place, None).ask("/nodes/self")
    check(b" 401 " in bare, "without one a token is needed", bare)
    caller = Caller(birch, place, own)
    check(b" 200 OK" in caller.ask("/nodes/self"), "the member is answered outside the tunnel, too")
    listener = Caller(birch, place, own)
    check(b"event-stream" in listener.ask("/events", until=b": listening"), "and hears what happens")
    amber.phantom("revoke", "birch")
    check(caller.has_ended(), "put out, its connection ends by itself")
    check(listener.has_ended(), "and its stream")
    expect(
        lambda: wait_until(lambda: b" 401 " in Caller(birch, place, own).ask("/nodes/self"), "401", within=5),
        "whoever comes with its key is a stranger",
    )


def body(lab: Lab) -> None:
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        amber, birch = two_nodes(lab, built_program("phantom"), folder)
        amber.phantom("down")
        amber.phantom("up", "--api", f"[::]:{PORT}")
        birch.wait_for({"amber"})
        check_members(amber, birch)
        amber.phantom("down")
        amber.phantom("up", "--api", f"0.0.0.0:{PORT}")
        birch.wait_for({"amber"})
        amber.wait_for({"birch"})
        check_revoked(amber, birch, folder)
        for node in (amber, birch):
            node.kill()


if __name__ == "__main__":
    main(body, needs=("openssl",), seconds=110)
