#!/usr/bin/env python3
"""The public cases of CrowdSec's hub, each through the real `phantom detect --scenarios`.

A case is a folder with a log, the parsers and scenarios that it names, and what must come out: how often
each scenario speaks, about whom, and how many events it has counted. A case without such expectations
passes when its parsers are in force and every event that parser.assert names at its last stage is there,
with every field of evt.Meta.

    tests/detection/crowdsec_cases.py [--only WORD] [--show]
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys
from pathlib import Path

# timeout: 600
# What stands in docs/detection.md: fewer is a step back, more asks for a new number here and there.
PASSED_AT_LEAST = 158

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = Path(os.environ.get("PHANTOM_DATA", ROOT.parent / "shared" / "data"))
HUB = DATA / "threat" / "crowdsec"
CASES = HUB / "tests"
BUILD = Path(os.environ.get("PHANTOM_BUILD", ROOT / "build" / "release")).resolve()

# The longest that a case may take.
CASE_S = 60


class Skip(Exception):
    pass


def find(kind, name):
    """The file that a case means: AUTHOR/NAME, or a path in the hub."""
    path = HUB / name.lstrip("./")
    if path.is_file():
        return path
    if "/.tests/" in "/" + name:
        raise Skip(f"{kind}: one of the case's own that is not in the data")
    author, _, stem = name.rpartition("/")
    for found in sorted((HUB / kind).rglob(f"{stem}.y*ml")):
        if found.parent.name == author:
            return found
    raise Skip(f"{kind}: {name} is not in the data")


def names(config, kind):
    return [each for each in config.get(kind) or [] if each]


def expected_overflows(folder):
    """(scenario, sources, events) of each overflow; None where nothing is said of them."""
    file = folder / "scenario.assert"
    text = file.read_text() if file.is_file() else ""
    found = collections.defaultdict(lambda: {"sources": set(), "scenario": None, "events": None})
    for line in text.splitlines():
        if wanted := re.match(r'"(.*)" in results\[(\d+)\]\.Overflow\.GetSources\(\)', line):
            found[int(wanted[2])]["sources"].add(wanted[1])
        if wanted := re.match(r'results\[(\d+)\]\..*GetScenario\(\) == "(.*)"', line):
            found[int(wanted[1])]["scenario"] = wanted[2]
        if wanted := re.match(r"results\[(\d+)\]\..*GetEventsCount\(\) == (\d+)", line):
            found[int(wanted[1])]["events"] = int(wanted[2])
    count = re.search(r"len\(results\) == (\d+)", text)
    if count is None and not found:
        return None
    if count is not None and int(count[1]) != len(found):
        raise Skip("the case names fewer overflows than it counts")
    return collections.Counter(
        (each["scenario"], tuple(sorted(each["sources"])), each["events"])
        for each in found.values()
    )


def fits(came, wanted):
    """Where a case does not say the name, the source or the number, any will do."""
    return all(each in (None, ()) or each == got for each, got in zip(wanted, came))


def command_for(folder, config):
    command = [str(BUILD / "phantom"), "detect", "--json", "--events"]
    for kind in ("parsers", "scenarios"):
        for name in names(config, kind):
            command += ["--scenarios", str(find(kind, name))]
    for name, value in (config.get("labels") or {}).items():
        command += ["--label", f"{name}={value}"]
    for each in config.get("override_statics") or []:
        if each.get("target") != "evt.Line.Module":
            raise Skip(f"override_statics: {each.get('target')}")
        command += ["--module", each["value"]]
    if names(config, "postoverflows"):
        raise Skip("postoverflows")
    return command + ["--log", str(folder / config["log_file"]), "--type", config["log_type"]]


def unquoted(text):
    """The value of a text as Go writes it."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def expected_events(folder):
    """The evt.Meta of each event as the last stage that is spoken of leaves it."""
    file = folder / "parser.assert"
    found = collections.defaultdict(lambda: collections.defaultdict(dict))
    text = file.read_text() if file.is_file() else ""
    for line in text.splitlines():
        wanted = re.match(
            r'results\["(s\d\d-\w+)"\]\["(.+?)"\]\[(\d+)\]\.Evt\.Meta\["(.+?)"\] == (".*")$', line
        )
        if wanted and wanted[4] != "datasource_path":
            found[wanted[1], wanted[2]][int(wanted[3])][wanted[4]] = unquoted(wanted[5])
    stage = max((each[0] for each in found), default=None)
    # What a later stage does not take does not come out.
    refused = re.findall(r'results\["(s\d\d-\w+)"\].*\.Success == false', text)
    if stage and any(each > stage for each in refused):
        return []
    # Of several parsers of one stage, the one that has seen most.
    of_stage = [events for (each, _), events in found.items() if each == stage]
    return list(max(of_stage, key=len).values()) if of_stage else None


