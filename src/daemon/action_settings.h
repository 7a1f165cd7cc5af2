#pragma once

// The part of `handling.json` that says by which executor the node acts of its own accord, and when somebody is asked:
//
//     {"actions": {"rate-limit": {"rate": "100k", "for": "30m"},
//                  "firewall":   {"confidence": 0.95, "approve": "above 8", "active": 200, "per_hour": 20},
//                  "isolation":  {"use": true, "risk": 9, "approve": "always"}},
//      "targets": [{"target": "10.0.0.0/8", "approve": "always"},
//                  {"target": "db1", "executors": ["firewall"], "approve": "above 5"}]}
//
// What is left out stays as it is without the file (respond::ResponsePolicy). These throw policy::Problem.

#include "policy/hujson.h"
#include "respond/measures.h"

namespace phantom::daemon {

void read_actions(const policy::Value& value, respond::ResponsePolicy& policy);
void read_targets(const policy::Value& value, respond::ResponsePolicy& policy);

}  // namespace phantom::daemon
