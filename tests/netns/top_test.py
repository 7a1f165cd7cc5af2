#!/usr/bin/env python3
# timeout: 180
"""`phantom top` on a terminal: a real mesh, an attack that arrives, every key, a terminal that changes its size, a node
that dies; and the terminal is as it was, however it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.harness import built_program, check, expect, main  # noqa: E402
from netlab.mesh import MeshNode, nodes_on_wan  # noqa: E402
from netlab.tty import Tty  # noqa: E402


def top(node: MeshNode, *argv: str, **options: Any) -> Tty:
    command = ["ip", "netns", "exec", node.namespace.name, node.program, *node.choice, "top"]
    return Tty([*command, *argv], **options)


def has(*words: str) -> Callable[[str], bool]:
    """All of these are on the screen; of "-word" that it is not."""
    return lambda text: all(
        word[1:] not in text if word.startswith("-") else word in text for word in words
    )


def check_peers(amber: MeshNode, birch: MeshNode) -> None:
    with top(amber, "--interval", "0.3") as tty:
        tty.wait_until(has("birch", "post-quantum", "1 of 1 online"), "the peer is shown")
        check(True, "the peer is shown, with its keys")
        check("1049" in tty.modes and "25" not in tty.modes, "on the alternate screen, no cursor")
        birch.namespace.run(
            "ping", "-q", "-c", "50", "-i", "0.02", "-s", "1000", amber.addresses()[0], check=False
        )
        expect(
            lambda: tty.wait_until(
                lambda text: re.search(r"birch.* kB/s", text), "a rate is shown", within=10
            ),
            "its rate is shown",
        )
        check(any(bar in tty.text() for bar in "▁▂▃▄▅▆▇█"), "and drawn", tty.text())
        before = len(tty.received)
        time.sleep(2)
        tty.read(0.1)
        sent = len(tty.received) - before
        check(0 < sent < 6_000, "only what changes is sent", f"{sent} bytes in 2 s")
        check(b"\x1b[2J" not in tty.received[before:], "the screen is not cleared: no flicker")
        tty.type("q")
        check(tty.wait_end() == 0, "q ends it, with 0")
        check(tty.is_as_before(), "the terminal is as it was")


def check_keys(amber: MeshNode) -> None:
    with top(amber) as tty:
        tty.wait_until(has("birch"), "the peer")
        for keys, words, what in (
            ("?", ["Keys", "ends it"], "? shows the keys"),
            ("\x1b", ["1 of 1 online", "-ends it"], "Esc closes that"),
            ("\r", ["phantom ping birch"], "Enter shows the row in full"),
            ("\r", ["1 of 1 online", "-phantom ping birch"], "and Enter closes it"),
            ("s", ["by path"], "s sorts by another column"),
            ("r", ["by path, reversed"], "r the other way round"),
            ("/nobody\r", ["none has 'nobody'"], "/ filters"),
            ("\x1b", ["post-quantum"], "Esc shows all again"),
            ("p", ["PAUSED"], "p pauses"),
            ("\t", ["> 2 Alerts"], "Tab goes on to the next pane"),
            ("\x1b[Z", ["> 1 Peers"], "Shift-Tab goes back"),
            ("z", ["> 1 Peers"], "z shows the pane alone"),
        ):
            tty.type(keys)
            expect(lambda words=words, what=what: tty.wait_until(has(*words), what), what)
        check("2 Alerts" not in tty.text(), "alone indeed")
        tty.type("\x03")
        check(tty.wait_end() == 0 and tty.is_as_before(), "Ctrl-C ends it, the terminal is as it was")


def check_sizes(amber: MeshNode) -> None:
    with top(amber) as tty:
        tty.wait_until(has("BY WAY OF"), "the widest column")
        tty.resize(44, 16)
        expect(
            lambda: tty.wait_until(
                lambda text: "birch" in text and "BY WAY OF" not in text, "a narrow frame"
            ),
            "it follows the size, and columns leave",
        )
        tty.resize(10, 3)
        time.sleep(0.5)
        tty.resize(150, 45)
        expect(lambda: tty.wait_until(has("BY WAY OF"), "a wide frame"), "and come back")
        tty.type("q")
        check(tty.wait_end() == 0, "a tiny terminal does not end it")


def check_attack(amber: MeshNode, birch: MeshNode) -> None:
    with top(amber, "--interval", "0.3") as tty:
        tty.wait_until(has("nothing was found"), "a quiet frame")
        amber.phantom("defence", "act")
        birch.namespace.run(
            "nmap", "-Pn", "-n", "-sT", "-T4", "--max-retries", "0", "--host-timeout", "20s",
            "-p", "1-400", amber.addresses()[0], check=False, timeout=40,
        )  # fmt: skip
        expect(
            lambda: tty.wait_until(
                has("phantom ack", "defence act", "firing"), "the attack is shown", within=20
            ),
            "an attack arrives: what it is, and what to do",
        )
        expect(
            lambda: tty.wait_until(has("firewall", "active", "containment"), "the block", within=20),
            "and what was done against it",
        )
        tty.type("4\r")
        expect(lambda: tty.wait_until(has("phantom undo"), "the way back"), "with the way back")
        tty.type("\x1b")
        for action in amber.ask("actions")["actions"]:
            amber.phantom("undo", str(action["number"]), check=False)
        expect(
            lambda: tty.wait_until(has("nothing is done against anybody"), "it is undone"),
            "undone, it is gone from the screen",
        )
        tty.type("q")
        check(tty.wait_end() == 0, "q ends it")


def check_ends(amber: MeshNode) -> None:
    for number, name in ((signal.SIGTERM, "SIGTERM"), (signal.SIGHUP, "SIGHUP")):
        with top(amber) as tty:
            tty.wait_until(has("birch"), "the peer")
            tty.process.send_signal(number)
            check(tty.wait_end() == 0 and tty.is_as_before(), f"{name}: the terminal is as it was")
    with top(amber) as tty:
        tty.wait_until(has("birch"), "the peer")
        tty.process.send_signal(signal.SIGABRT)
        status = tty.wait_end()
        check(status == -signal.SIGABRT and tty.is_as_before(), "so it is when it crashes", status)
    with top(amber) as tty:
        tty.wait_until(has("birch"), "the peer")
        tty.process.send_signal(signal.SIGTSTP)
        expect(
            lambda: wait_until(
                lambda: " T " in Path(f"/proc/{tty.process.pid}/stat").read_text(), "stopped", within=5
            ),
            "it can be stopped",
        )
        tty.read(0.2)
        check(tty.is_as_before(), "then the terminal is the shell's")
        tty.process.send_signal(signal.SIGCONT)
        expect(lambda: tty.wait_until(has("birch"), "a frame"), "continued, it draws anew")
        check("1049" in tty.modes, "on its own screen")
        tty.type("q")
        check(tty.wait_end() == 0, "and ends")


def check_plain(amber: MeshNode) -> None:
    with top(amber, env={"NO_COLOR": "1"}) as tty:
        tty.wait_until(has("birch"), "the peer")
        colours = re.findall(rb"\x1b\[[0-9;]*3[0-9][0-9;]*m", tty.received)
        check(not colours, "NO_COLOR: no colour is sent", colours[:3])
        tty.type("q")
        tty.wait_end()
    with top(amber, env={"LC_ALL": "C"}) as tty:
        tty.wait_until(has("birch"), "the peer")
        check(all(byte < 128 for byte in tty.received), "without UTF-8 it draws in ASCII")
        tty.type("q")
        tty.wait_end()
    with top(amber, env={"TERM": "dumb"}) as tty:
        check(tty.wait_end() == 1 and b"--once" in tty.received, "a dumb terminal is told of --once")
    piped = amber.phantom("top", check=False)
    check(piped.returncode == 1 and "--once" in piped.stderr, "so is a pipe", piped.stderr)
    once = amber.phantom("top", "--once").stdout
    check("birch" in once and "\x1b" not in once, "--once prints a frame", once)
    check(amber.ask("top")["schema"] == "phantom.top/1", "--json has it for programs")


def check_death(amber: MeshNode) -> None:
    with top(amber, "--interval", "0.3") as tty:
        tty.wait_until(has("birch"), "the peer")
        amber.kill()
        expect(
            lambda: tty.wait_until(has("does not run any more", "birch"), "it says so"),
            "a node that dies is said to, and what was known stays",
        )
        amber.phantom("up")
        expect(
            lambda: tty.wait_until(
                lambda text: "does not run" not in text and "birch" in text, "it goes on", within=20
            ),
            "back, it goes on",
        )
        os.kill(amber.pid(), signal.SIGSTOP)
        try:
            expect(
                lambda: tty.wait_until(
                    has("did not answer"), "it says so", within=20
                ),
                "one that hangs is said to",
            )
            begin = time.monotonic()
            tty.type("q")
            tty.wait_end()
            check(time.monotonic() - begin < 4, "and does not hold up the keys")
        finally:
            os.kill(amber.pid(), signal.SIGCONT)
    amber.phantom("down")
    done = subprocess.run(
        [amber.program, *amber.choice, "top"], capture_output=True, text=True, check=False
    )
    check(done.returncode == 3, "without a node it ends with 3", done.stderr)


def body(lab: Lab) -> None:
    with tempfile.TemporaryDirectory(prefix="pm-top-") as folder:
        amber, birch = nodes_on_wan(
            lab, ["amber", "birch"], built_program("phantom"), Path(folder)
        )
        birch.join(amber.init())
        amber.wait_for({"birch"})
        check_peers(amber, birch)
        check_keys(amber)
        check_sizes(amber)
        check_ends(amber)
        check_plain(amber)
        check_attack(amber, birch)
        check_death(amber)


if __name__ == "__main__":
    main(body, needs=["nmap"], seconds=170)
