#!/usr/bin/env python3
# timeout: 180
"""Keys over a restart: a killed node comes back with the keys it agreed, needs no session for control
only, and refuses a handshake that was recorded before. Without its file, or with a damaged one, it
agrees keys anew and says why."""

from __future__ import annotations

import socket
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, Namespace  # noqa: E402
from netlab.harness import built_program, check, expect, main, say  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402
from netlab.traffic import wait_ping  # noqa: E402

ETH_P_IP = 0x0800
INITIATION_SIZE = 148
RESPONSE_SIZE = 92
HEADERS_SIZE = 14 + 20 + 8
PORT = 51820


def listen_in(namespace: Namespace) -> socket.socket:
    """Every IPv4 packet that passes there, as an attacker sees it."""
    with namespace.entered():
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
    tap.settimeout(0.2)
    return tap


def initiations_to(tap: socket.socket, address: str, seconds: float) -> list[bytes]:
    found = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            frame = tap.recv(1 << 16)
        except TimeoutError:
            continue
        datagram = frame[HEADERS_SIZE:]
        if frame[30:34] == socket.inet_aton(address) and len(datagram) == INITIATION_SIZE:
            found.append(datagram)
    return found


def is_answered(namespace: Namespace, datagrams: list[bytes], address: str) -> bool:
    """Whether any of them is answered as a fresh handshake would be."""
    with namespace.entered():
        attacker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    attacker.settimeout(1)
    with attacker:
        for datagram in datagrams:
            attacker.sendto(datagram, (address, PORT))
            try:
                if len(attacker.recv(2048)) == RESPONSE_SIZE:
                    return True
            except TimeoutError:
                pass
    return False


def restart(node: MeshNode) -> None:
    node.kill()
    node.phantom("up")


def keys(node: MeshNode, peer: str) -> dict[str, object]:
    return node.peer(peer)["post_quantum"]


def check_kept(amber: MeshNode, birch: MeshNode) -> None:
    before = keys(amber, "birch")["control_only_sessions"]
    started = time.monotonic()
    restart(birch)
    expect(lambda: wait_ping(birch.namespace, amber.addresses()[0]), "a killed node is back")
    say(f"killed to first ping: {time.monotonic() - started:.2f} s")
    kept = keys(birch, "amber")
    check(kept["control_only_sessions"] == 0, "with no session for control only", kept)
    check(kept["kept"] or kept["established"], "and with post-quantum keys", kept)
    after = keys(amber, "birch")["control_only_sessions"]
    check(before == after, "as the other end saw it too", after)


def check_both(amber: MeshNode, birch: MeshNode) -> None:
    amber.kill()
    restart(birch)
    amber.phantom("up")
    expect(lambda: wait_ping(birch.namespace, amber.addresses()[0]), "both killed: back again")
    for node, other in ((amber, birch), (birch, amber)):
        found = keys(node, other.name)
        check(found["control_only_sessions"] == 0, f"{node.name}: with the keys of before", found)


def check_replay(wan: Namespace, amber: MeshNode, birch: MeshNode) -> None:
    """birch calls amber; amber is killed and hears the same call again."""
    tap = listen_in(wan)
    birch.kill()
    birch.phantom("up")
    recorded = initiations_to(tap, "10.9.1.2", 3)
    check(bool(recorded), "a handshake was recorded", len(recorded))
    expect(lambda: wait_ping(amber.namespace, birch.addresses()[0]), "which made a session")
    time.sleep(1.5)  # a write may be put off for a second
    birch.kill()
    restart(amber)
    check(not is_answered(wan, recorded, "10.9.1.2"), "it is refused after a restart")
    amber.kill()
    (amber.state_dir / "keys.db").unlink()
    amber.phantom("up")
    check(is_answered(wan, recorded, "10.9.1.2"), "(it would be answered without the file)")
    birch.phantom("up")
    expect(lambda: birch.wait_for({"amber"}), "and the two agree keys anew")


def check_damaged(amber: MeshNode, birch: MeshNode) -> None:
    birch.kill()
    kept = birch.state_dir / "keys.db"
    check(kept.stat().st_mode & 0o777 == 0o600, "keys.db is for its owner alone")
    content = bytearray(kept.read_bytes())
    content[len(content) // 2] ^= 1
    kept.write_bytes(content)
    said = birch.phantom("up").stderr
    expect(lambda: birch.wait_for({"amber"}), "a damaged file does not keep a node out")
    found = keys(birch, "amber")
    check(found["control_only_sessions"] > 0 and not found["kept"], "it agreed keys anew", found)
    said += (birch.run_dir / "phantomd.log").read_text()
    check("keys.db" in said, "and said why", said[-400:])


def check_old_copy(amber: MeshNode, birch: MeshNode) -> None:
    """As after a disk was brought back from a copy: the keys are whole, but nobody has them now."""
    kept = birch.state_dir / "keys.db"
    copy = kept.read_bytes()
    for _ in range(2):  # each exchange leaves the keys before the last behind
        birch.kill()
        kept.unlink()
        birch.phantom("up")
        expect(lambda: birch.wait_for({"amber"}), "keys are agreed anew")
        time.sleep(11)  # until amber lets go of those of before
    birch.kill()
    kept.write_bytes(copy)
    started = time.monotonic()
    birch.phantom("up")
    expect(lambda: birch.wait_for({"amber"}), "old keys from a copy do not keep a node out")
    say(f"with keys that nobody has: {time.monotonic() - started:.2f} s")


def body(lab: Lab) -> None:
    program = built_program("phantom")
    wan, first, second = (lab.namespace(name) for name in ("wan", "amber", "birch"))
    for number, namespace in enumerate((first, second), start=1):
        lab.veth(namespace, wan, f"10.9.{number}.2/24", f"10.9.{number}.1/24")
        namespace.ip("route", "add", "default", "via", f"10.9.{number}.1")
    wan.sysctl("net.ipv4.ip_forward", 1)
    with tempfile.TemporaryDirectory() as folder:
        amber = MeshNode(lab, first, "amber", program, Path(folder))
        birch = MeshNode(lab, second, "birch", program, Path(folder))
        birch.join(amber.init())
        expect(lambda: wait_ping(birch.namespace, amber.addresses()[0]), "two nodes")
        check_kept(amber, birch)
        check_both(amber, birch)
        check_replay(wan, amber, birch)
        check_damaged(amber, birch)
        check_old_copy(amber, birch)
        for node in (amber, birch):
            node.kill()


main(body, seconds=170)
