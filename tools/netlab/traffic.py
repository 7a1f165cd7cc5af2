"""Real traffic: pings, checksummed TCP streams, UDP echoes and iperf3."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import threading
from dataclasses import dataclass, field
from typing import Any

from .lab import WAIT_S, LabError, Namespace, wait_until

IPERF_PORT = 5201


def pings(namespace: Namespace, address: str, *, size: int = 56, source: str = "") -> bool:
    """One echo request, answered within two seconds."""
    extra = ["-I", source] if source else []
    argv = ["ping", "-n", "-q", "-c", "1", "-W", "2", "-s", str(size), *extra, address]
    return namespace.run(*argv, check=False).returncode == 0


def wait_ping(namespace: Namespace, address: str, *, within: float = WAIT_S) -> None:
    wait_until(
        lambda: pings(namespace, address),
        f"{address} answers a ping from {namespace.name}",
        within=within,
    )


@dataclass(frozen=True)
class Rtt:
    """Round-trip times in microseconds, sorted."""

    sent: int
    times_us: tuple[float, ...]

    @property
    def lost(self) -> int:
        return self.sent - len(self.times_us)

    def percentile(self, percent: float) -> float:
        if not self.times_us:
            return float("nan")
        index = min(len(self.times_us) - 1, int(len(self.times_us) * percent / 100))
        return self.times_us[index]


def measure_rtt(
    namespace: Namespace, address: str, *, count: int = 500, interval_s: float = 0.002
) -> Rtt:
    argv = ["ping", "-n", "-c", str(count), "-i", str(interval_s), "-W", "1", address]
    said = namespace.run(*argv, check=False, timeout=60 + count * interval_s * 4).stdout
    times = [
        float(part.removeprefix("time=")) * 1000
        for part in said.split()
        if part.startswith("time=")
    ]
    return Rtt(count, tuple(sorted(times)))


class PingStream:
    """Echo requests at a steady rate in the background; how long the longest silence was."""

    def __init__(self, namespace: Namespace, address: str, interval_s: float = 0.02) -> None:
        self.interval_s = interval_s
        argv = ("ping", "-n", "-i", str(interval_s), address)
        self._process = namespace.start(*argv, stdout=subprocess.PIPE, text=True)

    def end(self) -> float:
        """Seconds in which every request was lost: requests in a row without an answer x interval.
        Silence at the end counts too."""
        self._process.send_signal(signal.SIGINT)
        said, _ = self._process.communicate(timeout=WAIT_S)
        answered = {int(number) for number in re.findall(r"icmp_seq=(\d+) ttl", said)}
        sent = re.search(r"(\d+) packets transmitted", said)
        if not sent or not answered:
            raise LabError(f"no ping was answered: {said[-300:]}")
        return longest_gap(answered, int(sent[1])) * self.interval_s


def longest_gap(answered: set[int], count: int) -> int:
    """The most numbers in a row, of 1..count, that are not there; the last may still be on its way."""
    longest = current = 0
    for number in range(1, count):
        current = 0 if number in answered else current + 1
        longest = max(longest, current)
    return longest


# ---- TCP with a checksum ----------------------------------------------------------------------


@dataclass
class _Receiver:
    digest: Any = field(default_factory=hashlib.sha256)
    size: int = 0
    error: BaseException | None = None


def _receive_all(listener: socket.socket, receiver: _Receiver) -> None:
    try:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(WAIT_S)
            while chunk := connection.recv(1 << 18):
                receiver.digest.update(chunk)
                receiver.size += len(chunk)
    except BaseException as error:  # handed to the thread that waits for us
        receiver.error = error


def transfer(source: Namespace, sink: Namespace, address: str, size: int = 4 << 20) -> None:
    """Sends random bytes over TCP to `address` in `sink`; a LabError unless all of them arrive."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with sink.entered():
        listener = socket.create_server((address, 0), family=family)
    with source.entered():
        client = socket.socket(family, socket.SOCK_STREAM)
    receiver = _Receiver()
    with listener, client:
        listener.settimeout(WAIT_S)
        client.settimeout(WAIT_S)
        thread = threading.Thread(target=_receive_all, args=(listener, receiver), daemon=True)
        thread.start()
        client.connect(listener.getsockname()[:2])
        digest = _send_random(client, size)
        client.shutdown(socket.SHUT_WR)
        thread.join(2 * WAIT_S)
    if receiver.error is not None:
        raise LabError(f"TCP to {address}: {receiver.error!r}")
    if receiver.size != size or receiver.digest.digest() != digest:
        raise LabError(f"TCP to {address}: {receiver.size} of {size} bytes, or other ones, arrived")


