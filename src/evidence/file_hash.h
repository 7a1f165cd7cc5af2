#pragma once

#include <filesystem>
#include <optional>

#include "crypto/noise.h"

namespace phantom::evidence {

// SHA-256 of a file; none where it cannot be read, or is larger than `size_max`.
[[nodiscard]] std::optional<crypto::Hash> hash_of_file(
    const std::filesystem::path& path, std::size_t size_max
);

}  // namespace phantom::evidence
