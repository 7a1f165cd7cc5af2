"""A port of this machine that leads into a namespace, so that a browser outside reaches a server inside."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

from .lab import LabError, Namespace

CONNECTIONS_MAX = 64
PORTS_TRIED = 20
CHUNK = 1 << 16
HOST = "127.0.0.1"


class Forward:
    """From the first free port at or above `port` to that `port` of the namespace's loopback address."""

    def __init__(self, namespace: Namespace, port: int) -> None:
        self._namespace = namespace
        self._inside = (HOST, port)
        self._listener = _listen(port)
        self.port = int(self._listener.getsockname()[1])
        self._room = threading.BoundedSemaphore(CONNECTIONS_MAX)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(2)

    def _accept(self) -> None:
        while True:
            try:
                outside, _ = self._listener.accept()
            except OSError:
                return  # closed
            if not self._room.acquire(blocking=False):
                outside.close()
                continue
            threading.Thread(target=self._carry, args=(outside,), daemon=True).start()

    def _carry(self, outside: socket.socket) -> None:
        try:
            with outside, self._connect() as inside:
                back = threading.Thread(target=_copy, args=(inside, outside), daemon=True)
                back.start()
                _copy(outside, inside)
                back.join()
        except OSError:
            pass  # the node is down for a while; the browser tries again
        finally:
            self._room.release()

    def _connect(self) -> socket.socket:
        with self._namespace.entered():
            inside = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            inside.connect(self._inside)
        except OSError:
            inside.close()
            raise
        return inside


def _listen(port: int) -> socket.socket:
    for candidate in range(port, port + PORTS_TRIED):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, candidate))
            listener.listen()
            return listener
        except OSError:
            listener.close()
    raise LabError(f"no free TCP port from {port} to {port + PORTS_TRIED - 1} for the page")


def _copy(source: socket.socket, sink: socket.socket) -> None:
    """Until the source ends; the sink is told."""
    with suppress(OSError):
        while chunk := source.recv(CHUNK):
            sink.sendall(chunk)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
