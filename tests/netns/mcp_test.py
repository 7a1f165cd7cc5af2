#!/usr/bin/env python3
# timeout: 150
# beside others
"""`phantom mcp` as a client speaks to it: versions, tools and their schemas against real answers of a real mesh, errors,
what is no request, lines without end; what changes something only where allowed, and only with the confirmation of its
dry run."""

from __future__ import annotations

import contextlib
import json
import select
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.harness import built_program, check, expect, main  # noqa: E402
from netlab.lab import LabError  # noqa: E402
from netlab.mesh import MeshNode, nodes_on_wan  # noqa: E402

NEWEST = "2025-11-25"
READS = {
    "status", "peers", "paths", "alerts", "alert_explain", "incidents", "incident_timeline", "actions",
    "policy_explain", "feeds_lookup", "audit", "doctor",
}  # fmt: skip
WRITES = {"block", "act", "undo", "ack"}


class Client:
    def __init__(self, node: MeshNode, *argv: str) -> None:
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", node.namespace.name, node.program, *node.choice, "mcp", *argv],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.number = 0

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def read(self, within: float = 20) -> dict[str, Any]:
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], within)[0]:
            raise LabError("no answer came")
        return json.loads(self.process.stdout.readline())

    def ask(self, method: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
        self.number += 1
        request: dict[str, Any] = {"jsonrpc": "2.0", "id": self.number, "method": method}
        if parameters is not None:
            request["params"] = parameters
        self.write(json.dumps(request).encode() + b"\n")
        answer = self.read()
        assert answer["jsonrpc"] == "2.0" and answer["id"] == self.number, answer
        return answer

    def begin(self, protocol: str = NEWEST) -> dict[str, Any]:
        answer = self.ask(
            "initialize",
            {"protocolVersion": protocol, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
        )  # fmt: skip
        self.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        return answer["result"]

    def tools(self) -> dict[str, dict[str, Any]]:
        return {each["name"]: each for each in self.ask("tools/list")["result"]["tools"]}

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        answer = self.ask("tools/call", {"name": tool, "arguments": arguments})
        return answer.get("result", answer)

    def end(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(timeout=10)


def check_beginning(node: MeshNode) -> None:
    with Client(node) as client:
        check("error" in client.ask("tools/list"), "before initialize nothing is answered")
        result = client.begin()
        check(result["protocolVersion"] == NEWEST, "the newest version is spoken", result)
        check(result["serverInfo"]["name"] == "phantom", "it says who it is")
        check(client.ask("ping")["result"] == {}, "it answers a ping")
        check(client.end() == 0, "it ends with its input, with 0")
    for wanted, agreed in (("2025-06-18", "2025-06-18"), ("2024-11-05", "2024-11-05"), ("1999", NEWEST)):
        with Client(node) as client:
            got = client.begin(wanted)["protocolVersion"]
            check(got == agreed, f"who asks for {wanted} gets {agreed}", got)


def check_reads(node: MeshNode, calls: Sequence[tuple[str, dict[str, Any]]]) -> None:
    with Client(node) as client:
        client.begin()
        tools = client.tools()
        check(set(tools) == READS, "the reading tools are there, and no other", set(tools))
        for tool in tools.values():
            jsonschema.Draft202012Validator.check_schema(tool["inputSchema"])
            jsonschema.Draft202012Validator.check_schema(tool["outputSchema"])
        called = set()
        for name, arguments in calls:
            jsonschema.validate(arguments, tools[name]["inputSchema"])
            result = client.call(name, **arguments)
            if not check(not result["isError"], f"{name} {arguments} answers", result):
                continue
            content = result["structuredContent"]
            try:
                jsonschema.validate(content, tools[name]["outputSchema"])
                check(True, "  as its schema says")
            except jsonschema.ValidationError as error:
                check(False, f"{name}: as its schema says", error.message)
            check(json.loads(result["content"][0]["text"]) == content, "  in text likewise")
            called.add(name)
        check(called == READS, "all of them were tried", READS - called)
        peers = client.call("peers", name="birch")["structuredContent"]["peers"]
        check(len(peers) == 1 and peers[0]["post_quantum"]["established"], "one peer is found", peers)


def check_faults(node: MeshNode) -> None:
    with Client(node) as client:
        client.begin()
        check(client.ask("nonsense")["error"]["code"] == -32601, "no such method")
        check(client.call("rm")["error"]["code"] == -32602, "no such tool")
        for name in WRITES:
            check(client.call(name)["error"]["code"] == -32602, f"{name} is not allowed")
        wrong = client.call("alerts", limit=0)
        check(wrong["isError"] and "1 to 500" in wrong["content"][0]["text"], "a wrong argument is told")
        missing = client.call("alert_explain", number=999)
        check(missing["isError"] and "no such alert" in missing["content"][0]["text"], "so is the node's no")
        client.write(b"{nonsense\n")
        check(client.read()["error"]["code"] == -32700, "what is no JSON is told so")
        client.write(b"[]\n")
        check(client.read()["error"]["code"] == -32600, "what is no request likewise")
        for _ in range(40):
            client.write(b"x" * 100_000)
        client.write(b"\n")
        check(client.read()["error"]["code"] == -32600, "a line of 4 MB is dropped")
        memory = Path(f"/proc/{client.process.pid}/status").read_text()
        highest = int(memory.split("VmHWM:")[1].split()[0])
        check(highest < 40_000, "and not kept", f"{highest} kB")
        check(client.ask("ping")["result"] == {}, "it goes on after all of these")


def blocked(node: MeshNode) -> str:
    done = node.namespace.run(
        "nft", "-s", "list", "set", "inet", "phantommesh", "blocked_v4", check=False
    )
    return done.stdout if done.returncode == 0 else ""


def check_writes(node: MeshNode) -> None:
    with Client(node, "--allow-writes") as client:
        client.begin()
        tools = client.tools()
        check(set(tools) == READS | WRITES, "with --allow-writes there are those that change something")
        check(
            all(tools[n]["annotations"]["readOnlyHint"] == (n in READS) for n in tools),
            "and they say so",
        )
        would = client.call("block", address="203.0.113.9", for_s=600)["structuredContent"]
        jsonschema.validate(would, tools["block"]["outputSchema"])
        check(not would["done"] and would["confirmation"], "first it says what would be done", would)
        check("203.0.113.9" not in blocked(node), "and does nothing")
        other = client.call("block", address="203.0.113.10", for_s=600, confirmation=would["confirmation"])
        check(other["isError"] and "203.0.113.10" not in blocked(node), "no other is blocked by it", other)
        spent = client.call("block", address="203.0.113.9", for_s=600, confirmation=would["confirmation"])
        check(spent["isError"], "which has used it up", spent)
        would = client.call("block", address="203.0.113.9", for_s=600)["structuredContent"]
        did = client.call("block", address="203.0.113.9", for_s=600, confirmation=would["confirmation"])
        did = did["structuredContent"]
        check(did["done"] and "203.0.113.9" in blocked(node), "confirmed, it is done in the kernel", did)
        number = did["answer"]["number"]
        guarded = client.call("block", address=node.addresses()[0])
        check(guarded["isError"], "what is never blocked has no confirmation", guarded)
        would = client.call("undo", number=number)["structuredContent"]
        check("203.0.113.9" in blocked(node), "undo says first what it would take back")
        client.call("undo", number=number, confirmation=would["confirmation"])
        expect(
            lambda: wait_until(lambda: "203.0.113.9" not in blocked(node), "gone", within=5),
            "and takes it back",
        )
        would = client.call("act", kind="isolation", target="birch", for_s=60)["structuredContent"]
        check("effect" in would["answer"], "act says what it would cut", would)
        alert = client.call("alerts")["structuredContent"]["alerts"][-1]["number"]
        would = client.call("ack", number=alert)["structuredContent"]
        client.call("ack", number=alert, confirmation=would["confirmation"])
        state = node.ask("alerts", str(alert))["state"]
        check(state == "acknowledged", "an alert is taken", state)
        entries = client.call("audit")["structuredContent"]["entries"]
        check(any("203.0.113.9" in json.dumps(each) for each in entries), "the audit log has it")


def body(lab: Lab) -> None:
    with tempfile.TemporaryDirectory(prefix="pm-mcp-") as folder:
        amber, birch = nodes_on_wan(lab, ["amber", "birch"], built_program("phantom"), Path(folder))
        birch.join(amber.init())
        amber.wait_for({"birch"})
        birch.namespace.run(
            "nmap", "-Pn", "-n", "-sT", "-T4", "--max-retries", "0", "--host-timeout", "20s",
            "-p", "1-400", amber.addresses()[0], check=False, timeout=40,
        )  # fmt: skip
        wait_until(lambda: amber.ask("incidents")["incidents"], "an incident", within=15)
        check_beginning(amber)
        check_reads(amber, [
            ("status", {}), ("peers", {}), ("peers", {"name": "birch", "limit": 1}), ("paths", {}),
            ("alerts", {"limit": 5}), ("alert_explain", {"number": 1}), ("incidents", {}),
            ("incident_timeline", {"number": 1, "limit": 3}), ("actions", {}),
            ("policy_explain", {"source": "birch", "destination": "amber", "port": "22"}),
            ("feeds_lookup", {"what": "203.0.113.9"}), ("audit", {"since_s": 3600}), ("doctor", {}),
        ])  # fmt: skip
        check_faults(amber)
        check_writes(amber)
        amber.phantom("down")
        with Client(amber) as client:
            client.begin()
            result = client.call("status")
            check(result["isError"], "without a node it says so, and goes on", result)
            check(not client.call("doctor")["isError"], "the doctor needs none")


if __name__ == "__main__":
    main(body, needs=["nft", "nmap"], seconds=140)
