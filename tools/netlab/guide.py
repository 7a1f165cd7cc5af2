"""The commands of a page of docs/, run as they stand there, on machines that are namespaces.

A line `amber$ command` of a block is run on the machine amber, in a shell, from the top of the project; lines that
begin with "> " belong to it. What stands below, up to the next command, it has to print: those lines among others, in
whatever order, for peers come in that of their keys; numbers, addresses and secrets may be others, and "..." is anything. A comment `# exit status N` at the
end of a command says how it has to end. An invitation or a token that is cut with "..." stands for the last whole one.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from .harness import PROJECT
from .lab import Lab, LabError, Namespace, run, wait_until

INDENT = "    "
TIMEOUT_S = 120
HOME = pwd.getpwuid(0).pw_dir
# Where a machine has its own, so that the defaults of the programs can stand in the docs.
OWN_FOLDERS = ("/var/lib/phantommesh", "/run/phantommesh", "/usr/local/bin", "/etc/wireguard", HOME)
_COMMAND = re.compile(r"([a-z][a-z0-9-]*)\$ (.*)")
_STATUS = re.compile(r"\s+# exit status (\d+)$")
_SECRETS = {"phantom1": r"phantom1[a-z0-9]{40,}", "pm_": r"pm_[A-Za-z0-9_-]{20,}"}
_SECRET = re.compile(r"(phantom1|pm_)[A-Za-z0-9_-]*(?:\.\.\.)?")
_CHANGING = re.compile(r"[0-9a-f:.]*\d[0-9a-f:.]*|\b[0-9a-f]{16,}\b")
# A member may be reached by way of another until a direct way is found, a second later.
_RELAYED = re.compile(r"\brelay (# ms \S+) \S+")


@dataclass
class Step:
    line: int
    machine: str
    command: str
    status: int = 0
    shown: list[str] = field(default_factory=list)


def steps_of(page: Path) -> list[Step]:
    steps: list[Step] = []
    is_command = in_block = False
    for number, line in enumerate(page.read_text().splitlines(), start=1):
        if not line.strip():
            continue
        if not line.startswith(INDENT):
            in_block = False
            continue
        text = line[len(INDENT) :]
        if found := _COMMAND.fullmatch(text):
            steps.append(_step(number, *found.groups()))
            is_command = in_block = True
        elif in_block and is_command and (text == ">" or text.startswith("> ")):
            steps[-1].command += "\n" + text[2:]
        elif in_block:
            steps[-1].shown.append(text)
            is_command = False
    return steps


def _step(number: int, machine: str, command: str) -> Step:
    status = _STATUS.search(command)
    if status is None:
        return Step(number, machine, command)
    return Step(number, machine, command[: status.start()], int(status.group(1)))


def missing_lines(shown: list[str], said: str) -> list[str]:
    """The first of `shown` that does not come in `said`; each line counts for one."""
    lines = [_same_for_all(line) for line in said.splitlines()]
    missing = []
    for wanted in shown:
        if wanted.strip() == "...":
            continue
        parts = _SECRET.sub(r"\1", wanted.strip()).split("...")
        pattern = ".*".join(re.escape(_same_for_all(part)) for part in parts)
        same = next((line for line in lines if re.fullmatch(pattern, line)), None)
        if same is None:
            missing.append(wanted)
            break
        lines.remove(same)
    return missing


def _same_for_all(line: str) -> str:
    return _RELAYED.sub(r"direct \1 #", " ".join(_CHANGING.sub("#", _SECRET.sub(r"\1", line)).split()))


class Machine:
    """A namespace with a name, and folders of its own where the programs look by default."""

    def __init__(self, lab: Lab, namespace: Namespace, name: str, programs: Path) -> None:
        self.namespace = namespace
        self.name = name
        self.root = lab.directory / name
        mounts = ["hostname " + name, f"mount --make-rprivate / && cd '{PROJECT}'"]
        for folder in OWN_FOLDERS:
            own = self.root / folder.strip("/").replace("/", "-")
            own.mkdir(parents=True)
            _make_folder(lab, Path(folder))
            mounts.append(f"mount --bind '{own}' {folder}")
        own_bin = self.root / "usr-local-bin"
        for program in ("phantom", "phantomd"):
            (own_bin / program).symlink_to(programs / program)
        if shutil.which("sudo") is None:
            (own_bin / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
            (own_bin / "sudo").chmod(0o755)
        script = " && ".join([*mounts, "echo up", "exec sleep infinity"])
        self._holder = namespace.start("unshare", "-m", "-u", "sh", "-c", script, stdout=subprocess.PIPE)
        if self._holder.stdout.readline() != b"up\n":
            raise LabError(f"{name}: its own folders could not be mounted")
        lab.on_close(self._kill)

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        path = "/usr/local/bin:" + os.environ["PATH"]
        return run(
            ["nsenter", "-t", str(self._holder.pid), "-n", "-m", "-u", f"--wd={PROJECT}", "bash", "-c", command],
            check=False, timeout=TIMEOUT_S, env={"PATH": path, "HOME": HOME, "NO_COLOR": "1"},
        )  # fmt: skip

    def own(self, folder: str) -> Path:
        return self.root / folder.strip("/").replace("/", "-")

    def _kill(self) -> None:
        """Daemons that the commands started."""
        for pid in self.namespace.pids():
            if pid != self._holder.pid:
                run(["kill", "-9", str(pid)], check=False)


def _make_folder(lab: Lab, folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True)
        lab.on_close(lambda: folder.rmdir())


class Reader:
    """Types what the page says, and compares what comes."""

    def __init__(self, machines: dict[str, Machine]) -> None:
        self.machines = machines
        self._secrets: dict[str, str] = {}

    def take(self, step: Step) -> str:
        """What is wrong; empty where all is as the page says."""
        machine = self.machines.get(step.machine)
        if machine is None:
            return f"there is no machine {step.machine}"
        done = machine.run(self._with_secrets(step.command))
        said = done.stdout + done.stderr
        for prefix, pattern in _SECRETS.items():
            if found := re.findall(pattern, said):
                self._secrets[prefix] = found[-1]
        if done.returncode != step.status:
            return f"ended with {done.returncode}, not {step.status}: {said.strip()[-500:]}"
        missing = missing_lines(step.shown, said)
        return f"does not print '{missing[0].strip()}', but:\n{said.strip()[:1500]}" if missing else ""

    def take_patiently(self, step: Step, within: float) -> str:
        """For what takes a moment to become true: a question may be asked again."""
        last = ""

        def is_right() -> bool:
            nonlocal last
            last = self.take(step)
            return not last

        try:
            wait_until(is_right, step.command, within=within, every=0.5)
        except LabError:
            return last
        return ""

    def _with_secrets(self, command: str) -> str:
        for prefix, secret in self._secrets.items():
            command = re.sub(re.escape(prefix) + r"[A-Za-z0-9_-]*\.\.\.", secret, command)
        return command
