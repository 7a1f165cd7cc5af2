#pragma once

// The little XML that event logs are written in: one element, found by its path.

#include <optional>
#include <string>
#include <string_view>

namespace phantom::scenario {

inline constexpr std::size_t kXmlDepthMax = 32;

// "/Event/System[1]/Channel", "/Event/EventData[1]/Data[@Name='User']": the text of the first such
// element. Names without their prefixes.
[[nodiscard]] std::optional<std::string> xml_text(std::string_view document, std::string_view path);
[[nodiscard]] std::optional<std::string> xml_attribute(
    std::string_view document, std::string_view path, std::string_view attribute
);

}  // namespace phantom::scenario
