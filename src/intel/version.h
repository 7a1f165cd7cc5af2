#pragma once

// Which version of a feed holds: the file as it is now, or the last one that was good. Pure: the caller reads
// files and keeps what is to be kept.
//
// A new version is refused where it cannot be read, has far fewer or far more entries than the last good one, or
// nothing in it can be taken. What is refused changes nothing, and is told.

#include <expected>
#include <optional>

#include "base/clock.h"
#include "intel/description.h"

namespace phantom::intel {

struct FeedFile {
    std::string text;
    WallTime modified;
};

struct FeedFiles {
    std::expected<FeedFile, std::string> current;  // or why it cannot be read
    std::optional<FeedFile> last_good;
};

struct FeedVersion {
    enum class Source : std::uint8_t { kNone, kCurrent, kLastGood };

    FeedDescription about;
    FeedContent content;  // empty with kNone
    Source source = Source::kNone;
    WallTime published;
    bool keep = false;    // the current file is good, and is not the last good one yet
    std::string problem;  // with the current file: "ipsum.txt: line 3: ..."; empty: none
};
[[nodiscard]] const char* name_of(FeedVersion::Source source);

[[nodiscard]] FeedVersion choose_version(
    const FeedDescription& feed, const FeedFiles& files, WallTime now
);

}  // namespace phantom::intel
