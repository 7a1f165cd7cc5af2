#include "mcp/confirmations.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace phantom::mcp {

std::string Confirmations::give(
    const std::string& tool, const boost::json::object& arguments, Instant now, Random& random
) {
    if (given_.size() == kConfirmationsMax) {
        given_.pop_front();
    }
    given_.push_back({fmt::format("c-{:016x}", random.next_u64()), tool, arguments, now});
    return given_.back().confirmation;
}

Confirmations::Verdict Confirmations::take(
    const std::string& confirmation, const std::string& tool, const boost::json::object& arguments,
    Instant now
) {
    const auto found = std::ranges::find(given_, confirmation, &Given::confirmation);
    if (found == given_.end()) {
        return Verdict::kUnknown;
    }
    const Given given = std::move(*found);
    given_.erase(found);
    if (now - given.at > kConfirmationLife) {
        return Verdict::kExpired;
    }
    return given.tool == tool && given.arguments == arguments ? Verdict::kGood
                                                              : Verdict::kOfSomethingElse;
}

}  // namespace phantom::mcp
