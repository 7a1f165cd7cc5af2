"""Routers that translate in each way that RFC 4787 tells apart, made of namespaces and nftables.

    internet = Internet(lab)
    home = Site(internet, PORT_RESTRICTED)
    laptop = home.host("laptop")        # a namespace behind the router
    server = internet.server("amber")   # a namespace with a public address

Homes all use 192.168.1.0/24, as homes do, so the same private address means another host in each.
Limits: 200 uplinks an Internet, 200 hosts a site; a full or address-restricted cone gives one UDP port
to one host (the last one that used it), and knows IPv4 only.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from .lab import Lab, Namespace

HOME = "192.168.1"
CARRIER = "100.64.0"  # RFC 6598: between a carrier and its customers


class Mapping(enum.Enum):
    """RFC 4787, 4.1: what the outer port of an inner one depends on."""

    NONE = "not translated"
    ENDPOINT_INDEPENDENT = "endpoint-independent"
    SEQUENTIAL = "one port a destination, the next one"
    RANDOM = "one port a destination, any"
    BLOCKED = "no UDP"


class Filtering(enum.Enum):
    """RFC 4787, 5: who may send to an outer port that is in use."""

    ENDPOINT_INDEPENDENT = "anybody"
    ADDRESS = "addresses that were spoken to"
    ADDRESS_AND_PORT = "addresses and ports that were spoken to"
    BLOCKED = "nobody"


@dataclass(frozen=True)
class Kind:
    name: str
    mapping: Mapping
    filtering: Filtering
    rules: tuple[str, ...] = ()  # of nft, in the table below
    behind_carrier: bool = False


# The table of every router. What is dropped leaves no entry in conntrack; were a stranger's datagram
# accepted by the router itself, its entry would take the port that the host's answer needs.
BASE_RULES = """
table ip router {
    map holders { type inet_service : ipv4_addr . inet_service; size 65535; flags dynamic; }
    set called { type ipv4_addr . inet_service; size 65535; flags dynamic; }
    chain to_router { type filter hook input priority 0; iifname OUTER drop; }
    chain through { type filter hook forward priority 0; }
    chain inwards { type nat hook prerouting priority -100; }
    chain outwards { type nat hook postrouting priority 100; }
}
"""

# A source port stays as it is while that is possible, whatever the destination.
_KEEP_PORT = "outwards oifname OUTER masquerade"
_NOTE_HOLDER = (
    "through oifname OUTER ip protocol udp update @holders { udp sport : ip saddr . udp sport }"
)
_NOTE_CALLED = "through oifname OUTER ip protocol udp update @called { ip daddr . udp sport }"
_TO_HOLDER = "dnat ip addr . port to udp dport map @holders"

# Through a map, since nft hands a bare number to `snat` in the machine's byte order.
_FIRST_PORT, _PORT_COUNT = 30000, 1000

OPEN = Kind("open", Mapping.NONE, Filtering.ENDPOINT_INDEPENDENT)
FULL_CONE = Kind(
    "full cone", Mapping.ENDPOINT_INDEPENDENT, Filtering.ENDPOINT_INDEPENDENT,
    (_KEEP_PORT, _NOTE_HOLDER, f"inwards iifname OUTER ip protocol udp {_TO_HOLDER}"),
)  # fmt: skip
ADDRESS_RESTRICTED = Kind(
    "address-restricted", Mapping.ENDPOINT_INDEPENDENT, Filtering.ADDRESS,
    (
        _KEEP_PORT, _NOTE_HOLDER, _NOTE_CALLED,
        f"inwards iifname OUTER ip saddr . udp dport @called {_TO_HOLDER}",
    ),
)  # fmt: skip
PORT_RESTRICTED = Kind(
    "port-restricted", Mapping.ENDPOINT_INDEPENDENT, Filtering.ADDRESS_AND_PORT, (_KEEP_PORT,)
)
SYMMETRIC_SEQUENTIAL = Kind(
    "symmetric sequential", Mapping.SEQUENTIAL, Filtering.ADDRESS_AND_PORT,
    (
        f"outwards oifname OUTER ip protocol udp snat to PUBLIC:numgen inc mod {_PORT_COUNT} "
        f"map {{ {', '.join(f'{i}: {_FIRST_PORT + i}' for i in range(_PORT_COUNT))} }}",
        _KEEP_PORT,
    ),
)  # fmt: skip
SYMMETRIC_RANDOM = Kind(
    "symmetric random", Mapping.RANDOM, Filtering.ADDRESS_AND_PORT,
    ("outwards oifname OUTER masquerade random,fully-random",),
)  # fmt: skip
DOUBLE = Kind(
    "double", Mapping.ENDPOINT_INDEPENDENT, Filtering.ADDRESS_AND_PORT, (_KEEP_PORT,),
    behind_carrier=True,
)  # fmt: skip
UDP_BLOCKED = Kind(
    "UDP blocked", Mapping.BLOCKED, Filtering.BLOCKED,
    ("through meta l4proto != tcp drop", _KEEP_PORT),
)  # fmt: skip

KINDS = (
    OPEN, FULL_CONE, ADDRESS_RESTRICTED, PORT_RESTRICTED,
    SYMMETRIC_SEQUENTIAL, SYMMETRIC_RANDOM, DOUBLE, UDP_BLOCKED,
)  # fmt: skip


class UnsupportedKind(Exception):
    """The kernel or nft cannot make this kind; the text is what they said."""


@dataclass(frozen=True)
class Uplink:
    link: str  # the customer's end
    number: int

    @property
    def address(self) -> str:
        return f"198.19.{self.number}.2"

    @property
    def gateway(self) -> str:
        return f"198.19.{self.number}.1"


class Internet:
    """A namespace that routes between servers and sites, which it numbers. Its public addresses are
    those of RFC 2544, for benchmarks."""

    def __init__(self, lab: Lab, prefix: str = "") -> None:
        self.lab = lab
        self.prefix = prefix  # of the names of all namespaces made here
        self.namespace = lab.namespace(f"{prefix}wan")
        self.namespace.sysctl("net.ipv4.ip_forward", 1)
        self._uplink_count = 0

    def uplink(self, customer: Namespace) -> Uplink:
        self._uplink_count += 1
        subnet = f"198.19.{self._uplink_count}"
        link, _ = self.lab.veth(customer, self.namespace, f"{subnet}.2/24", f"{subnet}.1/24")
        customer.ip("route", "add", "default", "via", f"{subnet}.1")
        return Uplink(link, self._uplink_count)

    def route(self, subnet: str, uplink: Uplink) -> None:
        self.namespace.ip("route", "add", subnet, "via", uplink.address)

    def server(self, name: str) -> Namespace:
        namespace = self.lab.namespace(self.prefix + name)
        self.uplink(namespace)
        return namespace


class Router:
    """A namespace with a switch for those behind it."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab = lab
        self.namespace = lab.namespace(name)
        self.namespace.sysctl("net.ipv4.ip_forward", 1)
        self._subnet = ""
        self._count = 1  # addresses given, its own included

    def serve(self, subnet: str) -> None:
        """`subnet` is the first three numbers of the addresses inside."""
        self._subnet = subnet
        self.namespace.ip("link", "add", "name", "inside", "type", "bridge")
        self.namespace.add_address("inside", f"{subnet}.1/24")
        self.namespace.ip("link", "set", "inside", "up")

    def connect(self, customer: Namespace) -> tuple[str, str]:
        """The customer's link and its address; its default route is here."""
        self._count += 1
        address = f"{self._subnet}.{self._count}"
        link, port = self.lab.veth(customer, self.namespace, f"{address}/24", "")
        self.namespace.ip("link", "set", port, "master", "inside")
        customer.ip("route", "add", "default", "via", f"{self._subnet}.1")
        return link, address

    def translate(self, kind: Kind, outer_link: str, public: str) -> None:
        rules = [BASE_RULES, *(f"add rule ip router {rule}" for rule in kind.rules)]
        text = "\n".join(rules).replace("OUTER", outer_link).replace("PUBLIC", public)
        done = self.namespace.run("nft", "-f", "-", text=text + "\n", check=False)
        if done.returncode != 0:
            raise UnsupportedKind(f"{kind.name}: {done.stderr.strip().splitlines()[0]}")


