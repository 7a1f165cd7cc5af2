#pragma once

// What a rule's classtype stands for: a category in words and a priority. The names and numbers are
// those that public rule sets are written against.

#include <cstdint>
#include <optional>
#include <string_view>

namespace phantom::detect {

struct Classification {
    std::string_view name;
    std::string_view category;
    std::uint32_t priority;
};

[[nodiscard]] std::optional<Classification> classification_named(std::string_view name);

}  // namespace phantom::detect
