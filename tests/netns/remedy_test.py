#!/usr/bin/env python3
# timeout: 200
# beside others
"""Every kind of action with real packets: what it cuts is cut, what it must leave is left, and undone all
is as it was, the dumps of the kernel included. Who holds the root is never acted against, whoever asks."""

from __future__ import annotations

import json
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, Namespace, wait_until  # noqa: E402
from netlab.harness import built_program, check, expect, main  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402
from netlab.traffic import pings, wait_ping  # noqa: E402

WORLD, OFFICE = "198.51.100.1", "192.168.7.5"
POLICY = """{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]},
  {"src": ["amber"], "dst": ["192.168.7.0/24"], "ip": ["*"]}],
  "routes": {"192.168.7.0/24": ["birch"]}}"""
DATAGRAMS, SIZE = 400, 1_000


def dump(node: MeshNode) -> str:
    """What the kernel has of us, without what counts."""
    run = node.namespace.run
    table = run("nft", "-s", "list", "table", "inet", "phantommesh", check=False).stdout
    routes = run("ip", "route", "show", "table", "20770", check=False).stdout
    return table + run("ip", "rule").stdout + run("ip", "-6", "rule").stdout + routes


def actions(node: MeshNode) -> list[dict[str, Any]]:
    return node.query("actions")["actions"]


def act(node: MeshNode, *words: str) -> int:
    return node.ask("act", *words)["number"]


def undo(node: MeshNode, number: int, *words: str) -> None:
    node.phantom("undo", str(number), *words)


def delivered(source: Namespace, sink: Namespace, address: str) -> int:
    """Of DATAGRAMS, sent within about a second, how many arrive."""
    with sink.entered():
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    with source.entered():
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    count = 0
    with receiver, sender:
        receiver.bind((address, 0))
        place = receiver.getsockname()
        for number in range(DATAGRAMS):
            sender.sendto(bytes(SIZE), place)
            if number % 20 == 19:
                time.sleep(0.02)
        receiver.settimeout(0.5)
        try:
            while receiver.recv(2_000):
                count += 1
        except TimeoutError:
            pass
    return count


def check_refusals(amber: MeshNode, birch: MeshNode) -> None:
    """What whoever rules birch, or sends to it, would like it to do."""
    v4 = amber.addresses()[0]
    for words in (
        ("firewall", v4), ("rate-limit", v4), ("rate-limit", "amber"), ("isolation", "amber"),
        ("tunnel", "amber"), ("rekey", "amber"), ("credential", "amber"),
        ("isolation", "birch"), ("firewall", "10.9.2.1"), ("route", "10.9.2.0/24"),
        ("route", "0.0.0.0/0"), ("route", "127.0.0.0/8"), ("route", "192.168.7.0/24", "--via", "birch"),
    ):
        refused = birch.phantom("act", *words, check=False)
        check(
            refused.returncode == 1 and "guard list" in refused.stderr,
            f"refused: {' '.join(words)}", refused.stdout + refused.stderr,
        )
    for words in (("isolation", "nobody"), ("route", "nowhere"), ("firewall", "birch"),
                  ("route", "10.0.0.0/8", "--via", "amber")):
        refused = birch.phantom("act", *words, check=False)
        check(refused.returncode == 1, f"no target: {' '.join(words)}", refused.stdout)
    guard = birch.state_dir / "guard"
    guard.write_text("203.0.113.0/24 # the administrators\n")
    refused = birch.phantom("block", "203.0.113.9", check=False)
    check("guard list" in refused.stderr, "the owner's list is kept to", refused.stderr)
    guard.write_text("nonsense here\n")
    refused = birch.phantom("block", "203.0.114.9", check=False)
    said = refused.stderr
    check("line 1" in said and str(guard) in said, "a list that cannot be read stops all", said)
    guard.unlink()
    check(actions(birch) == [], "and nothing was done")


