"""Two mesh nodes, one of which attacks the other: for tests, benchmarks and the demonstration."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
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
SILENCE_INTERVALS_MIN = 200
SILENCE_S = 0.05
SLEEPS_FROM_S = 0.001


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


class Receiver:
    """Counts numbered datagrams in the victim's namespace, and shows each to who wants to see it."""

    def __init__(
        self, namespace: Namespace, address: str, see: Callable[[bytes], None] = lambda _: None
    ) -> None:
        self._see = see
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
                packet = self.socket.recv(256)
                self.highest = max(self.highest, struct.unpack_from("!I", packet)[0])
                self._see(packet)
            except TimeoutError:
                continue

    def hears(self, sender: socket.socket) -> bool:
        probe = self.highest + 1_000_000
        with suppress(ConnectionRefusedError):
            sender.send(struct.pack("!I", probe) + b"probe")
        time.sleep(0.005)
        return self.highest >= probe

    def close(self) -> None:
        self.stopping = True
        self.thread.join()
        self.socket.close()


def first_dropped(
    sender: socket.socket, receiver: Receiver, interval_s: float, patience_s: float
) -> float | None:
    """Seconds from sending an attacking packet to sending the first that was dropped; None: all came through.
    The numbers go on from trial to trial."""
    begin = receiver.highest + 1
    sent = [time.perf_counter()]
    sender.send(struct.pack("!I", begin) + TRIGGER)
    end = sent[0] + patience_s
    silent_since = begin
    silence_s = max(SILENCE_S, SILENCE_INTERVALS_MIN * interval_s)
    while time.perf_counter() < end:
        now = time.perf_counter()
        sent.append(now)
        with suppress(ConnectionRefusedError):  # some blocks say so
            sender.send(struct.pack("!I", begin + len(sent) - 1) + b"probe")
        # Until nothing has come for a while of what was sent meanwhile.
        if receiver.highest >= silent_since:
            silent_since = receiver.highest + 1
        first_lost = silent_since - begin
        if first_lost < len(sent) and now - sent[first_lost] > silence_s:
            break
        # To be exact costs a whole core, which who is measured may need.
        if interval_s >= SLEEPS_FROM_S:
            time.sleep(interval_s)
        while time.perf_counter() < now + interval_s:
            pass
    first_lost = receiver.highest + 1 - begin
    return sent[first_lost] - sent[0] if first_lost < len(sent) else None


class BlockTrial:
    """How long after an attacking packet the attacker's packets still come through."""

    def __init__(self, victim: MeshNode, attacker: MeshNode) -> None:
        self.victim = victim
        self.address = victim.addresses()[0]
        self.attacker = attacker
        self.receiver = Receiver(victim.namespace, self.address)

    def run(self) -> float | None:
        """Seconds, or None: it was never blocked."""
        arm(self.victim)
        # From a port of its own: of a flow that goes on for long not every packet is looked at.
        with self.attacker.namespace.entered():
            self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with self.sender:
            self.sender.connect((self.address, PROBE_PORT))
            return self._run()

    def _run(self) -> float | None:
        found = first_dropped(self.sender, self.receiver, PROBE_INTERVAL_S, PATIENCE_S)
        actions = self.victim.query("actions")["actions"]
        wait_until(self._passes, "undone, datagrams pass again")
        return found if actions else None

    def _passes(self) -> bool:
        # Again each time: a block may come late.
        for action in self.victim.query("actions")["actions"]:
            self.victim.query("undo", number=action["number"])
        return self.receiver.hears(self.sender)

    def close(self) -> None:
        self.receiver.close()
