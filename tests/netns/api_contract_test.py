#!/usr/bin/env python3
# timeout: 240
"""Each operation of the HTTPS API, asked with curl of a real node with a real attack behind it: its answer has to be what
the OpenAPI document says, and the document has to be one. Policies with ETags, dry runs, requests that are sent twice,
the audit log's pieces."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.api import (  # noqa: E402
    Answer, Api, Contract, api_of, has_jsonschema, problem_in, with_jsonschema,
)
from netlab.attack import two_nodes  # noqa: E402
from netlab.harness import Skip, built_program, check, expect, main, say  # noqa: E402
from netlab.mailbox import config_for  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402
from netlab.playbook import contain_playbook  # noqa: E402


RULE = (
    'alert icmp any any -> any any (msg:"guesses"; itype:8; content:"guesses"; sid:1; priority:1; '
    "metadata:confidence High, signature_severity Major, mitre_technique_id T1110;)\n"
)
ALERTS = """\
route: {receiver: ann}
receivers:
  - {name: ann, webhook_configs: [{url: 'http://127.0.0.1:9/'}]}
  - {name: bob, webhook_configs: [{url: 'http://127.0.0.1:9/'}]}
rotas:
  - {name: ops, time_zone: UTC, starts: 2026-01-05, handover: '09:00', shift: 7d, people: [ann, bob]}
