#pragma once

// A mesh under attack, as the daemon would tell of it.

#include "top/model.h"
#include "top/snapshot.h"

namespace phantom::top {

inline Answers answers_under_attack() {
    namespace json = boost::json;
    const auto object = [](const char* text) { return json::parse(text).as_object(); };
    Answers answers;
    answers.status = object(R"({"mesh": "5e8c21c04d9b7f3a", "ready": true,
      "self": {"name": "amber", "interface": "phantom0", "holds_root": true},
      "peers": [
        {"name": "birch", "id": "ab", "addresses": ["100.65.241.7"], "path": "direct", "endpoint": "198.51.100.7:51820",
         "relays": [], "rtt_ms": 11.42, "loss": 0.0, "state": "alive", "post_quantum": {"established": true},
         "received_bytes": 1000, "sent_bytes": 500, "expires": "2028-01-15T12:00:00Z"},
        {"name": "cedar", "id": "cd", "addresses": ["100.66.1.2"], "path": "relay", "endpoint": null,
         "relays": ["birch"], "rtt_ms": 48.0, "loss": 0.12, "state": "alive", "post_quantum": {"established": false},
         "received_bytes": 10, "sent_bytes": 20},
        {"name": "dogwood", "id": "ef", "addresses": ["100.67.3.4"], "path": "none", "endpoint": null, "relays": [],
         "rtt_ms": null, "loss": 0.0, "state": "dead", "post_quantum": {"established": false},
         "received_bytes": 0, "sent_bytes": 0}]})");
    answers.alerts = object(R"({"alerts": [
        {"number": 1, "state": "acknowledged", "priority": "P4", "risk_tenths": 31, "confidence": 0.5, "rule": "x",
         "text": "an old thing", "subject": "203.0.113.9", "subject_name": "", "object": "", "technique": "",
         "count": 1, "last": "2026-11-23T01:00:00Z", "incident": 0, "action": 0, "assessment": ""},
        {"number": 3, "state": "firing", "telling": "firing", "priority": "P2", "risk_tenths": 74, "confidence": 0.93,
         "rule": "behaviour:port-scan", "text": "scans ports: 412 of amber in 8 s", "subject": "100.65.241.7",
         "subject_name": "birch", "object": "100.102.199.13", "technique": "T1046", "count": 9,
         "last": "2026-11-23T01:32:27Z", "incident": 2, "action": 5, "assessment": "risk 7.4 = ..."}]})"
    );
    answers.incidents = object(R"({"incidents": [
        {"number": 1, "state": "closed", "priority": 4, "risk_tenths": 31, "title": "an old thing",
         "subject": "203.0.113.9", "subject_name": "", "times": {"opened": "2026-11-22T01:00:00Z"}, "alerts": [1],
         "actions": []},
        {"number": 2, "state": "containment", "priority": 2, "risk_tenths": 74, "title": "port scan by birch",
         "subject": "100.65.241.7", "subject_name": "birch", "times": {"opened": "2026-11-23T01:32:27Z"},
         "alerts": [3], "actions": [5]}]})");
    answers.actions = object(R"({"actions": [
        {"number": 5, "state": "active", "executor": "firewall", "target": "100.65.241.7", "reason": "port scan",
         "until": "2026-11-23T02:32:27Z", "remaining_s": 3540, "renews": false, "confirm_by": null},
        {"number": 6, "state": "proposed", "executor": "isolation", "target": "birch", "reason": "port scan",
         "until": "", "remaining_s": 3600, "renews": false, "confirm_by": null,
         "effect": {"text": "would cut 3 flows"}}]})");
    answers.defence =
        object(R"({"mode": "act", "packets": 12345, "packets_dropped": 0, "findings": 9,
        "settings_problem": "", "telling": {"kept": true, "dead_letters": 0}})");
    return answers;
}

inline constexpr Instant kBegin{1'000'000'000'000};

inline terminal::Key letter(char32_t which) {
    return {.character = which};
}

inline Model model_under_attack() {
    Model model;
    take(model, read_snapshot(answers_under_attack()), kBegin);
    return model;
}

}  // namespace phantom::top
