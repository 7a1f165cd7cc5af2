#include "daemon/intake_service.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr const char* kInputsFile = "inputs.yml";
constexpr const char* kPlacesFile = "inputs.places";
// What is lost by a crash is read twice.
constexpr Duration kPlacesKeptEvery = std::chrono::seconds(1);
// A millisecond's work, as for what the watcher finds.
constexpr std::size_t kSightingsPerTurn = 256;

assess::EvidenceFamily family_of(intake::Sighting::Kind kind) {
    switch (kind) {
        case intake::Sighting::Kind::kScenario:
            return assess::EvidenceFamily::kScenario;
        case intake::Sighting::Kind::kLog:
            return assess::EvidenceFamily::kLog;
        case intake::Sighting::Kind::kSignature:
            break;
    }
    return assess::EvidenceFamily::kSignature;
}

json::object describe_input(const intake::InputStatus& status) {
    constexpr auto kNsPerMs = 1'000'000;
    return {
        {"name", intake::shown(status.name)},
        {"type", intake::shown(status.type)},
        {"lines", status.lines},
        {"sightings", status.sightings},
        {"too_long", status.too_long},
        {"bytes_behind", status.bytes_behind},
        {"behind_ms", status.behind_for.count() / kNsPerMs},
        {"bytes_skipped", status.bytes_skipped},
        {"rotations", status.rotations},
        {"truncations", status.truncations},
        {"refused", status.refused},
        {"error", intake::shown(status.trouble)},
    };
}

}  // namespace

IntakeService::IntakeService(MeshNode& node, io::EventLoop& loop, Report report)
    : node_(node), loop_(loop), report_(std::move(report)) {}

IntakeService::~IntakeService() {
    if (intake_ != nullptr) {
        keep_places();
    }
    intake_.reset();
    loop_.remove(told_.fd());
}

void IntakeService::start() {
    if (const Status added = loop_.add(told_.fd(), [this] { told_.drain(); }); !added) {
        log::error("inputs: {}", added.error().message());
        return;
    }
    read_config();
}

void IntakeService::reload() {
    read_config();
}

void IntakeService::refuse(std::string why) {
    refused_ = std::move(why);
    log::error("{}{}", refused_, intake_ == nullptr ? "" : "; what was read before stays in force");
}

void IntakeService::read_config() {
    const std::string path = node_.files().path_of(kInputsFile).string();
    std::ifstream file(path, std::ios::binary);
    if (!file && errno == ENOENT) {
        refused_.clear();
        begin({});
        return;
    }
    std::string text(intake::kConfigSizeMax + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file.is_open() || file.bad()) {
        refuse(fmt::format("{}: cannot be read", path));
        return;
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    auto config = intake::parse_config(text);
    if (!config) {
        refuse(fmt::format("{}:{}: {}", path, config.error().line, config.error().reason));
        return;
    }
    refused_.clear();
    begin(*std::move(config));
}

void IntakeService::begin(intake::IntakeConfig config) {
    if (intake_ != nullptr) {
        // What was seen with the old ones counts. Twice within a turn it may be too much.
        for (intake::Sighting& each : intake_->take(intake::kSightingsMax)) {
            if (left_over_.size() == intake::kSightingsMax) {
                ++dropped_before_;
                continue;
            }
            left_over_.push_back(std::move(each));
        }
        dropped_before_ += intake_->counters().sightings_dropped;
        keep_places();
        intake_.reset();
    }
    if (config.inputs.empty()) {
        return;
    }
    log::info("inputs: {} are read", config.inputs.size());
    intake_ = std::make_unique<intake::Intake>(
        intake::Intake::Options{
            .config = std::move(config),
            .folder = node_.files().path_of("").string(),
            .places = kept_places(),
        },
        told_
    );
}

intake::Places IntakeService::kept_places() const {
    const auto kept = node_.files().read(kPlacesFile, intake::kPlacesFileMax);
    if (!kept) {
        return {};
    }
    auto places = intake::parse_places(kept->text());
    if (!places) {
        log::error("{}: {}; logs are read from now on", kPlacesFile, places.error().reason);
        return {};
    }
    return *std::move(places);
}

void IntakeService::keep_places() {
    intake::Places places = intake_->places();
    if (places == places_) {
        return;
    }
    const std::string text = intake::places_json(places);
    const ByteView bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    if (const Status written = node_.files().write(kPlacesFile, bytes); !written) {
        log::error("{}: {}", kPlacesFile, written.error().message());
        return;
    }
    places_ = std::move(places);
}

// A turn's share; whether there may be more. The other timers of this thread are looked at in between.
bool IntakeService::take_sightings() {
    std::size_t taken = 0;
    for (; taken < kSightingsPerTurn && !left_over_.empty(); ++taken) {
        report_(finding_of(left_over_.front()));
        left_over_.pop_front();
    }
    if (intake_ != nullptr && taken < kSightingsPerTurn) {
        for (const intake::Sighting& each : intake_->take(kSightingsPerTurn - taken)) {
            report_(finding_of(each));
            ++taken;
        }
    }
    return taken == kSightingsPerTurn;
}

void IntakeService::tick() {
    const bool more = take_sightings();
    if (more) {
        told_.signal();
    }
    if (intake_ == nullptr) {
        return;
    }
    if (const Instant now = monotonic_now(); now >= next_keep_) {
        next_keep_ = now + kPlacesKeptEvery;
        keep_places();
    }
}

// What a line says of nobody is of this machine.
respond::Finding IntakeService::finding_of(const intake::Sighting& sighting) const {
    const identity::MemberRecord& self = node_.mesh().self();
    const wire::Address own = self.certificate.overlay_v4;
    const bool is_own = sighting.subject.is_none();
    const WallTime now = wall_now();
    return {
        .rule = sighting.rule,
        .text = sighting.text,
        .subject = is_own ? own : sighting.subject,
        .object = sighting.object.is_none() ? own : sighting.object,
        .severity = sighting.severity,
        .evidence = {.family = family_of(sighting.kind), .llr = sighting.llr},
        .technique = assess::TechniqueId::parse(sighting.technique),
        .first_seen = now,
        .at = now,
    };
}

json::object IntakeService::answer() const {
    json::object body{
        {"schema", "phantom.inputs/1"},
        {"file", node_.files().path_of(kInputsFile).string()},
        {"problem", intake::shown(refused_)},
    };
    json::array inputs;
    json::array troubles;
    intake::Intake::Counters counters;
    if (intake_ != nullptr) {
        counters = intake_->counters();
        for (const intake::InputStatus& each : intake_->status()) {
            inputs.push_back(describe_input(each));
        }
        for (const std::string& each : intake_->troubles()) {
            troubles.emplace_back(intake::shown(each));
        }
    }
    body["ready"] = counters.is_ready;
    body["parsers"] = counters.parsers;
    body["scenarios"] = counters.scenarios;
    body["scenarios_unusable"] = counters.scenarios_unusable;
    body["sigma"] = counters.sigma;
    body["sigma_unusable"] = counters.sigma_unusable;
    body["sightings_waiting"] = counters.sightings_waiting + left_over_.size();
    body["sightings_dropped"] = counters.sightings_dropped + dropped_before_;
    body["troubles"] = std::move(troubles);
    body["inputs"] = std::move(inputs);
    return body;
}

}  // namespace phantom::daemon
