#include "cli/doctor.h"

#include <charconv>

#include <fmt/format.h>

#include "base/log.h"
#include "cli/output.h"
#include "cli/show.h"
#include "doctor/daemon_warnings.h"
#include "doctor/examine.h"
#include "doctor/gather.h"
#include "io/text_file.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

json::object answer_to(const Places& places, const char* verb) {
    return ask(places, {{"verb", verb}}).body;
}

// The body of `status` where a node answers.
doctor::DaemonFacts read_daemon(const Places& places, json::object& status) {
    Answer answer = ask(places, {{"verb", "status"}});
    if (answer.exit == Exit::kNotRunning) {
        return {};
    }
    if (answer.exit != Exit::kOk) {
        return {.is_running = false, .problem = answer.error, .warnings = {}};
    }
    status = answer.body;
    return {
        .is_running = true,
        .problem = {},
        .warnings = doctor::warnings_of({
            .status = std::move(answer.body),
            .netcheck = answer_to(places, "netcheck"),
            .routes = answer_to(places, "route.list"),
            .defence = answer_to(places, "defence"),
            .rules = answer_to(places, "rules"),
            .feeds = answer_to(places, "feeds"),
            .inputs = answer_to(places, "inputs"),
            .dns = answer_to(places, "dns.status"),
        }),
    };
}

// 0: nobody wrote one.
int node_pid(const Places& places) {
    const auto text = io::read_beginning(places.run_dir + "/phantomd.pid", 32);
    int pid = 0;
    if (text) {
        (void)std::from_chars(text->data(), text->data() + text->size(), pid);
    }
    return pid;
}

doctor::Places places_of(
    const Places& places, const DoctorArguments& given, const json::object& status
) {
    doctor::Places out;
    out.state_dir = places.state_dir;
    out.run_dir = places.run_dir;
    if (!status.empty()) {
        out.node_pid = node_pid(places);
        const json::object& self = status.at("self").as_object();
        out.udp_port = self.at("listen_port").to_number<std::uint16_t>();
        const json::value& port = self.at("carrier").at("port");
        out.tcp_port = port.is_number() ? port.to_number<std::uint16_t>() : 0;
    }
    if (given.listen != 0) {
        out.udp_port = given.listen;
    }
    return out;
}

json::object describe_finding(const doctor::Finding& finding) {
    return {
        {"check", finding.check},
        {"state", doctor::name_of(finding.state)},
        {"found", finding.found},
        {"advice", finding.advice},
    };
}

const char* colour_of(std::string_view state) {
    return state == "ok" ? "32" : state == "warning" ? "33" : "31";
}

std::string doctor_text(const json::object& report, bool colour) {
    std::string text;
    std::size_t warnings = 0;
    std::size_t problems = 0;
    for (const json::value& each : report.at("checks").as_array()) {
        const json::object& finding = each.as_object();
        const std::string_view state = finding.at("state").as_string();
        const std::string padded = fmt::format("{:<8}", state);
        text += fmt::format(
            "{}  {:<13} {}\n",
            colour ? fmt::format("\x1b[{}m{}\x1b[0m", colour_of(state), padded) : padded,
            std::string_view(finding.at("check").as_string()),
            printable(finding.at("found").as_string())
        );
        if (const auto& advice = finding.at("advice").as_string(); !advice.empty()) {
            text += fmt::format("{:<24}{}\n", "", printable(advice));
        }
        warnings += state == "warning" ? 1 : 0;
        problems += state == "problem" ? 1 : 0;
    }
    if (problems + warnings == 0) {
        return text + "\nThis machine is as a node needs it.\n";
    }
    return text + fmt::format("\n{} problems, {} warnings.\n", problems, warnings);
}

}  // namespace

json::object doctor_report(const Places& places, const DoctorArguments& given) {
    log::configure(log::Level::kSilent, "phantom");  // the self-test's log says what we say
    json::object status;
    const doctor::DaemonFacts daemon = read_daemon(places, status);
    doctor::Facts facts = doctor::gather(places_of(places, given, status));
    facts.daemon = daemon;
    const auto findings = doctor::examine(facts);
    json::array checks;
    for (const doctor::Finding& each : findings) {
        checks.push_back(describe_finding(each));
    }
    return {
        {"schema", "phantom.doctor/1"},
        {"verdict", doctor::name_of(doctor::verdict(findings))},
        {"checks", std::move(checks)},
    };
}

int show_doctor(const Places& places, const DoctorArguments& given, bool as_json) {
    const json::object report = doctor_report(places, given);
    if (as_json) {
        print_json(report);
    } else {
        print(doctor_text(report, wants_colour()));
    }
    const std::string_view verdict = report.at("verdict").as_string();
    const bool fails = verdict == "problem" || (given.strict && verdict == "warning");
    return static_cast<int>(fails ? Exit::kFailed : Exit::kOk);
}

}  // namespace phantom::cli
