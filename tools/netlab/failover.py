"""Two ends with three disjoint ways between them, of which the best one dies silently.

          +---- direct ----+
        near -- one ----- far        each -- is a switch of its own in the namespace "wire"
          +---- two -----+

The two in the middle forward nothing by themselves: a routing daemon or a mesh has to make use of
them. A port taken off its switch carries nothing, while the links at both ends stay up: nobody is
told. An outage is the longest row of lost probes x their interval.
"""

from __future__ import annotations

import contextlib
import json
import random
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .lab import Lab, LabError, Namespace, wait_until
from .mesh import MeshNode
from .traffic import longest_gap, pings

PROBE_INTERVAL_S = 0.005
PROBE_PORT = 7400
STEADY_S = 1.0  # of probes that arrive, before the failure and after the recovery
READY_S = 90.0  # for the direct way to be in use
CONTROL_S = 5.0  # of watching what an idle node sends
NAMES = ("near", "far", "one", "two")
LINES = (("near", "far"), ("near", "one"), ("one", "far"), ("near", "two"), ("two", "far"))


class Diamond:
    """The four namespaces and the five lines; 10.50.LINE.1 and .2 are a line's ends."""

    def __init__(self, lab: Lab, forwards: bool) -> None:
        self.lab = lab
        self.wire = lab.namespace("wire")
        self.nodes = {name: lab.namespace(name) for name in NAMES}
        for node in self.nodes.values():
            node.sysctl("net.ipv4.ip_forward", int(forwards))
            for scope in ("all", "default"):
                node.sysctl(f"net.ipv4.conf.{scope}.rp_filter", 0)
        self.links: dict[str, list[str]] = {name: [] for name in NAMES}
        self._direct_port = ""
        for number, ends in enumerate(LINES):
            self._add_line(number, ends)

    def _add_line(self, number: int, ends: tuple[str, str]) -> None:
        switch = f"line{number}"
        self.wire.ip("link", "add", "name", switch, "type", "bridge", "mcast_snooping", "0")
        self.wire.ip("link", "set", switch, "up")
        for host, end in enumerate(ends, start=1):
            link, port = self.lab.veth(self.nodes[end], self.wire, f"10.50.{number}.{host}/24", "")
            self.wire.ip("link", "set", port, "master", switch)
            self.links[end].append(link)
            if number == 0:
                self._direct_port = port

    def cut(self) -> None:
        self.wire.ip("link", "set", self._direct_port, "nomaster")

    def heal(self) -> None:
        self.wire.ip("link", "set", self._direct_port, "master", "line0")

    def sent_bytes(self, name: str) -> int:
        """On the lines, whatever it was."""
        found = json.loads(self.nodes[name].ip("-s", "-j", "link", "show"))
        lines = [link for link in found if link["ifname"] in self.links[name]]
        return sum(link["stats64"]["tx"]["bytes"] for link in lines)


# ---- Those who find another way ---------------------------------------------------------------


class Side(Protocol):
    """A contender on a diamond of its own."""

    diamond: Diamond
    patience_s: float  # how long an outage is watched
    phase_s: float  # a failure comes at any moment of this period

    def addresses(self) -> tuple[str, str]:
        """Of near and far, which the probes use."""

    def is_direct(self) -> bool:
        """Near and far use the direct line."""

    def forget_failures(self) -> None:
        """The direct line is trusted as if it had never failed: trials do not depend on each other."""


class BabelSide:
    """babeld in each namespace, a hello each `hello_s`; smoothing is off, so that it is quick."""

    def __init__(self, lab: Lab, program: str, hello_s: float) -> None:
        self.diamond = Diamond(lab, forwards=True)
        self.patience_s = 10 * hello_s + 5
        self.phase_s = hello_s
        for number, (name, node) in enumerate(self.diamond.nodes.items(), start=1):
            node.ip("address", "add", f"10.99.0.{number}/32", "dev", "lo")
            links = self.diamond.links[name]
            state = lab.directory / f"babel-{name}"
            log = lab.directory / f"babel-{name}.log"
            node.start(
                program, "-r", "-S", state, "-I", "", "-L", log, "-H", str(hello_s), "-h",
                str(hello_s), "-M", "0",
                "-C", "redistribute local ip 10.99.0.0/24 le 32 allow",
                "-C", "redistribute local deny",
                *(part for link in links for part in ("-C", _babel_interface(link))),
                *links,
            )  # fmt: skip

    def addresses(self) -> tuple[str, str]:
        return "10.99.0.1", "10.99.0.2"

    def is_direct(self) -> bool:
        near, far = (self.diamond.nodes[name] for name in ("near", "far"))
        ways = (
            near.ip("route", "get", "10.99.0.2", check=False),
            far.ip("route", "get", "10.99.0.1", check=False),
        )
        return all(
            f" dev {self.diamond.links[name][0]} " in way
            for name, way in zip(("near", "far"), ways, strict=True)
        )

    def forget_failures(self) -> None:
        """Nothing to do: babeld takes a line back after some hellos, however often it has failed."""


