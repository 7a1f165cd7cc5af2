#!/usr/bin/env python3
# timeout: 240
"""All keys of a node are changed under traffic: nothing is lost, and it keeps its id and addresses. A
member that was off finds it again, a kill at any step leaves a node that works, and an old copy of its
state directory is nobody."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab  # noqa: E402
from netlab.harness import built_program, check, expect, main, say  # noqa: E402
from netlab.lab import wait_until  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402
from netlab.traffic import Rtt, measure_rtt, transfer, wait_ping  # noqa: E402

PINGS_PER_S = 200
TRAFFIC_S = 8
# A machine that is busy with something else loses packets of its own. What a change of keys loses, it would
# lose each time.
TRIES = 4
TRANSFER_SIZE = 1 << 16
TRANSFER_PAUSE_S = 0.1
NAMES = {"amber", "birch", "cedar"}


def own(node: MeshNode) -> dict[str, Any]:
    return node.query("status")["self"]


class Traffic:
    """Pings between each two nodes, and checked TCP both ways beside them."""

    def __init__(self, nodes: list[MeshNode], seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._ways = [(a, b) for a in nodes for b in nodes if a is not b]
        self.lost: dict[str, int] = {}
        self.sent = 0
        self.transfers = 0
        self.errors: list[Exception] = []
        self._addresses = {node.name: node.addresses()[0] for node in nodes}
        pairs = [way for way in self._ways if way[0].name < way[1].name]
        self._threads = [threading.Thread(target=self._ping, args=way) for way in pairs]
        self._threads.append(threading.Thread(target=self._transfer))
        for thread in self._threads:
            thread.start()

    def _ping(self, source: MeshNode, sink: MeshNode) -> None:
        count = int(PINGS_PER_S * (self._end - time.monotonic()))
        try:
            measured: Rtt = measure_rtt(
                source.namespace, self._addresses[sink.name],
                count=count, interval_s=1 / PINGS_PER_S,
            )
            self.sent += measured.sent
            self.lost[f"{source.name}-{sink.name}"] = measured.lost
        except Exception as error:
            self.errors.append(error)

    def _transfer(self) -> None:
        try:
            while time.monotonic() < self._end:
                for source, sink in self._ways:
                    address = self._addresses[sink.name]
                    transfer(source.namespace, sink.namespace, address, TRANSFER_SIZE)
                    self.transfers += 1
                    time.sleep(TRANSFER_PAUSE_S)
        except Exception as error:
            self.errors.append(error)

    def finish(self) -> None:
        for thread in self._threads:
            thread.join()


def rotate_under_traffic(nodes: list[MeshNode]) -> bool:
    """Whether nothing was lost."""
    traffic = Traffic(nodes, TRAFFIC_S)
    for node in nodes:
        time.sleep(1)
        started = time.monotonic()
        answer = node.ask("rotate")
        say(f"{node.name}: new keys after {time.monotonic() - started:.2f} s")
        check(answer["state"] == "done", f"{node.name} has changed its keys", answer)
    traffic.finish()
    check(not traffic.errors, f"{traffic.transfers} TCP transfers came whole", traffic.errors)
    say(f"lost of {traffic.sent} packets: {traffic.lost}")
    return len(traffic.lost) == len(nodes) and not any(traffic.lost.values())


def control_only_sessions(node: MeshNode) -> dict[str, int]:
    """By peer. Two who call each other at once when they first meet have one each."""
    return {
        peer["name"]: peer["post_quantum"]["control_only_sessions"] for peer in node.status()["peers"]
    }


def check_under_traffic(nodes: list[MeshNode]) -> None:
    before = {node.name: own(node) for node in nodes}
    first_sessions = {node.name: control_only_sessions(node) for node in nodes}
    tries = 1
    while not (lossless := rotate_under_traffic(nodes)) and tries < TRIES:
        tries += 1
    check(lossless, "no packet was lost")
    for node in nodes:
        was, now = before[node.name], own(node)
        check(was["keys"] != now["keys"], f"{node.name}: other keys")
        check(now["keys_generation"] == tries, "one change each time", now["keys_generation"])
        kept = ("id", "name", "addresses", "interface", "listen_port")
        check(all(was[key] == now[key] for key in kept), "the same id, name and addresses")
        expect(
            lambda node=node: node.wait_for(NAMES - {node.name}), "post-quantum keys with all others"
        )
    for node in nodes:
        found = control_only_sessions(node)
        check(
            found == first_sessions[node.name],
            f"{node.name}: no session but the first was for control only", found,
        )


def check_absent(amber: MeshNode, birch: MeshNode, cedar: MeshNode) -> None:
    """cedar is off while birch changes its keys, and nobody but birch can tell it so."""
    cedar.kill()
    check(birch.ask("rotate")["state"] == "done", "birch changes its keys while cedar is off")
    keys = own(birch)["keys"]
    amber.kill()
    started = time.monotonic()
    cedar.phantom("up")
    expect(
        lambda: wait_ping(cedar.namespace, birch.addresses()[0]),
        "cedar is back, and reaches it by the key of before",
    )
    say(f"reached after {time.monotonic() - started:.2f} s")
    cedar.phantom("ping", "birch", "-c", "1")
    check(own(birch)["keys"] == keys, "which stays with its new ones")
    birch.kill()
    birch.phantom("up")
    expect(lambda: wait_ping(birch.namespace, cedar.addresses()[0]), "a restart calls with them")
    amber.phantom("up")
    expect(lambda: amber.wait_for(NAMES - {"amber"}), "amber is back, too")


def check_waiting(amber: MeshNode, birch: MeshNode) -> Path:
    """Without the root's node nothing changes; later it does, unasked. The file of the time between."""
    amber.kill()
    keys = own(birch)["keys"]
    wait_until(lambda: birch.peer_now("amber")["path"] == "none", "amber is missed", within=40)
    done = birch.phantom("rotate", "--timeout", "2", "--json", check=False)
    check(done.returncode == 1, "without the node of the root it ends with 1", done.stdout)
    check(json.loads(done.stdout)["state"] == "waiting", "and says what is missing")
    check(own(birch)["keys"] == keys, "the keys are what they were")
    birch.kill()
    between = birch.state_dir.parent / "node.key.between"
    shutil.copy2(birch.state_dir / "node.key", between)
    birch.phantom("up")
    amber.phantom("up")
    wait_until(lambda: own(birch)["keys"] != keys, "birch has its next keys", within=60)
    check(True, "a killed node asks again by itself, once amber is there")
    expect(lambda: birch.wait_for({"amber", "cedar"}), "all are there")
    return between


