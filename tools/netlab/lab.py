"""Namespaces, links and processes that are gone when the lab is."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import itertools
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

UAPI_DIRECTORY = Path("/var/run/wireguard")
WAIT_S = 30.0  # how long a fact may take to become true on a busy machine
POLL_S = 0.02
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


class LabError(Exception):
    """A command failed or a fact did not become true in time."""


def run(
    argv: Sequence[str | os.PathLike[str]],
    *,
    check: bool = True,
    text: str | None = None,
    timeout: float = 60.0,
    env: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end; with `check`, a failure is a LabError with what it said."""
    done = subprocess.run(
        [os.fspath(part) for part in argv],
        input=text,
        stdin=subprocess.DEVNULL if text is None else None,
        capture_output=True,
        text=True,
        timeout=timeout,
        env=os.environ | (env or {}),
    )
    if check and done.returncode != 0:
        command = " ".join(os.fspath(part) for part in argv)
        raise LabError(f"`{command}` ended with {done.returncode}: {done.stderr.strip()}")
    return done


def wait_until(
    fact: Callable[[], T], what: str, *, within: float = WAIT_S, every: float = POLL_S
) -> T:
    """The first true value of `fact`; a LabError that says `what` when there is none in time."""
    deadline = time.monotonic() + within
    while True:
        value = fact()
        if value:
            return value
        if time.monotonic() > deadline:
            raise LabError(f"not within {within:g} s: {what}")
        time.sleep(every)


def _die_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """A process that ended and waits for its parent to notice is not alive."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Namespace:
    """A network namespace of a lab."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab = lab
        self.name = name
        self.path = Path("/run/netns") / name

    def argv(self, argv: Sequence[str | os.PathLike[str]]) -> list[str]:
        return ["ip", "netns", "exec", self.name, *(os.fspath(part) for part in argv)]

    def run(self, *argv: str | os.PathLike[str], **options: Any) -> subprocess.CompletedProcess[str]:
        return run(self.argv(argv), **options)

    def start(self, *argv: str | os.PathLike[str], **options: Any) -> subprocess.Popen[Any]:
        return self.lab.start(self.argv(argv), **options)

    def ip(self, *argv: str, check: bool = True) -> str:
        return run(["ip", "-n", self.name, *argv], check=check).stdout

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """This thread is in the namespace; sockets made here stay in it."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        there = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _set_namespace(there)
            try:
                yield
            finally:
                _set_namespace(home)
        finally:
            os.close(home)
            os.close(there)

    def sysctl(self, name: str, value: str | int) -> None:
        with self.entered():
            Path("/proc/sys", *name.split(".")).write_text(str(value))

    def has_link(self, name: str) -> bool:
        return name in self.links()

    def links(self) -> list[str]:
        lines = self.ip("-o", "link", "show", check=False).splitlines()
        return [line.split(": ")[1].split("@")[0] for line in lines]

    def pids(self) -> list[int]:
        found = run(["ip", "netns", "pids", self.name], check=False).stdout
        return [int(pid) for pid in found.split()]

    def add_address(self, link: str, address: str) -> None:
        extra = ["nodad"] if ":" in address else []
        self.ip("address", "add", address, "dev", link, *extra)

    def is_listening(self, port: int, protocol: str = "tcp") -> bool:
        """Whether some socket of this namespace is bound to the port (for TCP: listens)."""
        states = {"tcp": "0A", "udp": "07"}
        with self.entered():
            for table in (protocol, protocol + "6"):
                for line in Path(f"/proc/thread-self/net/{table}").read_text().splitlines()[1:]:
                    fields = line.split()
                    local_port = int(fields[1].rpartition(":")[2], 16)
                    if local_port == port and fields[3] == states[protocol]:
                        return True
        return False


def _set_namespace(descriptor: int) -> None:
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Lab:
    """Owns namespaces, processes and temporary files."""

    def __init__(self) -> None:
        self.prefix = f"pm{os.getpid()}"
        self.directory = Path()
        self.namespaces: list[Namespace] = []
        self._processes: list[subprocess.Popen[Any]] = []
        self._undo = contextlib.ExitStack()
        self._link_numbers = itertools.count(1)  # threads may build at the same time

    def __enter__(self) -> Lab:
        remove_stale_labs()
        self.directory = Path(
            self._undo.enter_context(tempfile.TemporaryDirectory(prefix=f"{self.prefix}-"))
        )
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupted)
        atexit.register(self.close)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """May be called again; interruptions wait until it is done."""
        ignored = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        signal.pthread_sigmask(signal.SIG_BLOCK, ignored)
        try:
            self._undo.close()
            for process in reversed(self._processes):
                stop(process)
            self._processes.clear()
            for namespace in self.namespaces:
                _remove_namespace(namespace.name)
            self.namespaces.clear()
            _remove_sockets(self.prefix)
        finally:
            atexit.unregister(self.close)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ignored)

    def on_close(self, undo: Callable[[], Any]) -> None:
        self._undo.callback(undo)

    def start(self, argv: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
        """A process that ends with the lab, and with us if we are killed."""
        options.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen(argv, preexec_fn=_die_with_parent, **options)
        self._processes.append(process)
        return process

    def end_processes(self, program: str) -> None:
        """Those of them that run this program; whoever waits for one sees it end."""
        for process in self._processes:
            if process.poll() is None and program in process.args:
                process.terminate()

    def interface_name(self, suffix: str) -> str:
        """Unique on the machine: UAPI sockets are not part of a network namespace."""
        name = self.prefix + suffix
        assert len(name) <= 15, name
        return name

    def namespace(self, name: str) -> Namespace:
        namespace = Namespace(self, f"{self.prefix}-{name}")
        run(["ip", "netns", "add", namespace.name])
        self.namespaces.append(namespace)
        namespace.ip("link", "set", "lo", "up")
        namespace.sysctl("net.ipv6.conf.default.accept_dad", 0)
        return namespace

    def remove(self, namespaces: Sequence[Namespace]) -> None:
        """Before the lab is closed, for those who need many in turn."""
        for namespace in namespaces:
            _remove_namespace(namespace.name)
            self.namespaces.remove(namespace)

    def veth(
        self, left: Namespace, right: Namespace, left_addresses: str, right_addresses: str,
        *, mtu: int = 1500,
    ) -> tuple[str, str]:
        """Joins two namespaces; addresses are separated by spaces. Returns the links' names."""
        number = next(self._link_numbers)
        names = (f"v{number}l", f"v{number}r")
        left.ip(
            "link", "add", "name", names[0], "mtu", str(mtu), "type", "veth",
            "peer", "name", names[1], "mtu", str(mtu), "netns", right.name,
        )  # fmt: skip
        for namespace, link, addresses in (
            (left, names[0], left_addresses),
            (right, names[1], right_addresses),
        ):
            for address in addresses.split():
                namespace.add_address(link, address)
            namespace.ip("link", "set", link, "up")
        return names

    def pair(self, *, mtu: int = 1500) -> tuple[Namespace, Namespace]:
        """Two namespaces, 10.99.0.1 and 10.99.0.2 (fd99::1, fd99::2), joined by one veth pair."""
        left, right = self.namespace("left"), self.namespace("right")
        self.veth(left, right, "10.99.0.1/24 fd99::1/64", "10.99.0.2/24 fd99::2/64", mtu=mtu)
        return left, right