def check_isolation(amber: MeshNode, birch: MeshNode) -> None:
    v4, v6 = amber.addresses()
    before = dump(amber)
    dry = amber.ask("act", "isolation", "birch", "--dry-run")
    check(dry["number"] is None and dry["effect"]["members"] == ["birch"], "a dry run says whom it cuts",
          json.dumps(dry))
    check(pings(birch.namespace, v4) and actions(amber) == [], "and changes nothing")
    number = act(amber, "isolation", "birch", "--reason", "a test")
    check(not pings(birch.namespace, v4) and not pings(birch.namespace, v6), "birch does not get through")
    check(not pings(amber.namespace, birch.addresses()[0]), "nor does amber to it")
    check(amber.sees({"birch"}) and birch.sees({"amber"}), "the two still talk about the mesh")
    listed = amber.phantom("actions").stdout
    check("isolation" in listed and "birch" in listed, "it is listed", listed)
    amber.kill()
    amber.phantom("up")
    amber.wait_for({"birch"})
    check(not pings(birch.namespace, v4), "killed and started, it holds")
    undo(amber, number)
    expect(lambda: wait_ping(birch.namespace, v4), "undone, birch gets through")
    number = act(amber, "isolation", "birch", "--confirm-within", "3s")
    expect(
        lambda: wait_until(lambda: actions(amber) == [], "it has ended", within=15),
        "what nobody confirms is taken back",
    )
    expect(lambda: wait_ping(birch.namespace, v4), "and birch gets through")
    number = act(amber, "isolation", "birch", "--confirm-within", "60s")
    amber.phantom("confirm", str(number))
    check(actions(amber)[0]["confirm_by"] is None, "what is confirmed stays")
    undo(amber, number)
    check(dump(amber) == before, "the kernel has heard of none of it", dump(amber))


def check_rate(amber: MeshNode, birch: MeshNode) -> None:
    v4 = amber.addresses()[0]
    check(delivered(birch.namespace, amber.namespace, v4) > 0.9 * DATAGRAMS, "unlimited, nearly all arrives")
    undo(amber, amber.ask("block", "203.0.113.9")["number"])  # the table is there from now on
    before = dump(amber)
    for target in ("birch", birch.addresses()[0]):
        number = act(amber, "rate-limit", target, "--rate", "100k")
        arrived = delivered(birch.namespace, amber.namespace, v4)
        check(20 < arrived < 0.8 * DATAGRAMS, f"{target}: {arrived} of {DATAGRAMS} arrive at 100 kB/s")
        check(pings(birch.namespace, v4) or pings(birch.namespace, v4), "a little gets through")
        undo(amber, number)
        check(dump(amber) == before, "undone, the dump is as before", dump(amber))
    check(delivered(birch.namespace, amber.namespace, v4) > 0.9 * DATAGRAMS, "and nearly all arrives")


def check_route(amber: MeshNode, birch: MeshNode, folder: Path) -> None:
    before = dump(amber)
    check(pings(amber.namespace, WORLD), "the world is there")
    number = act(amber, "route", "198.51.100.0/24")
    check(not pings(amber.namespace, WORLD), "what is blackholed leads nowhere")
    amber.namespace.run("ip", "rule", "del", "priority", "20760")
    expect(
        lambda: wait_until(lambda: not pings(amber.namespace, WORLD), "it is back", within=10),
        "somebody's 'ip rule del' is put right",
    )
    amber.kill()
    check(not pings(amber.namespace, WORLD), "killed, it is in force")
    amber.phantom("up")
    undo(amber, number)
    check(pings(amber.namespace, WORLD), "undone, the world is there again")
    check(dump(amber) == before, "with the rules as before", dump(amber))
    amber.wait_for({"birch"})

    (folder / "policy").write_text(POLICY)
    amber.phantom("policy", "set", str(folder / "policy"))
    birch.phantom("route", "offer", "192.168.7.0/24")
    expect(lambda: wait_ping(amber.namespace, OFFICE), "the office behind birch is there")
    dry = amber.ask("act", "route", "192.168.7.0/24", "--via", "birch", "--dry-run")
    check(dry["effect"]["routes"] == ["192.168.7.0/24"], "a dry run says which route", json.dumps(dry))
    number = act(amber, "route", "192.168.7.0/24", "--via", "birch")
    check(not pings(amber.namespace, OFFICE), "withdrawn, it is not reached by birch")
    check(pings(amber.namespace, birch.addresses()[0]), "birch itself is")
    undo(amber, number)
    expect(lambda: wait_ping(amber.namespace, OFFICE), "undone, it is there again")


