"""The HTTPS API of a node, asked with curl from inside its namespace, and held to its contract."""

from __future__ import annotations

import copy
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .lab import Namespace
from .mesh import MeshNode

SYSTEM_PYTHON = "/usr/bin/python3"
PREFIX = "/api/v1"


def has_jsonschema() -> bool:
    return find_spec("jsonschema") is not None


def with_jsonschema() -> None:
    """Starts again: a Python of somebody's own does not have what the distribution installs."""
    if not has_jsonschema() and Path(SYSTEM_PYTHON).exists() and not os.path.samefile(sys.executable, SYSTEM_PYTHON):
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])


@dataclass
class Answer:
    status: int
    headers: dict[str, str]  # names in lower case
    text: str

    @property
    def type(self) -> str:
        return self.header("Content-Type")

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")

    def json(self) -> Any:
        return json.loads(self.text)


class Api:
    def __init__(self, namespace: Namespace, certificate: Path, token: str, place: str = "127.0.0.1:8443") -> None:
        self.namespace = namespace
        self.certificate = certificate
        self.token = token
        self.place = place

    def get(self, path: str, **more: Any) -> Answer:
        return self.call("GET", path, **more)

    def call(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None,
        raw: bytes | None = None, type: str = "application/json", token: str | None = None,
    ) -> Answer:
        """`path` below /api/v1 unless it begins with "//"; `raw` is a body as it is. `token`: another one, or none."""
        url = f"https://{self.place}" + (path[1:] if path.startswith("//") else PREFIX + path)
        command = ["curl", "-s", "-i", "-m", "20", "-H", "Expect:", "--cacert", str(self.certificate), "-X", method]
        if method == "HEAD":
            command = command[:-2] + ["-I"]
        token = self.token if token is None else token
        if token:
            command += ["-H", f"Authorization: Bearer {token}"]
        for name, value in (headers or {}).items():
            command += ["-H", f"{name}: {value}"]
        text = raw.decode("latin-1") if raw is not None else None if body is None else json.dumps(body)
        if text is not None:
            command += ["-H", f"Content-Type: {type}", "--data-binary", "@-"]
        done = self.namespace.run(*command, url, check=False, text=text, timeout=30)
        return _answer_of(done.stdout)


def api_of(node: MeshNode, token: str) -> Api:
    return Api(node.namespace, node.state_dir / "api.crt", token)


def problem_in(answer: Answer, status: int, code: str) -> str:
    """Empty: this is that refusal, told as RFC 9457 has it."""
    body = answer.json() if answer.type == "application/problem+json" else {}
    is_it = answer.status == status and body.get("type") == f"/api/v1/problems/{code}"
    is_whole = body.get("status") == status and body.get("title") and body.get("detail")
    return "" if is_it and is_whole else f"{answer.status} {answer.text[:300]}"


def _answer_of(said: str) -> Answer:
    head, _, text = said.partition("\n\n")
    lines = head.splitlines()
    if not lines:
        return Answer(0, {}, "")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return Answer(int(lines[0].split()[1]), headers, text)


class Contract:
    """An OpenAPI document, and whether an answer is what it says."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        # A field that the contract does not have is a fault of the answer here, though clients have to bear it.
        self.strict = copy.deepcopy(document["components"])
        for schema in self.strict["schemas"].values():
            if schema.get("type") == "object" and "additionalProperties" not in schema:
                schema["additionalProperties"] = False

    def each(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                yield path, method.upper(), operation

    def operations(self) -> set[str]:
        return {operation["operationId"] for _, _, operation in self.each()}

    def problems(self) -> list[str]:
        """What is wrong with the document itself."""
        from jsonschema import Draft202012Validator

        found = []
        for name, schema in self.document["components"]["schemas"].items():
            try:
                Draft202012Validator.check_schema(schema)
            except Exception as error:
                found.append(f"{name}: {error}")
        for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(self.document))):
            at: Any = self.document
            for part in reference.split("/"):
                at = at.get(part) if isinstance(at, dict) else None
            if at is None:
                found.append(f"{reference} is not there")
        for path, method, operation in self.each():
            named = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
            if named != set(re.findall(r"{(\w+)}", path)):
                found.append(f"{method} {path}: its parameters are {named}")
        return found

    def check(self, method: str, path: str, answer: Answer) -> tuple[str, list[str]]:
        """The operation's name, and what of the answer is not as it says."""
        from jsonschema import Draft202012Validator

        plain = PREFIX + path.split("?")[0]
        matching = [
            (template.count("{"), operation)
            for template, its_method, operation in self.each()
            if its_method == method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), plain)
        ]
        if not matching:
            return "", [f"{method} {plain} is not in the contract"]
        operation = min(matching, key=lambda each: each[0])[1]
        said = operation["responses"].get(str(answer.status))
        if answer.status >= 400 or (said is None and answer.status == 200 and "dry_run" in path):
            first = next(iter(operation["responses"].values()))
            said = first if answer.status < 400 else self.document["components"]["responses"]["Problem"]
        if said is None:
            return operation["operationId"], [f"the status {answer.status} is not in the contract"]
        if "content" not in said:
            return operation["operationId"], [] if answer.text == "" else ["there is a body"]
        content = said["content"].get(answer.type.split(";")[0])
        if content is None:
            return operation["operationId"], [f"the type {answer.type} is not in the contract"]
        schema = {**content["schema"], "components": self.strict}
        errors = Draft202012Validator(schema).iter_errors(answer.json())
        return operation["operationId"], [f"{error.json_path}: {error.message}"[:300] for error in errors]
