// Indicators of a STIX 2.0 or 2.1 bundle. Of several versions of one indicator the newest counts.
// Source: STIX 2.1 sections 3.6 (versions) and 4.7 (indicator).

#include <map>

#include <fmt/format.h>

#include "intel/json_text.h"
#include "intel/reader.h"
#include "intel/stix_pattern.h"
#include "intel/value.h"

namespace phantom::intel {

namespace {

namespace json = boost::json;

constexpr std::uint8_t kStixConfidenceMax = 100;

std::string place_of_object(std::size_t index, const char* field) {
    return fmt::format("objects[{}]{}", index, field);
}

class StixReader {
  public:
    StixReader(const FeedDescription& feed, WallTime now)
        : feed_(feed), now_s_(static_cast<std::uint32_t>(now.ns / 1'000'000'000)) {}

    OrFault<FeedContent> read(const json::array& objects) {
        for (const auto& [id, index] : newest_of(objects)) {
            take(objects[index].get_object(), index);
            if (fault_) {
                return std::unexpected(*fault_);
            }
        }
        return std::move(content_);
    }

  private:
    // By id; who has none is somebody of his own.
    static std::map<std::string, std::size_t> newest_of(const json::array& objects) {
        std::map<std::string, std::size_t> newest;
        for (std::size_t index = 0; index < objects.size(); ++index) {
            const json::object* const object = objects[index].if_object();
            const json::string* const type = object == nullptr ? nullptr : text_in(*object, "type");
            if (type == nullptr || *type != "indicator") {
                continue;
            }
            const json::string* const id = text_in(*object, "id");
            const auto [at, is_new] =
                newest.emplace(id == nullptr ? fmt::format("{}", index) : std::string(*id), index);
            if (!is_new && modified_of(objects[at->second].get_object()) < modified_of(*object)) {
                at->second = index;
            }
        }
        return newest;
    }

    // As texts, times of one form compare as they are.
    static std::string_view modified_of(const json::object& object) {
        const json::string* const modified = text_in(object, "modified");
        return modified == nullptr ? std::string_view() : std::string_view(*modified);
    }

    void malformed(std::size_t index, const char* field, std::string reason) {
        ++content_.malformed;
        content_.refuse(place_of_object(index, field), std::move(reason));
    }

    void take(const json::object& indicator, std::size_t index) {
        ++content_.rows;
        const json::value* const revoked = indicator.if_contains("revoked");
        if (revoked != nullptr && revoked->is_bool() && revoked->get_bool()) {
            ++content_.outdated;
            return;
        }
        Detail detail;
        if (!read_times(indicator, index, detail) || !read_confidence(indicator, index, detail)) {
            return;
        }
        const json::string* const type = text_in(indicator, "pattern_type");
        if (type != nullptr && *type != "stix") {
            content_.refuse(
                place_of_object(index, ".pattern_type"),
                fmt::format("patterns of '{}' are not understood", shown(*type))
            );
            return;
        }
        const json::string* const pattern = text_in(indicator, "pattern");
        if (pattern == nullptr) {
            malformed(index, "", "an indicator without a pattern");
            return;
        }
        take_pattern(*pattern, detail, index);
    }

    void take_pattern(std::string_view pattern, const Detail& detail, std::size_t index) {
        const auto observables = read_stix_pattern(pattern);
        const auto place = [index] { return place_of_object(index, ".pattern"); };
        if (!observables) {
            // Not malformed: STIX says more than a filter of packets can ask.
            content_.refuse(place(), observables.error());
            return;
        }
        for (const Observable& each : *observables) {
            if (content_.size() >= feed_.rows_max) {
                fault_ = too_many_rows(feed_, place()).error();
                return;
            }
            take_observable(each, detail, place);
        }
    }

    template <class Place>
    void take_observable(const Observable& each, const Detail& detail, Place place) {
        const auto take_text = [&](TextKind kind, std::optional<std::string> text) {
            if (text) {
                content_.texts.push_back({kind, std::move(*text), detail});
            } else {
                ++content_.malformed;
                content_.refuse(
                    place(), fmt::format("'{}' is no {}", shown(each.value), name_of(kind))
                );
            }
        };
        switch (each.kind) {
            case ObservableKind::kNetwork:
                take_value(each.value, detail, {feed_.kind, true}, content_, place);
                break;
            case ObservableKind::kDomain:
                take_text(TextKind::kDomain, domain_of(each.value));
                break;
            case ObservableKind::kUrl:
                take_text(TextKind::kUrl, url_of(each.value));
                break;
            case ObservableKind::kHash:
                take_text(TextKind::kHash, hash_of(each.value));
                break;
        }
    }

    // False: it is not to be taken, and that was noted.
    bool read_times(const json::object& indicator, std::size_t index, Detail& detail) {
        const auto read = [&](const char* key, std::uint32_t& to) {
            const json::string* const text = text_in(indicator, key);
            const auto time = text == nullptr ? std::optional<std::uint32_t>(0)
                                              : timestamp_of(std::string_view(*text));
            if (!time) {
                malformed(index, "", fmt::format("{} is no time, as 2026-11-22T20:15:00Z", key));
            }
            to = time.value_or(0);
            return time.has_value();
        };
        if (!read("valid_from", detail.since_s) || !read("valid_until", detail.until_s)) {
            return false;
        }
        const bool is_over = detail.until_s != 0 && detail.until_s <= now_s_;
        if (is_over || detail.since_s > now_s_) {
            ++content_.outdated;
            return false;
        }
        return true;
    }

    bool read_confidence(const json::object& indicator, std::size_t index, Detail& detail) {
        const json::value* const given = indicator.if_contains("confidence");
        if (given == nullptr) {
            return true;
        }
        if (!given->is_int64() || given->get_int64() < 0 ||
            given->get_int64() > kStixConfidenceMax) {
            malformed(index, ".confidence", "not a number from 0 to 100");
            return false;
        }
        detail.confidence = static_cast<std::uint8_t>(given->get_int64());
        return true;
    }

    const FeedDescription& feed_;
    std::uint32_t now_s_;
    FeedContent content_;
    std::optional<Fault> fault_;
};

}  // namespace

OrFault<FeedContent> read_stix(const FeedDescription& feed, std::string_view text, WallTime now) {
    const auto document = parse_json(text);
    if (!document) {
        return std::unexpected(document.error());
    }
    const json::object* const bundle = document->if_object();
    const json::string* const type = bundle == nullptr ? nullptr : text_in(*bundle, "type");
    const json::array* const objects = bundle == nullptr ? nullptr : list_in(*bundle, "objects");
    if (type == nullptr || *type != "bundle" || objects == nullptr) {
        return std::unexpected(
            Fault{"", "not a bundle of STIX: {\"type\": \"bundle\", \"objects\": [...]}"}
        );
    }
    return StixReader(feed, now).read(*objects);
}

}  // namespace phantom::intel
