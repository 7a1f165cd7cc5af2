#pragma once

// The feeds of a node, as somebody wrote them down (HuJSON, a file of the state directory):
//
//     {
//       "feeds": {
//         "ipsum": {
//           "path": "ipsum.txt",     // beside this file, or from the root; or instead of it
//           "url": "https://...",    // fetched every "interval" (6h)
//           "format": "ipsum",       // plain, csv, netset, ipsum, stix, misp, kev
//           "kind": "block",         // block, guard, kev
//           "confidence": "0.5",     // of a block list: the share of its entries that was right
//           "half_life": "7d",       // after so long an entry counts for half
//         },
//       },
//     }
//
// Every value is a text. What is not known is refused, with line and column.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "intel/indicator.h"
#include "policy/hujson.h"

namespace phantom::intel {

inline constexpr std::size_t kFeedsMax = 64;
inline constexpr std::size_t kDescriptionsSizeMax = 256U << 10U;
inline constexpr unsigned kPriorityDefault = 5;
inline constexpr unsigned kPriorityMax = 9;

enum class FeedFormat : std::uint8_t { kPlain, kCsv, kNetset, kIpsum, kStix, kMisp, kKev };
enum class FeedKind : std::uint8_t {
    kBlock,  // evidence against whom it names
    kGuard,  // whom it names is in no block list, and never acted against
    kKev,    // vulnerabilities that are known to be exploited
};
[[nodiscard]] const char* name_of(FeedFormat format);
[[nodiscard]] const char* name_of(FeedKind kind);
[[nodiscard]] std::optional<FeedFormat> feed_format_named(std::string_view name);
// What a format is for where nobody says: kGuard for MISP's warning lists, kKev for KEV.
[[nodiscard]] FeedKind usual_kind(FeedFormat format);

struct CsvShape {
    std::size_t column = 1;   // from 1
    std::string column_name;  // instead, as the first row has it
    char delimiter = ',';
};

inline constexpr std::chrono::seconds kFetchIntervalDefault = std::chrono::hours(6);
inline constexpr std::chrono::seconds kFetchIntervalMax = std::chrono::hours(24 * 30);

struct FeedDescription {
    std::string name;
    std::string path;  // one of these two is empty
    std::string url = {};
    std::chrono::seconds interval = kFetchIntervalDefault;
    std::string ca = {};  // a file: trusted for `url` instead of the system's
    FeedFormat format = FeedFormat::kPlain;
    FeedKind kind = FeedKind::kBlock;
    double confidence = 0.5;
    std::chrono::seconds half_life = std::chrono::hours(7 * 24);
    // Where not all feeds fit, those of the lowest number are taken.
    unsigned priority = kPriorityDefault;
    CsvShape csv;
    // A new version has at least `shrink` times, at most `growth` times the entries of the last good one.
    double shrink = 0.5;
    double growth = 10;
    std::size_t rows_max = kRowsDefault;
};

[[nodiscard]] policy::OrProblem<std::vector<FeedDescription>> read_descriptions(
    std::string_view text
);

}  // namespace phantom::intel