def is_event(came, wanted):
    """Every field that is wanted is there. A log without years means the year of the run."""
    def same(name):
        got, value = came.get(name), wanted[name]
        if name == "timestamp" and got and value:
            return got[4:] == value[4:]
        return got == value
    return all(same(name) for name, value in wanted.items() if value is not None)


def check_events(came, expected):
    """What is wrong, or None."""
    if not expected and came:
        return f"{len(came)} events that nobody should take: {came[0]}"
    missing = []
    for wanted in expected:
        found = next((each for each in came if is_event(each, wanted)), None)
        if found is None:
            missing.append(wanted)
        else:
            came.remove(found)
    return f"{len(missing)} events are missing: {missing[0]}" if missing else None


def reason_of(said):
    """The first reason that a parser or scenario of the case is not in force."""
    found = re.search(r"^\S+:\d+: \S+: (.*)$", said, re.MULTILINE)
    return found[1] if found else None


def run(folder, config):
    """What was wrong and why, or None for both."""
    expected = expected_overflows(folder)
    done = subprocess.run(
        command_for(folder, config), capture_output=True, text=True, timeout=CASE_S, check=False
    )
    if done.returncode != 0:
        return f"exit {done.returncode}: {done.stderr[-200:]}", "exit status"
    unusable = reason_of(done.stderr)
    if unusable:
        return "not in force", unusable
    records = [json.loads(line) for line in done.stdout.splitlines()]
    events = [each["meta"] for each in records if each["schema"] == "phantom.event/1"]
    if expected is None:
        wanted = expected_events(folder)
        if wanted is None:
            raise Skip("nothing is said of overflows or events")
        wrong = check_events(events, wanted)
        return wrong, wrong and "other events than expected"
    came = collections.Counter()
    for record in records:
        if record["schema"] != "phantom.scenario/1":
            continue
        sources = tuple(sorted(each["value"] for each in record["sources"]))
        came[(record["scenario"], sources, record["events_count"])] += 1
    missing = []
    extra = list(came.elements())
    # Those that say the most of what they want first.
    for wanted in sorted(expected.elements(), key=lambda each: each.count(None)):
        found = next((each for each in extra if fits(each, wanted)), None)
        if found is None:
            missing.append(wanted)
        else:
            extra.remove(found)
    if not missing and not extra:
        return None, None
    return f"missing {missing[:4]}, not expected {extra[:4]}", "other overflows than expected"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="cases whose name has this in it")
    parser.add_argument("--show", action="store_true", help="every case that fails")
    arguments = parser.parse_args()
    if not CASES.is_dir():
        print(f"ok 1 - crowdsec cases # SKIP no {CASES}; PHANTOM_DATA says where")
        return 77
    try:
        import yaml
    except ImportError:
        print("ok 1 - crowdsec cases # SKIP python3-yaml is not installed")
        return 77
    passed, failed, skipped = [], [], []
    for file in sorted(CASES.glob("*/config.yaml")):
        name = file.parent.name
        if arguments.only not in name:
            continue
        try:
            wrong, reason = run(file.parent, yaml.safe_load(file.read_text()))
        except Skip as why:
            skipped.append((name, str(why)))
            continue
        except subprocess.TimeoutExpired:
            wrong, reason = f"it took more than {CASE_S} s", "time"
        if wrong is None:
            passed.append(name)
        else:
            failed.append((name, reason, wrong))
    for name, reason, wrong in failed:
        if arguments.show:
            print(f"# {name}: {reason}: {wrong}")
    for what, cases in (("skipped", skipped), ("failed", failed)):
        for reason, count in collections.Counter(each[1] for each in cases).most_common():
            print(f"# {what} {count}: {reason}")
    print(f"# {len(passed)} passed, {len(failed)} failed, {len(skipped)} skipped")
    ok = arguments.only or len(passed) >= PASSED_AT_LEAST
    print(f"{'ok' if ok else 'not ok'} 1 - at least {PASSED_AT_LEAST} cases pass")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
