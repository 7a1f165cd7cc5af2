"""A Prometheus of its own, in a namespace, that scrapes nodes over HTTPS as deploy/observability says."""

from __future__ import annotations

import http.client
import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from .lab import Lab, Namespace, wait_until
from .mesh import MeshNode

PLACE = "127.0.0.1:9090"
# Of a test; what ships says 15 s.
INTERVAL = "1s"


def job_of(node: MeshNode, folder: Path, place: str) -> str:
    """The stanza of prometheus.yml, with a token of the node's; its certificate and token lie in `folder`."""
    token = node.ask("api-token", "create", "prometheus", "--role", "viewer", "--scope", "metrics:read")["token"]
    (folder / f"{node.name}.token").write_text(token)
    (folder / f"{node.name}.crt").write_text((node.state_dir / "api.crt").read_text())
    return f"""
  - job_name: phantommesh-{node.name}
    scheme: https
    metrics_path: /metrics
    authorization:
      credentials_file: {folder}/{node.name}.token
    tls_config:
      ca_file: {folder}/{node.name}.crt
      min_version: TLS13
    static_configs:
      - targets: ["{place}"]
        labels:
          instance: {node.name}
    relabel_configs:
      - target_label: job
        replacement: phantommesh
"""


class Prometheus:
    def __init__(self, lab: Lab, namespace: Namespace, folder: Path, jobs: list[str], rules: Path) -> None:
        self.namespace = namespace
        self.connection: http.client.HTTPConnection | None = None
        config = folder / "prometheus.yml"
        config.write_text(
            f"global:\n  scrape_interval: {INTERVAL}\n  evaluation_interval: {INTERVAL}\n"
            f"rule_files:\n  - {rules}/*.yml\nscrape_configs:{''.join(jobs)}"
        )
        self.log = (folder / "prometheus.log").open("w+")
        self.process = namespace.start(
            "prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address={PLACE}", "--log.level=warn", stdout=self.log, stderr=self.log,
        )  # fmt: skip
        lab.on_close(self.close)
        wait_until(self._is_ready, "Prometheus is ready", within=30)

    def _is_ready(self) -> bool:
        return "Ready" in self._fetch("/-/ready")

    def _fetch(self, path: str) -> str:
        """Over a connection that was made in the namespace and stays; a process for each question takes too long."""
        for _ in range(2):
            try:
                if self.connection is None:
                    with self.namespace.entered():
                        self.connection = http.client.HTTPConnection(PLACE, timeout=20)
                        self.connection.connect()
                self.connection.request("GET", path)
                return self.connection.getresponse().read().decode()
            except (OSError, http.client.HTTPException):
                self.connection = None
        return ""

    def get(self, path: str, **fields: Any) -> dict[str, Any]:
        return json.loads(self._fetch(f"/api/v1/{path}" + ("?" + urlencode(fields) if fields else "")))

    def series(self, expression: str) -> tuple[str, list[Any]]:
        """What is wrong with the expression, or the series that it has now."""
        answer = self.get("query", query=expression)
        if answer["status"] != "success":
            return answer.get("error", "?"), []
        found = answer["data"]["result"]
        return "", found if isinstance(found, list) else [found]

    def targets(self) -> list[dict[str, Any]]:
        return self.get("targets", state="active")["data"]["activeTargets"]

    def all_scraped(self, count: int) -> bool:
        targets = self.targets()
        return len(targets) == count and all(each["health"] == "up" for each in targets)

    def said(self) -> str:
        self.log.flush()
        self.log.seek(0)
        return self.log.read()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
