#pragma once

// What the engines of detection see, in one form: who, against whom, how bad, and how strongly it speaks
// for an attack.

#include <optional>
#include <string>

#include "assess/evidence.h"
#include "assess/technique.h"
#include "base/clock.h"
#include "behaviour/sign.h"
#include "detect/inspector.h"
#include "respond/reputation.h"
#include "wire/address.h"

namespace phantom::respond {

struct Finding {
    std::string rule;  // "behaviour:port-scan", "suricata:1:2010935"
    std::string text;
    wire::Address subject;
    wire::Address object;  // none: many
    double severity = 0;   // 0 to 10
    assess::Evidence evidence;
    std::optional<assess::TechniqueId> technique;
    WallTime first_seen;
    WallTime at;
    Reputation reputation{};  // what feeds say of the subject
};

[[nodiscard]] Finding finding_of(const behaviour::Sign& sign, WallTime now);
// Of a rule: how bad and how sure as assess/rule_words.h has it.
[[nodiscard]] Finding finding_of(const detect::Detection& detection, WallTime now);

}  // namespace phantom::respond