def check_tunnel(amber: MeshNode, birch: MeshNode) -> None:
    v4 = amber.addresses()[0]
    keys = amber.state_dir / "keys.db"
    written = keys.read_bytes()
    number = act(amber, "rekey", "birch")
    expect(
        lambda: wait_until(lambda: keys.read_bytes() != written, "new keys are kept", within=15),
        "keys are agreed anew",
    )
    check(pings(birch.namespace, v4), "and packets pass all the while")
    undo(amber, number)
    for kind in ("tunnel", "credential"):
        number = act(amber, kind, "birch")
        check(not pings(birch.namespace, v4), f"{kind}: birch does not get through")
        time.sleep(1)
        check(not pings(birch.namespace, v4), "and cannot begin anew")
        undo(amber, number)
        expect(
            lambda: wait_ping(birch.namespace, v4, within=30), f"{kind}: undone, a new session is made"
        )
    expect(lambda: amber.wait_for({"birch"}), "with post-quantum keys")


def check_self(amber: MeshNode, birch: MeshNode) -> None:
    undo(birch, birch.ask("block", "203.0.113.9")["number"])
    before = dump(birch)
    check(pings(birch.namespace, WORLD), "birch reaches the world")
    number = act(birch, "isolation", "@self", "--confirm-within", "6s")
    check(not pings(birch.namespace, WORLD), "isolated, it does not")
    check(pings(birch.namespace, amber.addresses()[0]), "but the member that holds the root")
    birch.kill()
    expect(
        lambda: wait_until(lambda: pings(birch.namespace, WORLD), "it is back", within=15),
        "not confirmed, the kernel itself ends it, with nobody running",
    )
    birch.phantom("up")
    check(actions(birch) == [], f"and {number} is over")
    check(dump(birch) == before, "the dump is as before", dump(birch))
    birch.wait_for({"amber"})


def check_graph(amber: MeshNode) -> None:
    before = dump(amber)
    first = act(amber, "firewall", "203.0.113.9")
    second = act(amber, "route", "203.0.113.0/24", "--after", str(first))
    listed = {each["number"]: each for each in actions(amber)}
    check(listed[second]["depends_on"] == [first], "what hangs on what is listed", json.dumps(listed))
    refused = amber.phantom("undo", str(first), check=False)
    check("--cascade" in refused.stderr, "what others hang on is not undone alone", refused.stderr)
    undo(amber, first, "--cascade")
    check(actions(amber) == [] and dump(amber) == before, "with --cascade all of it is", dump(amber))
    proposal = act(amber, "firewall", "203.0.113.9", "--propose")
    denied = act(amber, "firewall", "203.0.113.8", "--propose")
    check(dump(amber) == before, "what is proposed is not done")
    amber.phantom("actions", "deny", str(denied))
    amber.phantom("actions", "approve", str(proposal))
    check("203.0.113.9" in dump(amber), "approved, it is")
    check([each["state"] for each in actions(amber)] == ["active"], "and the denied one is gone")
    undo(amber, proposal)
    check(dump(amber) == before, "undone, all is as before", dump(amber))


def body(lab: Lab) -> None:
    program = built_program("phantom")
    wan, lan = lab.namespace("wan"), lab.namespace("lan")
    wan.sysctl("net.ipv4.ip_forward", 1)
    wan.ip("address", "add", f"{WORLD}/32", "dev", "lo")
    with tempfile.TemporaryDirectory() as folder:
        nodes = []
        for number, name in enumerate(("amber", "birch"), start=1):
            space = lab.namespace(name)
            lab.veth(space, wan, f"10.9.{number}.2/24", f"10.9.{number}.1/24")
            space.ip("route", "add", "default", "via", f"10.9.{number}.1")
            nodes.append(MeshNode(lab, space, name, program, Path(folder)))
        amber, birch = nodes
        lab.veth(birch.namespace, lan, "192.168.7.1/24", f"{OFFICE}/24")
        birch.join(amber.init())
        amber.wait_for({"birch"})
        birch.wait_for({"amber"})
        check_refusals(amber, birch)
        check_isolation(amber, birch)
        check_rate(amber, birch)
        check_graph(amber)
        check_self(amber, birch)
        check_tunnel(amber, birch)
        check_route(amber, birch, Path(folder))
        for node in nodes:
            node.kill()


main(body, needs=("nft", "ping"), seconds=180)
