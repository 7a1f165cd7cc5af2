#pragma once

// How an attacker may have written a text: Sigma's modifiers that change a value before it is looked for.

#include <string>
#include <string_view>
#include <vector>

namespace phantom::scenario {

[[nodiscard]] bool is_sigma_encoding(std::string_view word);
// One after the other. base64offset makes three: the text may begin at any of three places.
[[nodiscard]] std::vector<std::string> encoded_as(
    std::string_view text, const std::vector<std::string>& encodings
);
// "-a" also as "/a", and with three other dashes.
[[nodiscard]] std::vector<std::string> with_all_dashes(std::string_view text);

}  // namespace phantom::scenario
