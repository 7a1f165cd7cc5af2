#include "intake/sensor.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "assess/rule_words.h"
#include "fields/fields.h"

namespace phantom::intake {

namespace {

namespace json = boost::json;

constexpr std::size_t kSensorJsonDepthMax = 16;

std::optional<json::object> object_of(std::string_view line) {
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = kSensorJsonDepthMax;
    options.allow_invalid_utf8 = true;
    json::value value = json::parse(line, error, {}, options);
    if (error || !value.is_object()) {
        return std::nullopt;
    }
    return std::move(value.get_object());
}

const json::object* object_in(const json::object& of, std::string_view key) {
    const json::value* found = of.if_contains(key);
    return found == nullptr ? nullptr : found->if_object();
}

// Suricata writes the metadata of a rule as lists of texts.
std::string_view first_in(const json::object* of, std::string_view key) {
    const json::value* found = of == nullptr ? nullptr : of->if_contains(key);
    const json::array* list = found == nullptr ? nullptr : found->if_array();
    return list == nullptr || list->empty() || !list->front().is_string()
               ? std::string_view()
               : std::string_view(list->front().get_string());
}

wire::Address address_in(const json::object& of, std::string_view key) {
    const auto address = wire::Address::parse(fields::word_at(of, key));
    return address ? *address : wire::Address();
}

// As for our own signatures. Suricata counts from 1; 0 is a field that is not there.
assess::RuleWords words_of(const json::object& alert) {
    const json::object* metadata = object_in(alert, "metadata");
    const std::uint64_t priority = fields::count_at(alert, "severity");
    return {
        .severity = first_in(metadata, "signature_severity"),
        .confidence = first_in(metadata, "confidence"),
        .priority = priority == 0 ? std::nullopt : std::optional(priority),
        .drops = fields::word_at(alert, "action") == "blocked",
    };
}

}  // namespace

std::optional<Sighting> read_eve_alert(std::string_view line) {
    const auto record = object_of(line);
    if (!record || fields::word_at(*record, "event_type") != "alert") {
        return std::nullopt;
    }
    const json::object* alert = object_in(*record, "alert");
    const wire::Address subject = address_in(*record, "src_ip");
    if (alert == nullptr || subject.is_none()) {
        return std::nullopt;
    }
    const assess::RuleWords words = words_of(*alert);
    return Sighting{
        .kind = Sighting::Kind::kSignature,
        .rule = fmt::format(
            "eve:{}:{}", fields::count_at(*alert, "gid"), fields::count_at(*alert, "signature_id")
        ),
        .text = shown(fmt::format(
            "{}: {} to {} port {}", fields::word_at(*alert, "signature"), subject.to_string(),
            fields::word_at(*record, "dest_ip"), fields::count_at(*record, "dest_port")
        )),
        .subject = subject,
        .object = address_in(*record, "dest_ip"),
        .severity = assess::severity_of(words),
        .llr = assess::llr_of(words),
        .technique = shown(first_in(object_in(*alert, "metadata"), "mitre_technique_id")),
    };
}

// Zeek, "Notice Framework". A log by itself has no `_path`; only notices have a `note`.
std::optional<Sighting> read_zeek_notice(std::string_view line) {
    const auto record = object_of(line);
    if (!record) {
        return std::nullopt;
    }
    const std::string_view note = fields::word_at(*record, "note");
    const std::string_view path = fields::word_at(*record, "_path");
    wire::Address subject = address_in(*record, "src");
    subject = subject.is_none() ? address_in(*record, "id.orig_h") : subject;
    if (note.empty() || (!path.empty() && path != "notice") || subject.is_none()) {
        return std::nullopt;
    }
    wire::Address object = address_in(*record, "dst");
    object = object.is_none() ? address_in(*record, "id.resp_h") : object;
    return Sighting{
        .kind = Sighting::Kind::kSignature,
        .rule = "zeek:" + shown(note),
        .text = shown(fmt::format("{}: {}", note, fields::word_at(*record, "msg"))),
        .subject = subject,
        .object = object,
        .severity = 5,
        .llr = 3,
        .technique = "",
    };
}

}  // namespace phantom::intake
