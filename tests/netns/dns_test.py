#!/usr/bin/env python3
# timeout: 240
# beside others
"""Names of a mesh on three real nodes: addresses and names of addresses, by UDP and TCP; who has
joined and who was put out; resolv.conf changed and put back, also after a kill; the rest passed on."""

from __future__ import annotations

import ipaddress
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, Namespace, wait_until  # noqa: E402
from netlab import dns  # noqa: E402
from netlab.harness import built_program, check, expect, main  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402

ORIGINAL = b"# by hand \xff\nnameserver 10.9.1.99\nnameserver 10.9.1.1\noptions edns0"


def build_network(lab: Lab) -> list[Namespace]:
    """Three machines, each on a routed network of its own."""
    wan = lab.namespace("wan")
    wan.sysctl("net.ipv4.ip_forward", 1)
    nodes = [lab.namespace(name) for name in ("amber", "birch", "cedar")]
    for number, namespace in enumerate(nodes, start=1):
        lab.veth(namespace, wan, f"10.9.{number}.2/24", f"10.9.{number}.1/24")
        namespace.ip("route", "add", "default", "via", f"10.9.{number}.1")
    return [wan, *nodes]


def resolves(node: MeshNode, name: str, kind: int = dns.A, **how: object) -> dns.Answer:
    return dns.ask(node.namespace, node.addresses()[0], name, kind, **how)


def check_members(amber: MeshNode, birch: MeshNode) -> None:
    v4, v6 = birch.addresses()
    for tcp in (False, True):
        how = "TCP" if tcp else "UDP"
        answer = resolves(amber, "birch.mesh", tcp=tcp)
        check(answer.answers == [v4] and answer.authoritative, f"A by {how}", answer)
        answer = resolves(amber, "BIRCH.Mesh", dns.AAAA, tcp=tcp)
        check(answer.answers == [v6], f"AAAA by {how}, whatever the case", answer)
    answer = dns.ask(amber.namespace, amber.addresses()[1], "birch.mesh")
    check(answer.answers == [v4], "asked at the IPv6 address", answer)
    own = resolves(birch, "birch.mesh")
    check(own.answers == [v4], "a node knows its own name", own)
    for address in (v4, v6):
        reverse = ipaddress.ip_address(address).reverse_pointer
        answer = resolves(amber, reverse, dns.PTR)
        check(answer.answers == ["birch.mesh"], f"PTR of {address}", answer)


def check_what_is_not(amber: MeshNode) -> None:
    answer = resolves(amber, "nobody.mesh")
    check(answer.code == dns.NXDOMAIN and answer.authorities == 1, "NXDOMAIN with an SOA", answer)
    answer = resolves(amber, "birch.mesh", 16)
    check(answer.code == dns.NOERROR and answer.authorities == 1, "NODATA with an SOA", answer)
    answer = resolves(amber, "mesh", dns.SOA)
    check(answer.answers == ["type 6"] and answer.authoritative, "the zone has an SOA", answer)
    answer = resolves(amber, "mesh", dns.NS)
    check(answer.answers == ["amber.mesh"], "and this node is its name server", answer)
    answer = resolves(amber, "example.org")
    check(answer.code == dns.REFUSED, "what is outside is refused while dns is off", answer)


def check_others_are_not_served(amber: MeshNode, birch: MeshNode) -> None:
    try:
        answer = dns.ask(birch.namespace, amber.addresses()[0], "amber.mesh", within=1.5)
        check(False, "another member gets no answer", answer)
    except TimeoutError:
        check(True, "another member gets no answer")


def check_passing_on(amber: MeshNode, server: dns.FakeServer) -> None:
    answer = resolves(amber, "example.org")
    check(answer.answers == ["198.51.100.80"], "the rest is passed on, past a forged reply", answer)
    answer = resolves(amber, "example.org", tcp=True)
    check(answer.answers == ["198.51.100.81"], "by TCP where it was asked by TCP", answer)
    before = len(server.asked)
    resolves(amber, "secret-name.mesh")
    check(len(server.asked) == before, "a name of the mesh is never passed on", server.asked)


def asks_amber(amber: MeshNode, conf: Path) -> bool:
    return f"nameserver {amber.addresses()[0]}\n" in conf.read_text(errors="replace")


def check_file(amber: MeshNode, conf: Path, server: dns.FakeServer) -> None:
    conf.write_bytes(ORIGINAL)
    conf.chmod(0o640)
    status = amber.ask("dns", "on")
    check(status["on"] and status["hook"] == "resolv.conf", "dns on", status)
    # The first of the two is nobody: the second is asked in its turn.
    check(status["upstreams"] == ["10.9.1.99:53", "10.9.1.1:53"], "the servers before", status)
    check(asks_amber(amber, conf), "this machine asks the node", conf.read_bytes())
    check("options edns0\n" in conf.read_text(), "in the way it asked before")
    check_passing_on(amber, server)
    status = amber.ask("dns", "off")
    check(not status["on"] and status["hook"] == "none", "dns off", status)
    check(conf.read_bytes() == ORIGINAL, "puts the file back to the byte", conf.read_bytes())
    check(stat.S_IMODE(conf.stat().st_mode) == 0o640, "and its mode")


def check_link(amber: MeshNode, conf: Path) -> None:
    target = conf.with_name("managed.conf")
    target.write_bytes(ORIGINAL)
    conf.unlink()
    conf.symlink_to("managed.conf")
    amber.phantom("dns", "on")
    check(not conf.is_symlink() and asks_amber(amber, conf), "a link gives way to a file")
    check(target.read_bytes() == ORIGINAL, "what it points to stays")
    amber.phantom("down")
    check(os.readlink(conf) == "managed.conf", "down puts the link back")
    amber.phantom("up")
    check(asks_amber(amber, conf), "and up asks again: it was on")
    amber.phantom("dns", "off")
    check(os.readlink(conf) == "managed.conf", "off puts the link back")
    conf.unlink()