class Carrier:
    """Translates for whole homes. A datagram of one home to another's public port does not come
    back in (RFC 4787, 6: no hairpinning)."""

    def __init__(self, internet: Internet, name: str = "carrier") -> None:
        self.router = Router(internet.lab, internet.prefix + name)
        self.router.serve(CARRIER)
        uplink = internet.uplink(self.router.namespace)
        self.public = uplink.address
        self.router.translate(PORT_RESTRICTED, uplink.link, uplink.address)


class Site:
    """A router of one kind, with its uplink, and hosts behind it."""

    def __init__(
        self, internet: Internet, kind: Kind, name: str = "home", carrier: Carrier | None = None
    ) -> None:
        self.kind = kind
        self._internet = internet
        self.router = Router(internet.lab, internet.prefix + name)
        if kind.behind_carrier:
            self._build_behind(carrier or Carrier(internet, f"{name}-carrier"))
        else:
            self._build_on(internet.uplink(self.router.namespace))

    def _build_on(self, uplink: Uplink) -> None:
        self.public = uplink.address
        if self.kind.mapping is Mapping.NONE:
            subnet = f"198.18.{uplink.number}"
            self.router.serve(subnet)
            self._internet.route(f"{subnet}.0/24", uplink)
        else:
            self.router.serve(HOME)
            self.router.translate(self.kind, uplink.link, uplink.address)

    def _build_behind(self, carrier: Carrier) -> None:
        self.public = carrier.public
        self.router.serve(HOME)
        link, address = carrier.router.connect(self.router.namespace)
        self.router.translate(self.kind, link, address)

    def add_public(self, address: str) -> None:
        """A second address of the router, not behind a carrier."""
        route = self.router.namespace.ip("route", "show", "default").split()
        self.router.namespace.add_address(route[route.index("dev") + 1], f"{address}/32")
        self._internet.namespace.ip("route", "add", f"{address}/32", "via", self.public)

    def host(self, name: str) -> Namespace:
        namespace = self._internet.lab.namespace(self._internet.prefix + name)
        self.router.connect(namespace)
        return namespace
