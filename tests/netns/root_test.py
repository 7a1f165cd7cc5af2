#!/usr/bin/env python3
# timeout: 240
# beside others
"""The mesh's root in shares: 2 of 3 restore it. Sealed, nobody admits; the machine that made the mesh is
lost, and another member admits and puts out for as long as it holds what two shares brought back."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, Namespace, wait_until  # noqa: E402
from netlab.harness import built_program, check, expect, main, say  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402
from netlab.traffic import wait_ping  # noqa: E402

NAMES = ("amber", "birch", "cedar", "dogwood", "elm")
SHORT_S = 8


def build_network(lab: Lab) -> list[Namespace]:
    wan = lab.namespace("wan")
    wan.sysctl("net.ipv4.ip_forward", 1)
    nodes = []
    for number, name in enumerate(NAMES, start=1):
        namespace = lab.namespace(name)
        lab.veth(namespace, wan, f"10.9.{number}.2/24", f"10.9.{number}.1/24")
        namespace.ip("route", "add", "default", "via", f"10.9.{number}.1")
        nodes.append(namespace)
    return nodes


def refused(node: MeshNode, argv: tuple[str, ...], why: str, what: str, text: str = "") -> None:
    done = node.phantom(*argv, check=False, text=text)
    check(done.returncode == 1 and why in done.stderr, what, done.stderr.strip())
    check("pmshare1" not in done.stderr.replace("begins with pmshare1", ""), "no share is said")


def root_of(node: MeshNode) -> dict:
    return node.ask("root", "status")


def check_split(amber: MeshNode, birch: MeshNode) -> list[str]:
    refused(birch, ("root", "split", "--threshold", "2", "--shares", "3"), "run this on amber",
            "who does not hold the root cannot split it, and hears who can")
    refused(amber, ("root", "split", "--threshold", "1", "--shares", "3"), "would be the key itself",
            "a threshold of one is refused with the reason")
    split = amber.ask("root", "split", "--threshold", "2", "--shares", "3")
    shares = split["shares"]
    check(len(set(shares)) == 3 and all(each.startswith("pmshare1-") for each in shares), "3 shares")
    status = root_of(amber)
    check(status["held"] and status["kept"] and status["split"]["threshold"] == 2,
          "status says that it is split, and still held", status)
    return shares


def altered(share: str) -> str:
    return share[:60] + ("a" if share[60] != "a" else "b") + share[61:]


def check_wrong_shares(amber: MeshNode, shares: list[str], other_split: list[str]) -> None:
    """Nothing of this may erase the key."""
    wrong = {
        "no share": [],
        "1 of 2 shares given": shares[:1],
        "given already": [shares[0], shares[0]],
        "another split": [shares[0], other_split[1]],
        "altered or cut": [shares[0], altered(shares[1])],
        "not a share": [shares[0], "hello"],
    }
    for why, given in wrong.items():
        refused(amber, ("root", "seal"), why, f"sealing: {why}", "\n".join(given))
    check(root_of(amber)["kept"] and (amber.state_dir / "root.key").exists(), "nothing was erased")


def check_sealed(amber: MeshNode, birch: MeshNode, elm: MeshNode, shares: list[str]) -> None:
    token = amber.ask("token", "create")["token"]
    amber.phantom("root", "seal", text=f"{shares[0]}\n\n  {shares[2]}\n")
    check(not root_of(amber)["held"], "the root is sealed")
    check(not list(amber.state_dir.glob("*root.key*")), "and not on the disk any more")
    for node in (amber, birch):
        expect(lambda node=node: wait_until(
            lambda: root_of(node)["holders"] == [], f"{node.name} knows of no holder", within=20,
        ), f"{node.name} hears that nobody holds it")
    sentence = "'phantom root unseal'"
    refused(amber, ("token", "create"), sentence, "no token is made, and it says what to do")
    refused(amber, ("revoke", "birch"), sentence, "nobody is put out")
    refused(amber, ("policy", "clear"), sentence, "no policy is signed")
    refused(amber, ("root", "seal"), "nothing to seal", "sealed is sealed")
    done = elm.join(token, check=False)
    check(done.returncode == 1 and "does not hold the mesh's root" in done.stderr,
          "the guest of a token of before is told", done.stderr.strip())
    amber.kill()
    amber.phantom("up")
    done = elm.join(token, check=False)
    check("does not hold the mesh's root" in done.stderr, "also after a restart", done.stderr.strip())


def check_unsealing(birch: MeshNode, shares: list[str], other_split: list[str], folder: Path) -> None:
    refused(birch, ("root", "unseal"), "1 of 2 shares given", "too few shares", shares[1])
    refused(birch, ("root", "unseal"), "another split", "shares of two splits",
            f"{shares[1]}\n{other_split[2]}\n")
    check(not root_of(birch)["held"], "and nothing is held")
    file = folder / "shares"
    file.write_text(f"{shares[1]}\n{shares[2]}\n")
    birch.phantom("root", "unseal", str(file), "--for", "15m")
    status = root_of(birch)
    check(status["held"] and not status["kept"] and status["until"] and status["holders"] == ["birch"],
          "two shares on another member: it holds the root for a while", status)
    check(status["split"]["shares"] == 3, "and knows of the split", status)
    check(not list(birch.state_dir.glob("*root.key*")), "in memory only")


def check_holder(birch: MeshNode, cedar: MeshNode, dogwood: MeshNode) -> None:
    started = time.monotonic()
    dogwood.join(birch.ask("token", "create")["token"])
    say(f"joined through the new holder in {time.monotonic() - started:.2f} s")
    check(dogwood.peer("birch")["post_quantum"]["established"], "a new node joins through it")
    expect(lambda: wait_ping(dogwood.namespace, cedar.addresses()[0]), "and reaches a third one")
    done = dogwood.phantom("token", "create", check=False)
    check("run this on birch" in done.stderr, "others say where the root is", done.stderr.strip())
    birch.phantom("revoke", "amber")
    birch.phantom("revoke", "dogwood")
    expect(lambda: wait_until(lambda: not cedar.peer("dogwood"), "cedar forgets it", within=10),
           "it puts members out, the lost machine too")
    expect(lambda: wait_until(lambda: not dogwood.is_running(), "dogwood stops", within=10),
           "who is told, and stops")


def check_end(birch: MeshNode, cedar: MeshNode, elm: MeshNode, shares: list[str]) -> None:
    birch.phantom("root", "unseal", "--for", f"{SHORT_S}s", text="\n".join(shares[:2]))
    token = birch.ask("token", "create")["token"]
    expect(lambda: wait_until(lambda: not root_of(birch)["held"], "the end", within=SHORT_S + 10),
           "after its time it is sealed again")
    refused(birch, ("token", "create"), "'phantom root unseal'", "and invites nobody")
    done = elm.join(token, check=False)
    check(done.returncode == 1 and "does not hold" in done.stderr, "nor admits with the token it made")
    birch.phantom("root", "unseal", text="\n".join(shares[:2]))
    elm.join(token)
    expect(lambda: elm.wait_for({"birch", "cedar"}), "until it is unsealed again")
    expect(lambda: wait_ping(elm.namespace, cedar.addresses()[0]), "for an hour, as it was not said")
    birch.kill()
    birch.phantom("up")
    check(not root_of(birch)["held"], "a restart seals it")
    expect(lambda: wait_until(lambda: root_of(cedar)["holders"] == [], "no holder", within=20),
           "and the others hear that")


def check_keeping(cedar: MeshNode, shares: list[str]) -> None:
    cedar.phantom("root", "unseal", "--keep", text="\n".join(shares[1:]))
    key = cedar.state_dir / "root.key"
    check(key.stat().st_mode & 0o777 == 0o600, "--keep: it is on the disk, for its owner alone")
    refused(cedar, ("root", "unseal"), "already", "who holds it for good needs no shares", shares[0])
    cedar.kill()
    cedar.phantom("up")
    check(root_of(cedar)["kept"], "and is held after a restart")
    cedar.phantom("root", "seal", "--force")
    check(not key.exists() and not root_of(cedar)["held"], "--force seals without shares")


def body(lab: Lab) -> None:
    program = built_program("phantom")
    namespaces = build_network(lab)
    with tempfile.TemporaryDirectory() as folder:
        nodes = [
            MeshNode(lab, namespace, name, program, Path(folder))
            for namespace, name in zip(namespaces, NAMES, strict=True)
        ]
        amber, birch, cedar, dogwood, elm = nodes
        birch.join(amber.init())
        cedar.join(amber.ask("token", "create")["token"])
        expect(lambda: cedar.wait_for({"amber", "birch"}), "three nodes")
        expect(lambda: birch.wait_for({"amber", "cedar"}), "of one mesh")
        shares = check_split(amber, birch)
        other_split = amber.ask("root", "split", "--threshold", "2", "--shares", "3")["shares"]
        check_wrong_shares(amber, shares, other_split)
        check_sealed(amber, birch, elm, shares)
        amber.kill()
        shutil.rmtree(amber.state_dir)
        check_unsealing(birch, shares, other_split, Path(folder))
        check_holder(birch, cedar, dogwood)
        check_end(birch, cedar, elm, shares)
        check_keeping(cedar, shares)
        for node in nodes:
            node.kill()


main(body, seconds=220)
