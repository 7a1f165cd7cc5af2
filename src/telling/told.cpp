#include "telling/told.h"

#include <algorithm>
#include <exception>

#include "alert/state_json.h"

// Boost.JSON 1.81 under -fsanitize=address: GCC 12 sees an empty array copied, which never is.
#pragma GCC diagnostic ignored "-Warray-bounds"
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif
#include <boost/json.hpp>

namespace phantom::telling {

namespace {

namespace json = boost::json;

json::array hex_of(const std::vector<alert::Fingerprint>& alerts) {
    json::array list;
    for (const alert::Fingerprint& each : alerts) {
        list.push_back(json::value(alert::to_hex(each)));
    }
    return list;
}

Told told_of(const json::object& object) {
    const auto text = [&](const char* key) { return std::string(object.at(key).as_string()); };
    const auto number = [&](const char* key) { return object.at(key).as_int64(); };
    const auto fingerprint = [](const json::value& hex) {
        // An exception, as those of the library.
        return alert::fingerprint_from_hex(std::string_view(hex.as_string())).value();
    };
    Told told;
    told.key = text("key");
    told.group = fingerprint(object.at("group"));
    for (const json::value& each : object.at("alerts").as_array()) {
        told.alerts.push_back(fingerprint(each));
    }
    told.receiver = text("receiver");
    told.channel = text("channel");
    told.destination = text("destination");
    told.priority = static_cast<int>(number("priority"));
    told.level = static_cast<std::uint32_t>(number("level"));
    told.is_resolved = object.at("resolved").as_bool();
    told.put_at.ns = number("put_at");
    const std::int64_t state = number("state");
    told.state = state == 1   ? Told::State::kDelivered
                 : state == 2 ? Told::State::kDeadLetter
                              : Told::State::kWaiting;
    told.attempts = static_cast<std::uint32_t>(number("attempts"));
    told.next_at.ns = number("next_at");
    told.done_at.ns = number("done_at");
    told.answer = text("answer");
    return told;
}

}  // namespace

const char* name_of(Told::State state) {
    switch (state) {
        case Told::State::kWaiting:
            return "waiting";
        case Told::State::kDelivered:
            return "delivered";
        case Told::State::kDeadLetter:
            return "dead_letter";
    }
    return "";
}

std::string write_told(const Told& told) {
    return json::serialize(json::object{
        {"key", told.key},
        {"group", alert::to_hex(told.group)},
        {"alerts", hex_of(told.alerts)},
        {"receiver", told.receiver},
        {"channel", told.channel},
        {"destination", told.destination},
        {"priority", std::int64_t{told.priority}},
        {"level", std::int64_t{told.level}},
        {"resolved", told.is_resolved},
        {"put_at", told.put_at.ns},
        {"state", static_cast<std::int64_t>(told.state)},
        {"attempts", std::int64_t{told.attempts}},
        {"next_at", told.next_at.ns},
        {"done_at", told.done_at.ns},
        {"answer", told.answer},
    });
}

Result<Told> read_told(std::string_view text) {
    // Boost throws where a field is missing or of another kind; so does value().
    try {
        return told_of(json::parse({text.data(), text.size()}).as_object());
    } catch (const std::exception&) {
        return fail(alert::AlertError::kMalformedRecord);
    }
}

void ToldLog::add(Told told) {
    if (by_key_.contains(told.key)) {
        return;
    }
    if (by_key_.size() == kToldMax) {
        const std::string oldest = by_time_.begin()->second;
        by_time_.erase(by_time_.begin());
        by_key_.erase(oldest);
        changed_.insert(oldest);
    }
    changed_.insert(told.key);
    by_time_.emplace(told.put_at, told.key);
    std::string key = told.key;
    by_key_.emplace(std::move(key), std::move(told));
}

bool ToldLog::settle(const courier::Outcome& outcome) {
    const auto found = by_key_.find(outcome.key);
    if (found == by_key_.end()) {
        return false;
    }
    using From = courier::Outcome::State;
    Told& told = found->second;
    told.attempts = outcome.attempts;
    told.answer = outcome.answer;
    told.next_at = outcome.state == From::kRetry ? outcome.next_at : WallTime{};
    told.done_at = outcome.state == From::kRetry ? WallTime{} : outcome.at;
    told.state = outcome.state == From::kRetry       ? Told::State::kWaiting
                 : outcome.state == From::kDelivered ? Told::State::kDelivered
                                                     : Told::State::kDeadLetter;
    changed_.insert(outcome.key);
    return true;
}

std::vector<const Told*> ToldLog::all() const {
    std::vector<const Told*> list;
    list.reserve(by_time_.size());
    for (const auto& [at, key] : by_time_) {
        list.push_back(&by_key_.at(key));
    }
    return list;
}

std::vector<const Told*> ToldLog::about(const alert::Fingerprint& alert) const {
    std::vector<const Told*> list;
    for (const auto& [at, key] : by_time_) {
        const Told& told = by_key_.at(key);
        if (std::ranges::find(told.alerts, alert) != told.alerts.end()) {
            list.push_back(&told);
        }
    }
    return list;
}

const Told* ToldLog::find(const std::string& key) const {
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? nullptr : &found->second;
}

}  // namespace phantom::telling
