#pragma once

// Small files of settings, whole.

#include <cstddef>
#include <optional>
#include <string>

namespace phantom::io {

inline constexpr std::size_t kSecretFileMax = 65'536;

// At most `size_max` bytes, and one more where there are, so that a file that is too large is seen to be. Nothing
// where it cannot be read.
[[nodiscard]] std::optional<std::string> read_beginning(
    const std::string& path, std::size_t size_max
);
// A password or key, without the ends of lines behind it. Nothing where it cannot be read, or is longer than
// kSecretFileMax.
[[nodiscard]] std::optional<std::string> read_secret(const std::string& path);

}  // namespace phantom::io
