"""fail2ban and CrowdSec in a namespace, each with a configuration of its own: who reads a log and blocks by the
kernel's firewall, as a measure beside us. The first failed login is enough for them.

CrowdSec runs from its package's files, wherever they were unpacked (CROWDSEC_ROOT, else /): it talks to nobody
outside, since its central service is not configured.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from .attack import PROBE_PORT, TRIGGER, Receiver, first_dropped
from .lab import Lab, Namespace, run, wait_until

LINE = "{when} host sshd[77]: Failed password for root from {address} port {port} ssh2\n"
START_S = 60.0
STOP_S = 10.0
# More than twice as long as CrowdSec's bouncer may wait by itself.
PATIENCE_S = 25.0
PROBE_INTERVAL_S = 0.002
Blocker = type["Fail2ban"] | type["CrowdSec"]


class Fail2ban:
    name = "fail2ban"

    def __init__(self, namespace: Namespace, folder: Path, log: Path) -> None:
        self._namespace = namespace
        self._socket = folder / "fail2ban.sock"
        config = folder / "fail2ban"
        shutil.copytree("/etc/fail2ban", config)
        # As Debian has it, but for its jails.
        for jails in ("jail.d", "fail2ban.d"):
            shutil.rmtree(config / jails, ignore_errors=True)
        (config / "jail.local").write_text(
            "[benchmark]\nenabled = true\nfilter = sshd\nbackend = auto\nmaxretry = 1\nprotocol = udp\n"
            f"bantime = 600\nlogpath = {log}\nbanaction = nftables-allports\nbanaction_allports = nftables-allports\n"
        )
        (config / "fail2ban.local").write_text(
            f"[Definition]\nlogtarget = {folder}/fail2ban.log\ndbfile = :memory:\nallowipv6 = auto\n"
        )
        self._process = namespace.start(
            "fail2ban-server", "-f", "-c", str(config), "-s", str(self._socket),
            "-p", str(folder / "fail2ban.pid"), "start",
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_until(lambda: self._ask("status", "benchmark").returncode == 0, "fail2ban reads", within=START_S)

    @staticmethod
    def is_here() -> bool:
        return shutil.which("fail2ban-server") is not None

    def unblock(self, address: str) -> None:
        self._ask("set", "benchmark", "unbanip", address)

    def close(self) -> None:
        _end(self._process)

    def _ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self._namespace.run("fail2ban-client", "-s", str(self._socket), *words, check=False)


class CrowdSec:
    name = "crowdsec"
    root = Path(os.environ.get("CROWDSEC_ROOT", "/"))
    # What both ask for by themselves: the bouncer looks for decisions each 10 s.
    BOUNCER_EVERY = "10s"

    def __init__(self, namespace: Namespace, folder: Path, log: Path) -> None:
        self._namespace = namespace
        self._folder = folder / "crowdsec"
        self._write_configuration(log)
        own = ("-c", str(self._folder / "config.yaml"))
        run([self.root / "usr/bin/cscli", *own, "machines", "add", "benchmark", "--auto", "--force"])
        key = "benchmark-of-this-machine-alone"
        run([self.root / "usr/bin/cscli", *own, "bouncers", "add", "benchmark", "--key", key])
        self._write_bouncer(key)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._engine = namespace.start(str(self.root / "usr/bin/crowdsec"), *own, **quiet)
        wait_until(lambda: namespace.is_listening(8080), "CrowdSec listens", within=START_S)
        own_log = self._folder / "crowdsec.log"
        wait_until(
            lambda: "Starting processing data" in own_log.read_text(), "CrowdSec reads", within=START_S
        )
        self._bouncer = namespace.start(
            str(self.root / "usr/bin/crowdsec-firewall-bouncer"), "-c", str(self._folder / "bouncer.yaml"), **quiet
        )
        wait_until(
            lambda: "crowdsec" in namespace.run("nft", "list", "tables").stdout,
            "CrowdSec's bouncer has its table", within=START_S,
        )  # fmt: skip

    @classmethod
    def is_here(cls) -> bool:
        return all(
            (cls.root / "usr/bin" / each).exists() for each in ("crowdsec", "cscli", "crowdsec-firewall-bouncer")
        )

    def unblock(self, address: str) -> None:
        own = ("-c", str(self._folder / "config.yaml"))
        self._namespace.run(str(self.root / "usr/bin/cscli"), *own, "decisions", "delete", "--ip", address, check=False)

    def close(self) -> None:
        for process in (self._bouncer, self._engine):
            _end(process)

    def _write_configuration(self, log: Path) -> None:
        folder = self._folder
        for each in ("data", "hub", "parsers/s00-raw", "parsers/s01-parse", "parsers/s02-enrich", "scenarios"):
            (folder / each).mkdir(parents=True)
        shipped = self.root / "usr/share/crowdsec/hub/parsers"
        for name in ("s00-raw/crowdsecurity/syslog-logs", "s01-parse/crowdsecurity/sshd-logs",
                     "s02-enrich/crowdsecurity/dateparse-enrich"):  # fmt: skip
            stage = name.partition("/")[0]
            shutil.copy(shipped / f"{name}.yaml", folder / "parsers" / stage)
        shutil.copytree(self.root / "etc/crowdsec/patterns", folder / "patterns")
        (folder / "scenarios/first.yaml").write_text(
            "type: trigger\nname: benchmark/first\ndescription: one failed login\n"
            "filter: evt.Meta.log_type == 'ssh_failed-auth'\ngroupby: evt.Meta.source_ip\n"
            "labels:\n  service: ssh\n  type: bruteforce\n  remediation: true\n"
        )
        (folder / "acquis.yaml").write_text(f"filenames:\n  - {log}\nlabels:\n  type: syslog\n")
        (folder / "simulation.yaml").write_text("simulation: false\n")
        (folder / "profiles.yaml").write_text(
            "name: benchmark\nfilters:\n  - Alert.Remediation == true\n"
            "decisions:\n  - type: ban\n    duration: 10m\non_success: break\n"
        )
        (folder / "credentials.yaml").write_text("url: http://127.0.0.1:8080\n")
        (folder / "hub/.index.json").write_text(
            '{"parsers": {}, "scenarios": {}, "collections": {}, "postoverflows": {}}\n'
        )
        (folder / "config.yaml").write_text(
            f"""common: {{daemonize: false, log_media: file, log_level: info, log_dir: {folder}, working_dir: {folder}}}
