#include "cli/detect.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "cli/client.h"
#include "cli/flows.h"
#include "cli/progress.h"
#include "cli/rules.h"
#include "cli/sigma.h"
#include "cli/signs.h"
#include "detect/capture.h"
#include "detect/eve.h"

namespace phantom::cli {

namespace {

using OpenFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// "-" is what `standard` is.
OpenFile open_file(const std::string& name, const char* mode, std::FILE* standard) {
    if (name == "-") {
        return {standard, [](std::FILE* file) { return std::fflush(file); }};
    }
    return {std::fopen(name.c_str(), mode), std::fclose};
}

void complain(const std::string& text) {
    std::fputs(("phantom: " + text + "\n").c_str(), stderr);
}

bool set_variables(const DetectArguments& arguments, detect::Variables& variables) {
    for (const std::string& each : arguments.variables) {
        const std::size_t equals = each.find('=');
        if (equals == std::string::npos || equals == 0) {
            complain(fmt::format("--set {}: write NAME=VALUE", each));
            return false;
        }
        variables.set(each.substr(0, equals), each.substr(equals + 1));
    }
    return true;
}

// A line for each rule that is not in force, and one for all.
void say_what_was_loaded(const detect::RuleSet& rules) {
    std::map<std::string, std::size_t> by_keyword;
    for (const detect::UnusableRule& each : rules.unusable()) {
        ++by_keyword[each.problem.keyword];
        std::fputs(
            fmt::format(
                "{}:{}: sid {}: {}: {}\n", each.file, each.line, each.problem.sid,
                each.problem.keyword, each.problem.reason
            )
                .c_str(),
            stderr
        );
    }
    std::string why;
    for (const auto& [keyword, count] : by_keyword) {
        why += fmt::format("{}{} {}", why.empty() ? ": " : ", ", keyword, count);
    }
    complain(fmt::format(
        "{} rules are in force, {} are not{}", rules.entries().size(), rules.unusable_count(), why
    ));
}

class Output {
  public:
    Output(std::FILE* file, bool with_packet) : file_(file), options_{.with_packet = with_packet} {}

    [[nodiscard]] detect::Detector::Sinks sinks() {
        return {
            .detection = [this](const detect::Detection& seen
                         ) { write(detect::eve_alert(seen, options_)); },
            .file = [this](const detect::FileSeen& seen) { write(detect::eve_file(seen)); }
        };
    }
    [[nodiscard]] bool has_failed() const { return failed_; }

  private:
    void write(const std::string& record) {
        failed_ = std::fwrite(record.data(), 1, record.size(), file_) != record.size() || failed_;
    }

