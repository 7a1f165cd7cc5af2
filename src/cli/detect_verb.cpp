#include "cli/detect_verb.h"

#include <CLI/CLI.hpp>

namespace phantom::cli {

namespace {

constexpr const char* kDetectExamples = R"(
Examples:
  phantom detect --rules local.rules --pcap day.pcap --eve -      alerts, one JSON object a line
  tcpdump -w - | phantom detect --rules all.rules --pcap - --eve alerts.json
  phantom detect --rules all.rules --check                        which rules cannot be used, and why
  phantom detect --scenarios hub/ --log auth.log --type syslog    behaviour seen in a log
  phantom detect --scenarios hub/ --check                         which scenarios cannot be used, and why
  phantom detect --sigma rules/ --log audit.log --type auditd     Sigma's rules over a log
  phantom detect --behaviour - --pcap day.pcap                    scans, guessing, tunnels, one object a line
  phantom detect --flows - --pcap day.pcap                        features of flows, one object a line

Exit status: 0 all was read; 1 a rule or scenario (with --check), the capture, the log or the output
failed, and what could be read counts; 2 wrong usage. docs/detection.md says what rules and scenarios
are supported.
)";

void add_scenario_options(CLI::App& detect_verb, ScenarioArguments& given) {
    detect_verb.add_option(
        "--scenarios", given.places, "folders and files with CrowdSec's parsers and scenarios"
    );
    detect_verb.add_option("--log", given.log, "lines to replay by their own time, or '-'");
    detect_verb.add_option("--type", given.type, "what the log is: syslog, nginx ...");
    detect_verb.add_option("--module", given.module, "what it was read by: file, wineventlog ...")
        ->default_val("file");
    detect_verb.add_option(
        "--label", given.labels,
        "NAME=VALUE, another label of the log; of Sigma: category, product, service"
    );
    detect_verb.add_flag(
        "--events", given.with_events, "with --json: also what parsers made of each line"
    );
    detect_verb.add_flag("--json", given.as_json, "one object a line for what is said");
}

}  // namespace

void add_detect_verb(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    DetectArguments& given = arguments.detect;
    CLI::App* detect_verb = verb(
        app, "detect", "hold signatures against a capture, scenarios or Sigma against a log",
        [](const Arguments& all) { return detect(all.detect); }
    );
    detect_verb->footer(kDetectExamples);
    detect_verb->add_option("--rules", given.rules, "files in the Suricata rule language");
    detect_verb->add_option("--sigma", given.sigma, "folders and files with Sigma's rules");
    add_scenario_options(*detect_verb, given.scenarios);
    detect_verb->add_option("--flows", given.flows, "where features of flows go, or '-'");
    detect_verb->add_option("--behaviour", given.behaviour, "where signs of attackers go, or '-'");
    detect_verb->add_option("--pcap", given.capture, "pcap or pcapng file, or '-'");
    detect_verb->add_option("--eve", given.eve, "where EVE records go, or '-'")->default_val("-");
    detect_verb->add_option("--set", given.variables, "NAME=VALUE, as HOME_NET=[10.0.0.0/8]");
    detect_verb->add_flag("--no-checksums", given.skip_checksums, "believe wrong checksums");
    detect_verb->add_flag(
        "--midstream", given.midstream, "follow connections whose beginning is not there"
    );
    detect_verb->add_flag(
        "--inline", given.inline_mode,
        "look at bytes when they come, not when they are acknowledged"
    );
    detect_verb->add_flag("--with-packet", given.with_packet, "the packet in each alert");
    detect_verb->add_flag("--check", given.check, "only read the rules");
}

}  // namespace phantom::cli
