#pragma once

// Which alerts are not told of because another one is: of a rule, the sources that fire, by the values of the labels
// that have to be equal.

#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "alert/alert.h"
#include "alert/config.h"

namespace phantom::alert {

class Inhibitor {
  public:
    explicit Inhibitor(const std::vector<InhibitRule>& rules)
        : rules_(rules), sources_(rules.size()) {}

    void begin(const Alert& alert);
    void end(const Alert& alert);
    [[nodiscard]] bool is_inhibited(const Alert& alert) const;

  private:
    // Who is source and target of one rule is not silenced by others who are: else two would silence each other.
    struct Sources {
        std::set<Fingerprint> all;
        std::set<Fingerprint> no_targets;
    };
    using BySharedValues = std::unordered_map<std::string, Sources>;

    const std::vector<InhibitRule>& rules_;
    std::vector<BySharedValues> sources_;  // of each rule
};

}  // namespace phantom::alert