    std::FILE* file_;
    detect::EveOptions options_;
    bool failed_ = false;
};

using OpenedCapture = std::optional<detect::CaptureReader>;

// What was read of a capture that is cut off counts.
bool hold_against_capture(
    detect::CaptureReader& capture, detect::Detector& detector, Output& output
) {
    const detect::Detector::Sinks sinks = output.sinks();
    bool whole = true;
    std::uint64_t number = 0;
    while (true) {
        const auto next = capture.next();
        if (!next) {
            complain(fmt::format(
                "after {} packets, at byte {}: {}", number, capture.offset(), next.error().message()
            ));
            whole = false;
            break;
        }
        const std::optional<detect::CapturedPacket>& packet = *next;
        if (!packet) {
            break;
        }
        detect::Packet frame;
        frame.time_us = packet->time_us;
        frame.number = ++number;
        frame.link_type = packet->link_type;
        frame.frame = packet->bytes;
        detector.packet(frame, sinks);
    }
    detector.end(sinks);
    return whole;
}

// `out`: where what is found in it goes.
OpenedCapture open_capture(const OpenFile& in, const std::string& name, const std::string& out) {
    auto progress = std::make_shared<Progress>("reading " + name, size_of_file(name), out);
    auto capture = detect::CaptureReader::open([&in, progress](MutableBytes bytes) {
        const std::size_t count = std::fread(bytes.data(), 1, bytes.size(), in.get());
        if (count == 0) {
            progress->end();
        } else {
            progress->add(count);
        }
        return count;
    });
    if (!capture) {
        complain(fmt::format("{}: {}", name, capture.error().message()));
        return std::nullopt;
    }
    return *std::move(capture);
}

using WriteOf = bool (*)(detect::CaptureReader& capture, std::FILE* out);

// What `write` makes of the capture, into the file with that name.
int written(const DetectArguments& arguments, const std::string& to, WriteOf write) {
    if (arguments.capture.empty()) {
        complain("detect: --pcap says of which capture");
        return static_cast<int>(Exit::kUsage);
    }
    const OpenFile in = open_file(arguments.capture, "rb", stdin);
    const OpenFile out = open_file(to, "wb", stdout);
    if (!in || !out) {
        complain(fmt::format("{} cannot be opened", in ? to : arguments.capture));
        return static_cast<int>(Exit::kFailed);
    }
    OpenedCapture capture = open_capture(in, arguments.capture, to);
    const bool done = capture && write(*capture, out.get());
    return static_cast<int>(done ? Exit::kOk : Exit::kFailed);
}

int signatures(const DetectArguments& arguments) {
    detect::Variables variables = detect::Variables::defaults();
    if (!set_variables(arguments, variables)) {
        return static_cast<int>(Exit::kUsage);
    }
    detect::RuleSet rules;
    for (const std::string& name : arguments.rules) {
        const auto text = text_of_rules(name);
        if (!text) {
            complain(fmt::format("{} cannot be read", name));
            return static_cast<int>(Exit::kFailed);
        }
        rules.add(name, *text, variables);
    }
    const auto finished = rules.finish();
    if (!finished) {
        complain(finished.error());
        return static_cast<int>(Exit::kFailed);
    }
    say_what_was_loaded(rules);
    if (arguments.check || arguments.capture.empty()) {
        return static_cast<int>(rules.unusable().empty() ? Exit::kOk : Exit::kFailed);
    }
    const OpenFile in = open_file(arguments.capture, "rb", stdin);
    const OpenFile out = open_file(arguments.eve, "wb", stdout);
    if (!in || !out) {
        complain(fmt::format("{} cannot be opened", in ? arguments.eve : arguments.capture));
        return static_cast<int>(Exit::kFailed);
    }
    OpenedCapture capture = open_capture(in, arguments.capture, arguments.eve);
    if (!capture) {
        return static_cast<int>(Exit::kFailed);
    }
    Output output(out.get(), arguments.with_packet);
    detect::Detector detector(
        rules, {.check_checksums = !arguments.skip_checksums,
                .inline_mode = arguments.inline_mode,
                .tcp = {.midstream = arguments.midstream}}
    );
    const bool whole = hold_against_capture(*capture, detector, output);
    if (output.has_failed()) {
        complain(fmt::format("{} cannot be written", arguments.eve));
    }
    return static_cast<int>(whole && !output.has_failed() ? Exit::kOk : Exit::kFailed);
}

}  // namespace

int detect(const DetectArguments& arguments) {
    const std::array<bool, 5> asked{
        !arguments.rules.empty(), !arguments.scenarios.places.empty(), !arguments.sigma.empty(),
        !arguments.flows.empty(), !arguments.behaviour.empty()
    };
    if (std::ranges::count(asked, true) != 1) {
        complain(
            "detect: one of --rules, --scenarios, --sigma, --behaviour and --flows says what is "
            "looked for"
        );
        return static_cast<int>(Exit::kUsage);
    }
    ScenarioArguments over_log = arguments.scenarios;
    over_log.check = arguments.check;
    if (!arguments.scenarios.places.empty()) {
        return replay_scenarios(over_log);
    }
    if (!arguments.sigma.empty()) {
        over_log.places = arguments.sigma;
        return replay_sigma(over_log);
    }
    if (!arguments.flows.empty()) {
        return written(arguments, arguments.flows, write_flows);
    }
    if (!arguments.behaviour.empty()) {
        return written(arguments, arguments.behaviour, write_signs);
    }
    return signatures(arguments);
}

}  // namespace phantom::cli
