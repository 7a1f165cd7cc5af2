"""What crosses the demonstration's mesh: a paced stream that checks itself, a tap, echo services."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable

from .lab import LabError, Namespace

SAMPLE_S = 0.1
HISTORY = 600
CHUNK = 1 << 14
PATIENCE_S = 30.0
ETH_P_ALL = 3
TAP_BUFFER = 1 << 24


class Stream:
    """Random bytes over one TCP connection at a steady rate, with a SHA-256 at each end."""

    def __init__(
        self, source: Namespace, sink: Namespace, address: str, rate_bits: float, port: int = 0
    ) -> None:
        self.history: deque[float] = deque(maxlen=HISTORY)  # bits per second, as they arrive
        self.sent = self.received = 0
        self.is_running = True
        self._rate_bits = rate_bits
        self._digests = (hashlib.sha256(), hashlib.sha256())
        self._error: Exception | None = None
        with sink.entered():
            listener = socket.create_server((address, port))
        with source.entered():
            self._client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        for one in (listener, self._client):
            one.settimeout(PATIENCE_S)
        work = [lambda: self._receive(listener), self._send, self._sample]
        self._threads = [threading.Thread(target=self._guard, args=(w,), daemon=True) for w in work]
        self._threads[0].start()
        self._client.connect(listener.getsockname())
        for thread in self._threads[1:]:
            thread.start()

    def _guard(self, work: Callable[[], None]) -> None:
        try:
            work()
        except OSError as error:
            self._error = self._error or error

    def _send(self) -> None:
        block = os.urandom(CHUNK)
        due = time.monotonic()
        with self._client:
            while self.is_running:
                # Each chunk differs by its place, so that one out of order is seen.
                chunk = self.sent.to_bytes(8, "big") + block[8:]
                self._client.sendall(chunk)
                self._digests[0].update(chunk)
                self.sent += CHUNK
                # What an outage held back is not sent faster afterwards than the pace allows.
                due = max(due + CHUNK * 8 / self._rate_bits, time.monotonic() - SAMPLE_S)
                time.sleep(max(0.0, due - time.monotonic()))

    def _receive(self, listener: socket.socket) -> None:
        with listener:
            connection, _ = listener.accept()
        with connection:
            connection.settimeout(PATIENCE_S)
            while chunk := connection.recv(1 << 18):
                self._digests[1].update(chunk)
                self.received += len(chunk)

    def _sample(self) -> None:
        had, before = self.received, time.monotonic()
        while self.is_running:
            time.sleep(SAMPLE_S)
            now, have = time.monotonic(), self.received
            self.history.append((have - had) * 8 / (now - before))
            had, before = have, now

    def end(self) -> int:
        """Bytes that arrived as they were sent; a LabError when others did, or fewer."""
        self.is_running = False
        for thread in self._threads:
            thread.join(PATIENCE_S)
        sent, received = (digest.digest() for digest in self._digests)
        if self._error is not None or sent != received:
            why = self._error or "other ones"
            raise LabError(f"{self.received} of {self.sent} bytes arrived: {why}")
        return self.received


class Tap:
    """Reads every packet of a namespace, on all its interfaces, as an attacker there would."""

    def __init__(self, namespace: Namespace, secrets: list[bytes], size_min: int) -> None:
        self.carriers: Counter[str] = Counter()  # by interface: packets that are large enough
        self.read: list[str] = []  # where a secret could be read
        self._secrets, self._size_min = secrets, size_min
        with namespace.entered():
            self._socket = socket.socket(
                socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)
            )
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, TAP_BUFFER)
        self._socket.settimeout(0.2)
        self._ended = False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._ended:
            try:
                packet, where = self._socket.recvfrom(1 << 16)
            except TimeoutError:
                continue
            if len(packet) >= self._size_min:
                self.carriers[where[0]] += 1
            if any(secret in packet for secret in self._secrets):
                self.read.append(where[0])

    def end(self) -> None:
        self._ended = True
        self._thread.join()
        self._socket.close()


class Service:
    """Says back over TCP what it hears, at one port of a node."""

    def __init__(self, namespace: Namespace, port: int) -> None:
        with namespace.entered():
            self._listener = socket.create_server(("", port))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # it was closed
            with connection, contextlib.suppress(OSError):
                connection.settimeout(1)
                connection.sendall(connection.recv(100))

    def close(self) -> None:
        # A close alone does not wake a thread that is in accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def is_answered(source: Namespace, address: str, port: int, within: float = 0.5) -> bool:
    with source.entered():
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    with client:
        client.settimeout(within)
        try:
            client.connect((address, port))
            client.sendall(b"hello")
            return client.recv(100) == b"hello"
        except OSError:
            return False


class EarlyBird:
    """Sends datagrams from one node to another while it still joins; `on_first` is called when the
    first one has come out at the other end."""

    PORT = 7300

    def __init__(
        self, source: Namespace, sink: Namespace, address: str, on_first: Callable[[], None]
    ) -> None:
        self.sent = 0
        self._ended = False
        self._on_first = on_first
        with sink.entered():
            self._inbox = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._inbox.bind((address, self.PORT))
        with source.entered():
            self._outbox = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._target = (address, self.PORT)
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._send, self._receive)
        ]
        for thread in self._threads:
            thread.start()

    def _send(self) -> None:
        while not self._ended:
            with contextlib.suppress(OSError):  # there is no route yet
                self._outbox.sendto(b"too early?", self._target)
                self.sent += 1
            time.sleep(0.002)

    def _receive(self) -> None:
        self._inbox.settimeout(PATIENCE_S)
        try:
            self._inbox.recv(100)
        except OSError:
            return
        self._on_first()

    def end(self) -> None:
        """When the first one has arrived."""
        self._threads[1].join(PATIENCE_S)
        self._ended = True
        self._threads[0].join()
        self._inbox.close()
        self._outbox.close()
