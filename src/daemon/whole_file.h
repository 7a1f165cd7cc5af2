#pragma once

// Files that somebody else writes, read whole; and the last good ones of them, kept so that a crash leaves the old
// or the new. All of it blocks for the disk.

#include <expected>
#include <filesystem>
#include <string>

#include "base/clock.h"

namespace phantom::daemon {

struct WholeFile {
    std::string text;
    WallTime modified;
};

// No device, no pipe, nothing without an end. In words where it cannot be read, or is longer.
[[nodiscard]] std::expected<WholeFile, std::string> read_whole(
    const std::filesystem::path& path, std::size_t size_max
);
// Whole or not at all, with its time; makes the folder. In words where it cannot.
[[nodiscard]] std::expected<void, std::string> keep_whole(
    const std::filesystem::path& path, const WholeFile& file
);
// When it was changed, its size and which file it is, as text; empty: it is not there.
[[nodiscard]] std::string mark_of(const std::filesystem::path& path);
// Changed within the last two seconds: somebody may not be done.
[[nodiscard]] bool is_being_written(const std::filesystem::path& path);

}  // namespace phantom::daemon
