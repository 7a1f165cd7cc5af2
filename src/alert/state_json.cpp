#include "alert/state_json.h"

#include <optional>

#include <fmt/format.h>

#include "alert/json_request.h"

namespace phantom::alert {

namespace {

namespace json = boost::json;

std::unexpected<Error> bad_record() {
    return fail(AlertError::kMalformedRecord);
}

// Fields of an object; the first that is missing or of another kind makes all of it bad.
class FieldReader {
  public:
    explicit FieldReader(std::string_view text) {
        json::error_code error;
        value_ = json::parse({text.data(), text.size()}, error);
        is_good_ = !error && value_.is_object();
    }

    std::string text(const char* key) {
        const json::value* const value = find(key);
        is_good_ = is_good_ && value != nullptr && value->is_string();
        return is_good_ ? std::string(value->get_string()) : std::string();
    }
    std::int64_t number(const char* key) {
        const json::value* const value = find(key);
        is_good_ = is_good_ && value != nullptr && value->is_int64();
        return is_good_ ? value->get_int64() : 0;
    }
    WallTime time(const char* key) { return {number(key)}; }
    Fingerprint fingerprint(const char* key) { return from_hex(text(key)); }
    std::vector<Fingerprint> fingerprints(const char* key) {
        std::vector<Fingerprint> all;
        const json::value* const value = find(key);
        is_good_ = is_good_ && value != nullptr && value->is_array();
        for (std::size_t index = 0; is_good_ && index < value->get_array().size(); ++index) {
            const json::value& each = value->get_array()[index];
            is_good_ = each.is_string();
            all.push_back(is_good_ ? from_hex(std::string(each.get_string())) : Fingerprint());
        }
        return all;
    }
    Labels labels(const char* key) {
        std::vector<Label> all;
        const json::value* const value = find(key);
        is_good_ = is_good_ && value != nullptr && value->is_object();
        if (!is_good_) {
            return {};
        }
        for (const auto& [name, each] : value->get_object()) {
            is_good_ = is_good_ && each.is_string();
            all.emplace_back(name, is_good_ ? std::string(each.get_string()) : "");
        }
        auto made = Labels::make(std::move(all));
        is_good_ = is_good_ && made.has_value() && made->count() <= kLabelsMax;
        return made ? std::move(*made) : Labels();
    }
    void require(bool fact) { is_good_ = is_good_ && fact; }
    [[nodiscard]] bool is_good() const { return is_good_; }

  private:
    const json::value* find(const char* key) {
        return is_good_ ? value_.get_object().if_contains(key) : nullptr;
    }
    Fingerprint from_hex(const std::string& text) {
        const auto read = fingerprint_from_hex(text);
        is_good_ = is_good_ && read.has_value();
        return read ? *read : Fingerprint();
    }

