#include "intake/sensor.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "assess/rule_words.h"

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

std::string_view text_in(const json::object& of, std::string_view key) {
    const json::value* found = of.if_contains(key);
    return found != nullptr && found->is_string() ? std::string_view(found->get_string())
                                                  : std::string_view();
}

std::uint64_t number_in(const json::object& of, std::string_view key) {
    const json::value* found = of.if_contains(key);
    return found != nullptr && found->is_int64() && found->get_int64() >= 0
               ? static_cast<std::uint64_t>(found->get_int64())
               : 0;
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
    const auto address = wire::Address::parse(text_in(of, key));
    return address ? *address : wire::Address();
}

// As for our own signatures. Suricata counts from 1; 0 is a field that is not there.
assess::RuleWords words_of(const json::object& alert) {
    const json::object* metadata = object_in(alert, "metadata");
    const std::uint64_t priority = number_in(alert, "severity");
    return {
        .severity = first_in(metadata, "signature_severity"),
        .confidence = first_in(metadata, "confidence"),
        .priority = priority == 0 ? std::nullopt : std::optional(priority),
        .drops = text_in(alert, "action") == "blocked",
    };
}

}  // namespace

std::optional<Sighting> read_eve_alert(std::string_view line) {
    const auto record = object_of(line);
    if (!record || text_in(*record, "event_type") != "alert") {
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
        .rule =
            fmt::format("eve:{}:{}", number_in(*alert, "gid"), number_in(*alert, "signature_id")),
        .text = shown(fmt::format(
            "{}: {} to {} port {}", text_in(*alert, "signature"), subject.to_string(),
            text_in(*record, "dest_ip"), number_in(*record, "dest_port")
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
    const std::string_view note = text_in(*record, "note");
    const std::string_view path = text_in(*record, "_path");
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
        .text = shown(fmt::format("{}: {}", note, text_in(*record, "msg"))),
        .subject = subject,
        .object = object,
        .severity = 5,
        .llr = 3,
        .technique = "",
    };
}

}  // namespace phantom::intake
