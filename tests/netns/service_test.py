#!/usr/bin/env python3
# timeout: 120
# beside others
"""A node as a service: what it tells its manager, SIGHUP and what that reads again, and the unit as
systemd-analyze sees it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, Namespace  # noqa: E402
from netlab.harness import PROJECT, built_program, check, main, phantomd, say  # noqa: E402
from netlab.lab import run  # noqa: E402

UNITS = PROJECT / "deploy" / "systemd"
PATIENCE_S = 20


def heard(manager: socket.socket) -> str:
    try:
        return manager.recv(4096).decode()
    except TimeoutError:
        return "nothing"


def check_messages(lab: Lab, namespace: Namespace, root: Path) -> None:
    run_dir = root / "run"
    log = root / "log"
    path = root / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, log.open("w") as output:
        manager.bind(str(path))
        manager.settimeout(PATIENCE_S)
        places = ("--state-dir", str(root / "state"), "--run-dir", str(run_dir))
        daemon = namespace.start(
            phantomd(), "run", *places, "--init", "--name", "amber",
            env=os.environ | {"NOTIFY_SOCKET": str(path), "LOG_LEVEL": "info"}, stderr=output,
        )  # fmt: skip
        check(heard(manager) == "READY=1", "ready is said")
        done = namespace.run(built_program("phantom"), *places, "status", "--check", "startup")
        check(done.returncode == 0, "and is true: the control socket answers")
        (run_dir / "log_level").write_text("debug\n")
        daemon.send_signal(signal.SIGHUP)
        said = heard(manager)
        check(said.startswith("RELOADING=1\nMONOTONIC_USEC="), "SIGHUP: reloading is said", said)
        check(heard(manager) == "READY=1", "and ready again")
        text = log.read_text()
        check("reloaded: log level debug" in text, "the log says what was read", text[-300:])
        daemon.send_signal(signal.SIGTERM)
        check(heard(manager) == "STOPPING=1", "stopping is said")
        check(daemon.wait(PATIENCE_S) == 0, "SIGTERM ends it well")


def check_units(root: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        say("skipped: the unit, since systemd-analyze is not installed")
        return
    # The program is wherever it was built.
    for name in ("phantommesh.service", "phantommesh@.service"):
        text = (UNITS / name).read_text().replace("/usr/local/bin/phantomd", phantomd())
        unit = root / name.replace("@", "@work")
        unit.write_text(text)
        done = run(["systemd-analyze", "verify", "--man=no", str(unit)], check=False)
        own = [line for line in done.stderr.splitlines() if unit.name in line]
        check(not own, f"{unit.name} is a unit", done.stderr)


def body(lab: Lab) -> None:
    namespace = lab.namespace("service")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PHANTOM_RESOLV_CONF"] = str(Path(folder) / "resolv.conf")
        check_messages(lab, namespace, Path(folder))
        check_units(Path(folder))


main(body, seconds=110)
