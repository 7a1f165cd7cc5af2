#pragma once

// One rule of Sigma (specification 2.0): what it is about, and when it holds.

#include <array>
#include <string>
#include <vector>

#include "scenario/sigma_condition.h"
#include "scenario/sigma_test_value.h"

namespace phantom::scenario {

inline constexpr std::size_t kSigmaSelectionsMax = 256;
inline constexpr std::size_t kSigmaTestsMax = 10'000;  // of a rule

enum class SigmaLevel : std::uint8_t { kInformational, kLow, kMedium, kHigh, kCritical };
[[nodiscard]] std::string_view name_of(SigmaLevel level);

// A field (or the whole line, where it has no name) and what it is to be.
struct SigmaItem {
    std::string field;
    bool all = false;  // of `values`
    bool is_negated = false;
    // Of each value what it may be written like.
    std::vector<std::vector<SigmaTest>> values;

    [[nodiscard]] bool holds(const SigmaRecord& record) const;
};

struct SigmaSelection {
    // One of them with all its items.
    std::vector<std::vector<SigmaItem>> alternatives;

    [[nodiscard]] bool holds(const SigmaRecord& record) const;
};

class SigmaRule {
  public:
    [[nodiscard]] static OrFlaw<SigmaRule> build(const Yaml& document);

    [[nodiscard]] bool holds(const SigmaRecord& record) const;

    std::string title;
    std::string id;
    std::string author;
    SigmaLevel level = SigmaLevel::kMedium;
    std::vector<std::string> tags;
    LogSource source;

    // "T1110.003" where a tag says "attack.t1110.003"; "" where none does.
    [[nodiscard]] std::string technique() const;

  private:
    [[nodiscard]] OrFlaw<void> read_detection(const Yaml& detection);

    std::vector<SigmaSelection> selections_;
    std::vector<SigmaCondition> conditions_;  // any of them
};

}  // namespace phantom::scenario
