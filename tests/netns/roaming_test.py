#!/usr/bin/env python3
# timeout: 500
# beside others
"""Endpoints follow an authenticated peer (address, port, family), answers leave from the address that
was spoken to, and a source address that went away is not clung to."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, LabError, Namespace, WireGuard, wait_until  # noqa: E402
from netlab.harness import check, expect, main, phantomd, wireguard_go  # noqa: E402
from netlab.traffic import pings, transfer, wait_ping  # noqa: E402

PORT = 51820
ROUNDS = 40


class Tunnel:
    """A mobile end and a still end; either may be the program under test."""

    def __init__(self, lab: Lab, mobile_program: str, still_program: str) -> None:
        self.left, self.right = lab.namespaces
        self.mobile = WireGuard(lab, self.left, "a", mobile_program).start().listen(PORT)
        self.still = WireGuard(lab, self.right, "b", still_program).start().listen(PORT)
        self.mobile.add_peer(
            self.still.keys.public, "10.7.0.2/32,fd07::2/128", endpoint=f"10.99.0.2:{PORT}"
        )
        self.still.add_peer(self.mobile.keys.public, "10.7.0.1/32,fd07::1/128")
        self.mobile.up("10.7.0.1/24", "fd07::1/64")
        self.still.up("10.7.0.2/24", "fd07::2/64")

    def stop(self) -> None:
        for node in (self.mobile, self.still):
            node.stop()
            wait_until(lambda: not node.namespace.has_link(node.name), "the interface is gone")

    def mobile_seen_at(self) -> str:
        return self.still.endpoint_of(self.mobile.keys.public)

    def still_seen_at(self) -> str:
        return self.mobile.endpoint_of(self.still.keys.public)

    def call(self, endpoint: str) -> None:
        self.mobile.set("peer", self.still.keys.public, "endpoint", endpoint)


def outer_link(namespace: Namespace) -> str:
    return next(name for name in namespace.links() if name.startswith("v"))


def expect_seen(tunnel: Tunnel, endpoint: str, what: str, *, called_at: str = "") -> None:
    """Again where it was called: the last transfer's end may still be under way from the old address, and a
    stock caller follows it away from an endpoint that was just set."""
    seen = ""

    def follows() -> bool:
        nonlocal seen
        if called_at:
            tunnel.call(called_at)
        wait_ping(tunnel.left, "10.7.0.2")
        seen = tunnel.mobile_seen_at()
        return seen == endpoint

    try:
        wait_until(follows, what, within=3)
    except LabError:
        check(False, what, f"seen at {seen}, not {endpoint}")
    else:
        check(True, what)


def check_roaming(tunnel: Tunnel) -> None:
    link = outer_link(tunnel.left)
    expect_seen(tunnel, f"10.99.0.1:{PORT}", "the endpoint is learnt")
    tunnel.mobile.set("listen-port", "51999")
    expect_seen(tunnel, "10.99.0.1:51999", "it follows to another port")
    tunnel.left.add_address(link, "10.99.0.77/24")
    tunnel.left.ip("address", "delete", "10.99.0.1/24", "dev", link)
    expect_seen(tunnel, "10.99.0.77:51999", "it follows to another address")
    check(pings(tunnel.right, "10.7.0.1"), "and the still end can speak first")
    expect(
        lambda: transfer(tunnel.left, tunnel.right, "10.7.0.2"), "TCP goes on from the new address"
    )
    expect_seen(
        tunnel, "[fd99::1]:51999", "it follows to IPv6", called_at=f"[fd99::2]:{PORT}"
    )
    tunnel.left.add_address(link, "fd99::77/64")
    tunnel.left.ip("address", "delete", "fd99::1/64", "dev", link)
    expect_seen(tunnel, "[fd99::77]:51999", "it follows to another IPv6 address")
    expect_seen(
        tunnel, "10.99.0.77:51999", "and back to IPv4", called_at=f"10.99.0.2:{PORT}"
    )
    for address in ("10.99.0.1/24", "fd99::1/64"):
        tunnel.left.add_address(link, address)
    for address in ("10.99.0.77/24", "fd99::77/64"):
        tunnel.left.ip("address", "delete", address, "dev", link)


def check_set_endpoint_wins(tunnel: Tunnel) -> None:
    """What is set holds from the next packet on, whatever was heard before: both ends' view after
    one ping, again and again, between two families and ever new ports."""
    wrong = []
    for number in range(ROUNDS):
        port = 52000 + number
        near, far = ("[fd99::1]", "[fd99::2]") if number % 2 else ("10.99.0.1", "10.99.0.2")
        tunnel.mobile.set("listen-port", str(port))
        tunnel.call(f"{far}:{PORT}")
        pings(tunnel.left, "10.7.0.2")
        seen = (tunnel.mobile_seen_at(), tunnel.still_seen_at())
        if seen != (f"{near}:{port}", f"{far}:{PORT}"):
            wrong.append(seen)
    check(not wrong, f"an endpoint that is set holds at once, {ROUNDS} times", wrong)
    tunnel.mobile.set("listen-port", str(PORT))


def call_and_settle(tunnel: Tunnel, endpoint: str) -> None:
    """As in expect_seen(); an end that answers from elsewhere does so each time."""

    def holds() -> bool:
        tunnel.call(endpoint)
        wait_ping(tunnel.left, "10.7.0.2")
        return tunnel.still_seen_at() == endpoint

    wait_until(holds, f"{endpoint} is answered from there", within=3)


def check_sticky(tunnel: Tunnel) -> None:
    """The still end has three addresses of each family; it answers from the one it was called at.
    The caller's view of the endpoint would follow an answer from elsewhere."""
    link = outer_link(tunnel.right)
    extra = ("10.99.0.3/24", "10.99.0.4/24", "fd99::3/64", "fd99::4/64")
    for address in extra:
        tunnel.right.add_address(link, address)
    for address in ("10.99.0.3", "fd99::3", "10.99.0.4", "fd99::4", "10.99.0.2", "fd99::2"):
        endpoint = f"[{address}]:{PORT}" if ":" in address else f"{address}:{PORT}"
        expect(lambda: call_and_settle(tunnel, endpoint), f"called at {address}, it answers")
        expect(lambda: transfer(tunnel.right, tunnel.left, "10.7.0.1", 1 << 20), "and sends")
        seen = tunnel.still_seen_at()
        check(seen == endpoint, f"from {address}", seen)
    for address in extra:
        tunnel.right.ip("address", "delete", address, "dev", link)


