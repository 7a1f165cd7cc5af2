#!/usr/bin/env python3
# timeout: 200
"""One attack is one trace: a collector that speaks OTLP hears of what was seen, each stage of the judgement, the action,
the message, evidence, incident and post-mortem. A caller's trace context is taken, and named in refusals; the log is
JSON, with the trace's id."""

from __future__ import annotations

import json
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.api import api_of  # noqa: E402
from netlab.attack import PROBE_PORT, TRIGGER, arm, take_rules, two_nodes  # noqa: E402
from netlab.collector import PORT, Collector  # noqa: E402
from netlab.harness import built_program, check, expect, main, phantomd, say  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402

PLACE = f"http://127.0.0.1:{PORT}/v1/traces"
CALLERS_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{CALLERS_TRACE}-00f067aa0ba902b7-01"
STAGES = ("fold", "gather", "assess", "alert", "incident", "decide", "act", "tell")


def run_in_foreground(lab: Lab, node: MeshNode, log: Path) -> None:
    """With a collector and a log of JSON, which go with the daemon's own options."""
    node.phantom("down")
    out = log.open("w")
    node.namespace.start(
        phantomd(), "run", *node.choice, "--traces", PLACE, "--log-format", "json", stdout=out, stderr=out
    )
    wait_until(lambda: node.run_dir.joinpath("phantomd.sock").exists() and node.is_running(), "it is up again")
    node.wait_for({"birch"})


def attack(amber: MeshNode, birch: MeshNode) -> None:
    take_rules(amber)
    (amber.state_dir / "alerts.yml").write_text(
        "route: {receiver: hook, group_wait: 0s}\n"
        f"receivers: [{{name: hook, webhook_configs: [{{url: 'http://127.0.0.1:{PORT}/hook'}}]}}]\n"
    )
    amber.query("alerts.reload")
    arm(amber)
    with birch.namespace.entered():
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sender:
        address = amber.addresses()[0]
        wait_until(
            lambda: sender.sendto(TRIGGER, (address, PROBE_PORT)) and amber.query("actions")["actions"],
            "the attacker is blocked", every=0.2,
        )  # fmt: skip


def attribute(span: dict[str, Any], key: str) -> str:
    for each in span["attributes"]:
        if each["key"] == key:
            return str(next(iter(each["value"].values())))
    return ""


def check_trace(amber: MeshNode, collector: Collector) -> str:
    alert = amber.ask("alerts")["alerts"][0]
    incident = alert["incident"]
    trace = alert["trace_id"]
    check(amber.ask("incidents", str(incident))["trace_id"] == trace, "alert and incident are of one trace", alert)
    for name in ("finding", *STAGES, "deliver webhook", "evidence"):
        expect(
            lambda name=name: wait_until(lambda: collector.named(name), f"a span {name}", within=20),
            f"the collector hears of: {name}",
        )
    amber.query("incident.post_mortem", number=incident)
    amber.query("incident.close", number=incident)
    for name in ("post-mortem", "incident"):
        expect(
            lambda name=name: wait_until(
                lambda: any(attribute(span, "phantommesh.state") for span in collector.named(name)), name, within=20
            ),
            f"and at the end of: {name}",
        )
    check(collector.problems == [], "all of it is OTLP", collector.problems[:5])
    check(collector.refused == 2, "what was refused for a while was sent again", collector.refused)
    mine = [span for span in collector.spans if span["traceId"] == trace]
    roots = [span for span in mine if "parentSpanId" not in span]
    check(len(roots) == 1 and roots[0]["name"] == "finding", "the trace begins with what was found", roots)
    ids = {span["spanId"] for span in mine}
    check(len(ids) == len(mine), "each span has a name of its own")
    orphans = [span["name"] for span in mine if span.get("parentSpanId", roots[0]["spanId"]) not in ids]
    check(orphans == [], "and a parent that is there", orphans)
    stages = {span["name"] for span in mine if span.get("parentSpanId") == roots[0]["spanId"]}
    check(set(STAGES) - {"act"} <= stages, "the first finding has all its stages", stages)
    check(attribute(roots[0], "phantommesh.alert") == str(alert["number"]), "which names the alert", roots[0])
    say(f"{len(mine)} spans in the trace of alert {alert['number']}")
    return trace


def check_api(amber: MeshNode, collector: Collector) -> None:
    token = amber.ask("api-token", "create", "caller")["token"]
    api = api_of(amber, token)
    traced = {"traceparent": TRACEPARENT}
    check(api.get("/alerts", headers=traced).status == 200, "a traced request is answered")
    found = lambda: [span for span in collector.named("alerts") if span["traceId"] == CALLERS_TRACE]  # noqa: E731
    expect(lambda: wait_until(found, "its span", within=15), "and is part of the caller's trace")
    span = found()[0] if found() else {}
    check((span.get("parentSpanId"), span.get("kind")) == ("00f067aa0ba902b7", 2), "below the caller's span", span)
    for path in ("/alerts/4711", "/nothing", "/alerts?limit=0"):
        refused = api.get(path, headers=traced).json()
        check(refused.get("trace_id") == CALLERS_TRACE, f"the refusal of {path} names the trace", refused)
    check("trace_id" not in api.get("/nothing").json(), "where there is none it does not")
    wrong = api.get("/nothing", headers={"traceparent": "00-x-y-01"}).json()
    check("trace_id" not in wrong, "nor for one that is none", wrong)


def check_log(log: Path, trace: str) -> None:
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    check(len(lines) > 3 and all({"time", "level", "component", "text"} <= set(line) for line in lines), "each line is JSON")
    raised = [line for line in lines if line.get("trace_id") == trace]
    texts = [line["text"] for line in raised]
    check(any(line["component"] == "alert" for line in raised), "the alert's line has its trace", texts)
    check(any(line["component"] == "action" for line in raised), "and the action's", texts)


def check_metrics(amber: MeshNode) -> None:
    page = amber.query("metrics", format="prometheus")["text"]
    spans = {line.split('"')[1]: int(line.split()[-1]) for line in page.splitlines()
             if line.startswith("phantommesh_traces_spans_total{")}  # fmt: skip
    check(spans["sent"] > 10 and spans["dropped"] == 0, "spans are counted", spans)


def body(lab: Lab) -> None:
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        amber, birch = two_nodes(lab, built_program("phantom"), folder)
        collector = Collector(amber.namespace, refusals=(503, 429))
        log = folder / "json.log"
        run_in_foreground(lab, amber, log)
        attack(amber, birch)
        trace = check_trace(amber, collector)
        check_api(amber, collector)
        check_metrics(amber)
        check_log(log, trace)
        collector.close()
        for node in (amber, birch):
            node.kill()


if __name__ == "__main__":
    main(body, needs=("curl", "nft"), seconds=190)
