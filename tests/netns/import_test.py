#!/usr/bin/env python3
# timeout: 120
# beside others
"""A stock WireGuard peer beside the members of a mesh: brought in from wg-quick's file, reached, shown
as not post-quantum, there again after a kill, taken out; and files that are refused, with the line."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, WireGuard, preshared_key  # noqa: E402
from netlab.harness import built_program, check, expect, main, phantomd  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402
from netlab.traffic import pings, wait_ping  # noqa: E402


def config(stock: WireGuard, psk: str, allowed: str = "10.7.0.2/32, 10.8.0.0/24") -> str:
    return (
        f"[Interface]\nAddress = 10.7.0.1/24\nPrivateKey = {stock.keys.private}\nMTU = 1400\n\n"
        f"[Peer]\nPublicKey = {stock.keys.public}\nPresharedKey = {psk}\nAllowedIPs = {allowed}\n"
        "Endpoint = 10.99.0.2:51820\nPersistentKeepalive = 1\n"
    )


def check_import(node: MeshNode, stock: WireGuard, psk: str, file: Path) -> None:
    file.write_text(config(stock, psk))
    said = node.phantom("import", str(file)).stdout
    listed = node.ask("import", "--list")
    own = listed["own_public_key"]
    check(own in said and "PrivateKey, MTU" in said, "it says the own key, and what it leaves", said)
    check(psk not in said and stock.keys.private not in said, "and no secret")
    stock.add_peer(own, "10.7.0.1/32", preshared_key=psk)
    expect(lambda: wait_ping(node.namespace, "10.7.0.2"), "the stock peer is reached")
    expect(lambda: wait_ping(node.namespace, "10.8.0.1"), "and what is behind it, by its route")
    peer = node.peer(stock.keys.public)
    check(peer["path"] == "direct" and peer["endpoint"] == "10.99.0.2:51820", "status", peer)
    check(not peer["post_quantum"]["established"], "shows it as not post-quantum", peer)
    check(stock.keys.public in node.phantom("status").stdout, "to people as well")


def check_restart(node: MeshNode) -> None:
    node.kill()
    node.phantom("up")
    expect(lambda: wait_ping(node.namespace, "10.8.0.1"), "it is there again after a kill")


def refused(node: MeshNode, text: str, why: str, what: str) -> None:
    done = node.namespace.run(
        node.program, "--run-dir", node.run_dir, "import", "-", text=text, check=False
    )
    check(done.returncode == 1 and why in done.stderr, what, done.stderr.strip())


def check_refusals(node: MeshNode, stock: WireGuard, psk: str) -> None:
    before = node.ask("import", "--list")["peers"][0]["addresses"]
    good = config(stock, psk)
    refused(node, good + "Colour = red\n", "line 12", "an unknown key, with its line")
    for allowed in (node.addresses()[0], "0.0.0.0/0", "fc00::/7"):
        refused(node, config(stock, psk, allowed), "overlaps", f"AllowedIPs {allowed}")
    own = node.ask("import", "--list")["own_public_key"]
    refused(node, good.replace(stock.keys.public, own), "member", "the key of a member")
    after = node.ask("import", "--list")["peers"][0]["addresses"]
    check(before == after, "and nothing was changed", after)


def check_removal(node: MeshNode, stock: WireGuard) -> None:
    node.phantom("import", "--remove", stock.keys.public)
    check(not node.peer(stock.keys.public), "it is taken out")
    check(not pings(node.namespace, "10.7.0.2"), "and not reached any more")
    again = node.phantom("import", "--remove", stock.keys.public, check=False)
    check(again.returncode == 1 and "no imported peer" in again.stderr, "once", again.stderr)


def body(lab: Lab) -> None:
    left, right = lab.pair()
    psk = preshared_key()
    stock = WireGuard(lab, right, "s", phantomd()).start().listen(51820)
    stock.up("10.7.0.2/24", "10.8.0.1/24")
    with tempfile.TemporaryDirectory() as folder:
        node = MeshNode(lab, left, "amber", built_program("phantom"), Path(folder))
        node.init()
        for stage in ("live", "startup", "ready"):
            status = node.phantom("status", "--check", stage, check=False)
            check(status.returncode == 0 and not status.stdout, f"status --check {stage}: 0")
        check_import(node, stock, psk, Path(folder) / "wg0.conf")
        check_restart(node)
        check_refusals(node, stock, psk)
        check_removal(node, stock)
        node.phantom("down")
        status = node.phantom("status", "--check", "startup", check=False)
        check(status.returncode == 3, "status --check without a daemon: 3", status.returncode)


main(body, seconds=110)