def check_kill(amber: MeshNode, conf: Path) -> None:
    conf.write_bytes(ORIGINAL)
    amber.phantom("dns", "on")
    amber.kill()
    check(b"phantomd" in conf.read_bytes(), "kill -9 leaves the file as it is")
    amber.phantom("up")
    status = amber.ask("dns", "status")
    check(status["on"] and status["upstreams"], "the next start goes on", status)
    answer = resolves(amber, "example.org")
    check(answer.answers == ["198.51.100.80"], "and knows whom to ask", answer)
    amber.phantom("dns", "off")
    check(conf.read_bytes() == ORIGINAL, "off still puts the file back to the byte")


def check_somebody_else(amber: MeshNode, conf: Path) -> None:
    amber.phantom("dns", "on")
    conf.write_text("nameserver 10.9.1.7\n")
    status = amber.ask("dns", "off")
    check("somebody else" in (status["problem"] or ""), "it says what it did not undo", status)
    check(conf.read_text() == "nameserver 10.9.1.7\n", "what somebody else wrote stays")
    kept = (amber.state_dir / "resolv.conf.original").read_bytes()
    check(kept == ORIGINAL, "and the original is kept for them")


def check_resolved(amber: MeshNode, conf: Path, log: Path) -> None:
    stub = "nameserver 127.0.0.53\n"
    conf.write_text(stub)
    status = amber.ask("dns", "on")
    check(status["hook"] == "systemd-resolved" and conf.read_text() == stub, "resolved", status)
    asked = log.read_text().splitlines()
    wanted = [f"dns phantom0 {amber.addresses()[0]}", "domain phantom0 ~mesh"]
    check(asked[:2] == wanted, "is told the server and the zone", asked)
    amber.phantom("dns", "off")
    check(log.read_text().splitlines()[-1] == "revert phantom0", "and to forget them")
    log.with_name("broken").touch()
    status = amber.ask("dns", "on")
    check(status["hook"] == "resolv.conf", "where resolvectl fails, the file is changed", status)
    amber.phantom("dns", "off")
    check(conf.read_text() == stub, "and put back")


def check_port_taken(cedar: MeshNode, lab: Lab) -> None:
    """Another server on every address, before the node starts."""
    taker = (
        "import socket,time; s=socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); "
        "s.bind(('::',53)); time.sleep(200)"
    )
    process = cedar.namespace.start(sys.executable, "-c", taker, stdout=subprocess.DEVNULL)
    wait_until(lambda: cedar.namespace.is_listening(53, "udp"), "the port is taken")
    cedar.phantom("up")
    status = cedar.ask("dns", "status")
    check("53" in (status["problem"] or ""), "a taken port is said, and the node runs", status)
    refused = cedar.phantom("dns", "on", check=False)
    check(refused.returncode == 1 and "53" in refused.stderr, "dns on refuses", refused.stderr)
    process.terminate()
    process.wait()

    def listens() -> bool:
        return len(cedar.ask("dns", "status")["listening"]) == 2

    expect(lambda: wait_until(listens, "it listens", within=20), "it listens when the port is free")


def fake_resolvectl(folder: Path) -> Path:
    log = folder / "log"
    program = folder / "resolvectl"
    program.write_text(f'#!/bin/sh\n[ ! -e {folder}/broken ] || exit 1\necho "$*" >> {log}\n')
    program.chmod(0o755)
    return log


def body(lab: Lab) -> None:
    program = built_program("phantom")
    wan, *namespaces = build_network(lab)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        conf = root / "etc" / "resolv.conf"
        bin_folder = root / "bin"
        conf.parent.mkdir()
        bin_folder.mkdir()
        log = fake_resolvectl(bin_folder)
        # Never the file of this machine.
        os.environ["PHANTOM_RESOLV_CONF"] = str(conf)
        os.environ["PATH"] = f"{bin_folder}:{os.environ['PATH']}"
        names = ("amber", "birch", "cedar")
        amber, birch, cedar = (
            MeshNode(lab, namespace, name, program, root)
            for namespace, name in zip(namespaces, names, strict=True)
        )
        server = dns.FakeServer(wan, "10.9.1.1")
        token = amber.init()
        birch.join(token)
        amber.wait_for({"birch"})
        check_members(amber, birch)
        check_what_is_not(amber)
        check_others_are_not_served(amber, birch)
        check(resolves(amber, "cedar.mesh").code == dns.NXDOMAIN, "who has not joined is no name")
        cedar.join(amber.ask("token", "create")["token"])
        birch.wait_for({"amber", "cedar"})
        answer = resolves(birch, "cedar.mesh")
        check(answer.answers == [cedar.addresses()[0]], "who joins later is there", answer)
        check_file(amber, conf, server)
        check_link(amber, conf)
        check_kill(amber, conf)
        check_somebody_else(amber, conf)
        conf.write_bytes(ORIGINAL)
        check_resolved(amber, conf, log)
        cedar.phantom("down")
        check_port_taken(cedar, lab)
        amber.wait_for({"birch", "cedar"})
        amber.phantom("revoke", "cedar")
        expect(
            lambda: wait_until(
                lambda: resolves(birch, "cedar.mesh").code == dns.NXDOMAIN, "cedar is gone", within=10
            ),
            "who was put out is no name any more",
        )
        for node in (amber, birch, cedar):
            node.kill()


main(body, seconds=220)
