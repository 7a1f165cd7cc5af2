#include "intel/version.h"

#include <fmt/format.h>

#include "intel/reader.h"

namespace phantom::intel {

namespace {

// Empty: it may follow.
std::string unlike_the_last(
    const FeedDescription& feed, const FeedContent& content, const FeedContent& last
) {
    const auto size = static_cast<double>(content.size());
    const auto before = static_cast<double>(last.size());
    if (size < feed.shrink * before) {
        return fmt::format(
            "{} entries, and there were {}: less than \"shrink\" {} allows", content.size(),
            last.size(), feed.shrink
        );
    }
    if (size > feed.growth * before) {
        return fmt::format(
            "{} entries, and there were {}: more than \"growth\" {} allows", content.size(),
            last.size(), feed.growth
        );
    }
    return {};
}

}  // namespace

const char* name_of(FeedVersion::Source source) {
    switch (source) {
        case FeedVersion::Source::kNone:
            return "none";
        case FeedVersion::Source::kCurrent:
            return "current";
        case FeedVersion::Source::kLastGood:
            return "last good";
    }
    return "";
}

FeedVersion choose_version(const FeedDescription& feed, const FeedFiles& files, WallTime now) {
    FeedVersion version{.about = feed, .content = {}, .published = {}, .problem = {}};
    std::optional<FeedContent> last;
    if (files.last_good) {
        if (auto read = read_feed(feed, files.last_good->text, now)) {
            last = std::move(*read);
        }
    }
    const auto fall_back = [&](std::string problem) {
        version.problem = std::move(problem);
        if (last) {
            version.content = std::move(*last);
            version.source = FeedVersion::Source::kLastGood;
            version.published = files.last_good->modified;
        }
        return version;
    };
    if (!files.current) {
        return fall_back(fmt::format("{}: {}", feed.path, files.current.error()));
    }
    version.keep = !files.last_good || files.last_good->text != files.current->text;
    if (!version.keep && last) {
        version.content = std::move(*last);
    } else {
        auto read = read_feed(feed, files.current->text, now);
        const std::string unlike = read && last ? unlike_the_last(feed, *read, *last) : "";
        if (!read || !unlike.empty()) {
            version.keep = false;
            return fall_back(
                fmt::format("{}: {}", feed.path, read ? unlike : read.error().to_string())
            );
        }
        version.content = std::move(*read);
    }
    version.source = FeedVersion::Source::kCurrent;
    version.published = files.current->modified;
    return version;
}

}  // namespace phantom::intel
