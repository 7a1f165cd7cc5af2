"""A playbook for tests, in CACAO 2.0."""

from __future__ import annotations

from typing import Any


def step(kind: str, number: int) -> str:
    return f"{kind}--00000000-0000-4000-8000-{number:012}"


def contain_playbook() -> dict[str, Any]:
    """Blocks the subject, waits for a person, takes the block back."""
    def action(number: int, kind: str, command: str, after: str, **more: Any) -> dict[str, Any]:
        return {"type": "action", "name": f"step {number}", "agent": "node",
                "commands": [{"type": kind, "command": command}], "on_completion": after, **more}

    return {
        "type": "playbook", "spec_version": "cacao-2.0", "id": step("playbook", 1), "name": "contain",
        "created_by": step("identity", 1), "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z", "workflow_start": step("start", 1),
        "agent_definitions": {"node": {"type": "phantommesh", "name": "this node"}},
        "playbook_variables": {
            "__subject__": {"type": "ipv4-addr", "external": True},
            "__number__": {"type": "integer"},
        },
        "workflow": {
            step("start", 1): {"type": "start", "on_completion": step("action", 1)},
            step("action", 1): action(1, "phantommesh", "block __subject__:value 600", step("action", 2),
                                      out_args=["__number__"]),
            step("action", 2): action(2, "manual", "look at the machine", step("action", 3)),
            step("action", 3): action(3, "phantommesh", "undo __number__:value", step("end", 1)),
            step("end", 1): {"type": "end"},
        },
    }