"""


def scan(attacker: MeshNode, address: str) -> None:
    attacker.namespace.run(
        "nmap", "-Pn", "-n", "-sT", "-T4", "--max-retries", "0", "--host-timeout", "20s",
        "-p", "1-300", address, check=False, timeout=40,
    )  # fmt: skip


def problem(answer: Answer, status: int, code: str, what: str) -> None:
    found = problem_in(answer, status, code)
    check(found == "", f"{status} {code}: {what}", found)


@dataclass
class Walk:
    """Calls routes, and holds each answer to the contract."""

    api: Api
    contract: Contract
    called: set[str] = field(default_factory=set)

    def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        answer = self.api.call(method, path, body, **more)
        operation, problems = self.contract.check(method, path, answer)
        self.called.add(operation)
        check(
            not problems and answer.status < 400, f"{method} {path} is as the contract says",
            f"{answer.status} {problems or answer.text[:300]}",
        )  # fmt: skip
        return answer


def walk_mesh(walk: Walk, birch: str) -> None:
    walk("GET", "/health")
    walk("GET", "/version")
    walk("GET", "/problems/not-found")
    node = walk("GET", "/nodes/self").json()
    check(node["name"] == "amber" and node["ready"], "the node is amber", node)
    peers = walk("GET", "/peers").json()["peers"]
    check([peer["name"] for peer in peers] == [birch], "its peer is birch", peers)
    walk("GET", f"/peers/{birch}")
    walk("POST", f"/peers/{birch}/ping")
    walk("GET", f"/history?peer={birch}&span=day")
    for path in ("/history", "/netcheck", "/root", "/rotation", "/routes", "/dns", "/imports"):
        walk("GET", path)
    walk("POST", "/routes/offers", {"what": "192.168.77.0/24"})
    offers = walk("POST", "/routes/withdrawals", {"what": "192.168.77.0/24"}).json()["offers"]
    check(offers == [], "what was offered is withdrawn", offers)
    walk("PUT", "/routes/exit", {"exit": "none"})
    walk("POST", "/dns/on")
    check(walk("POST", "/dns/off").json()["on"] is False, "dns is off again")
    check(walk("POST", "/rotation").json()["keys_generation"] >= 0, "keys are changed")


def walk_policy(walk: Walk) -> None:
    policy = walk("GET", "/policy")
    tag = policy.header("ETag")
    text = '{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]}'
    checked = walk("PUT", "/policy?dry_run=true", {"text": text}, headers={"If-Match": tag})
    check(checked.json().get("grants") == 1, "a dry run reads a policy", checked.text)
    check(walk("GET", "/policy").header("ETag") == tag, "and changes nothing")
    walk("PUT", "/policy", {"text": text}, headers={"If-Match": tag})
    problem(
        walk.api.call("PUT", "/policy", {"text": text}, headers={"If-Match": tag}), 412,
        "precondition-failed", "a policy that somebody else has changed",
    )  # fmt: skip
    problem(walk.api.call("PUT", "/policy", {"text": text}), 428, "precondition-required", "without If-Match")
    wrong = walk.api.call("PUT", "/policy", {"text": '{"grants": [}'}, headers={"If-Match": "*"})
    problem(wrong, 422, "bad-policy", "a policy that cannot be read")
    check(wrong.json().get("line") == 1, "with its place", wrong.text)
    explained = walk("GET", "/policy/explain?src=amber&dst=birch&port=22").json()
    check(explained["allowed"] is True, "who may reach whom is explained", explained)
    walk("DELETE", "/policy", headers={"If-Match": "*"})


def walk_tokens(walk: Walk) -> None:
    made = walk("POST", "/tokens", {"uses": 2, "tags": ["db"]}).json()
    check(made["token"].startswith("phantom1"), "an invitation is made", made)
    listed = walk("GET", "/tokens").json()["tokens"]
    newest = next(each["id"] for each in listed if each["tags"] == ["db"])
    walk("DELETE", f"/tokens/{newest}")
    walk("GET", "/api-tokens/self")
    token = walk("POST", "/api-tokens", {"name": "brief", "role": "viewer", "lifetime_s": 60}).json()
    names = [each["name"] for each in walk("GET", "/api-tokens").json()["tokens"]]
    check(sorted(names) == ["admin", "brief", "first"], "API tokens are listed", names)
    walk("DELETE", f"/api-tokens/{token['id']}")
    brief = Api(walk.api.namespace, walk.api.certificate, token["token"])
    problem(brief.get("/version"), 401, "unauthorized", "a token that was revoked")


def walk_sessions(walk: Walk) -> None:
    def sign_in() -> tuple[dict[str, str], str]:
        answer = walk("POST", "/sessions")
        cookie = answer.header("Set-Cookie").partition(";")[0]
        return {"Cookie": cookie, "X-CSRF-Token": answer.json()["csrf"]}, answer.json()["id"]

    check(walk("GET", "/sign-in").json()["openid"] is None, "nobody signs in at an issuer")
    (headers, own), (_, other) = sign_in(), sign_in()
    check(walk("GET", "/sessions/self", headers=headers, token="").json()["id"] == own, "a session knows itself")
    listed = walk("GET", "/sessions", headers=headers, token="").json()["sessions"]
    check([each["id"] for each in listed if each["is_own"]] == [own] and len(listed) == 2, "sessions are listed", listed)
    walk("DELETE", f"/sessions/{other}")
    walk("DELETE", "/sessions/self", headers=headers, token="")
    check(walk("GET", "/sessions").json()["sessions"] == [], "both are over")


def walk_defence(walk: Walk, amber: MeshNode, birch: MeshNode) -> None:
    walk("PUT", "/defence", {"mode": "watch"})
    walk("GET", "/defence")
    scan(birch, amber.addresses()[0])
    expect(
        lambda: wait_until(lambda: walk.api.get("/alerts").json()["alerts"] != [], "an alert", within=20),
        "a scan is seen over the API",
    )
    alerts = walk("GET", "/alerts").json()["alerts"]
    number = alerts[0]["number"]
    walk("GET", f"/alerts/{number}")
    walk("POST", f"/alerts/{number}/ack")
    got = walk("GET", "/alerts?state=acknowledged").json()["alerts"]
    check(number in [each["number"] for each in got], "an acknowledged alert is found by its state", got)
    check(walk("GET", "/alerts?priority=P1&state=resolved").json()["alerts"] == [], "and by nothing else")
    silence = walk("POST", "/silences", {"matchers": '{peer="birch"}', "for_s": 60, "comment": "ours"}).json()
    walk("GET", "/silences")
    walk("DELETE", f"/silences/{silence['number']}")
    (amber.state_dir / "alerts.yml").write_text(ALERTS)
    walk("POST", "/alerts/reload")
    for path in ("/escalations", "/oncall", "/feeds", "/inputs", "/rules"):
        walk("GET", path)
    stands_in = walk("POST", "/oncall/ops/overrides", {"who": "bob", "for_s": 3600}).json()["rotas"][0]["now"]
    check(stands_in["who"] == "bob" and stands_in["override"], "somebody stands in", stands_in)
    walk("GET", "/feeds/lookup?what=203.0.113.9")
    walk("POST", "/feeds/reload")
    walk("POST", "/feeds/fetch", {})
    (amber.state_dir / "rules").mkdir(exist_ok=True)
    (amber.state_dir / "rules" / "local.rules").write_text(RULE)
    walk("POST", "/rules/reload")
    wait_until(lambda: amber.ask("defence")["rules"] == 1, "the rule is read", within=20)
    ping(birch, amber.addresses()[0], b"guesses")


def ping(attacker: MeshNode, address: str, what: bytes) -> None:
    attacker.namespace.run("ping", "-n", "-c", "2", "-W", "1", "-p", what.hex(), address, check=False)


def newest(answer: Answer, items: str) -> list[int]:
    return [each["number"] for each in answer.json()[items]]


def walk_seen(walk: Walk, amber: MeshNode, birch: MeshNode) -> None:
    """Flows and detections of the scan before."""
    own, theirs = amber.addresses()[0], birch.addresses()[0]
    flows = walk("GET", "/flows?limit=500").json()
    check(flows["count"] >= 300, "the attempts of a scan are flows", flows["count"])
    tried = [each for each in flows["flows"] if each["from"] == theirs and each["protocol"] == "tcp"]
    check(
        len({each["to_port"] for each in tried}) >= 290
        and all(each["peer"] == "birch" and each["direction"] == "in" and each["to_name"] == "amber" for each in tried)
        and {each["state"] for each in tried} == {"over"} and tried[0]["policy"] == "none",
        "with who began them, and how they ended", tried[:2],
    )  # fmt: skip
    first = walk("GET", "/flows?peer=birch&protocol=tcp&state=over&limit=100")
    link = first.header("Link").partition(">")[0].removeprefix("</api/v1")
    check("peer=birch" in link, "the link to the next piece asks for the same", first.headers)
    second = walk("GET", link)
    numbers = newest(first, "flows") + newest(second, "flows")
    check(
        numbers == sorted(set(numbers), reverse=True) and len(numbers) == 200,
        "they come in pieces, the newest first, each once", numbers[:5],
    )  # fmt: skip
    check(walk("GET", f"/flows?address={own}&port=9").json()["count"] == 1, "one is found by its port")
    icmp = walk("GET", "/flows?protocol=icmp").json()["flows"]
    check(icmp and icmp[0]["bytes_there"] > 0 and icmp[0]["state"] == "open", "a ping is one, with what it sent", icmp)
    problem(walk.api.get("/flows?address=amber"), 422, "invalid", "an address that is none")
    expect(
        lambda: wait_until(
            lambda: walk.api.get("/detections?kind=signature").json()["detections"], "a detection", within=20
        ),
        "what a rule finds is a detection",
    )
    seen = walk("GET", "/detections?kind=signature&subject=birch").json()["detections"][0]
    check(seen["rule"] == "suricata:1:1" and seen["technique"].startswith("T1110") and seen["confidence"] > 0.5,
          "with its rule, and how sure one is", seen)
    one = walk("GET", f"/detections/{seen['number']}").json()
    alert = walk("GET", f"/alerts/{one['alert']}").json()
    check(alert["rule"] == one["rule"] and alert["subject"] == theirs, "it names the alert that it joined", alert)
    scanned = walk("GET", "/detections?rule=behaviour:port-scan&limit=1").json()
    check(len(scanned["detections"]) == 1 and scanned["judged"] >= 2, "a scan is one, too", scanned)
    problem(walk.api.get("/detections/999999"), 404, "not-found", "a detection that is not there")


def walk_regrouping(walk: Walk, number: int) -> None:
    expect(
        lambda: wait_until(
            lambda: len(walk.api.get(f"/incidents/{number}").json()["alerts"]) >= 2, "two alerts", within=20
        ),
        "the guess joins the scan's incident",
    )
    alerts = walk("GET", f"/incidents/{number}").json()["alerts"]
    changed = walk("POST", f"/incidents/{number}/split", {"alerts": [alerts[-1]]}).json()
    fresh = max(newest(walk("GET", "/incidents"), "incidents"))
    check(fresh != number, "an alert is split off into an incident of its own", changed)
    check(walk("GET", f"/incidents/{fresh}").json()["split_from"] == number, "which knows from where")
    walk("POST", f"/incidents/{fresh}/merge", {"into": number})
    check(walk("GET", f"/incidents/{fresh}").json()["merged_into"] == number, "and is put back")


def walk_told(walk: Walk, amber: MeshNode) -> None:
    (amber.state_dir / "alerts.yml").write_text(config_for({"operator": 2525}))
    walk("POST", "/alerts/reload")
    receivers = walk("GET", "/receivers").json()["receivers"]
    check(receivers == [{"name": "operator", "channels": ["email"]}], "receivers are listed", receivers)
    asked = walk("POST", "/receivers/operator/tests").json()
    delivery = walk("GET", f"/deliveries/{asked['keys'][0]}").json()
    check(delivery["receiver"] == "operator" and delivery["channel"] == "email", "a test is on its way", delivery)
    problem(walk.api.call("POST", "/receivers/nobody/tests"), 404, "not-found", "a test of who is not there")


def walk_incidents(walk: Walk) -> None:
    number = walk("GET", "/incidents").json()["incidents"][0]["number"]
    walk_regrouping(walk, number)
    walk("GET", f"/incidents/{number}")
    walk("POST", f"/incidents/{number}/notes", {"text": "looked at"})
    walk("GET", f"/incidents/{number}/post-mortem")
    walk("POST", f"/incidents/{number}/evidence")
    expect(
        lambda: wait_until(
            lambda: walk.api.get(f"/incidents/{number}/evidence").status == 200, "evidence", within=20
        ),
        "evidence is collected",
    )
    walk("GET", "/evidence")
    walk("GET", f"/incidents/{number}/evidence")
    walk("POST", f"/incidents/{number}/close", {"false_positive": False})
    walk("POST", f"/incidents/{number}/reopen")
    problem(
        walk.api.call("POST", f"/incidents/{number}/merge", {"into": 999}), 404, "not-found",
        "into an incident that is not there",
    )  # fmt: skip


def walk_playbooks(walk: Walk, amber: MeshNode) -> None:
    folder = amber.state_dir / "playbooks"
    folder.mkdir()
    (folder / "contain.json").write_text(json.dumps(contain_playbook()))
    check(walk("GET", "/playbooks").json()["playbooks"][0]["name"] == "contain", "a playbook is listed")
    number = walk("GET", "/incidents").json()["incidents"][0]["number"]
    dry = walk("POST", "/playbooks/contain/runs?dry_run=true", {"incident": number})
    check(dry.json()["lines"] != [] and walk("GET", "/playbook-runs").json()["runs"] == [], "a dry run starts nothing")
    run = walk("POST", "/playbooks/contain/runs", {"incident": number}).json()["run"]

    def waiting() -> list[Any]:
        return [each for each in walk.api.get(f"/playbook-runs/{run}").json()["waiting"] if each["type"] == "manual"]

    expect(lambda: wait_until(waiting, "it waits for a person", within=20), "a run waits for a person")
    walk("GET", f"/playbook-runs/{run}")
    walk("POST", f"/playbook-runs/{run}/steps/{waiting()[0]['step']}/done", {"text": "it is clean"})
    second = walk("POST", "/playbooks/contain/runs", {"incident": number}).json()["run"]
    walk("POST", f"/playbook-runs/{second}/stop")
    for action in walk("GET", "/actions").json()["actions"]:
        walk("POST", f"/actions/{action['number']}/undo", {"cascade": True})


def walk_actions(walk: Walk) -> None:
    wish = {"executor": "firewall", "target": "203.0.113.9", "for_s": 600, "reason": "guesses"}
    would = walk("POST", "/actions?dry_run=true", wish)
    check(would.status == 200 and would.json()["number"] is None, "a dry run says what it would cut", would.text)
    check(walk("GET", "/actions").json()["actions"] == [], "and does nothing")
    key = {"Idempotency-Key": "one-block"}
    first = walk("POST", "/actions", wish, headers=key)
    number = first.json()["number"]
    check(first.status == 201 and first.json()["state"] == "active", "an address is blocked", first.text)
    again = walk("POST", "/actions", wish, headers=key)
    check(again.json()["number"] == number and again.header("Idempotent-Replayed"), "once, however often it is sent")
    check(len(walk("GET", "/actions").json()["actions"]) == 1, "there is one action")
    undone = walk("POST", f"/actions/{number}/undo?dry_run=true", {})
    check(undone.json()["action"]["target"] == "203.0.113.9", "an undo says what it would undo", undone.text)
    check(len(walk("GET", "/actions").json()["actions"]) == 1, "and does not")
    walk("POST", f"/actions/{number}/undo")
    check(walk("GET", "/actions").json()["actions"] == [], "undone, it is gone")
    proposed = walk("POST", "/actions", wish | {"propose": True}).json()["number"]
    walk("POST", f"/actions/{proposed}/approve")
    walk("POST", f"/actions/{proposed}/undo")
    passing = walk("POST", "/actions", wish | {"confirm_s": 60}).json()
    check(passing["confirm_by"] is not None, "one that has to be confirmed says until when", passing)
    walk("POST", f"/actions/{passing['number']}/confirm")
    stays = next(each for each in walk("GET", "/actions").json()["actions"] if each["number"] == passing["number"])
    check(stays["confirm_by"] is None, "confirmed, it stays", stays)
    walk("POST", f"/actions/{passing['number']}/undo")
    denied = walk("POST", "/actions", wish | {"propose": True}).json()["number"]
    walk("POST", f"/actions/{denied}/deny")
    refused = walk.api.call("POST", "/actions", wish | {"target": "127.0.0.1"})
    problem(refused, 409, "refused", "what is guarded is not blocked")
    entries = walk("GET", "/audit?limit=2").json()
    check(len(entries["entries"]) == 2, "the audit log comes in pieces", entries)
    older = walk("GET", f"/audit?limit=2&cursor={entries['next_cursor']}").json()["entries"]
    newer = [entry["number"] for entry in entries["entries"]]
    check(older[0]["number"] < newer[-1] < newer[0], "the newest first", f"{newer} {older}")
    everything = walk("GET", "/audit?limit=500").json()["entries"]
    act = next(entry for entry in everything if entry["what"] == "act" and entry["outcome"] == "done")
    check(
        act["who"] == "token admin" and "127.0.0.1" in act["from"] and act["target"],
        "the audit log says who did what from where", act,
    )  # fmt: skip


def check_contract(api: Api, amber: MeshNode, birch: MeshNode) -> None:
    contract = Contract(api.get("/openapi.json", token="").json())
    check(contract.problems() == [], "the contract is well formed", contract.problems())
    walk = Walk(api, contract)
    walk("GET", "/openapi.json")
    walk_mesh(walk, birch.name)
    walk_policy(walk)
    walk_tokens(walk)
    walk_sessions(walk)
    walk_defence(walk, amber, birch)
    walk_seen(walk, amber, birch)
    walk_told(walk, amber)
    walk_incidents(walk)
    walk_playbooks(walk, amber)
    walk_actions(walk)
    walk("DELETE", f"/peers/{birch.name}")
    check(walk("GET", "/peers").json()["peers"] == [], "a member is put out")
    left = contract.operations() - walk.called
    # The stream, the pages and the metrics: api_test, observability_test. At an issuer: oidc_test.
    known = {"listen", "showAckLink", "acknowledgeByLink", "beginOpenId", "endOpenId", "getMetrics"}
    check(left <= known, "each route was asked", left - known)
    described = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()
    missing = [
        f"{method} {path}"
        for path, method, _ in contract.each() if f"| {method} | `{path.removeprefix('/api/v1')}` |" not in described
    ]
    check(missing == [], "docs/api.md has each operation", missing)
    say(f"{len(walk.called)} of {len(contract.operations())} operations held to the contract")


def body(lab: Lab) -> None:
    if not has_jsonschema():
        raise Skip("python3-jsonschema is not installed")
    with tempfile.TemporaryDirectory() as folder:
        amber, birch = two_nodes(lab, built_program("phantom"), Path(folder))
        token = amber.ask("api-token", "create", "admin", "--rate", "0")["token"]
        check_contract(api_of(amber, token), amber, birch)
        for node in (amber, birch):
            node.kill()


if __name__ == "__main__":
    with_jsonschema()
    main(body, needs=("curl", "nft", "nmap"), seconds=230)