def _send_random(client: socket.socket, size: int) -> bytes:
    digest = hashlib.sha256()
    block = os.urandom(1 << 18)
    sent = 0
    while sent < size:
        # Each block differs by its place, so that a block out of order is seen.
        chunk = (sent.to_bytes(8, "big") + block)[: min(len(block), size - sent)]
        client.sendall(chunk)
        digest.update(chunk)
        sent += len(chunk)
    return digest.digest()


def transfer_together(ways: list[tuple[Namespace, Namespace, str]], size: int) -> None:
    """All transfers at once; the first error of any."""
    errors: list[Exception] = []

    def one(way: tuple[Namespace, Namespace, str]) -> None:
        try:
            transfer(*way, size=size)
        except Exception as error:  # collected for the caller
            errors.append(error)

    threads = [threading.Thread(target=one, args=(way,), daemon=True) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(4 * WAIT_S)
    if errors:
        raise errors[0]


# ---- UDP --------------------------------------------------------------------------------------


class UdpPair:
    """Two bound sockets, one in each namespace, that send datagrams to each other."""

    def __init__(
        self, left: Namespace, right: Namespace, left_address: str, right_address: str
    ) -> None:
        self.left = _udp_socket(left, left_address)
        self.right = _udp_socket(right, right_address)

    def __enter__(self) -> UdpPair:
        return self

    def __exit__(self, *_: object) -> None:
        self.left.close()
        self.right.close()

    def echo(self, payload: bytes) -> bool:
        """There and back once, unchanged."""
        return _crosses(self.left, self.right, payload) and _crosses(self.right, self.left, payload)


def _udp_socket(namespace: Namespace, address: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with namespace.entered():
        made = socket.socket(family, socket.SOCK_DGRAM)
    made.bind((address, 0))
    made.settimeout(2)
    return made


def _crosses(source: socket.socket, sink: socket.socket, payload: bytes) -> bool:
    source.sendto(payload, sink.getsockname()[:2])
    try:
        while True:
            # An older datagram may still have been on its way.
            if sink.recv(1 << 16) == payload:
                return True
    except TimeoutError:
        return False


# ---- iperf3 -----------------------------------------------------------------------------------


def iperf(
    client: Namespace,
    server: Namespace,
    address: str,
    *arguments: str,
    seconds: float = 5,
    port: int = IPERF_PORT,
) -> dict[str, Any]:
    """The client's JSON report. For UDP, its `end.sum` holds what the server received."""
    family = ["-6"] if ":" in address else ["-4"]
    listener = server.start(
        "iperf3", "-s", "-1", "-B", address, "-p", str(port),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(lambda: server.is_listening(port), f"iperf3 listens on {address}")
        argv = ["iperf3", "-J", *family, "-c", address, "-p", str(port), "-t", str(seconds)]
        done = client.run(*argv, *arguments, check=False, timeout=seconds + 60)
        report = json.loads(done.stdout or "{}")
        if done.returncode != 0 or "error" in report:
            raise LabError(f"iperf3 to {address}: {report.get('error', done.stderr.strip())}")
        return report
    finally:
        if listener.poll() is None:
            listener.terminate()
        listener.wait()


def tcp_bits_per_second(report: dict[str, Any]) -> float:
    """What the receiver got."""
    return float(report["end"]["sum_received"]["bits_per_second"])
