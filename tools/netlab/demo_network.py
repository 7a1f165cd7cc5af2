"""The demonstration's three nodes, the wire between them, and what is measured on each tunnel."""

from __future__ import annotations

import itertools
import re
import subprocess
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from .lab import Lab, LabError, Namespace
from .process import memory_resident_bytes
from .traffic import iperf
from .tunnel import WireGuard, preshared_key

PORT = 51820
SAMPLE_S = 0.5
HISTORY = 24  # samples of a rate that are drawn
NAMES = ("amber", "birch", "cedar")
TRAFFIC_PORT = 5300


@dataclass
class Node:
    name: str
    number: int
    wireguard: WireGuard

    @property
    def inner4(self) -> str:
        return f"10.7.0.{self.number}"

    @property
    def inner6(self) -> str:
        return f"fd07::{self.number}"

    @property
    def outer(self) -> str:
        return f"10.99.0.{self.number}"

    @property
    def namespace(self) -> Namespace:
        return self.wireguard.namespace

    @property
    def program(self) -> str:
        return Path(self.wireguard.program).name

    def offloads(self) -> str:
        """What the daemon says it uses, last; wireguard-go of Debian has none."""
        found = re.findall(r"offloads: ([^;\n]*)", self.wireguard.log())
        return found[-1].strip() if found else "no offloads"

    def memory_bytes(self) -> int:
        try:
            return memory_resident_bytes(self.wireguard.pid)
        except (OSError, ValueError):
            return 0

    def describe(self) -> str:
        return f"{self.name}  {self.program:13} {self.inner4}  {self.inner6}  {self.offloads()}"


@dataclass
class Rate:
    """Bits per second one way, from a counter that only grows."""

    history: deque[float] = field(default_factory=lambda: deque([0.0] * HISTORY, HISTORY))
    _last: tuple[float, int] | None = None

    def sample(self, now: float, count_bytes: int) -> None:
        if self._last is not None and now > self._last[0]:
            before, had = self._last
            self.history.append(max(0, count_bytes - had) * 8 / (now - before))
        self._last = (now, count_bytes)

    def current(self) -> float:
        return self.history[-1]


@dataclass
class Tunnel:
    left: Node
    right: Node
    forth: Rate = field(default_factory=Rate)
    back: Rate = field(default_factory=Rate)
    handshake_s: int = 0
    moved_bytes: int = 0
    rtt_ms: float | None = None

    @property
    def name(self) -> str:
        return f"{self.left.name} - {self.right.name}"

    def sample(self) -> None:
        peer = self.left.wireguard.peers().get(self.right.wireguard.keys.public)
        if peer is None:
            return
        now = time.monotonic()
        self.forth.sample(now, peer.sent_bytes)
        self.back.sample(now, peer.received_bytes)
        self.handshake_s = peer.last_handshake_s
        self.moved_bytes = peer.sent_bytes + peer.received_bytes


class Network:
    """Three nodes on one switch. Samples itself in the background."""

    def __init__(self, lab: Lab, ours: str, stock: str) -> None:
        self.lab = lab
        self.started = time.monotonic()
        self.doing = ""
        self.wire = lab.namespace("wire")
        self.wire.ip("link", "add", "name", "switch", "type", "bridge")
        self.wire.ip("link", "set", "switch", "up")
        self.nodes = [
            self._add_node(name, number, program)
            for number, (name, program) in enumerate(zip(NAMES, (ours, ours, stock)), start=1)
        ]
        self.tunnels = [Tunnel(*pair) for pair in itertools.combinations(self.nodes, 2)]
        for tunnel in self.tunnels:
            self._join(tunnel)
        threading.Thread(target=self._sample_always, daemon=True).start()
        for tunnel in self.tunnels:
            threading.Thread(target=self._ping_always, args=(tunnel,), daemon=True).start()

    def _add_node(self, name: str, number: int, program: str) -> Node:
        namespace = self.lab.namespace(name)
        _, port = self.lab.veth(
            namespace, self.wire, f"10.99.0.{number}/24 fd99::{number}/64", ""
        )
        self.wire.ip("link", "set", port, "master", "switch")
        node = Node(name, number, WireGuard(self.lab, namespace, name[0], program))
        node.wireguard.start(log_level="info").listen(PORT)
        node.wireguard.up(f"{node.inner4}/24", f"{node.inner6}/64")
        return node

    def _join(self, tunnel: Tunnel) -> None:
        psk = preshared_key()
        for node, other in ((tunnel.left, tunnel.right), (tunnel.right, tunnel.left)):
            # One tunnel runs over IPv6.
            over_ipv6 = {node.number, other.number} == {1, 2}
            endpoint = f"[fd99::{other.number}]" if over_ipv6 else other.outer
            node.wireguard.add_peer(
                other.wireguard.keys.public, f"{other.inner4}/32,{other.inner6}/128",
                endpoint=f"{endpoint}:{PORT}", preshared_key=psk,
            )  # fmt: skip

    # ---- Measuring ----

    def _sample_always(self) -> None:
        while True:
            for tunnel in self.tunnels:
                try:
                    tunnel.sample()
                except (LabError, OSError, subprocess.SubprocessError):
                    return  # it is being taken down
            time.sleep(SAMPLE_S)

    def _ping_always(self, tunnel: Tunnel) -> None:
        argv = ("ping", "-n", "-i", str(SAMPLE_S), tunnel.right.inner4)
        pings = tunnel.left.namespace.start(*argv, stdout=subprocess.PIPE, text=True)
        assert pings.stdout is not None
        for line in pings.stdout:
            found = re.search(r"time=([\d.]+) ms", line)
            if found:
                tunnel.rtt_ms = float(found[1])

    # ---- Traffic after the checks ----

    def keep_busy(self, stop: threading.Event) -> None:
        """TCP through one tunnel after the other, for the view."""
        for number, tunnel in enumerate(itertools.cycle(self.tunnels)):
            if stop.is_set():
                return
            ends = (tunnel.left, tunnel.right) if number % 2 else (tunnel.right, tunnel.left)
            self.doing = f"TCP {ends[0].name} -> {ends[1].name}"
            iperf(
                ends[0].namespace, ends[1].namespace, ends[1].inner4,
                seconds=4, port=TRAFFIC_PORT + number % 50,
            )  # fmt: skip

    def stop_traffic(self) -> None:
        """Lets the thread that makes it come to its end: its client loses the server."""
        self.lab.end_processes("iperf3")
