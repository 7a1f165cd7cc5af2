"""Two mesh nodes, one of which attacks the other: for tests, benchmarks and the demonstration."""

from __future__ import annotations

import socket
import struct
import threading
import time
from pathlib import Path

from .lab import Lab, Namespace, wait_until
from .mesh import MeshNode

# A packet with this in it is an attack, and a rule says so that drops.
TRIGGER = b"phantommesh-benchmark-trigger"
RULE = (
    f'drop udp any any -> any any (msg:"the benchmark attacks"; content:"{TRIGGER.decode()}"; '
    "sid:9000002; rev:1; priority:1;)\n"
)
PROBE_PORT = 7777
PROBE_INTERVAL_S = 0.00005
# A trial that takes longer was not blocked.
PATIENCE_S = 2.0


def two_nodes(lab: Lab, program: str, folder: Path) -> tuple[MeshNode, MeshNode]:
    """A victim that holds the root, and an attacker that is a member; each knows the other."""
    wan = lab.namespace("wan")
    wan.sysctl("net.ipv4.ip_forward", 1)
    nodes = []
    for number, name in enumerate(("amber", "birch"), start=1):
        space = lab.namespace(name)
        lab.veth(space, wan, f"10.9.{number}.2/24", f"10.9.{number}.1/24")
        space.ip("route", "add", "default", "via", f"10.9.{number}.1")
        nodes.append(MeshNode(lab, space, name, program, folder))
    victim, attacker = nodes
    attacker.join(victim.init())
    victim.wait_for({"birch"})
    attacker.wait_for({"amber"})
    return victim, attacker


def take_rules(node: MeshNode) -> None:
    folder = node.state_dir / "rules"
    folder.mkdir(exist_ok=True)
    (folder / "attack.rules").write_text(RULE)


def arm(node: MeshNode) -> None:
    """It acts, has its rules, and spares nobody."""
    node.query("defence", mode="act")
    wait_until(lambda: node.query("defence")["rules"] > 0, "the rules are read")


class _Receiver:
    """Counts numbered datagrams in the victim's namespace."""

    def __init__(self, namespace: Namespace, address: str) -> None:
        with namespace.entered():
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.bind((address, PROBE_PORT))
        self.socket.settimeout(0.2)
        self.highest = -1
        self.stopping = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while not self.stopping:
            try:
                self.highest = max(self.highest, struct.unpack_from("!I", self.socket.recv(256))[0])
            except TimeoutError:
                continue

    def close(self) -> None:
        self.stopping = True
        self.thread.join()
        self.socket.close()


class BlockTrial:
    """How long after an attacking packet the attacker's packets still come through."""

    def __init__(self, victim: MeshNode, attacker: MeshNode) -> None:
        self.victim = victim
        self.address = victim.addresses()[0]
        self.attacker = attacker
        self.receiver = _Receiver(victim.namespace, self.address)

    def run(self) -> float | None:
        """Seconds from sending the attacking packet to sending the first that was dropped; None: it was
        never blocked. The numbers go on from trial to trial."""
        arm(self.victim)
        # From a port of its own: of a flow that goes on for long not every packet is looked at.
        with self.attacker.namespace.entered():
            self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with self.sender:
            self.sender.connect((self.address, PROBE_PORT))
            return self._run()

    def _run(self) -> float | None:
        begin = self.receiver.highest + 1
        sent = [time.perf_counter()]
        self.sender.send(struct.pack("!I", begin) + TRIGGER)
        end = sent[0] + PATIENCE_S
        silent_since = begin
        while time.perf_counter() < end:
            now = time.perf_counter()
            sent.append(now)
            self.sender.send(struct.pack("!I", begin + len(sent) - 1) + b"probe")
            # Until nothing has come for a while of what was sent meanwhile.
            if self.receiver.highest >= silent_since:
                silent_since = self.receiver.highest + 1
            first_lost = silent_since - begin
            if first_lost < len(sent) and now - sent[first_lost] > 0.05:
                break
            while time.perf_counter() < now + PROBE_INTERVAL_S:
                pass
        actions = self.victim.query("actions")["actions"]
        first_lost = self.receiver.highest + 1 - begin
        wait_until(self._passes, "undone, datagrams pass again")
        if not actions or first_lost >= len(sent):
            return None
        return sent[first_lost] - sent[0]

    def _passes(self) -> bool:
        # Again each time: a block may come late.
        for action in self.victim.query("actions")["actions"]:
            self.victim.query("undo", number=action["number"])
        probe = self.receiver.highest + 1_000_000
        self.sender.send(struct.pack("!I", probe) + b"probe")
        time.sleep(0.005)
        return self.receiver.highest >= probe

    def close(self) -> None:
        self.receiver.close()