def stop(process: subprocess.Popen[Any], within: float = 5.0) -> None:
    """Asks, then insists."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(within)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def _interrupted(number: int, _frame: object) -> None:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)


# ---- What a killed lab leaves behind ----------------------------------------------------------


def remove_stale_labs() -> None:
    """Namespaces and sockets named after a process that is no more."""
    stale = set()
    names = [line.split()[0] for line in run(["ip", "netns", "list"]).stdout.splitlines() if line]
    for name in names:
        found = re.fullmatch(r"(pm(\d+))-.+", name)
        if found and not is_alive(int(found[2])):
            stale.add(found[1])
            _remove_namespace(name)
    for socket in UAPI_DIRECTORY.glob("pm*.sock"):
        found = re.fullmatch(r"(pm(\d+))[a-z]\w*", socket.stem)
        if found and not is_alive(int(found[2])):
            stale.add(found[1])
    for prefix in stale:
        _remove_sockets(prefix)


def _remove_namespace(name: str) -> None:
    # A daemon inside keeps the namespace alive; it ends when its interface does.
    links = run(["ip", "-n", name, "-o", "link", "show"], check=False).stdout
    for found in re.finditer(r"^\d+: ([^:@]+)", links, re.MULTILINE):
        if found[1] != "lo":
            run(["ip", "-n", name, "link", "delete", found[1]], check=False)
    run(["ip", "netns", "delete", name], check=False)


def _remove_sockets(prefix: str) -> None:
    for socket in UAPI_DIRECTORY.glob(f"{prefix}[a-z]*.sock"):
        socket.unlink(missing_ok=True)
