#!/usr/bin/env python3
# timeout: 240
"""Three commands make a mesh of three machines, one of them behind a translating router: post-quantum
keys on every link, tokens that are refused and why, a power cut of all, a member that is put out."""

from __future__ import annotations

import json
import socket
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, Namespace, wait_until  # noqa: E402
from netlab.harness import Skip, built_program, check, expect, main, say  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402
from netlab.traffic import pings, transfer, wait_ping  # noqa: E402


def build_network(lab: Lab) -> list[Namespace]:
    """amber and birch on routed networks of their own, cedar behind a router that translates."""
    wan, router = lab.namespace("wan"), lab.namespace("router")
    amber, birch, cedar = (lab.namespace(name) for name in ("amber", "birch", "cedar"))
    for number, namespace in enumerate((amber, birch, router), start=1):
        lab.veth(namespace, wan, f"10.9.{number}.2/24", f"10.9.{number}.1/24")
        namespace.ip("route", "add", "default", "via", f"10.9.{number}.1")
    lab.veth(cedar, router, "192.168.7.2/24", "192.168.7.1/24")
    cedar.ip("route", "add", "default", "via", "192.168.7.1")
    for namespace in (wan, router):
        namespace.sysctl("net.ipv4.ip_forward", 1)
    rule = ("-s", "192.168.7.0/24", "-j", "MASQUERADE")
    translated = router.run("iptables", "-t", "nat", "-A", "POSTROUTING", *rule, check=False)
    if translated.returncode != 0:
        raise Skip(f"this kernel cannot translate addresses: {translated.stderr.strip()}")
    return [amber, birch, cedar]


def names_of(nodes: list[MeshNode], but: MeshNode) -> set[str]:
    return {node.name for node in nodes if node is not but}


def check_forming(nodes: list[MeshNode]) -> str:
    amber, birch, cedar = nodes
    token = amber.init()
    check(amber.is_running(), "init starts the node and writes its process id")
    started = time.monotonic()
    birch.join(token)
    wait_ping(birch.namespace, amber.addresses()[0])
    say(f"join to first ping: {time.monotonic() - started:.2f} s")
    check(birch.sees({"amber"}), "join ends when the node has its peer, with post-quantum keys")
    cedar.join(amber.ask("token", "create")["token"])
    for node in nodes:
        expect(lambda node=node: node.wait_for(names_of(nodes, node)), f"{node.name} sees both")
    return token


def check_traffic(nodes: list[MeshNode]) -> None:
    for source in nodes:
        for sink in nodes:
            if source is sink:
                continue
            for address in sink.addresses():
                expect(
                    lambda source=source, address=address: wait_ping(source.namespace, address),
                    f"{source.name} reaches {sink.name} at {address}",
                )
    _, birch, cedar = nodes
    expect(
        lambda: transfer(birch.namespace, cedar.namespace, cedar.addresses()[0]),
        "TCP to the node behind the router, from one that it never called first",
    )
    seen = birch.peer("cedar")
    check(seen["endpoint"].startswith("10.9.3.2:"), "birch sees the router's address", seen)
    answer = birch.ask("ping", "cedar", "-c", "1")
    check(answer["rtt_ms"] is not None and answer["rtt_ms"] < 1000, "phantom ping", answer)


def refused(node: MeshNode, token: str, why: str, what: str) -> None:
    done = node.join(token, check=False)
    check(done.returncode == 1 and why in done.stderr, what, done.stderr.strip())
    check(not (node.state_dir / "mesh.db").exists(), f"{what}: and nothing was changed")


def token_of_a_second(node: MeshNode) -> str:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(node.run_dir / "phantomd.sock"))
        client.sendall(json.dumps({"verb": "token.create", "lifetime_s": 1}).encode() + b"\n")
        return json.loads(client.makefile().readline())["token"]