def _babel_interface(link: str) -> str:
    return f"interface {link} type tunnel enable-timestamps true rtt-max 400 max-rtt-penalty 1000"


class MeshSide:
    """A mesh of the four; the middle ones are there to relay."""

    patience_s = 40.0
    phase_s = 5.0

    def __init__(self, lab: Lab, program: str, root: Path) -> None:
        self.diamond = Diamond(lab, forwards=False)
        self.nodes = {
            name: MeshNode(lab, place, name, program, root)
            for name, place in self.diamond.nodes.items()
        }
        near = self.nodes["near"]
        token = near.init()
        for name in ("one", "two", "far"):
            self.nodes[name].join(token)
            token = near.ask("token", "create")["token"]
        for name in ("near", "far"):  # the two in the middle have no line to each other
            self.nodes[name].wait_for(set(NAMES) - {name}, within=60)

    def addresses(self) -> tuple[str, str]:
        return self.nodes["near"].addresses()[0], self.nodes["far"].addresses()[0]

    def is_direct(self) -> bool:
        # They share one line, by whichever of its addresses.
        views = (self.nodes["near"].peer_now("far"), self.nodes["far"].peer_now("near"))
        return all(
            view and view["path"] == "direct" and view["post_quantum"]["established"]
            for view in views
        )

    def forget_failures(self) -> None:
        """A way that has failed must hold for up to a minute; that memory ends with the process."""
        ends = [self.nodes[name] for name in ("near", "far")]
        for end in ends:
            end.kill()
        for end in ends:
            end.phantom("up")
        for end in ends:
            end.wait_for(set(NAMES) - {end.name}, within=60)


# ---- What is measured -------------------------------------------------------------------------


class Probes:
    """Datagrams from near to far and back, numbered, at a steady rate."""

    def __init__(self, near: Namespace, far: Namespace, addresses: tuple[str, str]) -> None:
        self._far_address = addresses[1]
        self._socket = _bound(near, addresses[0], 0)
        self._echo = _bound(far, addresses[1], PROBE_PORT)
        self._end = threading.Event()
        self.count = 0
        self.answered: set[int] = set()
        work = (self._send, self._echo_all, self._receive)
        self._threads = [threading.Thread(target=each, daemon=True) for each in work]
        for thread in self._threads:
            thread.start()

    def _send(self) -> None:
        next_at = time.monotonic()
        while not self._end.is_set():
            number = self.count + 1
            # Without a route it is as lost as without a line.
            with contextlib.suppress(OSError):
                self._socket.sendto(number.to_bytes(8, "big"), (self._far_address, PROBE_PORT))
            self.count = number
            next_at += PROBE_INTERVAL_S
            time.sleep(max(0.0, next_at - time.monotonic()))

    def _echo_all(self) -> None:
        while not self._end.is_set():
            with contextlib.suppress(OSError):
                self._echo.sendto(*self._echo.recvfrom(64))

    def _receive(self) -> None:
        while not self._end.is_set():
            with contextlib.suppress(OSError):
                self.answered.add(int.from_bytes(self._socket.recv(64), "big"))

    def have_answer_after(self, number: int) -> bool:
        return max(self.answered, default=0) > number

    def end(self) -> float:
        """The outage in seconds."""
        self._end.set()
        for thread in self._threads:
            thread.join(5)
        self._socket.close()
        self._echo.close()
        return longest_gap(self.answered, self.count) * PROBE_INTERVAL_S


def _bound(namespace: Namespace, address: str, port: int) -> socket.socket:
    with namespace.entered():
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((address, port))
    made.settimeout(0.2)
    return made


@dataclass(frozen=True)
class Trial:
    outage_s: float
    recovered: bool  # false: the outage went on when nobody watched any more


def wait_direct(side: Side) -> None:
    near = side.diamond.nodes["near"]
    target = side.addresses()[1]
    wait_until(
        lambda: side.is_direct() and pings(near, target),
        "the direct way is in use", within=READY_S, every=0.2,
    )  # fmt: skip


def control_bytes_per_second(side: Side) -> float:
    """What near sends while no one uses the network."""
    before, started = side.diamond.sent_bytes("near"), time.monotonic()
    time.sleep(CONTROL_S)
    return (side.diamond.sent_bytes("near") - before) / (time.monotonic() - started)


def run_trial(side: Side, chance: random.Random) -> Trial:
    wait_direct(side)
    nodes = side.diamond.nodes
    probes = Probes(nodes["near"], nodes["far"], side.addresses())
    try:
        time.sleep(STEADY_S + chance.uniform(0, side.phase_s))
        side.diamond.cut()
        last_lost = probes.count + 1  # that one may have crossed before
        recovered = True
        try:
            wait_until(
                lambda: probes.have_answer_after(last_lost),
                "another way", within=side.patience_s,
            )  # fmt: skip
        except LabError:
            recovered = False
        time.sleep(STEADY_S if recovered else 0)
    finally:
        outage_s = probes.end()
        side.diamond.heal()
    side.forget_failures()
    return Trial(outage_s, recovered)
