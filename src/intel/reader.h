#pragma once

// A feed's file, read: text in, entries out. Pure; bounded by the size of the text, and by the rows that the
// description allows. What is wrong with the whole of it is a Fault; what is wrong with one entry is counted,
// and kept with its place.
//
//     const auto content = read_feed({.name = "ipsum", .format = FeedFormat::kIpsum}, text, now);
//     content->networks.size();
//     content->refusals;          // "line 12": "'<html>' is no address and no network"

#include "base/clock.h"
#include "intel/description.h"

namespace phantom::intel {

// Lines that are not understood before a file is taken for something else: that many, and that share.
inline constexpr std::size_t kMalformedFew = 10;
inline constexpr double kMalformedShareMax = 0.1;
inline constexpr std::size_t kLineSizeMax = 4'096;
inline constexpr std::size_t kDocumentDepthMax = 32;

// `now`: indicators that are over, or not valid yet, are left out and counted.
[[nodiscard]] OrFault<FeedContent> read_feed(
    const FeedDescription& feed, std::string_view text, WallTime now
);

// The readers by form; read_feed() calls them, and looks at what came of it.
[[nodiscard]] OrFault<FeedContent> read_list(const FeedDescription& feed, std::string_view text);
[[nodiscard]] OrFault<FeedContent> read_stix(
    const FeedDescription& feed, std::string_view text, WallTime now
);
[[nodiscard]] OrFault<FeedContent> read_misp(const FeedDescription& feed, std::string_view text);
[[nodiscard]] OrFault<FeedContent> read_kev(const FeedDescription& feed, std::string_view text);

[[nodiscard]] std::unexpected<Fault> too_many_rows(const FeedDescription& feed, std::string place);

}  // namespace phantom::intel
