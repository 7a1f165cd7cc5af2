#include "intel/reader.h"

#include <fmt/format.h>

namespace phantom::intel {

namespace {

OrFault<FeedContent> read_by_format(
    const FeedDescription& feed, std::string_view text, WallTime now
) {
    switch (feed.format) {
        case FeedFormat::kStix:
            return read_stix(feed, text, now);
        case FeedFormat::kMisp:
            return read_misp(feed, text);
        case FeedFormat::kKev:
            return read_kev(feed, text);
        case FeedFormat::kPlain:
        case FeedFormat::kCsv:
        case FeedFormat::kNetset:
        case FeedFormat::kIpsum:
            break;
    }
    return read_list(feed, text);
}

}  // namespace

std::unexpected<Fault> too_many_rows(const FeedDescription& feed, std::string place) {
    return std::unexpected(Fault{
        std::move(place),
        fmt::format(
            "more than {} entries; \"rows\" of its description may allow more", feed.rows_max
        )
    });
}

OrFault<FeedContent> read_feed(const FeedDescription& feed, std::string_view text, WallTime now) {
    if (text.size() > kFeedSizeMax) {
        return std::unexpected(Fault{"", fmt::format("longer than {} MiB", kFeedSizeMax >> 20U)});
    }
    auto content = read_by_format(feed, text, now);
    if (!content) {
        return content;
    }
    const auto malformed = static_cast<double>(content->malformed);
    if (content->malformed > kMalformedFew &&
        malformed > kMalformedShareMax * static_cast<double>(content->rows)) {
        return std::unexpected(Fault{
            content->refusals.front().place,
            fmt::format(
                "{}; {} of {} entries are not understood: this is no file of the format {}",
                content->refusals.front().reason, content->malformed, content->rows,
                name_of(feed.format)
            )
        });
    }
    if (content->size() == 0) {
        const bool has_reason = !content->refusals.empty();
        return std::unexpected(Fault{
            has_reason ? content->refusals.front().place : "",
            has_reason ? "nothing can be taken: " + content->refusals.front().reason
                       : "there is nothing in it"
        });
    }
    return content;
}

}  // namespace phantom::intel
