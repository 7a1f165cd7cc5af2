#!/usr/bin/env python3
# timeout: 400
"""deploy/observability against the real thing: Debian's Prometheus scrapes a mesh of two nodes over HTTPS with a token;
promtool and amtool find nothing wrong; each alert has a test that it passes; each expression of a rule or a dashboard is
run, and what a live node counts is there."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.api import Api, problem_in  # noqa: E402
from netlab.attack import PROBE_PORT, TRIGGER, arm, take_rules  # noqa: E402
from netlab.harness import PROJECT, built_program, check, expect, main, say  # noqa: E402
from netlab.mesh import MeshNode, nodes_on_wan  # noqa: E402
from netlab.prometheus import Prometheus, job_of  # noqa: E402

DEPLOY = PROJECT / "deploy" / "observability"
RULES = sorted((DEPLOY / "prometheus" / "rules").glob("*.yml"))
TESTS = sorted((DEPLOY / "prometheus" / "tests").glob("*.yml"))
DASHBOARDS = sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
ADDRESSES = {"amber": "10.9.1.2", "birch": "10.9.2.2"}
ALERTS_MIN = 20
# What ends in such a comparison has series only where something is wrong; that it can be run is enough.
FILTERS = re.compile(r"[<>=!]=|[<>]")


def tool(*argv: str, text: str | None = None, cwd: Path | None = None) -> tuple[bool, str]:
    done = subprocess.run(argv, input=text, capture_output=True, text=True, timeout=200, cwd=cwd)
    return done.returncode == 0, (done.stdout + done.stderr)[-1500:]


# ---- Files ------------------------------------------------------------------------------------------


def alerts_in(path: Path) -> list[str]:
    return re.findall(r"^ +- alert: (\w+)$", path.read_text(), re.MULTILINE)


def check_files(folder: Path) -> None:
    well, said = tool("promtool", "check", "config", "--syntax-only", str(DEPLOY / "prometheus" / "prometheus.yml"))
    check(well, "promtool: prometheus.yml", said)
    well, said = tool("promtool", "check", "rules", *map(str, RULES))
    check(well, "promtool: the rules", said)
    well, said = tool("amtool", "check-config", str(DEPLOY / "alertmanager" / "alertmanager.yml"))
    check(well, "amtool: alertmanager.yml", said)
    well, said = tool(str(DEPLOY / "grafana" / "make_dashboards"), "--check")
    check(well, "the dashboards are as make_dashboards writes them", said)
    for path in TESTS:
        well, said = tool("promtool", "test", "rules", path.name, cwd=path.parent)
        check(well, f"promtool: each alert of {path.name} fires when it should, and only then", said)
    names = [name for path in RULES for name in alerts_in(path)]
    tested = " ".join(path.read_text() for path in TESTS)
    missing = [name for name in names if f"name: {name} fires" not in tested or f"name: {name} keeps quiet" not in tested]
    check(len(names) >= ALERTS_MIN and missing == [], f"each of {len(names)} alerts has a test", missing)
    described = (PROJECT / "docs" / "observability.md").read_text()
    check([name for name in names if f"`{name}`" not in described] == [], "docs/observability.md has each alert")
    check_that_tests_can_fail(folder)


def check_that_tests_can_fail(folder: Path) -> None:
    """With thresholds that nothing reaches no test of an alert passes."""
    rules = folder / "rules"
    tests = folder / "tests"
    rules.mkdir()
    tests.mkdir()
    for path in RULES:
        text = path.read_text()
        broken = re.sub(r"^( +- alert: \w+\n +expr:) .*\n(?: {10,}.*\n)*", r"\1 vector(0) > 1\n", text, flags=re.MULTILINE)
        (rules / path.name).write_text(broken)
    passed = []
    for path in TESTS:
        (tests / path.name).write_text(path.read_text())
        done = subprocess.run(
            ["promtool", "test", "rules", path.name], capture_output=True, text=True, timeout=200, cwd=tests
        )
        failed = set(re.findall(r"alertname: ?(\w+)", done.stdout + done.stderr))
        passed += sorted(set(re.findall(r"name: (\w+) fires", path.read_text())) - failed)
    check(passed == [], "of an alert that never fires the test fails", passed)


# ---- A scrape ---------------------------------------------------------------------------------------


def documented() -> dict[str, tuple[str, str]]:
    """Type and when it is shown, by the name of the series."""
    text = (PROJECT / "docs" / "metrics.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| [^|]* \| \d+ \| ([\w ]+) \|", text, re.MULTILINE)
    return {name: (kind, shown) for name, kind, shown in rows}


def series_of(kind: str, name: str) -> list[str]:
    return [f"{name}_bucket", f"{name}_count", f"{name}_sum"] if kind == "histogram" else [name]


def api_at(node: MeshNode, token: str) -> Api:
    return Api(node.namespace, node.state_dir / "api.crt", token, f"{ADDRESSES[node.name]}:8443")


def check_scrape(amber: MeshNode) -> None:
    made = amber.ask("api-token", "create", "eye", "--role", "viewer")
    viewer = api_at(amber, made["token"])
    page = viewer.get("//metrics")
    check(page.status == 200 and page.type.startswith("application/openmetrics-text"), "OpenMetrics, unasked", page.type)
    check(page.text.rstrip().endswith("# EOF"), "to its end", page.text[-80:])
    plain = viewer.get("//metrics", headers={"Accept": "text/plain"})
    check(plain.type.startswith("text/plain") and "# EOF" not in plain.text, "Prometheus' text, asked for", plain.type)
    well, said = tool("promtool", "check", "metrics", text=plain.text)
    check(well and said == "", "promtool: /metrics", said)
    found = problem_in(viewer.get("//metrics", token=""), 401, "unauthorized")
    check(found == "", "a stranger reads nothing", found)
    other = amber.ask("api-token", "create", "other", "--role", "viewer", "--scope", "alerts:read")["token"]
    found = problem_in(viewer.get("//metrics", token=other), 403, "forbidden")
    check(found == "", "nor does a token of another scope", found)
    found = problem_in(viewer.get("//metrics?format=xml"), 422, "invalid")
    check(found == "", "a format that is none is refused", found)
    check("wireguard_peer" not in page.text, "nobody gets wireguard_exporter's names unasked")
    aliases = viewer.get("//metrics?aliases=wireguard").text
    key = re.search(r'wireguard_peer_receive_bytes_total\{public_key="([^"]{44})"\} \d+', aliases)
    check(key is not None, "who asks for them does", aliases[-200:])
    local = amber.namespace.run(
        "curl", "-s", "--unix-socket", str(amber.run_dir / "api.sock"), "http://node/metrics"
    ).stdout
    check("phantommesh_node_info" in local, "the owner needs no token at the Unix socket", local[:200])
    check("private" not in aliases and made["token"] not in aliases, "nothing secret is on the page")


def check_shown(prometheus: Prometheus) -> None:
    """Each family that the reference says is there is there, at both nodes."""
    families = documented()
    check(len([name for name in families if name.startswith("phantommesh_")]) >= 60, "60 families are documented")
    for name, (kind, shown) in families.items():
        if shown == "when used":
            continue
        for series in series_of(kind, name):
            nodes = {each["metric"].get("instance") for each in prometheus.series(series)[1]}
            if nodes != set(ADDRESSES):
                check(False, f"{series} is there", nodes)
    say(f"{len(families)} families")


# ---- Expressions ------------------------------------------------------------------------------------


def expressions_of_dashboards() -> Iterator[tuple[str, str]]:
    for path in DASHBOARDS:
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel["targets"]:
                text = target["expr"].replace("$__rate_interval", "10s").replace("$instance", ".*")
                yield f"{path.stem}: {panel['title']}", text


def expressions_of_rules(prometheus: Prometheus) -> Iterator[tuple[str, str]]:
    for group in prometheus.get("rules")["data"]["groups"]:
        for rule in group["rules"]:
            check(rule["health"] == "ok", f"{rule['name']} can be evaluated", rule.get("lastError", ""))
            yield rule["name"], rule["query"]


def names_in(expression: str) -> set[str]:
    without_texts = re.sub(r'"[^"]*"', '""', expression)
    return set(re.findall(r"\b(?:\w+:)?(?:phantommesh|process)_\w+(?::\w+)?", without_texts))


def check_expressions(prometheus: Prometheus) -> None:
    families = documented()
    shown = {
        series for name, (kind, when) in families.items() for series in series_of(kind, name) if when != "when used"
    }
    known = {series for name, (kind, _) in families.items() for series in series_of(kind, name)}
    recorded = {rule["name"]: rule["query"] for group in prometheus.get("rules")["data"]["groups"]
                for rule in group["rules"] if rule["type"] == "recording"}  # fmt: skip
    count, with_series, empty, unknown, used = 0, 0, [], set(), set()
    for where, expression in [*expressions_of_dashboards(), *expressions_of_rules(prometheus)]:
        count += 1
        problem, series = prometheus.series(expression)
        if problem:
            check(False, f"{where} can be asked for", f"{problem}: {expression}")
        names = names_in(expression)
        unknown |= names - known - set(recorded)
        used |= names
        whole = " ".join([expression, *(recorded.get(name, "") for name in names)])
        must_be_there = not FILTERS.search(re.sub(r"\{[^}]*\}", "", whole)) and names_in(whole) - set(recorded) <= shown
        with_series += 1 if series else 0
        if must_be_there and not series:
            empty.append(f"{where}: {expression}")
    check(unknown == set(), "each name in an expression is documented", unknown)
    check(empty == [], "what a live node counts has series", "\n".join(empty))
    unseen = {name for name in known if name.startswith("phantommesh_")} - used
    unseen = {name for name in unseen if not name.endswith(("_sum", "_count", "_bucket"))}
    check(unseen <= {"phantommesh_peer_info"}, "each family is on a dashboard or in a rule", unseen)
    say(f"{count} expressions, {with_series} of them with series")


# ---- The lab ----------------------------------------------------------------------------------------


def attack(amber: MeshNode, birch: MeshNode) -> None:
    """A packet that a rule knows: found, judged, blocked, written up."""
    take_rules(amber)
    arm(amber)
    address = amber.addresses()[0]
    with birch.namespace.entered():
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sender:
        wait_until(
            lambda: sender.sendto(TRIGGER, (address, PROBE_PORT)) and amber.query("actions")["actions"],
            "the attacker is blocked", every=0.2,
        )  # fmt: skip


def nodes_of(lab: Lab, folder: Path) -> list[MeshNode]:
    nodes = nodes_on_wan(lab, list(ADDRESSES), built_program("phantom"), folder)
    amber, birch = nodes
    token = amber.init("--api", f"{ADDRESSES['amber']}:8443")
    birch.phantom("join", token, "--name", "birch", "--api", f"{ADDRESSES['birch']}:8443")
    amber.wait_for({"birch"})
    birch.wait_for({"amber"})
    return nodes


def check_scraped(prometheus: Prometheus, amber: MeshNode) -> None:
    scraped = expect(
        lambda: wait_until(lambda: prometheus.all_scraped(2), "both are up", within=20, every=0.5),
        "Prometheus scrapes both nodes over HTTPS",
    )
    if not scraped:
        say(str(prometheus.targets()) + prometheus.said())
        return
    found = prometheus.series('phantommesh_node_info{job="phantommesh"}')[1]
    check({each["metric"]["name"] for each in found} == set(ADDRESSES), "and knows them by name", found)


def value_of(prometheus: Prometheus, expression: str) -> float:
    series = prometheus.series(expression)[1]
    return float(series[0]["value"][1]) if series else -1.0


def check_attack(prometheus: Prometheus) -> None:
    def seen(expression: str) -> Any:
        return wait_until(lambda: value_of(prometheus, expression) > 0, expression, within=15, every=0.5)

    at = '{instance="amber"}'
    for what, expression in {
        "the finding is counted": f"sum(phantommesh_detection_judged_findings_total{at})",
        "the alert": f"sum(phantommesh_alerts_raised_total{at})",
        "the incident": f"phantommesh_incidents_opened_total{at}",
        "the action": f"sum(phantommesh_actions_in_force{at})",
        "the time until it was in force": f"phantommesh_response_block_seconds_count{at}",
        "the evidence": 'phantommesh_response_stage_seconds_count{instance="amber", stage="evidence"}',
    }.items():
        expect(lambda expression=expression: seen(expression), what)
    slow = {
        each["metric"]["stage"]: each["value"][1]
        for each in prometheus.series(f"phantommesh_response_stage_seconds_count{at}")[1]
    }
    passed = ("queue", "fold", "gather", "assess", "alert", "incident", "decide", "act", "tell")
    check(all(float(slow[stage]) > 0 for stage in passed), "each stage was measured", slow)
    wanted = {"PhantomUrgentAlert", "PhantomIncidentOpened"}

    def told() -> bool:
        alerts = prometheus.get("alerts")["data"]["alerts"]
        return bool(wanted & {each["labels"]["alertname"] for each in alerts})

    expect(lambda: wait_until(told, f"one of {wanted}", within=20, every=0.5), "Prometheus' own alert says so")


def body(lab: Lab) -> None:
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        check_files(folder)
        amber, birch = nodes_of(lab, folder)
        jobs = [job_of(node, folder, f"{ADDRESSES[node.name]}:8443") for node in (amber, birch)]
        rules = DEPLOY / "prometheus" / "rules"
        prometheus = Prometheus(lab, amber.namespace, folder, jobs, rules)
        check_scraped(prometheus, amber)
        check_scrape(amber)
        attack(amber, birch)
        check_attack(prometheus)
        check_shown(prometheus)
        time.sleep(12)  # rates look back as far
        check_expressions(prometheus)
        prometheus.close()
        for node in (amber, birch):
            node.kill()


if __name__ == "__main__":
    main(body, needs=("curl", "nft", "prometheus", "promtool", "amtool"), seconds=390)
