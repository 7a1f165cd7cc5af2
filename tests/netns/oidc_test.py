#!/usr/bin/env python3
# timeout: 180
"""People sign in at an issuer (OpenID Connect, code with PKCE) with a real browser: by their groups as administrators or
viewers, or not at all. The issuer is oidc-provider, on this machine; the people are web/tests/oidc_browser.mjs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from netlab import Lab, wait_until  # noqa: E402
from netlab.api import Api, api_of  # noqa: E402
from netlab.harness import PROJECT, Skip, built_program, check, main  # noqa: E402
from netlab.mesh import MeshNode  # noqa: E402

PLACE = "127.0.0.1:8443"
ISSUER_PORT = 3000
ISSUER = f"http://127.0.0.1:{ISSUER_PORT}"
REDIRECT = f"https://{PLACE}/sign-in/openid/done"
SECRET = "a secret: with %, +, & and ~"  # VSCHAR alone, as RFC 6749 appendix A.2 has it
TESTS = PROJECT / "web" / "tests"


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise Skip("there is no chromium")


def write_owner_only(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)


def settings(**more: object) -> str:
    return json.dumps({
        "name": "Test issuer", "issuer": ISSUER, "client_id": "phantommesh", "secret_file": "oidc_secret",
        "page": f"https://{PLACE}", "scopes": ["openid", "profile", "groups"], "claim": "groups",
        "roles": {"mesh-admins": "administrator", "staff": "viewer"}, **more,
    })  # fmt: skip


def location(api: Api, path: str) -> str:
    answer = api.get(f"/{path}", token="")
    return answer.header("Location") if answer.status == 303 else f"{answer.status} {answer.text}"


def check_before(node: MeshNode, api: Api) -> None:
    check(api.get("/sign-in", token="").json()["openid"] is None, "without settings nobody signs in at an issuer")
    check(location(api, "/sign-in/openid") == "/#sign-in=off", "and a browser that tries is told so")
    write_owner_only(node.state_dir / "oidc.json", '{"issuer": "http://evil.example"}')
    os.kill(node.pid(), signal.SIGHUP)
    wait_until(lambda: "oidc.json:1:12" in (node.run_dir / "phantomd.log").read_text(), "the log says it", within=10)
    check(api.get("/sign-in", token="").json()["openid"] is None, "settings that are wrong are not taken")
    write_owner_only(node.state_dir / "oidc_secret", SECRET + "\n")
    write_owner_only(node.state_dir / "oidc.json", settings())
    os.kill(node.pid(), signal.SIGHUP)
    wait_until(lambda: api.get("/sign-in", token="").json()["openid"] == "Test issuer", "they are taken", within=10)
    check(location(api, "/sign-in/openid") == "/#sign-in=unreachable", "an issuer that does not answer holds nobody up")
    check(api.get("/version").status == 200, "and the node answers meanwhile")


def check_people(node: MeshNode) -> None:
    browser = node.namespace.start(
        "node", TESTS / "oidc_browser.mjs", PLACE, chromium(), stdout=subprocess.PIPE, text=True
    )
    assert browser.stdout is not None
    checks = 0
    for line in browser.stdout:
        said = json.loads(line)
        checks += 1
        check(said["check"], said["what"], said["detail"])
    check(browser.wait(timeout=10) == 0 and checks >= 10, "the browser came to its end", f"{checks} checks")


def check_after(node: MeshNode, api: Api) -> None:
    entries = api.get("/audit?limit=100").json()["entries"]
    opened = {entry["who"]: entry for entry in entries if entry["what"] == "session.open"}
    check({"person ann", "person bob"} <= set(opened) and "127.0.0.1" in opened["person ann"]["from"],
          "who signed in stands in the audit log", json.dumps(opened))
    refused = [entry for entry in entries if entry["outcome"].startswith("refused: not-allowed")]
    check(len(refused) == 1 and "eve" in refused[0]["why"], "and who was not let in", refused)
    silenced = next(entry for entry in entries if entry["what"] == "silence.add")
    check(silenced["who"] == "person ann", "and what somebody did", silenced)
    listed = api.get("/sessions").json()["sessions"]
    check([each["name"] for each in listed] == ["bob"], "one is signed in still", listed)
    gone = api.call("DELETE", f"/sessions/{listed[0]['id']}")
    check(gone.status == 204 and api.get("/sessions").json()["sessions"] == [], "until an administrator ends it")
    log = (node.run_dir / "phantomd.log").read_text()
    check(SECRET not in log and "code=" not in log, "no secret is in the log")


def body(lab: Lab) -> None:
    for package in ("playwright-core", "oidc-provider"):
        if not (PROJECT / "web" / "node_modules" / package).is_dir():
            raise Skip(f"{package} is not installed (web/build installs it, where npm is)")
    with tempfile.TemporaryDirectory() as folder:
        node = MeshNode(lab, lab.namespace("amber"), "amber", built_program("phantom"), Path(folder))
        node.init("--endpoint", "127.0.0.1:51820")
        page = node.namespace.run("curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", f"https://{PLACE}/")
        if page.stdout != "200":
            raise Skip("this node was built without its page (PM_UI)")
        api = api_of(node, node.ask("api-token", "create", "admin", "--rate", "0")["token"])
        check_before(node, api)
        issuer = node.namespace.start(
            "node", TESTS / "issuer.mjs", str(ISSUER_PORT), REDIRECT, SECRET, stdout=subprocess.PIPE, text=True
        )
        assert issuer.stdout is not None
        check(issuer.stdout.readline().strip() == "ready", "the issuer is there")
        check_people(node)
        issuer.kill()
        issuer.wait()
        check_after(node, api)
        node.kill()


if __name__ == "__main__":
    main(body, needs=("curl", "node"), seconds=170)
