#pragma once

// `phantom rules`: the signatures of a running node. A check reads files here and asks no daemon.

#include <optional>
#include <string>
#include <vector>

#include "cli/client.h"

namespace phantom::cli {

struct RuleArguments {
    std::vector<std::string> files;  // "-": standard input
};

// Each gives the exit status.
[[nodiscard]] int list_rules(const Places& places, bool as_json);
[[nodiscard]] int reload_rules(const Places& places, bool as_json);
[[nodiscard]] int check_rules(const RuleArguments& arguments, bool as_json);

// None where it cannot be read, or is larger than any set of rules.
[[nodiscard]] std::optional<std::string> text_of_rules(const std::string& name);

}  // namespace phantom::cli