def check_kill_between(birch: MeshNode, between: Path) -> None:
    """As if it had been killed after its record was written, and before its keys were."""
    now = own(birch)
    birch.kill()
    shutil.copy2(between, birch.state_dir / "node.key")
    birch.phantom("up")
    check(own(birch)["keys"] == now["keys"], "killed between the two files: it has its next keys")
    expect(lambda: birch.wait_for({"amber", "cedar"}), "and all are there")


def check_old_copy(amber: MeshNode, cedar: MeshNode) -> None:
    cedar.phantom("down")
    stolen = cedar.state_dir.parent / "stolen"
    shutil.copytree(cedar.state_dir, stolen)
    cedar.phantom("up")
    expect(lambda: cedar.wait_for({"amber", "birch"}), "cedar is there")
    check(cedar.ask("rotate")["state"] == "done", "it changes its keys")
    keys = own(cedar)["keys"]
    cedar.phantom("down")
    kept = cedar.state_dir.parent / "kept"
    cedar.state_dir.rename(kept)
    stolen.rename(cedar.state_dir)
    cedar.phantom("up")
    check(own(cedar)["keys"] != keys, "a copy of before has the keys of before")
    time.sleep(8)
    check(
        all(peer["path"] == "none" for peer in cedar.status()["peers"]), "and nobody talks with it",
        cedar.status()["peers"],
    )
    address = own(cedar)["addresses"][0]
    alive = amber.namespace.run("ping", "-c", "2", "-W", "1", address, check=False)
    check(alive.returncode != 0, "nothing is sent to it")
    cedar.phantom("down")
    cedar.state_dir.rename(stolen)
    kept.rename(cedar.state_dir)
    cedar.phantom("up")
    expect(lambda: cedar.wait_for({"amber", "birch"}), "the real one is back")
    check(own(cedar)["keys"] == keys, "with its new keys")


def body(lab: Lab) -> None:
    program = built_program("phantom")
    wan = lab.namespace("wan")
    wan.sysctl("net.ipv4.ip_forward", 1)
    with tempfile.TemporaryDirectory() as folder:
        nodes = []
        for number, name in enumerate(sorted(NAMES), start=1):
            space = lab.namespace(name)
            lab.veth(space, wan, f"10.9.{number}.2/24", f"10.9.{number}.1/24")
            space.ip("route", "add", "default", "via", f"10.9.{number}.1")
            nodes.append(MeshNode(lab, space, name, program, Path(folder)))
        amber, birch, cedar = nodes
        token = amber.init()
        birch.join(token)
        cedar.join(amber.ask("token", "create")["token"])
        for node in nodes:
            node.wait_for(NAMES - {node.name})
        check_under_traffic(nodes)
        check_absent(amber, birch, cedar)
        between = check_waiting(amber, birch)
        check_kill_between(birch, between)
        check_old_copy(amber, cedar)
        for node in nodes:
            node.kill()


main(body, seconds=230)
