#include "intel/description.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include <fmt/format.h>

#include "intel/fetch.h"

namespace phantom::intel {

namespace {

using policy::OrProblem;
using policy::Problem;
using policy::Value;

constexpr std::size_t kNameSizeMax = 32;
constexpr std::chrono::seconds kHalfLifeMax = std::chrono::hours(24 * 3650);

constexpr std::array<const char*, 7> kFormatNames{"plain", "csv",  "netset", "ipsum",
                                                  "stix",  "misp", "kev"};
constexpr std::array<const char*, 3> kKindNames{"block", "guard", "kev"};

template <class Number>
std::optional<Number> number_in(std::string_view text, Number least, Number most) {
    Number number{};
    const char* const end = text.end();
    const auto [stop, error] = std::from_chars(text.begin(), end, number);
    const bool is_number = error == std::errc{} && stop == end && number >= least && number <= most;
    return is_number ? std::optional(number) : std::nullopt;
}

std::optional<std::chrono::seconds> duration_of(std::string_view text) {
    if (text.empty()) {
        return std::nullopt;
    }
    const std::int64_t unit = text.back() == 'd'   ? 86'400
                              : text.back() == 'h' ? 3'600
                              : text.back() == 'm' ? 60
                                                   : 0;
    const std::int64_t most = unit == 0 ? 0 : kHalfLifeMax.count() / unit;
    const auto count = number_in<std::int64_t>(text.substr(0, text.size() - 1), 1, most);
    return count ? std::optional(std::chrono::seconds(*count * unit)) : std::nullopt;
}

bool is_feed_name(std::string_view name) {
    return !name.empty() && name.size() <= kNameSizeMax && name.front() != '-' &&
           std::ranges::all_of(name, [](char each) {
               return (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9') || each == '-' ||
                      each == '_';
           });
}

template <class Enum, std::size_t Count>
std::optional<Enum> named(const std::array<const char*, Count>& names, std::string_view name) {
    const auto found = std::ranges::find(names, name);
    return found == names.end() ? std::nullopt
                                : std::optional(static_cast<Enum>(found - names.begin()));
}

// What a key's text must be, where it is not that; empty: it was taken.
using Setter = std::string_view (*)(FeedDescription&, std::string_view);

template <class T>
bool assign(T& to, const std::optional<T>& value) {
    to = value.value_or(to);
    return value.has_value();
}

std::string_view set_column(FeedDescription& feed, std::string_view text) {
    if (!assign(feed.csv.column, number_in<std::size_t>(text, 1, 256))) {
        feed.csv.column_name = text;
    }
    return text.empty() ? "a number from 1, or what the first row calls it" : "";
}

std::string_view set_delimiter(FeedDescription& feed, std::string_view text) {
    if (text == "tab") {
        feed.csv.delimiter = '\t';
        return "";
    }
    if (text.size() != 1 || text.front() == '"' || text.front() == '#') {
        return "one character, or \"tab\"";
    }
    feed.csv.delimiter = text.front();
    return "";
}

struct Key {
    std::string_view name;
    Setter set;
};

constexpr std::array kKeys{
    Key{"path",
        [](FeedDescription& feed, std::string_view text) -> std::string_view {
            feed.path = text;
            return text.empty() ? "a file" : "";
        }},
    Key{"url",
        [](FeedDescription& feed, std::string_view text) -> std::string_view {
            feed.url = text;
            return is_fetch_url(text) ? "" : "https://HOST/... or http://HOST/..., without a user";
        }},
    Key{"interval",
        [](FeedDescription& feed, std::string_view text) -> std::string_view {
            const auto interval = duration_of(text);
            const bool is_good = interval && *interval <= kFetchIntervalMax;
            return assign(feed.interval, is_good ? interval : std::nullopt)
                       ? ""
                       : "a time up to 30d, as 30m, 6h or 1d";
        }},
    Key{"ca",
        [](FeedDescription& feed, std::string_view text) -> std::string_view {
            feed.ca = text;
            return text.starts_with('/') ? "" : "a file, from the root";
        }},
    Key{"format",
        [](FeedDescription& feed, std::string_view text) -> std::string_view {
            return assign(feed.format, feed_format_named(text))
                       ? ""
                       : "plain, csv, netset, ipsum, stix, misp or kev";
        }},
    Key{"kind",
        [](FeedDescription& feed, std::string_view text) -> std::string_view {
            return assign(feed.kind, named<FeedKind>(kKindNames, text)) ? ""
                                                                        : "block, guard or kev";
        }},
    Key{"confidence",
        [](FeedDescription& feed, std::string_view text) -> std::string_view {
            return assign(feed.confidence, number_in(text, 0.0, 1.0)) ? "" : "a number from 0 to 1";
        }},
    Key{"half_life",
        [](FeedDescription& feed, std::string_view text) -> std::string_view {
            return assign(feed.half_life, duration_of(text)) ? "" : "a time, as 36h or 7d";
        }},
    Key{"priority",
        [](FeedDescription& feed, std::string_view text) -> std::string_view {
            return assign(feed.priority, number_in(text, 1U, kPriorityMax)) ? "" : "1 to 9";
        }},
    Key{"column", set_column},
    Key{"delimiter", set_delimiter},
    Key{"shrink",
        [](FeedDescription& feed, std::string_view text) -> std::string_view {
            return assign(feed.shrink, number_in(text, 0.0, 1.0)) ? "" : "a number from 0 to 1";
        }},
    Key{"growth",
        [](FeedDescription& feed, std::string_view text) -> std::string_view {
            return assign(feed.growth, number_in(text, 1.0, 1e6)) ? "" : "a number from 1";
        }},
    Key{"rows",
        [](FeedDescription& feed, std::string_view text) -> std::string_view {
            return assign(feed.rows_max, number_in<std::size_t>(text, 1, kRowsMax))
                       ? ""
                       : "a number from 1 to 4000000";
        }},
};

std::unexpected<Problem> problem_at(policy::Position at, std::string text) {
    return std::unexpected(Problem{at, std::move(text)});
}

const Value* item_named(const Value& object, std::string_view key) {
    const auto found = std::ranges::find(object.items, key, &Value::key);
    return found == object.items.end() ? nullptr : &*found;
}

OrProblem<FeedDescription> read_feed_section(const Value& section) {
    if (!is_feed_name(section.key)) {
        return problem_at(
            section.key_at,
            fmt::format("\"{}\" is no name: a-z, 0-9, '-' and '_', 32 at most", section.key)
        );
    }
    if (section.kind != Value::Kind::kObject) {
        return problem_at(section.at, "a feed is {\"path\": \"...\", \"format\": \"...\"}");
    }
    FeedDescription feed;
    feed.name = section.key;
    for (const Value& item : section.items) {
        const auto* const key = std::ranges::find(kKeys, item.key, &Key::name);
        if (key == kKeys.end()) {
            return problem_at(item.key_at, fmt::format("\"{}\" is not known in a feed", item.key));
        }
        const std::string_view wanted = item.kind == Value::Kind::kString
                                            ? key->set(feed, item.text)
                                            : std::string_view("a text in quotes");
        if (!wanted.empty()) {
            return problem_at(item.at, fmt::format("\"{}\" is {}", item.key, wanted));
        }
    }
    if (feed.path.empty() == feed.url.empty()) {
        return problem_at(section.at, "the feed needs \"path\" or \"url\", one of them");
    }
    for (const char* const of_url : {"interval", "ca"}) {
        if (const Value* const item = item_named(section, of_url); item && feed.url.empty()) {
            return problem_at(
                item->key_at, fmt::format("\"{}\" is for a feed with a \"url\"", of_url)
            );
        }
    }
    if (item_named(section, "format") == nullptr) {
        return problem_at(section.at, "the feed needs \"format\"");
    }
    if (item_named(section, "kind") == nullptr) {
        feed.kind = usual_kind(feed.format);
    }
    if ((feed.format == FeedFormat::kKev) != (feed.kind == FeedKind::kKev)) {
        return problem_at(section.at, "the format kev is for the kind kev, and no other is");
    }
    return feed;
}

}  // namespace

const char* name_of(FeedFormat format) {
    return kFormatNames.at(static_cast<std::size_t>(format));
}

const char* name_of(FeedKind kind) {
    return kKindNames.at(static_cast<std::size_t>(kind));
}

std::optional<FeedFormat> feed_format_named(std::string_view name) {
    return named<FeedFormat>(kFormatNames, name);
}

FeedKind usual_kind(FeedFormat format) {
    return format == FeedFormat::kMisp  ? FeedKind::kGuard
           : format == FeedFormat::kKev ? FeedKind::kKev
                                        : FeedKind::kBlock;
}

OrProblem<std::vector<FeedDescription>> read_descriptions(std::string_view text) {
    if (text.size() > kDescriptionsSizeMax) {
        return problem_at({}, "the file is longer than 256 KiB");
    }
    const auto root = policy::parse_hujson(text);
    if (!root) {
        return std::unexpected(root.error());
    }
    const Value* const feeds =
        root->kind == Value::Kind::kObject ? item_named(*root, "feeds") : nullptr;
    if (feeds == nullptr || feeds->kind != Value::Kind::kObject) {
        return problem_at(root->at, "the file is {\"feeds\": {\"NAME\": {...}, ...}}");
    }
    for (const Value& item : root->items) {
        if (&item != feeds) {
            return problem_at(item.key_at, fmt::format("\"{}\" is not known here", item.key));
        }
    }
    if (feeds->items.size() > kFeedsMax) {
        return problem_at(feeds->at, fmt::format("more than {} feeds", kFeedsMax));
    }
    std::vector<FeedDescription> descriptions;
    for (const Value& section : feeds->items) {
        auto feed = read_feed_section(section);
        if (!feed) {
            return std::unexpected(feed.error());
        }
        // By priority; among equals in the file's order.
        const auto at =
            std::ranges::upper_bound(descriptions, feed->priority, {}, &FeedDescription::priority);
        descriptions.insert(at, std::move(*feed));
    }
    return descriptions;
}

}  // namespace phantom::intel
