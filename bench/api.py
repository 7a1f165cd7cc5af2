#!/usr/bin/env python3
"""Requests that a node's HTTPS API answers in a second (./dev bench api): keep-alive connections over TLS 1.3 from wrk
in the same namespace, on the same two cores as the node. `version` is the smallest question that goes to the node's
control thread and back, `status` describes the node. Callers that ask for the same at the same time share an answer;
`distinct` lets none of them.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.machine import machine  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402

SCHEMA = "phantom.bench.api/1"
SECONDS = 5
CONNECTIONS = 64
GOAL_PER_S = 20_000
GOAL_P99_MS = 5.0
CORES = "0,1"

# Each request has another target, so that none shares an answer with another.
DISTINCT = """
local count = 0
request = function()
  count = count + 1
  return wrk.format("GET", "/api/v1/alerts?limit=" .. (count % 500 + 1))
end
"""
NGINX_PORT = 8444
NGINX = """\
daemon off;
pid {folder}/nginx.pid;
error_log /dev/null;
worker_processes 2;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  open_file_cache max=16;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {state}/api.crt;
    ssl_certificate_key {state}/api.key;
    ssl_protocols TLSv1.3;
    root {folder}/www;
    default_type application/json;
  }}
}}
"""
CASES = {
    "version": ("/api/v1/version", ""),
    "status": ("/api/v1/nodes/self", ""),
    "distinct": ("/api/v1/alerts", DISTINCT),
}


def milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([0-9.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


def measure(
    node: MeshNode, token: str, path: str, script: str, seconds: int, folder: Path, port: int = 8443
) -> dict[str, Any]:
    command = ["taskset", "-c", CORES, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency",
               "-H", f"Authorization: Bearer {token}"]
    if script:
        file = folder / "requests.lua"
        file.write_text(script)
        command += ["-s", str(file)]
    said = node.namespace.run(*command, f"https://127.0.0.1:{port}{path}", timeout=seconds + 20).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    if failed or "Socket errors" in said:
        raise SystemExit(f"bench: {path}: {said}")
    return {
        "per_s": round(float(re.search(r"Requests/sec:\s+([0-9.]+)", said)[1])),
        "p50_ms": milliseconds(re.search(r"50%\s+(\S+)", said)[1]),
        "p99_ms": milliseconds(re.search(r"99%\s+(\S+)", said)[1]),
    }


def with_nginx(node: MeshNode, token: str, seconds: int, folder: Path) -> dict[str, Any] | None:
    if shutil.which("nginx") is None:
        return None
    asked = ["curl", "-sk", "-H", f"Authorization: Bearer {token}", "https://127.0.0.1:8443/api/v1/version"]
    answer = node.namespace.run(*asked).stdout
    (folder / "www").mkdir()
    (folder / "www" / "version").write_text(answer)
    folder.chmod(0o755)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, state=node.state_dir, port=NGINX_PORT))
    server = node.namespace.start("nginx", "-c", str(folder / "nginx.conf"))
    try:
        probe = ["curl", "-skf", "-o", "/dev/null", f"https://127.0.0.1:{NGINX_PORT}/version"]
        wait_until(lambda: node.namespace.run(*probe, check=False).returncode == 0, "nginx listens", within=5)
        return measure(node, token, "/version", "", seconds, folder, NGINX_PORT)
    finally:
        server.terminate()
        server.wait(timeout=5)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench api", description=__doc__)
    parser.add_argument("--json", action="store_true", help=f"print {SCHEMA} instead of a table")
    parser.add_argument("--seconds", type=int, default=SECONDS, help=f"for each case (default {SECONDS})")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        print("bench: network namespaces need root: run it with sudo", file=sys.stderr)
        return 1
    if shutil.which("wrk") is None:
        print("bench: wrk is not installed: ./dev bench installs it", file=sys.stderr)
        return 1
    program = os.environ.get("PHANTOM_BUILD", str(PROJECT / "build" / "release")) + "/phantom"
    where = machine()
    os.sched_setaffinity(0, {int(core) for core in CORES.split(",")} & os.sched_getaffinity(0))
    with Lab() as lab, tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        node = MeshNode(lab, lab.namespace("amber"), "amber", program, folder)
        node.init("--endpoint", "192.0.2.1:51820")
        token = node.ask("api-token", "create", "bench", "--rate", "0")["token"]
        measured = {
            name: measure(node, token, path, script, arguments.seconds, folder)
            for name, (path, script) in CASES.items()
        }
        ceiling = with_nginx(node, token, arguments.seconds, folder)
        node.kill()
    if ceiling is not None:
        measured["nginx"] = ceiling
        for each in measured.values():
            each["of_nginx"] = round(each["per_s"] / ceiling["per_s"], 2)
    result = {
        "schema": SCHEMA,
        "machine": where,
        "connections": CONNECTIONS,
        "cases": measured,
        "goal_per_s": GOAL_PER_S,
        "goal_p99_ms": GOAL_P99_MS,
    }
    if arguments.json:
        print(json.dumps(result, indent=2))
        return 0
    print(f"{'':10} {'requests/s':>11} {'p50':>9} {'p99':>9}")
    for name, each in measured.items():
        print(f"{name:10} {each['per_s']:11,} {each['p50_ms']:6.2f} ms {each['p99_ms']:6.2f} ms" +
              (f" {each['of_nginx']:6.2f} of nginx" if "of_nginx" in each else ""))
    print(f"goal: {GOAL_PER_S:,} requests/s, p99 below {GOAL_P99_MS} ms, the client included")
    return 0


if __name__ == "__main__":
    sys.exit(main())