    json::value value_;
    bool is_good_ = false;
};

json::array hex_list(const std::vector<Fingerprint>& fingerprints) {
    json::array list;
    for (const Fingerprint& each : fingerprints) {
        list.push_back(json::value(to_hex(each)));
    }
    return list;
}

template <class T>
Result<T> taken(const FieldReader& fields, T value) {
    if (!fields.is_good()) {
        return bad_record();
    }
    return value;
}

}  // namespace

Result<Fingerprint> fingerprint_from_hex(std::string_view text) {
    Fingerprint fingerprint{};
    if (text.size() != 2 * fingerprint.size()) {
        return bad_record();
    }
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (std::size_t index = 0; index < fingerprint.size(); ++index) {
        const std::size_t high = kDigits.find(text[2 * index]);
        const std::size_t low = kDigits.find(text[2 * index + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) {
            return bad_record();
        }
        fingerprint[index] = static_cast<std::uint8_t>(high << 4U | low);
    }
    return fingerprint;
}

std::string matchers_text(const Matchers& matchers) {
    std::string text;
    for (const Matcher& matcher : matchers) {
        text += fmt::format("{}{}", text.empty() ? "" : ", ", matcher.to_string());
    }
    return "{" + text + "}";
}

std::string write_entry(const Entry& entry) {
    return json::serialize(json::object{
        {"labels", json_of(entry.alert.labels)},
        {"annotations", json_of(entry.alert.annotations)},
        {"starts_at", entry.alert.starts_at.ns},
        {"state", static_cast<std::int64_t>(entry.state)},
        {"count", static_cast<std::int64_t>(entry.count)},
        {"first_seen", entry.first_seen.ns},
        {"last_seen", entry.last_seen.ns},
        {"ends_at", entry.ends_at.ns},
        {"acked_by", entry.acked_by},
    });
}

Result<Entry> read_entry(std::string_view text) {
    FieldReader fields(text);
    Entry entry;
    entry.alert.labels = fields.labels("labels");
    entry.alert.annotations = fields.labels("annotations");
    const auto priority = parse_priority(entry.alert.labels.value_of("priority"));
    fields.require(priority.has_value());
    entry.alert.priority = priority ? *priority : Priority::kP5;
    entry.alert.fingerprint = fingerprint_of(entry.alert.labels);
    entry.alert.starts_at = fields.time("starts_at");
    const std::int64_t state = fields.number("state");
    fields.require(state >= 0 && state < static_cast<std::int64_t>(AlertState::kClosed));
    entry.state = fields.is_good() ? static_cast<AlertState>(state) : AlertState::kNew;
    const std::int64_t count = fields.number("count");
    fields.require(count >= 0);
    entry.count = static_cast<std::uint64_t>(count);
    entry.first_seen = fields.time("first_seen");
    entry.last_seen = fields.time("last_seen");
    entry.ends_at = fields.time("ends_at");
    entry.acked_by = fields.text("acked_by");
    return taken(fields, std::move(entry));
}

std::string write_group(const GroupRecord& group) {
    return json::serialize(json::object{
        {"route", group.route},
        {"labels", json_of(group.labels)},
        {"next_flush", group.next_flush.ns},
        {"told_at", group.told_at.ns},
        {"told_firing", hex_list(group.told_firing)},
        {"told_resolved", hex_list(group.told_resolved)},
    });
}

Result<GroupRecord> read_group(std::string_view text) {
    FieldReader fields(text);
    GroupRecord group{
        .route = fields.text("route"),
        .labels = fields.labels("labels"),
        .next_flush = fields.time("next_flush"),
        .told_at = fields.time("told_at"),
        .told_firing = fields.fingerprints("told_firing"),
        .told_resolved = fields.fingerprints("told_resolved")
    };
    return taken(fields, std::move(group));
}

std::string write_silence(const Silence& silence) {
    return json::serialize(json::object{
        {"matchers", matchers_text(silence.matchers)},
        {"starts_at", silence.starts_at.ns},
        {"ends_at", silence.ends_at.ns},
        {"author", silence.author},
        {"comment", silence.comment},
    });
}

Result<Silence> read_silence(std::string_view text) {
    FieldReader fields(text);
    auto matchers = parse_matchers(fields.text("matchers"));
    fields.require(matchers.has_value());
    Silence silence{
        .matchers = matchers ? std::move(*matchers) : Matchers(),
        .starts_at = fields.time("starts_at"),
        .ends_at = fields.time("ends_at"),
        .author = fields.text("author"),
        .comment = fields.text("comment")
    };
    return taken(fields, std::move(silence));
}

std::string write_escalation(const Escalation& escalation) {
    return json::serialize(json::object{
        {"group", to_hex(escalation.group)},
        {"policy", escalation.policy},
        {"began_at", escalation.began_at.ns},
        {"round", static_cast<std::int64_t>(escalation.round)},
        {"level", static_cast<std::int64_t>(escalation.level)},
        {"next_at", escalation.next_at.ns},
    });
}

Result<Escalation> read_escalation(std::string_view text) {
    FieldReader fields(text);
    Escalation escalation{
        .group = fields.fingerprint("group"),
        .policy = fields.text("policy"),
        .began_at = fields.time("began_at"),
        .round = 0,
        .level = 0,
        .next_at = fields.time("next_at")
    };
    const std::int64_t round = fields.number("round");
    const std::int64_t level = fields.number("level");
    fields.require(round >= 0 && round <= kEscalationRepeatsMax);
    fields.require(level >= 0 && level < static_cast<std::int64_t>(kEscalationLevelsMax));
    escalation.round = static_cast<std::uint32_t>(round);
    escalation.level = static_cast<std::size_t>(level);
    return taken(fields, std::move(escalation));
}

std::string write_override(const RotaOverride& stand_in) {
    return json::serialize(json::object{
        {"from", stand_in.from.ns},
        {"until", stand_in.until.ns},
        {"who", stand_in.who},
    });
}

Result<RotaOverride> read_override(std::string_view text) {
    FieldReader fields(text);
    RotaOverride read{
        .from = fields.time("from"), .until = fields.time("until"), .who = fields.text("who")
    };
    return taken(fields, std::move(read));
}

}  // namespace phantom::alert
