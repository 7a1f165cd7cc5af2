#!/usr/bin/env python3
# timeout: 300
"""How the daemon starts, is handed descriptors, and ends: everything wg-quick and a supervisor rely
on, and what is left after a kill -9."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, Namespace, WireGuard, wait_until  # noqa: E402
from netlab.harness import check, expect, is_wireguard_go, main, phantomd, wireguard_go  # noqa: E402
from netlab.traffic import pings, transfer, wait_ping  # noqa: E402

PORT = 51820
ROUNDS = 5
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI, IFF_VNET_HDR = 0x1, 0x1000, 0x4000


def argv_of(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except FileNotFoundError:
        return []


def daemon_pid(node: WireGuard) -> int | None:
    """The process that daemonised itself: no child of ours, found by its namespace and argument."""
    for pid in node.namespace.pids():
        if node.name in argv_of(pid):
            return pid
    return None


def is_gone(node: WireGuard) -> bool:
    return not node.namespace.has_link(node.name) and not node.socket_path.exists()


def wait_gone(node: WireGuard, how: str) -> None:
    def gone() -> None:
        wait_until(lambda: is_gone(node), "interface and socket are gone")

    expect(gone, f"{how}: interface and socket are gone")


def program_run(node: WireGuard, *arguments: str) -> tuple[int, str]:
    """Runs the program as a shell would; it must let go of our pipe when it daemonises."""
    done = node.namespace.run(node.program, *arguments, check=False)
    return done.returncode, done.stdout + done.stderr


# ---- Start ------------------------------------------------------------------------------------


def check_daemonises_when_ready(lab: Lab, namespace: Namespace) -> None:
    node = WireGuard(lab, namespace, "a", phantomd())
    for number in range(1, ROUNDS + 1):
        status, said = program_run(node, node.name)
        # No waiting here: what the caller does next must find everything in place.
        there = namespace.has_link(node.name)
        answering = node.is_answering()
        check(status == 0, f"start {number}: the caller gets status 0", said)
        check(there and answering, f"start {number}: interface and socket are there at once")
        pid = daemon_pid(node)
        if not check(pid is not None, f"start {number}: a daemon runs in the background"):
            continue
        assert pid is not None
        check(os.getsid(pid) != os.getsid(0) or is_wireguard_go(node.program), "in its own session")
        os.kill(pid, signal.SIGTERM)
        wait_gone(node, f"SIGTERM to the daemon {number}")


def check_foreground(lab: Lab, namespace: Namespace) -> None:
    for flag in ("-f", "--foreground"):
        node = WireGuard(lab, namespace, "a", phantomd())
        node.process = namespace.start(
            node.program, flag, node.name, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        node.wait_ready()
        check(node.is_running() and daemon_pid(node) == node.pid, f"{flag} stays in the foreground")
        node.stop()
        wait_gone(node, flag)


def check_bad_arguments(lab: Lab, namespace: Namespace) -> None:
    node = WireGuard(lab, namespace, "a", phantomd())
    for arguments in ((), ("a", "b", "c")):
        _, said = program_run(node, *arguments)
        check("interface" in said.lower(), f"{len(arguments)} arguments: it says what it needs", said)
    too_long = "x" * 16
    status, _ = program_run(node, "-f", too_long)
    check(status != 0 and not namespace.has_link(too_long[:15]), "a name of 16 characters is refused")


def check_log_level(lab: Lab, namespace: Namespace) -> None:
    sizes = {}
    for level in ("verbose", "error", "silent"):
        node = WireGuard(lab, namespace, "a", phantomd())
        node.log_path.unlink(missing_ok=True)
        node.start(log_level=level).listen(PORT).up("10.7.0.1/24")
        wait_until(lambda: namespace.is_listening(PORT, "udp"), "the port is bound")
        node.stop()
        wait_gone(node, f"LOG_LEVEL={level}")
        # wireguard-go's start-up banner is not part of its log.
        sizes[level] = len([line for line in node.log().splitlines() if "│" not in line])
    check(sizes["verbose"] > 0, "LOG_LEVEL=verbose says what happens")
    check(sizes["error"] < sizes["verbose"], "LOG_LEVEL=error says less", sizes)
    check(sizes["silent"] == 0, "LOG_LEVEL=silent says nothing", sizes)


# ---- Handed-in descriptors --------------------------------------------------------------------


def open_tun(namespace: Namespace, name: str, flags: int) -> int:
    with namespace.entered():
        tun = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        request = struct.pack("16sH22x", name.encode(), IFF_TUN | flags)
        fcntl.ioctl(tun, TUNSETIFF, request)
    return tun


def listen_uapi(node: WireGuard) -> socket.socket:
    node.socket_path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(node.socket_path))
    listener.listen()
    return listener


def check_handed_in(lab: Lab, namespace: Namespace, far: WireGuard, flags: int, kind: str) -> None:
    node = WireGuard(lab, namespace, "g", phantomd())
    tun = open_tun(namespace, node.name, flags)
    listener = listen_uapi(node)
    environment = os.environ | {
        "WG_TUN_FD": str(tun),
        "WG_UAPI_FD": str(listener.fileno()),
        "WG_PROCESS_FOREGROUND": "1",
    }
    node.process = namespace.start(
        node.program, node.name, env=environment, pass_fds=(tun, listener.fileno()),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(tun)
    listener.close()
    node.wait_ready()
    check(node.is_running(), f"{kind} and a UAPI socket are taken; WG_PROCESS_FOREGROUND=1 holds")
    node.listen(PORT).up("10.7.0.1/24")
    node.add_peer(far.keys.public, "10.7.0.2/32", endpoint=f"10.99.0.2:{PORT}")
    far.add_peer(node.keys.public, "10.7.0.1/32")
    expect(lambda: wait_ping(namespace, "10.7.0.2"), f"a tunnel over {kind}")
    ends = (namespace, far.namespace)
    expect(lambda: transfer(*ends, "10.7.0.2"), f"TCP out over {kind}")
    expect(lambda: transfer(*reversed(ends), "10.7.0.1"), f"TCP in over {kind}")
    node.stop()
    wait_gone(node, f"{kind}, after SIGTERM")


def check_descriptors(lab: Lab, left: Namespace, right: Namespace) -> None:
    far = WireGuard(lab, right, "h", wireguard_go()).start().listen(PORT).up("10.7.0.2/24")
    if is_wireguard_go(phantomd()):
        # Its release of 2022 knows only the first kind of TUN, which nobody makes any more.
        check_handed_in(lab, left, far, 0, "a TUN with packet information")
    else:
        check_handed_in(lab, left, far, IFF_NO_PI, "a plain TUN")
        check_handed_in(lab, left, far, IFF_NO_PI | IFF_VNET_HDR, "a TUN with vnet_hdr")
    far.stop()


# ---- End --------------------------------------------------------------------------------------


def check_ends(lab: Lab, namespace: Namespace) -> None:
    ways = {
        "SIGINT": lambda node: node.send_signal(signal.SIGINT),
        "SIGTERM": lambda node: node.send_signal(signal.SIGTERM),
        "ip link delete": lambda node: namespace.ip("link", "delete", node.name),
        "removal of the socket": lambda node: node.socket_path.unlink(),
    }
    for how, end in ways.items():
        for is_up in (True, False):
            node = WireGuard(lab, namespace, "a", phantomd()).start()
            if is_up:
                node.listen(PORT).up("10.7.0.1/24")
            end(node)
            status = node.wait_ended()
            check(status == 0, f"{how}, link {'up' if is_up else 'down'}: status 0", status)
            wait_gone(node, how)


def check_kill_leaves_nothing_in_the_way(lab: Lab, namespace: Namespace) -> None:
    for number in range(1, ROUNDS + 1):
        node = WireGuard(lab, namespace, "a", phantomd()).start().listen(PORT).up("10.7.0.1/24")
        node.send_signal(signal.SIGKILL)
        node.wait_ended()
        wait_until(lambda: not namespace.has_link(node.name), "the interface went with its process")
        check(node.socket_path.exists(), f"kill -9 {number} leaves a stale socket")
    node = WireGuard(lab, namespace, "a", phantomd())
    expect(node.start, "and the next start replaces it")
    check(node.show("private-key").strip() == "(none)", "with a daemon that remembers nothing")
    node.stop()
    wait_gone(node, "after the stale socket")


def check_second_instance(lab: Lab, left: Namespace, right: Namespace) -> None:
    first = WireGuard(lab, left, "a", phantomd()).start()
    for namespace, where in ((left, "the same namespace"), (right, "another namespace")):
        second = WireGuard(lab, namespace, "a", phantomd())
        status, said = program_run(second, "-f", second.name)
        check(status != 0, f"a second daemon of that name in {where} is refused", said)
        check(first.is_answering() and left.has_link(first.name), "and the first is untouched")
    check(not right.has_link(first.name), "nothing is left of the second")
    first.stop()
    wait_gone(first, "the first")


def check_down_and_up(lab: Lab, left: Namespace, right: Namespace) -> None:
    near = WireGuard(lab, left, "a", phantomd()).start().listen(PORT).up("10.7.0.1/24")
    far = WireGuard(lab, right, "h", wireguard_go()).start().listen(PORT).up("10.7.0.2/24")
    near.add_peer(far.keys.public, "10.7.0.2/32", endpoint=f"10.99.0.2:{PORT}")
    far.add_peer(near.keys.public, "10.7.0.1/32", endpoint=f"10.99.0.1:{PORT}")
    for number in range(1, ROUNDS + 1):
        expect(lambda: wait_ping(left, "10.7.0.2"), f"up {number}: traffic")
        left.ip("link", "set", near.name, "down")
        check(not pings(right, "10.7.0.1"), f"down {number}: no traffic")
        check(near.is_running() and near.is_answering(), f"down {number}: the daemon stays")
        left.ip("link", "set", near.name, "up")
        wait_until(lambda: left.is_listening(PORT, "udp"), "the port is open again")
    for node in (near, far):
        node.stop()


def body(lab: Lab) -> None:
    left, right = lab.pair()
    check_daemonises_when_ready(lab, left)
    check_foreground(lab, left)
    check_bad_arguments(lab, left)
    check_log_level(lab, left)
    check_descriptors(lab, left, right)
    check_ends(lab, left)
    check_kill_leaves_nothing_in_the_way(lab, left)
    check_second_instance(lab, left, right)
    check_down_and_up(lab, left, right)


if __name__ == "__main__":
    main(body, seconds=260)
