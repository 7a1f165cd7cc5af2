#!/usr/bin/env python3
# timeout: 400
# beside others
"""The interface is moved into another namespace in the moment the daemon has started, as
wireguard-go's netns.sh does, twenty times in a row: the daemon must never look it up by name."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, LabError, Namespace, WireGuard, is_alive, wait_until  # noqa: E402
from netlab.harness import expect, main, phantomd, wireguard_go  # noqa: E402
from netlab.traffic import transfer, wait_ping  # noqa: E402

ROUNDS = 20
OUTER_PORT = 51820
FAR_PORT = 51821
BIG_MTU = 9000


def start_and_move(node: WireGuard, target: Namespace) -> int:
    """Its socket stays where it was born; the interface works in `target`. Returns its pid."""
    node.namespace.run(node.program, node.name)
    node.namespace.ip("link", "set", node.name, "netns", target.name)
    for pid in node.namespace.pids():
        if node.name.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
            return pid
    raise LabError("the daemon died when its interface was moved")


def check_works(node: WireGuard, target: Namespace, far: WireGuard) -> None:
    node.listen(OUTER_PORT)
    node.add_peer(far.keys.public, "10.7.0.2/32", endpoint=f"127.0.0.1:{FAR_PORT}")
    far.add_peer(node.keys.public, "10.7.0.1/32")
    target.add_address(node.name, "10.7.0.1/24")
    target.ip("link", "set", node.name, "up")
    wait_ping(target, "10.7.0.2")


def check_mtu_change(node: WireGuard, target: Namespace, far: WireGuard) -> None:
    """A change made where the daemon does not live."""
    for namespace, name in ((target, node.name), (far.namespace, far.name)):
        namespace.ip("link", "set", name, "mtu", str(BIG_MTU))
    expect(lambda: transfer(target, far.namespace, "10.7.0.2"), f"TCP with MTU {BIG_MTU}")
    for namespace, name in ((target, node.name), (far.namespace, far.name)):
        namespace.ip("link", "set", name, "mtu", "1420")


def run_round(node: WireGuard, target: Namespace, far: WireGuard, number: int) -> None:
    pid = start_and_move(node, target)
    check_works(node, target, far)
    if number == 1:
        check_mtu_change(node, target, far)
    if number % 2:
        os.kill(pid, signal.SIGTERM)
    else:
        target.ip("link", "delete", node.name)
    wait_until(lambda: not is_alive(pid), "the daemon ends")
    wait_until(lambda: not target.has_link(node.name), "the interface is gone")
    wait_until(lambda: not node.socket_path.exists(), "the socket is gone")
    far.remove_peer(node.keys.public)


def body(lab: Lab) -> None:
    middle, target, beyond = (lab.namespace(name) for name in ("middle", "target", "beyond"))
    # The far end stays where it was started, so only one side of the race is ours; both sockets
    # are in `middle`, both interfaces elsewhere.
    far = WireGuard(lab, middle, "z", wireguard_go()).start().listen(FAR_PORT)
    middle.ip("link", "set", far.name, "netns", beyond.name)
    far.namespace = beyond
    far.up("10.7.0.2/24")
    for number in range(1, ROUNDS + 1):
        node = WireGuard(lab, middle, "a", phantomd())
        expect(
            lambda: run_round(node, target, far, number), f"moved at once: traffic, tidy end {number}"
        )
        target.ip("link", "delete", node.name, check=False)


if __name__ == "__main__":
    main(body, seconds=360)
