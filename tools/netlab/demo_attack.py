"""The part of the demonstration in which a member attacks another, and what comes of it: it guesses passwords and
scans with real tools; the victim judges, mails, blocks, and tells the story; the operator answers and undoes."""

from __future__ import annotations

import time
from typing import Any

from .demo_checks import Check
from .demo_mesh import Mesh
from .lab import LabError, wait_until
from .login_server import LoginServer
from .mailbox import Mailbox, config_for, text_of
from .mesh import MeshNode
from .traffic import pings, wait_ping

ATTACKER, VICTIM = "cedar", "dune"
PORTS = "1-600"
MAIL_PORT = 2525
PASSWORDS = """password 123456 letmein qwerty admin root toor dragon monkey sesame abc123 1234 baseball football
welcome master shadow hunter2 trustno1 secret""".split()
LINES_SHOWN = 14


def _require(fact: object, otherwise: str) -> None:
    if not fact:
        raise LabError(otherwise)


def link_in(mail: Any) -> str:
    words = text_of(mail).split()
    _require("--link" in words, "the mail has no link to acknowledge by")
    return words[words.index("--link") + 1]


class Attack:
    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh
        self._mailbox: Mailbox | None = None
        self._rules_before = ""
        self._incident = 0
        self._action = 0
        self._scan_began = 0.0

    def checks(self) -> list[Check]:
        return [
            Check("cedar guesses dune's passwords", self.guessed),
            Check("dune mails its operator", self.mailed),
            Check("cedar scans dune: dune sees it", self.seen),
            Check("a second mail: the scan", self.mailed_again),
            Check("dune's kernel drops its packets", self.blocked),
            Check("the operator answers by link", self.acknowledged),
            Check("undone, the firewall is as it was", self.undone),
            Check("a post-mortem has the times", self.post_mortem),
        ]

    @property
    def _victim(self) -> MeshNode:
        return self.mesh.nodes[VICTIM]

    @property
    def _attacker(self) -> MeshNode:
        return self.mesh.nodes[ATTACKER]

    @property
    def _mails(self) -> list[Any]:
        _require(self._mailbox, "there is no mail server")
        assert self._mailbox is not None
        return self._mailbox.mails()

    def _firewall(self) -> str:
        """All rules and sets of the victim's machine, without what counts."""
        return self._victim.namespace.run("nft", "-s", "list", "ruleset").stdout

    def _story(self) -> dict[str, Any]:
        return self._victim.query("incidents", number=self._incident)

    def _alert(self, rule: str) -> dict[str, Any]:
        """Empty: not yet."""
        found = [each for each in self._victim.query("alerts")["alerts"] if each["rule"] == rule]
        return found[-1] if found else {}

    def _judged(self, rule: str) -> str:
        alert = self._alert(rule)
        _require(alert["subject_name"] == ATTACKER, f"it is said to be {alert['subject_name']}")
        risk = alert["risk_tenths"] / 10
        return f"{alert['technique']}, risk {risk:.1f}, {alert['priority']}"

    # ---- Guessing ----

    def guessed(self) -> str:
        """ncrack against a real FTP server."""
        self._mailbox = Mailbox(self._victim.namespace, MAIL_PORT)
        (self._victim.state_dir / "alerts.yml").write_text(config_for({"operator": MAIL_PORT}))
        self.mesh.command(VICTIM, "alerts", "reload")
        address = self.mesh.addresses[VICTIM][0]
        server = LoginServer(self._victim.namespace, address)
        words = self.mesh.lab.directory / "passwords"
        words.write_text("\n".join(PASSWORDS) + "\n")
        argv = ("ncrack", "--user", "ann", "-P", str(words), "-g", "CL=4,at=1", f"ftp://{address}")
        self.mesh.command_line(f"{ATTACKER}$ {' '.join(argv).replace(str(words), words.name)}")
        try:
            self._attacker.namespace.run(*argv, check=False, timeout=60)
            wait_until(lambda: self._alert("behaviour:brute-force"), "an alert", within=15)
        finally:
            server.close()
        _require(server.failed, "nobody failed to log in: nothing is proven")
        return f"{len(server.failed)} wrong passwords; {self._judged('behaviour:brute-force')}"

    def mailed(self) -> str:
        mail = wait_until(lambda: self._mails, "a mail has arrived", within=15)[0]
        for part in (ATTACKER, "risk ", "phantom block "):
            _require(part in text_of(mail), f"the mail lacks '{part}'")
        self.mesh.command_line(
            f"operator@{VICTIM}: a mail", f"  Subject: {mail['Subject']}",
            *(f"  {line}" for line in text_of(mail).splitlines()[2:9]),
        )  # fmt: skip
        return str(mail["Subject"])

    # ---- Scanning ----

    def seen(self) -> str:
        address = self.mesh.addresses[VICTIM][0]
        self.mesh.command(VICTIM, "defence", "act")
        self._rules_before = self._firewall()
        self._scan_began = time.time()
        self._scan(address)
        found = wait_until(self._contained, "an incident is open, and contained", within=10)
        self._incident, self._action = found
        self.mesh.command(VICTIM, "alerts")
        return self._judged("behaviour:port-scan")

    def _scan(self, address: str) -> None:
        argv = ("nmap", "-Pn", "-n", "-sT", "-T4", "--max-retries", "0", "-p", PORTS)
        self.mesh.command_line(f"{ATTACKER}$ {' '.join(argv)} {address}")
        self._attacker.namespace.run(*argv, "--host-timeout", "20s", address, check=False, timeout=40)

    def _contained(self) -> tuple[int, int] | None:
        """The incident that somebody was blocked for, and the block; before that he may have been slowed down."""
        blocks = {
            each["number"]
            for each in self._victim.query("actions")["actions"]
            if each["executor"] == "firewall" and each["state"] == "active"
        }
        for each in self._victim.query("incidents")["incidents"]:
            for action in blocks.intersection(each["actions"]):
                return each["number"], action
        return None

    def _scan_mails(self) -> list[Any]:
        return [mail for mail in self._mails if "port-scan" in str(mail["Subject"])]

    def mailed_again(self) -> str:
        wait_until(self._scan_mails, "a mail about the scan has arrived", within=15)
        number = self._alert("behaviour:port-scan")["number"]
        told = self._victim.query("alerts", number=number)["deliveries"][0]
        _require(told["state"] == "delivered", f"the delivery is {told['state']}")
        self.mesh.command(VICTIM, "alerts", str(number))
        return f"{self._scan_mails()[0]['Subject']}; {told['answer']}"

    def blocked(self) -> str:
        address = self.mesh.addresses[ATTACKER][0]
        _require(address in self._firewall(), "the kernel's firewall does not have it")
        _require(
            not pings(self._attacker.namespace, self.mesh.addresses[VICTIM][0]), "pings get through"
        )
        self.mesh.command(VICTIM, "incidents", str(self._incident))
        at_s = int(self._story()["times_ns"]["contained"]) / 1e9
        return f"{(at_s - self._scan_began) * 1000:.0f} ms after nmap was started"

    def acknowledged(self) -> str:
        link = link_in(self._scan_mails()[0])
        self.mesh.command(VICTIM, "ack", "--link", link)
        again = self._victim.phantom("ack", "--link", link, check=False)
        _require("has been used" in again.stderr, "the link can be used twice")
        _require(self._story()["times_ns"]["acknowledged"] != "0", "the incident does not know")
        return "signed, once; nobody else is told"

    def undone(self) -> str:
        self.mesh.command(VICTIM, "undo", str(self._action))
        wait_ping(self._attacker.namespace, self.mesh.addresses[VICTIM][0])
        _require(self._firewall() == self._rules_before, "its dump is another one")
        # It may have been opened anew: what came before the block speaks against him for an hour.
        wait_until(lambda: self._story()["times_ns"]["recovered"] != "0", "the incident recovers", within=10)
        self.mesh.command(VICTIM, "defence", "watch")
        return "the same dump, and cedar gets through"

    def post_mortem(self) -> str:
        number = str(self._incident)
        self.mesh.command(VICTIM, "incidents", number, "--close")
        told = self._victim.phantom("incidents", number, "--post-mortem").stdout
        file = self.mesh.lab.directory / "post-mortem.md"
        file.write_text(told)
        self.mesh.command_line(f"{VICTIM}$ phantom incidents {number} --post-mortem > {file.name}")
        self.mesh.command_line(*(f"  {line}" for line in told.splitlines()[:LINES_SHOWN]))
        for part in ("## Measured times", "## Timeline", "T1046", "T1110", ATTACKER):
            _require(part in told, f"it lacks '{part}'")
        assert self._mailbox is not None
        self._mailbox.close()
        return f"{len(told.splitlines())} lines of Markdown"

    # ---- Again, for who watches ----

    def again(self) -> None:
        """The scan, and the block that follows from it."""
        self.mesh.command(VICTIM, "defence", "act")
        self._scan(self.mesh.addresses[VICTIM][0])
        self.mesh.command(VICTIM, "alerts")

    def let_go(self) -> None:
        """What is still in force is undone, and what is open is closed."""
        for action in self._victim.query("actions")["actions"]:
            if action["state"] == "active":
                self.mesh.command(VICTIM, "undo", str(action["number"]), check=False)
        self.mesh.command(VICTIM, "defence", "watch")
        for incident in self._victim.query("incidents")["incidents"]:
            if incident["state"] != "closed":
                self.mesh.command(VICTIM, "incidents", str(incident["number"]), "--close", check=False)