def check_refusals(stranger: MeshNode, amber: MeshNode, used: str) -> None:
    refused(stranger, used, "has been used", "a used token is refused as such")
    altered = used[:40] + ("a" if used[40] != "a" else "b") + used[41:]
    refused(stranger, altered, "no good", "an altered token is refused as such")
    refused(stranger, "hello", "no good", "what is no token is refused as such")
    expired = token_of_a_second(amber)
    time.sleep(2)
    refused(stranger, expired, "expired", "an expired token is refused as such")
    withdrawn = amber.ask("token", "create", "--tag", "laptop,guest")["token"]
    listed = [each for each in amber.ask("token", "list")["tokens"] if each["tags"]]
    check([each["tags"] for each in listed] == [["guest", "laptop"]], "a token gives tags", listed)
    amber.phantom("token", "revoke", listed[0]["id"])
    refused(stranger, withdrawn, "withdrawn", "a withdrawn token is refused as such")
    again = amber.phantom("init", check=False)
    check(again.returncode == 1 and "already" in again.stderr, "no second mesh over the first")


def check_power_cut(nodes: list[MeshNode]) -> None:
    for node in nodes:
        node.kill()
    started = time.monotonic()
    for node in reversed(nodes):
        node.phantom("up")
    for node in nodes:
        expect(
            lambda node=node: node.wait_for(names_of(nodes, node)),
            f"{node.name} is back after all were killed",
        )
    say(f"re-formed in {time.monotonic() - started:.2f} s")
    expect(lambda: wait_ping(nodes[1].namespace, nodes[2].addresses()[0]), "and reaches the others")


def check_one_restart(nodes: list[MeshNode]) -> None:
    amber, birch, cedar = nodes
    birch.kill()
    birch.phantom("up")
    expect(lambda: birch.wait_for({"amber", "cedar"}), "a node alone comes back to the others")
    expect(lambda: wait_ping(amber.namespace, birch.addresses()[0]), "and is reached again")
    expect(lambda: wait_ping(cedar.namespace, birch.addresses()[0]), "from behind the router too")


def check_revocation(nodes: list[MeshNode]) -> None:
    amber, birch, cedar = nodes
    address = cedar.addresses()[0]
    amber.phantom("revoke", "cedar")
    expect(
        lambda: wait_until(lambda: not birch.peer("cedar"), "birch forgets cedar", within=10),
        "a revoked member is out everywhere",
    )
    check(not pings(birch.namespace, address), "and cannot be reached")
    expect(
        lambda: wait_until(lambda: not cedar.is_running(), "cedar stops", within=10),
        "it is told, and stops",
    )
    cedar.phantom("up", check=False)
    time.sleep(3)
    check(not birch.peer("cedar") and not pings(birch.namespace, address), "it cannot come back")


def check_down(node: MeshNode) -> None:
    pid = node.pid()
    node.phantom("down")
    check(not node.is_running(), "down stops the daemon")
    check(pid != 0 and not node.namespace.has_link("phantom0"), "and takes its interface away")
    check(node.phantom("status", check=False).returncode == 3, "status then says 3: none runs")


def body(lab: Lab) -> None:
    program = built_program("phantom")
    namespaces = build_network(lab)
    stranger_namespace = lab.namespace("stranger")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        names = ("amber", "birch", "cedar")
        nodes = [
            MeshNode(lab, namespace, name, program, root)
            for namespace, name in zip(namespaces, names, strict=True)
        ]
        token = check_forming(nodes)
        check_traffic(nodes)
        # In birch's place on the network, with folders and an interface of its own.
        lab.veth(stranger_namespace, namespaces[0], "10.9.9.2/24", "10.9.9.1/24")
        stranger_namespace.ip("route", "add", "default", "via", "10.9.9.1")
        stranger = MeshNode(lab, stranger_namespace, "stranger", program, root)
        check_refusals(stranger, nodes[0], token)
        check_one_restart(nodes)
        check_power_cut(nodes)
        check_revocation(nodes)
        check_down(nodes[1])
        for node in (*nodes, stranger):
            node.kill()


main(body, needs=("iptables",), seconds=220)
