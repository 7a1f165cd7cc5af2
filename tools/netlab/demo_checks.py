"""What the demonstration proves, one check after the other."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .demo_network import PORT, Network, Node, Tunnel
from .lab import UAPI_DIRECTORY, LabError, run
from .screen import bits_per_second
from .traffic import iperf, tcp_bits_per_second, transfer, wait_ping

# Little, so that a busy machine carries it; a machine that is busier still gets other tries.
UDP_BITS_PER_SECOND = 20_000_000
UDP_LOSS_MAX_PERCENT = 1.0
UDP_TRIES = 3
CHECKSUM_SIZE = 16 << 20
ETH_P_ALL = 3
SILENCE_S = 0.5
MARKER = b"if you can read this on the wire, nothing is encrypted. "


@dataclass
class Check:
    name: str
    step: Callable[[], str]  # returns what to say; raises LabError or OSError when it fails
    state: str = "waiting"  # waiting, running, held, failed
    said: str = ""

    def run(self) -> None:
        self.state = "running"
        try:
            self.said = self.step()
            self.state = "held"
        except (LabError, OSError, KeyError, ValueError) as error:
            self.said = str(error)
            self.state = "failed"


class Checks:
    """A list that one thread runs and another draws."""

    def __init__(self) -> None:
        self.all: list[Check] = []

    def plan(self, checks: list[Check]) -> None:
        self.all.extend(checks)

    def run(self) -> Iterator[Check]:
        for check in self.all:
            check.run()
            yield check

    def add(self, check: Check) -> None:
        check.run()
        self.all.append(check)

    def count(self, state: str) -> int:
        return sum(check.state == state for check in self.all)

    def are_done(self) -> bool:
        return bool(self.all) and all(check.state in ("held", "failed") for check in self.all)

    def all_held(self) -> bool:
        return bool(self.all) and self.count("held") == len(self.all)


def all_checks(network: Network, seconds: float) -> list[Check]:
    checks = []
    for tunnel in network.tunnels:
        arrow = f"{tunnel.left.name} - {tunnel.right.name}"
        checks.append(Check(f"ping over IPv4 and IPv6, {arrow}", lambda t=tunnel: ping(t)))
        checks.append(Check(f"handshake with pre-shared key, {arrow}", lambda t=tunnel: handshake(t)))
    for tunnel in network.tunnels:
        arrow = f"{tunnel.left.name} - {tunnel.right.name}"
        checks.append(Check(f"16 MiB each way, same SHA-256, {arrow}", lambda t=tunnel: sums(t)))
    for tunnel in network.tunnels:
        for ends in ((tunnel.left, tunnel.right), (tunnel.right, tunnel.left)):
            arrow = f"{ends[0].name} -> {ends[1].name}"
            checks.append(Check(f"TCP, {arrow}", lambda e=ends: tcp(*e, seconds)))
        arrow = f"{tunnel.left.name} -> {tunnel.right.name}"
        ends = (tunnel.left, tunnel.right)
        checks.append(Check(f"UDP, {arrow}", lambda e=ends: udp(*e, seconds)))
    first, last = network.nodes[0], network.nodes[-1]
    checks.append(Check("a known text cannot be read on the wire", lambda: wire(network, first, last)))
    checks.append(Check("strangers get no answer", lambda: silence(network)))
    checks.append(Check("wg shows every peer", lambda: shown(network)))
    return checks


# ---- The steps --------------------------------------------------------------------------------


def ping(tunnel: Tunnel) -> str:
    for address in (tunnel.right.inner4, tunnel.right.inner6):
        wait_ping(tunnel.left.namespace, address)
    return f"{tunnel.right.inner4}, {tunnel.right.inner6}"


def handshake(tunnel: Tunnel) -> str:
    for node, other in ((tunnel.left, tunnel.right), (tunnel.right, tunnel.left)):
        peer = node.wireguard.peer(other.wireguard.keys.public)
        if peer.last_handshake_s == 0:
            raise LabError(f"{node.name} reports no handshake with {other.name}")
    endpoint = tunnel.left.wireguard.endpoint_of(tunnel.right.wireguard.keys.public)
    family = "IPv6" if endpoint.startswith("[") else "IPv4"
    return f"{tunnel.left.program} - {tunnel.right.program}, over {family}"


def sums(tunnel: Tunnel) -> str:
    ends = (tunnel.left, tunnel.right)
    for source, sink in (ends, ends[::-1]):
        transfer(source.namespace, sink.namespace, sink.inner6, CHECKSUM_SIZE)
    return f"{2 * CHECKSUM_SIZE >> 20} MiB intact"


def tcp(source: Node, sink: Node, seconds: float) -> str:
    report = iperf(source.namespace, sink.namespace, sink.inner4, seconds=seconds)
    rate = tcp_bits_per_second(report)
    if rate <= 0:
        raise LabError("nothing arrived")
    return bits_per_second(rate)


def udp(source: Node, sink: Node, seconds: float) -> str:
    for _ in range(UDP_TRIES):
        report = iperf(
            source.namespace, sink.namespace, sink.inner4,
            "-u", "-b", str(UDP_BITS_PER_SECOND), "-l", "1200", seconds=seconds,
        )  # fmt: skip
        total = report["end"]["sum"]
        if total["packets"] > 0 and total["lost_percent"] <= UDP_LOSS_MAX_PERCENT:
            return f"{total['packets']} datagrams, {total['lost_percent']:.2g} % lost"
    raise LabError(f"{total['lost_packets']} of {total['packets']} datagrams were lost")


def wire(network: Network, source: Node, sink: Node) -> str:
    """Listens on the switch while a known text crosses the tunnel."""
    with sink.namespace.entered():
        inbox = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with source.namespace.entered():
        outbox = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with network.wire.entered():
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    with tap, inbox, outbox:
        inbox.bind((sink.inner4, 0))
        inbox.settimeout(5)
        tap.settimeout(SILENCE_S)
        text = MARKER * 8 + os.urandom(8)
        outbox.sendto(text, inbox.getsockname())
        if inbox.recv(4096) != text:
            raise LabError("the text did not arrive as it was sent")
        seen, carriers = listen(tap, len(text))
    if seen:
        raise LabError("the text could be read between the nodes")
    if carriers == 0:
        raise LabError("its carrier was not seen either: nothing is proven")
    return "it arrived; only ciphertext was on the wire"


def listen(tap: socket.socket, size: int) -> tuple[bool, int]:
    """Whether the text was readable, and how many transport messages could have carried it."""
    readable, carriers = False, 0
    deadline = time.monotonic() + 2 * SILENCE_S
    while time.monotonic() < deadline:
        try:
            packet = tap.recv(65536)
        except TimeoutError:
            break
        readable = readable or MARKER in packet
        carriers += len(packet) > size and b"\x04\0\0\0" in packet
    return readable, carriers


def silence(network: Network) -> str:
    """Datagrams that nobody signed, to each node's port."""
    with network.nodes[1].namespace.entered():
        stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with stranger:
        stranger.settimeout(SILENCE_S)
        for size, kind in ((148, 1), (92, 2), (64, 3), (128, 4), (1, 9)):
            datagram = (bytes([kind, 0, 0, 0]) + os.urandom(size))[:size]
            for node in network.nodes:
                stranger.sendto(datagram, (node.outer, PORT))
        try:
            answer, sender = stranger.recvfrom(2048)
        except TimeoutError:
            return "five kinds of datagram to each node"
    raise LabError(f"{sender[0]} answered a stranger with {len(answer)} bytes")


def shown(network: Network) -> str:
    for node in network.nodes:
        text = run(["wg", "show", node.wireguard.name]).stdout
        if text.count("latest handshake") != len(network.nodes) - 1:
            raise LabError(f"wg does not show all peers of {node.name}")
    return "on every node"


def check_cleaned_up() -> Check:
    """To be run when the lab is closed."""
    prefix = f"pm{os.getpid()}"

    def step() -> str:
        left = [line for line in run(["ip", "netns", "list"]).stdout.split() if prefix in line]
        left += [path.name for path in UAPI_DIRECTORY.glob(f"{prefix}*")]
        if left:
            raise LabError(f"left behind: {', '.join(left)}")
        return "no namespace, interface, socket or process"

    return Check("everything was taken away", step)
