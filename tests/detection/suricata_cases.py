#!/usr/bin/env python3
"""The public cases of the Suricata rule language, each through the real `phantom detect`.

A case is a folder with a capture, rules, and what must come out: each check's filter names how many
records match. A case passes when all of its checks hold. It is skipped, with the reason, when it asks
for records, options or versions that there are none of here.

    tests/detection/suricata_cases.py [--only WORD] [--show]
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# timeout: 900
# What stands in docs/detection.md: fewer is a step back, more asks for a new number here and there.
PASSED_AT_LEAST = 406

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = Path(os.environ.get("PHANTOM_DATA", ROOT.parent / "shared" / "data"))
CASES = DATA / "threat" / "ids-tests"
BUILD = Path(os.environ.get("PHANTOM_BUILD", ROOT / "build" / "release")).resolve()

# The documented behaviour that the rules are read by.
VERSION = (9, 0, 0)
FEATURES = {"HAVE_JA3", "ASAN"}
RECORDS = {"alert", "fileinfo", "None"}

# What the engine's options are called here; None: nothing to do.
OPTIONS = {
    "-k none": "--no-checksums",
    "--set pcap-file.checksum-checks=no": "--no-checksums",
    "--set stream.midstream=true": "--midstream",
    "--set stream.inline=true": "--inline",
    "--runmode=single": None,
    "--runmode single": None,
    "--no-random": None,
    "--set mpm-algo=ac": None,
    "--set spm-algo=bm": None,
    "--set datasets.enabled=yes": None,
    "--set stats.decoder-events=true": None,
    "--set app-layer.protocols.http.libhtp.default-config.response-body-decompress-layer-limit=3":
        None,
    "--set app-layer.protocols.sip.enabled=yes": None,
}


class Skip(Exception):
    pass


def version(text):
    parts = [int(part) for part in re.findall(r"\d+", str(text))][:3]
    return tuple(parts + [0] * (3 - len(parts)))


def require(requires):
    for name, value in (requires or {}).items():
        if name == "min-version" and version(value) > VERSION:
            raise Skip(f"requires: version {value}")
        if name == "lt-version" and version(value) <= VERSION:
            raise Skip(f"requires: version below {value}")
        if name == "features":
            for feature in value:
                if feature not in FEATURES:
                    raise Skip(f"requires: feature {feature}")
        if name not in ("min-version", "lt-version", "features"):
            raise Skip(f"requires: {name}")


def options_of(case):
    text = " ".join(str(each) for each in case.get("args") or [])
    found = []
    while text:
        known = next((name for name in OPTIONS if (text + " ").startswith(name + " ")), None)
        if known is None:
            raise Skip("option: " + re.match(r"(--set )?\S+", text)[0])
        if OPTIONS[known]:
            found.append(OPTIONS[known])
        text = text[len(known):].strip()
    return found


def filters_of(case):
    filters = []
    for check in case.get("checks") or []:
        if "filter" not in check:
            raise Skip("check: " + next(iter(check)))
        each = check["filter"]
        try:
            require(each.get("requires"))
            require(check.get("requires"))
        except Skip:
            continue
        kind = str(each["match"].get("event_type"))
        if kind not in RECORDS:
            raise Skip("other events: " + kind)
        filters.append(each)
    if not filters:
        raise Skip("no check for this version")
    return filters


def value_at(record, key):
    value = record
    for part in key.split("."):
        if part == "__len":
            return len(value)
        name, *indices = re.split(r"[\[\]]+", part.rstrip("]"))
        if not isinstance(value, dict) or name not in value:
            return None
        value = value[name]
        for index in indices:
            if not isinstance(value, list) or int(index) >= len(value):
                return None
            value = value[int(index)]
    return value


def matches(record, wanted):
    for key, value in wanted.items():
        if key == "has-key":
            if value_at(record, value) is None:
                return False
        elif key == "not-has-key":
            if value_at(record, value) is not None:
                return False
        elif key.endswith((".__find", ".__contains")):
            found = value_at(record, key.rpartition(".")[0])
            if found is None or value not in found:
                return False
        elif value_at(record, key) != value:
            return False
    return True


def capture_of(folder, case):
    named = case.get("pcap")
    if named:
        return folder / named
    found = sorted(each for each in folder.iterdir() if ".pcap" in each.name)
    if not found:
        raise Skip("no capture")
    return found[0]


def run(folder, case):
    """None, or what was wrong."""
    require(case.get("requires"))
    command = [str(BUILD / "phantom"), "detect", "--with-packet", "--eve", "-"]
    command += options_of(case)
    filters = filters_of(case)
    command += ["--rules", "test.rules", "--pcap", str(capture_of(folder, case))]
    with tempfile.TemporaryFile("w+", errors="replace") as errors:
        done = subprocess.run(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True, timeout=60,
            check=False,
        )
        errors.seek(0)
        said = errors.read()
    if done.returncode not in (0, 1):
        return f"exit {done.returncode}", said
    records = [json.loads(line) for line in done.stdout.splitlines()]
    wrong = []
    for each in filters:
        count = sum(matches(record, each["match"]) for record in records)
        if count != each["count"]:
            short = {key: str(value)[:40] for key, value in each["match"].items()}
            wrong.append(f"{count} instead of {each['count']}: {short}")
    # Nothing comes out of a rule that is not in force: that proves nothing.
    if not wrong and unusable(said) and not any(each["count"] for each in filters):
        wrong.append("nothing was asked of the rules that are in force")
    return "; ".join(wrong[:4]) or None, said


def unusable(said):
    """The first reason that a rule of the case is not in force."""
    found = re.search(r"^\S+:\d+: sid \d+: (.*)$", said, re.MULTILINE)
    return found[1] if found else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="cases whose name has this in it")
    parser.add_argument("--show", action="store_true", help="every case that fails")
    arguments = parser.parse_args()
    if not CASES.is_dir():
        print(f"ok 1 - suricata cases # SKIP no {CASES}; PHANTOM_DATA says where")
        return 77
    try:
        import yaml
    except ImportError:
        print("ok 1 - suricata cases # SKIP python3-yaml is not installed")
        return 77
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    passed, failed, skipped = [], [], []
    for file in sorted(CASES.rglob("test.yaml")):
        name = str(file.parent.relative_to(CASES))
        if arguments.only not in name:
            continue
        try:
            wrong, said = run(file.parent, yaml.load(file.read_text(), loader))
        except Skip as reason:
            skipped.append((name, str(reason)))
            continue
        except subprocess.TimeoutExpired:
            wrong, said = "it took more than a minute", ""
        if wrong is None:
            passed.append(name)
        else:
            failed.append((name, unusable(said) or "wrong count", wrong))
    for name, reason, wrong in failed:
        if arguments.show:
            print(f"# {name}: {reason}: {wrong}")
    for what, names in (("skipped", skipped), ("failed", failed)):
        counted = collections.Counter(each[1] for each in names)
        for reason, count in counted.most_common():
            print(f"# {what} {count}: {reason}")
    print(f"# {len(passed)} passed, {len(failed)} failed, {len(skipped)} skipped")
    ok = arguments.only or len(passed) >= PASSED_AT_LEAST
    print(f"{'ok' if ok else 'not ok'} 1 - at least {PASSED_AT_LEAST} cases pass")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
