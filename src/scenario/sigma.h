#pragma once

// Sigma's rules, held against events one at a time. No I/O, no clock; one thread.
//
//     scenario::SigmaRules rules;
//     rules.add("rules/linux/builtin/sudo.yml", text);
//     scenario::SigmaLog log({.type = "auditd"});
//     for (const SigmaRecord& record : log.read(line)) {
//         for (const SigmaRules::Entry* each : rules.held_against(record)) { ... }
//     }

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/scenario.h"
#include "scenario/sigma_rule.h"

namespace phantom::scenario {

inline constexpr std::size_t kSigmaRulesMax = 20'000;
// Different kinds of sources for which it is kept which rules are meant.
inline constexpr std::size_t kSigmaSourcesMax = 256;

class SigmaRules {
  public:
    struct Entry {
        std::string file;
        SigmaRule rule;
    };

    void add(const std::string& file, std::string_view text);

    // Until the next add.
    [[nodiscard]] std::vector<const Entry*> held_against(const SigmaRecord& record);

    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
    [[nodiscard]] const std::vector<Unusable>& unusable() const { return unusable_; }

  private:
    [[nodiscard]] const std::vector<std::size_t>& meant_for(const LogSource& source);

    std::vector<Entry> entries_;
    std::vector<Unusable> unusable_;
    std::map<LogSource, std::vector<std::size_t>> by_source_;
};

// One line, "phantom.sigma/1": a rule that holds, and of what.
[[nodiscard]] std::string sigma_json(const SigmaRules::Entry& entry, const SigmaRecord& record);

}  // namespace phantom::scenario
