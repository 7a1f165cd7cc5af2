#!/usr/bin/env python3
# timeout: 200
# beside others
"""Two members whose addresses changed while they were off, and whose only other member is dead, find each
other on their own network; without beacons they do not. What an observer of the network sees is random."""

from __future__ import annotations

import socket
import struct
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, Namespace, wait_until  # noqa: E402
from netlab.harness import built_program, check, expect, main  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402
from netlab.traffic import wait_ping  # noqa: E402

GROUP, PORT = "239.255.80.77", 51821
BEACON_SIZE = 34
QUIET_S = 8.0  # longer than beacons would need


def listen(namespace: Namespace) -> socket.socket:
    with namespace.entered():
        observer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        observer.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        observer.bind((GROUP, PORT))
        link = socket.if_nametoindex("switch")
        joined = struct.pack("=4s4si", socket.inet_aton(GROUP), bytes(4), link)
        observer.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, joined)
    observer.settimeout(10)
    return observer


def body(lab: Lab) -> None:
    switch = lab.namespace("switch")
    switch.ip("link", "add", "name", "switch", "type", "bridge", "mcast_snooping", "0")
    switch.add_address("switch", "10.1.0.1/24")
    switch.ip("link", "set", "switch", "up")
    program = built_program("phantom")
    with tempfile.TemporaryDirectory() as folder:
        nodes, links = [], []
        for number, name in enumerate(("amber", "birch", "cedar"), start=10):
            namespace = lab.namespace(name)
            link, port = lab.veth(namespace, switch, f"10.1.0.{number}/24", "")
            switch.ip("link", "set", port, "master", "switch")
            nodes.append(MeshNode(lab, namespace, name, program, Path(folder)))
            links.append(link)
        amber, birch, cedar = nodes
        birch.join(amber.init())
        cedar.join(amber.ask("token", "create")["token"])
        birch.wait_for({"amber", "cedar"})
        cedar.wait_for({"amber", "birch"})

        amber.kill()
        for node, link, number in ((birch, links[1], 21), (cedar, links[2], 22)):
            node.phantom("down")
            node.namespace.ip("address", "flush", "dev", link)
            node.namespace.add_address(link, f"10.1.0.{number}/24")

        for node in (birch, cedar):
            node.phantom("up", "--no-lan-discovery")
        time.sleep(QUIET_S)
        check(birch.peer_now("cedar")["path"] == "none", "without beacons they do not meet")
        birch.phantom("down")
        cedar.phantom("down")

        observer = listen(switch)
        birch.phantom("up")
        cedar.phantom("up")

        def meet() -> None:
            wait_until(lambda: birch.peer_now("cedar")["path"] == "direct", "they meet", within=20)

        expect(meet, "with beacons they do")
        expect(lambda: wait_ping(birch.namespace, cedar.addresses()[0]), "packets pass")
        seen = [entry["name"] for entry in birch.query("netcheck")["lan"]]
        check("cedar" in seen, "netcheck names the neighbour", seen)
        check_observed(observer, [birch, cedar])


def check_observed(observer: socket.socket, nodes: list[MeshNode]) -> None:
    """Datagrams of one size, no two alike, without the id of who said them."""
    beacons = [observer.recv(100) for _ in range(4)]
    check({len(each) for each in beacons} == {BEACON_SIZE}, "beacons have one size")
    check(len(set(beacons)) == len(beacons), "no two are alike")
    ids = [bytes.fromhex(node.status()["self"]["id"])[:8] for node in nodes]
    told = any(own in each for own in ids for each in beacons)
    check(not told, "they do not say who is there")


if __name__ == "__main__":
    main(body, seconds=180)
