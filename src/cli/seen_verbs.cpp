#include "cli/seen_verbs.h"

#include <CLI/CLI.hpp>

namespace phantom::cli {

namespace {

constexpr std::uint32_t kSeenMax = 500;

constexpr const char* kFlowsExamples = R"(
Examples:
  phantom flows                          who talks to whom inside the mesh, the newest first
  phantom flows --peer birch --state open
  phantom flows --application dns --json

Of a long flow the beginning is looked at: what is counted of it is "at least", with a '+'.
)";

constexpr const char* kDetectionsExamples = R"(
Examples:
  phantom detections                     what was found last, and how it was judged
  phantom detections 17                  one, term by term
  phantom detections --subject birch --kind anomaly
)";

}  // namespace

void add_seen_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    SeenArguments& given = arguments.seen;
    CLI::App* flows =
        verb(app, "flows", "who talks to whom inside the mesh now", [](const Arguments& all) {
            return list_flows(all.places, all.seen, all.as_json);
        });
    flows->footer(kFlowsExamples);
    flows->add_option("--peer", given.peer, "of this member");
    flows->add_option("--address", given.address, "with this address at either end");
    flows->add_option("--port", given.port, "with this port at either end");
    flows->add_option("--protocol", given.protocol, "tcp, udp, icmp, or a number");
    flows->add_option("--application", given.application, "http, dns, tls, ssh, ...");
    flows->add_option("--state", given.state, "asked, open or over")
        ->check(CLI::IsMember({"asked", "open", "over"}));
    flows->add_option("--last", given.last, "at most so many, the newest")
        ->check(CLI::Range(1U, kSeenMax))
        ->capture_default_str();
    CLI::App* detections = verb(
        app, "detections", "what was found last, and how it was judged",
        [](const Arguments& all) { return list_detections(all.places, all.seen, all.as_json); }
    );
    detections->footer(kDetectionsExamples);
    detections->add_option("number", given.number, "one of them, term by term");
    detections->add_option("--kind", given.kind, "what saw it")
        ->check(
            CLI::IsMember({"signature", "scenario", "anomaly", "log", "reputation", "peer report"})
        );
    detections->add_option("--subject", given.subject, "an address or a member");
    detections->add_option("--rule", given.rule, "as the list shows it");
    detections->add_option("--alert", given.alert, "that joined this alert");
    detections->add_option("--last", given.last, "at most so many, the newest")
        ->check(CLI::Range(1U, kSeenMax))
        ->capture_default_str();
}

}  // namespace phantom::cli