config_paths:
  config_dir: {folder}
  data_dir: {folder}/data
  simulation_path: {folder}/simulation.yaml
  hub_dir: {folder}/hub
  index_path: {folder}/hub/.index.json
  notification_dir: {folder}/notifications
  plugin_dir: {folder}/plugins
crowdsec_service: {{acquisition_path: {folder}/acquis.yaml, parser_routines: 1}}
cscli: {{output: raw}}
db_config: {{log_level: info, type: sqlite, db_path: {folder}/data/crowdsec.db, use_wal: true}}
api:
  client: {{credentials_path: {folder}/credentials.yaml}}
  server: {{log_level: info, listen_uri: "127.0.0.1:8080", profiles_path: {folder}/profiles.yaml}}
prometheus: {{enabled: false}}
"""
        )

    def _write_bouncer(self, key: str) -> None:
        (self._folder / "bouncer.yaml").write_text(
            f"""mode: nftables
update_frequency: {self.BOUNCER_EVERY}
daemonize: false
log_mode: file
log_dir: {self._folder}/
log_level: info
api_url: http://127.0.0.1:8080/
api_key: {key}
deny_action: DROP
supported_decisions_types: [ban]
blacklists_ipv4: crowdsec-blacklists
blacklists_ipv6: crowdsec6-blacklists
nftables:
  ipv4: {{enabled: true, set-only: false, table: crowdsec, chain: crowdsec-chain}}
  ipv6: {{enabled: true, set-only: false, table: crowdsec6, chain: crowdsec6-chain}}
prometheus: {{enabled: false}}
"""
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class LogTrial:
    """How long after an attacking packet the attacker's packets still come through, where the service that it
    attacks writes a line and somebody reads it."""

    def __init__(self, lab: Lab, blocker: Blocker, folder: Path) -> None:
        self._victim, self._attacker = (
            lab.namespace(f"{blocker.name}-{each}") for each in ("victim", "attacker")
        )
        self._address, self._from = "10.99.0.2", "10.99.0.1"
        lab.veth(self._victim, self._attacker, f"{self._address}/24", f"{self._from}/24")
        self._log = folder / f"{blocker.name}.log"
        self._log.touch()
        (folder / blocker.name).mkdir()
        self._blocker = blocker(self._victim, folder / blocker.name, self._log)
        self._receiver = Receiver(self._victim, self._address, self._attacked)

    def run(self) -> float | None:
        """Seconds, or None: it was never blocked."""
        with self._attacker.entered():
            sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with sender:
            sender.connect((self._address, PROBE_PORT))
            found = first_dropped(sender, self._receiver, PROBE_INTERVAL_S, PATIENCE_S)
            self._blocker.unblock(self._from)
            wait_until(lambda: self._receiver.hears(sender), "undone, datagrams pass again")
        return found

    def close(self) -> None:
        self._receiver.close()
        self._blocker.close()

    def _attacked(self, packet: bytes) -> None:
        if TRIGGER in packet:
            when = time.strftime("%b %d %H:%M:%S")
            with self._log.open("a") as log:
                log.write(LINE.format(when=when, address=self._from, port=PROBE_PORT))
