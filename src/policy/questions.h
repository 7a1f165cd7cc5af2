#pragma once

// What people ask a policy: do its own tests hold, and which rule decides.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/compiled.h"

namespace phantom::policy {

// A test may be asked of many pairs of members; more than these are refused.
inline constexpr std::size_t kTestPairsMax = 100'000;

// The first test that does not hold. A node, tag or group that no member has is asked of a member
// that is made up for it, so that a test says the same before and after the machines join.
[[nodiscard]] std::optional<Problem> run_tests(
    const Document& document, const std::vector<Member>& members
);

struct Explanation {
    bool allowed = false;
    std::optional<Position> at;  // of the grant that decides; none: no grant covers it
    std::string text;            // sentences
};

// `source` and `destination` are names of members or hosts, or addresses; `service` as
// parse_question reads it. A sentence where one of them means nothing.
[[nodiscard]] std::expected<Explanation, std::string> explain(
    const CompiledPolicy& policy, std::string_view source, std::string_view destination,
    std::string_view service
);

// "tcp:5432, udp:53"
[[nodiscard]] std::string text_of(const std::vector<Service>& services);

}  // namespace phantom::policy
