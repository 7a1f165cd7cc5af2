#!/usr/bin/env python3
# timeout: 180
"""`phantom doctor` on machines that are broken on purpose: it names each fault and what to do, says nothing of it
once it is gone, and leaves nothing behind. Without a node and with one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab  # noqa: E402
from netlab.harness import built_program, check, main, skip  # noqa: E402
from netlab.mesh import MeshNode, nodes_on_wan  # noqa: E402

STATES = ("ok", "warning", "problem")


class Doctor:
    """`phantom doctor` in the namespace of a node that does not run yet."""

    def __init__(self, node: MeshNode) -> None:
        self.node = node
        node.state_dir.mkdir(parents=True, mode=0o700)
        node.run_dir.mkdir(parents=True)

    def run(self, *argv: str, inside: Sequence[str] = ()) -> tuple[int, dict[str, Any]]:
        """The exit status and the report. `inside` is what starts it, to break something first."""
        done = self.node.namespace.run(
            *inside, self.node.program, *self.node.choice, "doctor", "--json", *argv,
            check=False, timeout=60,
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout)

    def with_mounts(self, commands: str, *argv: str) -> tuple[int, dict[str, Any]]:
        """In a mount namespace of its own, after `commands` of a shell."""
        script = f'{commands}; exec "$@"'
        return self.run(
            *argv, inside=["unshare", "-m", "--propagation", "private", "sh", "-ec", script, "-"]
        )


def findings(report: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [each for each in report["checks"] if each["check"] == name]


def worst(report: dict[str, Any], name: str) -> str:
    return max((each["state"] for each in findings(report, name)), key=STATES.index)


def is_found(
    answer: tuple[int, dict[str, Any]], name: str, state: str, words: str, what: str
) -> None:
    status, report = answer
    found = findings(report, name)
    held = any(e["state"] == state and words in e["found"] + " " + e["advice"] for e in found)
    check(held, what, json.dumps(found))
    if state == "problem":
        check(status == 1 and report["verdict"] == "problem", "  and it counts", status)
        check(
            all(e["advice"] for e in found if e["state"] == "problem"), "  and says what to do"
        )


def check_good(doctor: Doctor) -> None:
    status, report = doctor.run()
    bad = [each for each in report["checks"] if each["state"] == "problem"]
    check(status == 0 and not bad, "a good machine has no problem", json.dumps(bad))
    check(report["schema"] == "phantom.doctor/1", "the answer has a schema")
    for name in ("tun", "udp port", "way out", "nftables", "state", "disk"):
        check(worst(report, name) == "ok", f"{name} is well", json.dumps(findings(report, name)))
    check(not any(doctor.node.state_dir.iterdir()), "nothing is left in the state directory")
    links = doctor.node.namespace.run("ip", "-br", "link").stdout
    check("pm" not in links.replace("pm" + str(os.getpid()), ""), "nor an interface", links)
    table = doctor.node.phantom("doctor", check=False).stdout
    check("problems" in table or "as a node needs it" in table, "a person gets a table", table)
    check("\x1b" not in table, "without colour where nobody looks at it")


def check_tun(doctor: Doctor) -> None:
    is_found(
        doctor.with_mounts("mount -t tmpfs none /dev/net"), "tun", "problem", "modprobe tun",
        "no /dev/net/tun is found",
    )  # fmt: skip


def check_ports(doctor: Doctor) -> None:
    space = doctor.node.namespace
    script = "import socket,time;s=socket.socket(2,2);s.bind(('',51820));print(1,flush=True);time.sleep(60)"
    holder = subprocess.Popen(
        ["ip", "netns", "exec", space.name, sys.executable, "-c", script],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    holder.stdout.readline()
    is_found(
        doctor.run(), "udp port", "problem", f"(pid {holder.pid})",
        "a port that is taken is found, and who has it",
    )  # fmt: skip
    status, report = doctor.run("--listen", "51821")
    check(worst(report, "udp port") == "ok", "another port is free")
    holder.terminate()
    holder.wait()
    check(worst(doctor.run()[1], "udp port") == "ok", "and so is this one once it is let go")


def check_capabilities(doctor: Doctor) -> None:
    drop = ["setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin"]
    is_found(
        doctor.run(inside=drop), "capabilities", "problem", "without CAP_NET_ADMIN",
        "a capability that root lacks is found",
    )  # fmt: skip
    drop = ["setpriv", "--bounding-set", "-net_bind_service", "--inh-caps", "-net_bind_service"]
    is_found(
        doctor.run(inside=drop), "capabilities", "warning", "443", "so is one that is rarely needed"
    )
    status, report = doctor.run(inside=[*drop])
    check(status == 0, "a warning alone is no failure", report["verdict"])
    status, _ = doctor.run("--strict", inside=drop)
    check(status == 1, "but with --strict it is")


def check_folders(doctor: Doctor) -> None:
    state = doctor.node.state_dir
    is_found(
        doctor.with_mounts(f"mount -t tmpfs -o ro,mode=700 none {state}"), "disk", "problem",
        "read-only", "a read-only state directory is found",
    )  # fmt: skip
    fill = (
        f"mount -t tmpfs -o size=64k,mode=700 none {state}; "
        f"cat /dev/zero > {state}/full 2>/dev/null || true"
    )
    is_found(doctor.with_mounts(fill), "disk", "problem", "no room is left", "a full disk is found")
    is_found(
        doctor.with_mounts(f"mount -t tmpfs -o size=8m,mode=700 none {state}"), "disk", "problem",
        "8 MiB free", "so is a small one",
    )  # fmt: skip
    key = state / "node.key"
    key.write_text("x")
    key.chmod(0o644)
    is_found(doctor.run(), "state", "problem", f"chmod 600 {key}", "a key for all to read is found")
    key.unlink()
    state.chmod(0o755)
    is_found(doctor.run(), "state", "warning", f"chmod 700 {state}", "so is an open folder")
    state.chmod(0o700)


def check_network(doctor: Doctor) -> None:
    space = doctor.node.namespace
    link = next(
        line.split("@")[0].split()[0]
        for line in space.run("ip", "-br", "link").stdout.splitlines()
        if not line.startswith("lo")
    )
    space.ip("link", "set", link, "mtu", "1300")
    is_found(doctor.run(), "way out", "problem", "MTU 1300", "an MTU that is too small is found")
    space.ip("link", "set", link, "mtu", "1500")
    space.run("nft", "add", "table", "inet", "guard")
    space.run(
        "nft", "add", "chain", "inet", "guard", "out",
        "{ type filter hook output priority 0; policy accept; }",
    )  # fmt: skip
    space.run("nft", "add", "rule", "inet", "guard", "out", "udp", "sport", "51820", "drop")
    is_found(doctor.run(), "udp", "problem", "firewall", "a firewall that lets no UDP out is found")
    space.run("nft", "flush", "chain", "inet", "guard", "out")
    space.run(
        "nft", "add", "chain", "inet", "guard", "in",
        "{ type filter hook input priority 0; policy drop; }",
    )  # fmt: skip
    is_found(
        doctor.run(), "nftables", "warning", "inet guard in", "so is one that lets nothing in"
    )
    space.run("nft", "delete", "table", "inet", "guard")
    space.ip("route", "del", "default")
    is_found(doctor.run(), "way out", "warning", "no default route", "no way out is found")
    space.ip("route", "add", "default", "via", "10.9.1.1")


def check_limits(doctor: Doctor) -> None:
    is_found(
        doctor.run(inside=["prlimit", "--nofile=128:128"]), "files", "problem", "ulimit -n",
        "a low limit of open files is found",
    )  # fmt: skip


def check_node(doctor: Doctor) -> None:
    node = doctor.node
    taken = node.namespace.run("true")  # the namespace is there
    check(taken.returncode == 0, "the namespace works")
    node.init()
    status, report = doctor.run()
    check(status == 0, "with a node there is no problem", json.dumps(report))
    ports = findings(report, "udp port") + findings(report, "tcp port")
    check(
        all("the node has it" in each["found"] for each in ports) and len(ports) == 2,
        "its own ports are not in its way", json.dumps(ports),
    )  # fmt: skip
    (node.state_dir / "handling.json").write_text("{")
    os.kill(node.pid(), 1)  # SIGHUP: read again
    rules = node.state_dir / "rules"
    rules.mkdir(exist_ok=True)
    (rules / "bad.rules").write_text("alert nonsense\n")
    node.phantom("rules", "reload", check=False)
    is_found(doctor.run(), "node", "warning", "handling.json", "what the node says of itself is told")
    node.phantom("down")
    stale = socket.socket(socket.AF_UNIX)
    (node.run_dir / "phantomd.sock").unlink(missing_ok=True)
    stale.bind(str(node.run_dir / "phantomd.sock"))
    check(worst(doctor.run()[1], "node") == "ok", "a socket that nobody listens at is no node")
    stale.close()
    (node.run_dir / "phantomd.sock").unlink()


def check_user(doctor: Doctor, root: Path) -> None:
    """Without rights it says what it could not see, and calls none of it a fault of the machine."""
    if not all(os.stat(parent).st_mode & 0o001 for parent in Path(doctor.node.program).parents):
        skip("an ordinary user can ask", "the program lies where he may not go")
        return
    done = doctor.node.namespace.run(
        "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", doctor.node.program,
        "--state-dir", "/var/lib/phantommesh", "--run-dir", "/run/phantommesh", "doctor", "--json",
        check=False,
    )  # fmt: skip
    report = json.loads(done.stdout)
    is_found((done.returncode, report), "capabilities", "warning", "sudo", "a user is told of sudo")


def body(lab: Lab) -> None:
    with tempfile.TemporaryDirectory(prefix="pm-doctor-") as folder:
        root = Path(folder)
        (node,) = nodes_on_wan(lab, ["amber"], built_program("phantom"), root)
        doctor = Doctor(node)
        check_good(doctor)
        check_tun(doctor)
        check_ports(doctor)
        check_capabilities(doctor)
        check_folders(doctor)
        check_network(doctor)
        check_limits(doctor)
        check_user(doctor, root)
        check_node(doctor)


if __name__ == "__main__":
    main(body, needs=["nft", "unshare", "setpriv", "prlimit"], seconds=170)
