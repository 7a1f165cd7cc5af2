#!/usr/bin/env python3
# timeout: 300
"""Debian's `wg` and `wg-quick` with phantomd behind the interface: set, setconf, addconf, syncconf,
showconf, show in all its forms, and wg-quick up, save and down with a configuration file."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, Namespace, WireGuard, key_pair, preshared_key, run, wait_until  # noqa: E402
from netlab.harness import check, expect, main, phantomd, wireguard_go  # noqa: E402
from netlab.traffic import pings, transfer, wait_ping  # noqa: E402

PORT = 51820
FWMARK = "0xca6c"


def configuration(node: WireGuard, *peers: str) -> str:
    head = f"[Interface]\nPrivateKey = {node.keys.private}\nListenPort = {PORT}\nFwMark = 0x77\n"
    return "\n".join((head, *peers))


def peer_section(public_key: str, allowed_ips: str, **more: str) -> str:
    lines = ["[Peer]", f"PublicKey = {public_key}", f"AllowedIPs = {allowed_ips}"]
    lines += [f"{key} = {value}" for key, value in more.items()]
    return "\n".join(lines) + "\n"


def write(lab: Lab, name: str, text: str) -> Path:
    path = lab.directory / name
    path.write_text(text)
    path.chmod(0o600)
    return path


def wg(verb: str, node: WireGuard, path: Path) -> None:
    run(["wg", verb, node.name, path])


# ---- wg ---------------------------------------------------------------------------------------


def check_setconf(lab: Lab, node: WireGuard, other: WireGuard) -> None:
    psk = preshared_key()
    section = peer_section(
        other.keys.public, "10.7.0.2/32, fd07::2/128",
        Endpoint=f"10.99.0.2:{PORT}", PresharedKey=psk, PersistentKeepalive="25",
    )  # fmt: skip
    wg("setconf", node, write(lab, "set.conf", configuration(node, section)))
    peer = node.peer(other.keys.public)
    check(peer.preshared_key == psk, "setconf: pre-shared key")
    check(peer.endpoint == f"10.99.0.2:{PORT}", "setconf: endpoint")
    check(set(peer.allowed_ips) == {"10.7.0.2/32", "fd07::2/128"}, "setconf: allowed IPs")
    check(peer.persistent_keepalive == "25", "setconf: keepalive")
    check(node.show("listen-port").strip() == str(PORT), "setconf: port")
    check(node.show("fwmark").strip() == "0x77", "setconf: fwmark")
    check(node.show("private-key").strip() == node.keys.private, "setconf: private key")
    other.add_peer(node.keys.public, "10.7.0.1/32,fd07::1/128", preshared_key=psk)
    wait_ping(node.namespace, "10.7.0.2")
    check(node.peer(other.keys.public).last_handshake_s > 0, "the tunnel works")


def check_addconf(lab: Lab, node: WireGuard, other: WireGuard) -> str:
    third = key_pair().public
    wg("addconf", node, write(lab, "add.conf", peer_section(third, "10.8.0.0/16")))
    peers = node.peers()
    check(set(peers) == {other.keys.public, third}, "addconf adds a peer and keeps the other")
    check(peers[third].allowed_ips == ("10.8.0.0/16",), "addconf: allowed IPs")
    return third


def check_showconf(lab: Lab, node: WireGuard) -> None:
    shown = run(["wg", "showconf", node.name]).stdout
    before = run(["wg", "show", node.name, "dump"]).stdout.splitlines()[0]
    wg("setconf", node, write(lab, "again.conf", shown))
    again = run(["wg", "showconf", node.name]).stdout
    check(sorted(again.splitlines()) == sorted(shown.splitlines()), "showconf, setconf: the same")
    check(run(["wg", "show", node.name, "dump"]).stdout.splitlines()[0] == before, "dump agrees")


def check_syncconf(lab: Lab, node: WireGuard, other: WireGuard, third: str) -> None:
    wait_ping(node.namespace, "10.7.0.2")
    before = node.peer(other.keys.public)
    text = run(["wg", "showconf", node.name]).stdout
    sections = ["[Peer]" + part for part in text.split("[Peer]")[1:]]
    kept = [part for part in sections if third not in part]
    fourth = key_pair().public
    kept.append(peer_section(fourth, "10.9.0.0/16"))
    wg("syncconf", node, write(lab, "sync.conf", text.split("[Peer]")[0] + "\n".join(kept)))
    check(set(node.peers()) == {other.keys.public, fourth}, "syncconf removes and adds peers")
    check(pings(node.namespace, "10.7.0.2"), "traffic goes on after syncconf")
    after = node.peer(other.keys.public)
    check(after.last_handshake_s == before.last_handshake_s, "in the same session")
    check(after.received_bytes >= before.received_bytes, "with the same counters")


def check_show(node: WireGuard, other: WireGuard) -> None:
    text = run(["wg", "show", node.name]).stdout
    for label in (f"interface: {node.name}", "public key:", "listening port:", "fwmark:",
                  f"peer: {other.keys.public}", "endpoint:", "allowed ips:", "latest handshake:",
                  "transfer:", "persistent keepalive:"):  # fmt: skip
        check(label in text, f"wg show prints `{label}`")
    check(node.name in run(["wg", "show", "interfaces"]).stdout.split(), "wg show interfaces")
    dump = node.show("dump").splitlines()
    check(len(dump[0].split("\t")) == 4, "dump: 4 fields of the device")
    check(all(len(line.split("\t")) == 8 for line in dump[1:]), "dump: 8 fields of each peer")
    check(node.show("public-key").strip() == node.keys.public, "wg show public-key")
    for field in ("peers", "endpoints", "allowed-ips", "latest-handshakes", "transfer",
                  "persistent-keepalive", "preshared-keys"):  # fmt: skip
        check(other.keys.public in node.show(field), f"wg show {field}")


def check_set(node: WireGuard, other: WireGuard) -> None:
    node.set("fwmark", "off")
    check(node.show("fwmark").strip() == "off", "wg set fwmark off")
    node.set("peer", other.keys.public, "persistent-keepalive", "off")
    check(node.peer(other.keys.public).persistent_keepalive == "off", "wg set keepalive off")
    node.remove_peer(other.keys.public)
    check(other.keys.public not in node.peers(), "wg set peer remove")
    check(not pings(node.namespace, "10.7.0.2"), "and its traffic has ended")


def check_wg(lab: Lab, left: Namespace, right: Namespace) -> None:
    node = WireGuard(lab, left, "a", phantomd()).start().up("10.7.0.1/24", "fd07::1/64")
    other = WireGuard(lab, right, "b", wireguard_go()).start().listen(PORT)
    other.up("10.7.0.2/24", "fd07::2/64")
    check_setconf(lab, node, other)
    third = check_addconf(lab, node, other)
    check_showconf(lab, node)
    check_syncconf(lab, node, other, third)
    check_show(node, other)
    check_set(node, other)
    for daemon in (node, other):
        daemon.stop()


# ---- wg-quick ---------------------------------------------------------------------------------


class Quick:
    """wg-quick with a configuration file outside /etc, and the daemon we choose."""

    def __init__(self, lab: Lab, namespace: Namespace, program: str, suffix: str) -> None:
        self.node = WireGuard(lab, namespace, suffix, program)
        self.path = lab.directory / f"{self.node.name}.conf"
        # Should the script stop half-way: the interface's end is the daemon's.
        lab.on_close(lambda: namespace.ip("link", "delete", self.node.name, check=False))

    def write(self, text: str) -> None:
        self.path.write_text(text)
        self.path.chmod(0o600)

    def __call__(self, verb: str) -> str:
        environment = {"WG_QUICK_USERSPACE_IMPLEMENTATION": self.node.program}
        done = self.node.namespace.run("wg-quick", verb, self.path, env=environment, timeout=60)
        return done.stdout + done.stderr


def quick_configuration(quick: Quick, peer: WireGuard, own: int, allowed_ips: str) -> str:
    other = 3 - own
    return (
        f"[Interface]\nAddress = 10.7.0.{own}/24, fd07::{own}/64\nMTU = 1400\n"
        f"PrivateKey = {quick.node.keys.private}\nListenPort = {PORT}\n"
        "PostUp = ip link set %i alias started\n\n"
        f"[Peer]\nPublicKey = {peer.keys.public}\nAllowedIPs = {allowed_ips}\n"
        f"Endpoint = 10.99.0.{other}:{PORT}\n"
    )


def check_gone(quick: Quick) -> None:
    node = quick.node
    wait_until(lambda: not node.namespace.has_link(node.name), "the interface is gone")
    wait_until(lambda: not node.socket_path.exists(), "the socket is gone")
    wait_until(
        lambda: not node.namespace.pids(), "the daemon is gone, nothing runs in the namespace"
    )
    check(True, "wg-quick down leaves no interface, no socket and no daemon")


def check_quick(lab: Lab, left: Namespace, right: Namespace) -> None:
    ends = (Quick(lab, left, phantomd(), "c"), Quick(lab, right, wireguard_go(), "d"))
    for own, (quick, other) in enumerate(zip(ends, reversed(ends)), start=1):
        allowed = f"10.7.0.{3 - own}/32, fd07::{3 - own}/128"
        quick.write(quick_configuration(quick, other.node, own, allowed))
        said = quick("up")
        check(quick.node.program in said, "wg-quick started the program", said)
    wait_ping(left, "10.7.0.2")
    expect(lambda: transfer(left, right, "fd07::2"), "TCP through two wg-quick interfaces")
    link = left.ip("link", "show", ends[0].node.name)
    check("mtu 1400" in link and "started" in link, "MTU and PostUp took effect", link)
    ends[0]("save")
    check("PublicKey" in ends[0].path.read_text(), "wg-quick save writes the configuration")
    for quick in ends:
        quick("down")
        check_gone(quick)


def check_quick_default_route(lab: Lab, left: Namespace, right: Namespace) -> None:
    """AllowedIPs 0.0.0.0/0: wg-quick marks the daemon's packets so that they avoid the tunnel."""
    quick = Quick(lab, left, phantomd(), "e")
    far = WireGuard(lab, right, "f", wireguard_go()).start().listen(PORT)
    far.add_peer(quick.node.keys.public, "10.7.0.1/32,fd07::1/128")
    far.up("10.7.0.2/24", "fd07::2/64")
    right.add_address("lo", "203.0.113.9/32")
    quick.write(quick_configuration(quick, far, 1, "0.0.0.0/0, ::/0"))
    quick("up")
    check(quick.node.show("fwmark").strip() == FWMARK, "wg-quick set a fwmark")
    wait_ping(left, "203.0.113.9")
    check(True, "everything goes through the tunnel, and the tunnel's own packets do not")
    sent = quick.node.peer(far.keys.public).sent_bytes
    check(0 < sent < 100_000, "no packet goes round in circles", sent)
    quick("down")
    check_gone(quick)
    far.stop()


def body(lab: Lab) -> None:
    os.environ["WG_HIDE_KEYS"] = "never"
    left, right = lab.pair()
    print("--- wg", flush=True)
    check_wg(lab, left, right)
    print("--- wg-quick", flush=True)
    check_quick(lab, left, right)
    print("--- wg-quick with a default route", flush=True)
    check_quick_default_route(lab, left, right)


if __name__ == "__main__":
    main(body, needs=("wg-quick", "iptables"), seconds=260)
