"""A home router's side of port mapping: miniupnpd, which speaks PCP, NAT-PMP and UPnP."""

from __future__ import annotations

import shutil

from .lab import Lab, wait_until
from .nat import HOME, Site

PCP_PORT = 5351
HTTP_PORT = 5000
PROTOCOLS = ("PCP", "NAT-PMP", "UPnP")

# What the server fills in; it looks for these chains by name.
_TABLE = """
table inet miniupnpd {
    chain forward { type filter hook forward priority 0; jump miniupnpd; }
    chain prerouting { type nat hook prerouting priority -110; jump prerouting_miniupnpd; }
    chain postrouting { type nat hook postrouting priority 90; jump postrouting_miniupnpd; }
    chain miniupnpd { }
    chain prerouting_miniupnpd { }
    chain postrouting_miniupnpd { }
}
"""


def has_port_mapping() -> bool:
    return shutil.which("miniupnpd") is not None


class PortMappingServer:
    """At the router of a site, for those behind it."""

    def __init__(self, lab: Lab, site: Site, protocols: tuple[str, ...] = PROTOCOLS) -> None:
        self.namespace = site.router.namespace
        # One that the server does not take for private, as it does those of RFC 2544.
        self.public = f"11.0.{site.public.split('.')[2]}.2"
        site.add_public(self.public)
        outer = self.namespace.ip("route", "show", "default").split()
        self.outer = outer[outer.index("dev") + 1]
        # Who speaks PCP speaks NAT-PMP too, in this program as in most.
        by_datagram = "PCP" in protocols or "NAT-PMP" in protocols
        folder = lab.directory / f"miniupnpd-{self.namespace.name}"
        folder.mkdir()
        self._settings = folder / "conf"
        self._settings.write_text(
            f"ext_ifname={self.outer}\next_ip={self.public}\n"
            "listening_ip=inside\nipv6_disable=yes\nsecure_mode=yes\nsystem_uptime=no\n"
            f"http_port={HTTP_PORT}\n"
            f"enable_natpmp={'yes' if by_datagram else 'no'}\n"
            f"enable_upnp={'yes' if 'UPnP' in protocols else 'no'}\n"
            "upnp_table_name=miniupnpd\nupnp_nat_table_name=miniupnpd\n"
            f"lease_file={folder / 'leases'}\nuuid=5f486f23-a431-4193-aaf7-f1352f5d1242\n"
            f"allow 1024-65535 {HOME}.0/24 1024-65535\ndeny 0-65535 0.0.0.0/0 0-65535\n"
        )
        self._log = (folder / "log").open("w")
        self._pid_file = folder / "pid"
        self.namespace.run("nft", "-f", "-", text=_TABLE)
        # The group of SSDP is joined on the inner interface; answers go there too.
        self.process = self.namespace.start(
            "miniupnpd", "-d", "-f", self._settings, "-P", self._pid_file,
            stdout=self._log, stderr=self._log,
        )  # fmt: skip
        port, kind = (PCP_PORT, "udp") if by_datagram else (HTTP_PORT, "tcp")
        wait_until(lambda: self.namespace.is_listening(port, kind), "the router maps ports")

    def mapped_ports(self) -> list[int]:
        rules = self.namespace.run("nft", "list", "chain", "inet", "miniupnpd", "prerouting_miniupnpd")
        words = rules.stdout.split()
        return [int(words[at + 1]) for at, word in enumerate(words) if word == "dport"]

    def log(self) -> str:
        return (self._settings.parent / "log").read_text()
