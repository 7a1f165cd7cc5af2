#include "intake/analyst.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include <boost/json.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "intake/sensor.h"
#include "scenario/syslog_line.h"

namespace phantom::intake {

namespace {

using Kind = InputConfig::Kind;

std::optional<scenario::SigmaLog> sigma_log_of(const InputConfig& input) {
    const std::string type = input.kind == Kind::kJournal ? "journald" : input.type;
    const auto& known = scenario::SigmaLog::types();
    if (std::ranges::find(known, type) == known.end()) {
        return std::nullopt;
    }
    return scenario::SigmaLog({.type = type, .source = input.source});
}

std::string iso_time(std::int64_t ns) {
    constexpr std::int64_t kPerSecond = 1'000'000'000;
    const std::time_t seconds = ns / kPerSecond;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}+00:00", fmt::gmtime(seconds));
}

// A word of a header: nothing in it ends the header, or the line.
std::string syslog_word(std::string_view text, std::string_view otherwise) {
    std::string word(text.empty() ? otherwise : text);
    for (char& each : word) {
        const bool is_plain = each > ' ' && each != ':' && each != '[' && each != ']';
        each = is_plain && each != '\x7f' ? each : '_';
    }
    return word;
}

std::string without_newlines(std::string_view text) {
    std::string line(text);
    std::ranges::replace(line, '\n', ' ');
    std::ranges::replace(line, '\r', ' ');
    return line;
}

std::string as_syslog(
    const std::string& time, std::string_view host, std::string_view program,
    std::string_view process, std::string_view message
) {
    const std::string tag =
        process.empty()
            ? syslog_word(program, "-")
            : fmt::format("{}[{}]", syslog_word(program, "-"), syslog_word(process, "0"));
    return fmt::format(
        "{} {} {}: {}", time, syslog_word(host, "localhost"), tag, without_newlines(message)
    );
}

}  // namespace

std::optional<std::string> line_of_journal(std::string_view record) {
    boost::system::error_code error;
    boost::json::parse_options options;
    options.allow_invalid_utf8 = true;
    const boost::json::value value = boost::json::parse(record, error, {}, options);
    if (error || !value.is_object()) {
        return std::nullopt;
    }
    const auto text = [&](std::string_view key) {
        const auto* found = value.get_object().if_contains(key);
        return found == nullptr ? std::string_view() : scenario::text_of(*found);
    };
    const std::string_view time = text("__REALTIME_TIMESTAMP");
    std::int64_t us = 0;
    (void)std::from_chars(time.data(), time.data() + time.size(), us);
    constexpr std::int64_t kUsMax = INT64_MAX / 1'000;  // as nanoseconds it still is a number
    const std::string_view program =
        text("SYSLOG_IDENTIFIER").empty() ? text("_COMM") : text("SYSLOG_IDENTIFIER");
    const std::string_view process = text("SYSLOG_PID").empty() ? text("_PID") : text("SYSLOG_PID");
    return as_syslog(
        iso_time(std::clamp<std::int64_t>(us, 0, kUsMax) * 1'000), text("_HOSTNAME"), program,
        process, text("MESSAGE")
    );
}

std::string line_of_syslog(std::string_view message, WallTime now) {
    const scenario::SyslogLine line = scenario::read_syslog(message);
    // The sender's clock is not believed, nor is its year known.
    return as_syslog(iso_time(now.ns), line.host, line.program, line.process, line.message);
}

Analyst::Analyst(InputConfig input, scenario::Engine& engine, scenario::SigmaRules& rules)
    : input_(std::move(input)),
      source_{
          .path = input_.from,
          .module = input_.kind == Kind::kJournal  ? "journalctl"
                    : input_.kind == Kind::kSyslog ? "syslog"
                                                   : "file",
          .type = input_.type,
          .labels = input_.labels
      },
      engine_(engine),
      rules_(rules),
      log_(sigma_log_of(input_)) {}

void Analyst::line(std::string_view line, Time now, const Sink& sink) {
    ++lines_;
    if (input_.type == "eve" || input_.type == "zeek") {
        auto said = input_.type == "eve" ? read_eve_alert(line) : read_zeek_notice(line);
        if (said) {
            tell(*std::move(said), now, sink);
        }
    }
    if (engine_.scenario_count() > 0) {
        hold_against_scenarios(line, now, sink);
    }
    if (log_ && !rules_.entries().empty()) {
        hold_against_sigma(line, now, sink);
    }
}

void Analyst::hold_against_scenarios(std::string_view line, Time now, const Sink& sink) {
    std::optional<std::string> written;
    if (input_.kind == Kind::kJournal) {
        written = line_of_journal(line);
        if (!written) {
            return;
        }
    } else if (input_.kind == Kind::kSyslog) {
        written = line_of_syslog(line, now.wall);
    }
    engine_.set_clock({.ns = now.wall.ns});
    for (const scenario::Overflow& each : engine_.line(written ? *written : line, source_)) {
        tell(sighting_of(each), now, sink);
    }
}

void Analyst::hold_against_sigma(std::string_view line, Time now, const Sink& sink) {
    if (!log_) {
        return;
    }
    std::set<const scenario::SigmaRules::Entry*> told;
    for (const scenario::SigmaRecord& record : log_->read(line)) {
        for (const scenario::SigmaRules::Entry* each : rules_.held_against(record)) {
            if (told.insert(each).second) {
                tell(sighting_of(*each, record), now, sink);
            }
        }
    }
}

void Analyst::tell(Sighting sighting, Time now, const Sink& sink) {
    ++sightings_;
    if (damper_.lets_pass(sighting.rule + " " + sighting.subject.to_string(), now.monotonic)) {
        sink(std::move(sighting));
    }
}

}  // namespace phantom::intake
