"""A collector of traces in a namespace: takes OTLP over HTTP as JSON, and says what is wrong with it. Webhooks too."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .lab import Namespace

PORT = 4318
VALUES = {"stringValue": str, "intValue": str, "doubleValue": (int, float), "boolValue": bool}


def problems_of(body: Any) -> list[str]:
    """What of an ExportTraceServiceRequest is not as opentelemetry-proto has it in JSON."""
    found = []

    def need(held: object, what: str) -> None:
        if not held:
            found.append(what)

    def attributes(of: dict[str, Any], where: str) -> None:
        for each in of.get("attributes", ()):
            value = each.get("value", {})
            kind = next(iter(value), "")
            need(set(each) == {"key", "value"} and len(value) == 1, f"{where}: an attribute {each}")
            need(kind in VALUES and isinstance(value[kind], VALUES[kind]), f"{where}: a value {value}")

    need(set(body) == {"resourceSpans"}, f"fields {set(body)}")
    for resource in body.get("resourceSpans", ()):
        attributes(resource["resource"], "resource")
        names = {each["key"] for each in resource["resource"]["attributes"]}
        need("service.name" in names, "no service.name")
        for scope in resource["scopeSpans"]:
            need(scope["scope"]["name"], "a scope without a name")
            for span in scope["spans"]:
                known = {"traceId", "spanId", "parentSpanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano",
                         "attributes", "status"}  # fmt: skip
                need(set(span) <= known, f"fields {set(span) - known}")
                need(re.fullmatch("[0-9a-f]{32}", span["traceId"]) and set(span["traceId"]) != {"0"}, "traceId")
                need(re.fullmatch("[0-9a-f]{16}", span["spanId"]) and set(span["spanId"]) != {"0"}, "spanId")
                need(re.fullmatch("[0-9a-f]{16}", span.get("parentSpanId", "0" * 16)), "parentSpanId")
                need(span["name"] and span["kind"] in range(6), "name or kind")
                begin, end = span["startTimeUnixNano"], span["endTimeUnixNano"]
                need(re.fullmatch("[0-9]{19}", begin) and re.fullmatch("[0-9]{19}", end), f"times {begin} {end}")
                need(int(begin) <= int(end), "it ends before it begins")
                need(span["status"]["code"] in (0, 1, 2), "status")
                attributes(span, span["name"])
    return found


class Collector:
    """Listens at 127.0.0.1 of the namespace. `refusals` are answered first, one to each request."""

    def __init__(self, namespace: Namespace, refusals: tuple[int, ...] = ()) -> None:
        self.spans: list[dict[str, Any]] = []
        self.problems: list[str] = []
        self.refusals = list(refusals)
        self.refused = 0
        self.hooks = 0
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = collector.take(self.path, self.headers.get("Content-Type", ""), body)
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: Any) -> None:
                pass

        with namespace.entered():
            self.server = ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def take(self, path: str, kind: str, body: Any) -> int:
        if path != "/v1/traces":
            self.hooks += 1
            return 200
        if self.refusals:
            self.refused += 1
            return self.refusals.pop(0)
        if kind != "application/json":
            self.problems.append(f"Content-Type {kind}")
        self.problems += problems_of(body)
        for resource in body["resourceSpans"]:
            for scope in resource["scopeSpans"]:
                self.spans += scope["spans"]
        return 200

    def named(self, name: str) -> list[dict[str, Any]]:
        return [span for span in list(self.spans) if span["name"] == name]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
