"""A small DNS client, and a server that always says the same, for tests."""

from __future__ import annotations

import ipaddress
import socket
import struct
import threading
from dataclasses import dataclass, field

from .lab import Namespace

A, NS, SOA, PTR, AAAA = 1, 2, 6, 12, 28
NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5
PATIENCE_S = 8.0


@dataclass
class Answer:
    code: int
    authoritative: bool
    truncated: bool
    answers: list[str] = field(default_factory=list)
    authorities: int = 0


def question(name: str, kind: int, number: int = 0x4242) -> bytes:
    labels = b"".join(bytes([len(each)]) + each.encode() for each in name.split(".") if each)
    return struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + labels + struct.pack(">BHH", 0, kind, 1)


def _name(message: bytes, at: int) -> tuple[str, int]:
    labels: list[str] = []
    end = 0
    while message[at]:
        if message[at] >= 0xC0:
            end = end or at + 2
            at = struct.unpack_from(">H", message, at)[0] & 0x3FFF
            continue
        labels.append(message[at + 1 : at + 1 + message[at]].decode())
        at += 1 + message[at]
    return ".".join(labels), end or at + 1


def parse(message: bytes) -> Answer:
    number, flags, questions, answers, authorities, _ = struct.unpack_from(">6H", message)
    assert number == 0x4242 and flags & 0x8000 and questions <= 1
    answer = Answer(flags & 0xF, bool(flags & 0x0400), bool(flags & 0x0200))
    answer.authorities = authorities
    at = 12
    if questions:
        at = _name(message, at)[1] + 4
    for _ in range(answers):
        at = _name(message, at)[1]
        kind, _, _, size = struct.unpack_from(">HHIH", message, at)
        at += 10
        data = message[at : at + size]
        if kind in (A, AAAA):
            answer.answers.append(str(ipaddress.ip_address(data)))
        elif kind in (PTR, NS):
            answer.answers.append(_name(message, at)[0])
        else:
            answer.answers.append(f"type {kind}")
        at += size
    return answer


def _receive(stream: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        part = stream.recv(size - len(got))
        if not part:
            raise OSError("the server closed the connection")
        got += part
    return got


def ask(
    namespace: Namespace, server: str, name: str, kind: int = A, *, tcp: bool = False,
    source: str | None = None, within: float = PATIENCE_S,
) -> Answer:  # fmt: skip
    """Asks from inside the namespace; TimeoutError without an answer."""
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with (
        namespace.entered(),
        socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as client,
    ):
        client.settimeout(within)
        if source is not None:
            client.bind((source, 0))
        client.connect((server, 53))
        query = question(name, kind)
        if not tcp:
            client.send(query)
            return parse(client.recv(4096))
        # In two pieces, as a stream may bring it.
        framed = struct.pack(">H", len(query)) + query
        client.sendall(framed[:5])
        client.sendall(framed[5:])
        return parse(_receive(client, struct.unpack(">H", _receive(client, 2))[0]))


class FakeServer:
    """Answers every A question with one address, by TCP with another; ends with its sockets."""

    def __init__(self, namespace: Namespace, address: str) -> None:
        self.asked: list[str] = []
        with namespace.entered():
            self._datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._stream = socket.create_server((address, 53))
        self._datagrams.bind((address, 53))
        for serve in (self._serve_datagrams, self._serve_stream):
            threading.Thread(target=serve, daemon=True).start()

    def _reply(self, query: bytes, address: str) -> bytes:
        name, end = _name(query, 12)
        self.asked.append(name)
        head = query[:2] + struct.pack(">5H", 0x8180, 1, 1, 0, 0)
        record = struct.pack(">HHHIH", 0xC00C, A, 1, 60, 4) + socket.inet_aton(address)
        return head + query[12 : end + 4] + record

    def _serve_datagrams(self) -> None:
        while True:
            query, client = self._datagrams.recvfrom(4096)
            # Somebody else's guess first: a wrong id.
            forged = bytearray(self._reply(query, "203.0.113.66"))
            forged[0] ^= 1
            self._datagrams.sendto(forged, client)
            self._datagrams.sendto(self._reply(query, "198.51.100.80"), client)

    def _serve_stream(self) -> None:
        while True:
            connection, _ = self._stream.accept()
            with connection:
                size = struct.unpack(">H", _receive(connection, 2))[0]
                reply = self._reply(_receive(connection, size), "198.51.100.81")
                connection.sendall(struct.pack(">H", len(reply)) + reply)