def check_not_too_sticky(tunnel: Tunnel, program_is_tested: bool) -> None:
    """The caller's own address is replaced while a session stands, and it is the caller who sends
    first from the new one."""
    link = outer_link(tunnel.left)
    for old, new, endpoint in (
        ("10.99.0.1/24", "10.99.0.10/24", f"10.99.0.2:{PORT}"),
        ("fd99::1/64", "fd99::10/64", f"[fd99::2]:{PORT}"),
    ):
        tunnel.call(endpoint)
        wait_ping(tunnel.left, "10.7.0.2")
        wait_ping(tunnel.right, "10.7.0.1")  # now the caller has a sticky source of its own
        tunnel.left.add_address(link, new)
        tunnel.left.ip("address", "delete", old, "dev", link)
        if program_is_tested:
            address = old.partition("/")[0]
            expect(lambda: wait_ping(tunnel.left, "10.7.0.2"), f"without {address}, traffic goes on")
        tunnel.left.add_address(link, old)
        tunnel.left.ip("address", "delete", new, "dev", link)


def check_removed_answer_address(tunnel: Tunnel) -> None:
    """The address the still end answers from is removed: its next packets leave from another."""
    link = outer_link(tunnel.right)
    for gone, stays in (("10.99.0.9/24", "10.99.0.2"), ("fd99::9/64", "[fd99::2]")):
        tunnel.right.add_address(link, gone)
        host = gone.partition("/")[0]
        tunnel.call(f"[{host}]:{PORT}" if ":" in host else f"{host}:{PORT}")
        wait_ping(tunnel.left, "10.7.0.2")
        tunnel.right.ip("address", "delete", gone, "dev", link)
        expect(lambda: wait_ping(tunnel.right, "10.7.0.1"), f"without {host}, it still sends")
        seen = tunnel.still_seen_at()
        check(seen == f"{stays}:{PORT}", f"from {stays}, and is followed", seen)


def body(lab: Lab) -> None:
    lab.pair()
    for namespace in lab.namespaces:
        # Else removing the first address of a subnet would take the others with it.
        namespace.sysctl(f"net.ipv4.conf.{outer_link(namespace)}.promote_secondaries", 1)
    tested, stock = phantomd(), wireguard_go()
    for mobile, still in ((tested, stock), (stock, tested)):
        print(f"--- {Path(mobile).name} moves, {Path(still).name} stays", flush=True)
        tunnel = Tunnel(lab, mobile, still)
        check_roaming(tunnel)
        if still == tested:
            check_sticky(tunnel)
            check_removed_answer_address(tunnel)
        if mobile == tested:
            check_not_too_sticky(tunnel, mobile == tested)
            check_set_endpoint_wins(tunnel)
        tunnel.stop()


if __name__ == "__main__":
    main(body, seconds=460)
