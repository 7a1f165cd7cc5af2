#include "daemon/alert_service.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "alert/config_reader.h"
#include "base/log.h"
#include "daemon/alert_record.h"
#include "incident/record.h"
#include "io/text_file.h"
#include "io/zone_file.h"

namespace phantom::daemon {

namespace {

constexpr std::string_view kJudgedKind = "daemon.alert";
constexpr Duration kKeepInterval = std::chrono::seconds(1);
constexpr std::size_t kHistoryTextMax = 600;

Result<std::string> secret_in(const std::string& path) {
    auto secret = io::read_secret(path);
    return secret ? Result<std::string>(std::move(*secret)) : fail(alert::AlertError::kSecretFile);
}

Result<alert::TimeZone> zone_of(const std::string& name) {
    return alert::TimeZone::parse(io::read_zone_file(name));
}

// Nobody is told.
alert::Config silent_config() {
    alert::Config config;
    config.root.receiver = "nobody";
    config.root.escalation = alert::kNoEscalation;
    config.receivers["nobody"].name = "nobody";
    config.escalations.try_emplace("default", alert::default_escalation());
    return config;
}

std::string remark_text(const std::string& file, const alert::Remark& remark) {
    return remark.line == 0
               ? fmt::format("{}: {}", file, remark.text)
               : fmt::format("{}:{}:{}: {}", file, remark.line, remark.column, remark.text);
}

// A receiver whose secrets cannot be read has no channel, so that an escalation falls through it.
telling::Receivers resolved(const alert::Config& config) {
    telling::Receivers receivers = config.receivers;
    for (auto& [name, receiver] : receivers) {
        if (const Status read = resolve_secrets(receiver, secret_in); !read) {
            log::error("alerts: receiver '{}': {}", name, read.error().message());
            receiver.channels.clear();
        }
    }
    return receivers;
}

}  // namespace

AlertService::AlertService(
    MeshNode& node, respond::Pipeline& pipeline, RemedyService& remedy, io::EventLoop& loop,
    Random& random
)
    : node_(node),
      pipeline_(pipeline),
      remedy_(remedy),
      loop_(loop),
      random_(random),
      config_path_(node.files().path_of(kAlertConfigFile).string()) {}

AlertService::~AlertService() {
    if (teller_ != nullptr) {
        keep_changed();
        (void)teller_->run_once(wall_now());
        loop_.remove(teller_->answers_fd());
    }
}

void AlertService::set_ack_base(const std::string& base) {
    if (teller_ != nullptr) {
        teller_->set_ack_base(base);
    }
}

void AlertService::start() {
    if (const auto problem = open()) {
        log::error("alerts: {}: nobody is told, and nothing of them is kept", *problem);
        teller_.reset();
    }
}

std::optional<std::string> AlertService::open() {
    const std::string path = node_.files().path_of(kAlertStoreFile).string();
    auto opened = telling::Teller::open(path, {}, random_);
    if (!opened) {
        return fmt::format("{}: {}", path, opened.error().message());
    }
    teller_ = std::move(*opened);
    teller_->set_enrich([this](alert::NotifiedAlert& notified) { enrich(notified); });
    if (const auto problem = read_config_file()) {
        log::error("alerts: {}; nobody is told until it is right", *problem);
        auto silent = std::make_shared<const alert::Config>(silent_config());
        const Status made = teller_->configure(silent, silent->receivers, wall_now());
        if (!made) {
            return made.error().message();
        }
    }
    take_up_alerts();
    // An answer wakes the loop, and the loop's turn looks at it.
    const Status added =
        loop_.add(teller_->answers_fd(), [this] { (void)teller_->run_once(wall_now()); });
    return added ? std::nullopt : std::optional(added.error().message());
}

std::optional<std::string> AlertService::read_config_file() {
    std::error_code error;
    if (!std::filesystem::exists(config_path_, error)) {
        has_config_ = false;
        config_problem_.clear();
        auto silent = std::make_shared<const alert::Config>(silent_config());
        const Status made = teller_->configure(silent, silent->receivers, wall_now());
        return made ? std::nullopt : std::optional(made.error().message());
    }
    const auto text = io::read_beginning(config_path_, alert::kConfigSizeMax);
    if (!text) {
        config_problem_ = fmt::format("{}: cannot be read", config_path_);
        return config_problem_;
    }
    auto read = alert::read_config(*text, zone_of);
    if (!read) {
        config_problem_.clear();
        for (const alert::Remark& remark : read.error()) {
            config_problem_ +=
                (config_problem_.empty() ? "" : "; ") + remark_text(config_path_, remark);
        }
        return config_problem_;
    }
    for (const alert::Remark& note : read->notes) {
        log::info("alerts: {}", remark_text(config_path_, note));
    }
    auto config = std::make_shared<const alert::Config>(std::move(*read));
    const Status made = teller_->configure(config, resolved(*config), wall_now());
    if (!made) {
        return made.error().message();
    }
    has_config_ = true;
    config_problem_.clear();
    return std::nullopt;
}

void AlertService::reload() {
    if (teller_ == nullptr) {
        return;
    }
    if (const auto problem = read_config_file()) {
        log::error("alerts: {}; the one before stays in force", *problem);
    }
}

std::string AlertService::self_name() const {
    return node_.state().self.descriptor.name.text();
}

// Those of the process before, with their numbers.
void AlertService::take_up_alerts() {
    const auto kept = teller_->kept(kJudgedKind);
    if (!kept) {
        log::error("alerts: {}", kept.error().message());
        return;
    }
    for (const store::Record& record : *kept) {
        auto read = read_alert(record.value);
        if (!read) {
            log::error("alert {}: {}", record.key, read.error().message());
            continue;
        }
        if (const auto told = alert_to_tell(*read, self_name())) {
            fingerprints_[read->number] = told->fingerprint;
            std::uint64_t& number = numbers_[told->fingerprint];
            number = std::max(number, read->number);
        }
        pipeline_.restore(std::move(*read));
    }
}

void AlertService::tell(const respond::Alert& alert, bool judged_anew, WallTime now) {
    if (teller_ == nullptr) {
        return;
    }
    WallTime& before = told_[alert.number];
    const bool is_known = fingerprints_.contains(alert.number);
    if (!judged_anew && is_known && Duration(now.ns - before.ns) < kTellAgain) {
        return;
    }
    before = now;
    auto told = alert_to_tell(alert, self_name());
    if (!told) {
        log::error("alert {} cannot be told: {}", alert.number, told.error().message());
        return;
    }
    alert::Fingerprint& known = fingerprints_[alert.number];
    if (known != alert::Fingerprint() && known != told->fingerprint) {
        // Judged worse, it is another alert to whoever routes by priority; the one before is over.
        if (const alert::Entry* entry = teller_->dispatcher().find(known)) {
            alert::Alert ended = entry->alert;
            ended.ends_at = now;
            (void)teller_->observe(ended, now);
        }
    }
    known = told->fingerprint;
    numbers_[known] = alert.number;
    changed_.insert(alert.number);
    if (alert.count == 1) {
        keep_changed();  // with the same commit
    }
    if (const Status seen = teller_->observe(*told, now); !seen) {
        log::warning("alert {}: {}", alert.number, seen.error().message());
    }
}

void AlertService::keep_changed() {
    for (const std::uint64_t number : std::exchange(changed_, {})) {
        const auto found = pipeline_.alerts().all().find(number);
        if (found != pipeline_.alerts().all().end()) {
            teller_->keep(
                std::string(kJudgedKind), std::to_string(number), write_alert(found->second)
            );
        }
    }
    for (const std::uint64_t number : pipeline_.take_dropped_alerts()) {
        teller_->keep(std::string(kJudgedKind), std::to_string(number), std::nullopt);
        told_.erase(number);
        const auto found = fingerprints_.find(number);
        if (found == fingerprints_.end()) {
            continue;
        }
        if (const auto of = numbers_.find(found->second);
            of != numbers_.end() && of->second == number) {
            numbers_.erase(of);
        }
        fingerprints_.erase(found);
    }
}

void AlertService::tick() {
    if (teller_ == nullptr) {
        return;
    }
    if (const Instant at = monotonic_now(); at >= next_keep_) {
        next_keep_ = at + kKeepInterval;
        keep_changed();
    }
    const Status ran = teller_->run_once(wall_now());
    const std::string problem = ran ? "" : ran.error().message();
    if (problem != problem_ && !problem.empty()) {
        log::error("alerts: {}; it is tried again", problem);
    }
    problem_ = problem;
}

WallTime AlertService::next_due() const {
    return teller_ == nullptr ? alert::AlertBook::kFar : teller_->next_due();
}

std::uint64_t AlertService::number_of(const alert::Fingerprint& fingerprint) const {
    const auto found = numbers_.find(fingerprint);
    return found == numbers_.end() ? 0 : found->second;
}

void AlertService::visit_done(
    WallTime after, const std::function<void(std::uint64_t alert, const telling::Told& told)>& visit
) const {
    for (const telling::Told* each : teller_->told().all()) {
        if (each->done_at > after && !each->alerts.empty()) {
            visit(number_of(each->alerts.front()), *each);
        }
    }
}

std::optional<std::string> AlertService::acknowledge(std::uint64_t alert, WallTime now) {
    const auto found = fingerprints_.find(alert);
    changed_.insert(alert);
    if (teller_ == nullptr || found == fingerprints_.end()) {
        return std::nullopt;
    }
    const Status done = teller_->acknowledge(found->second, "operator", now);
    // Over, suppressed or acknowledged before: nobody is told again either way.
    if (!done && !done.error().is(alert::AlertError::kTransition) &&
        !done.error().is(alert::AlertError::kUnknownAlert)) {
        return done.error().message();
    }
    return std::nullopt;
}

// ---- What is said with an alert ---------------------------------------------------------------------

void AlertService::enrich(alert::NotifiedAlert& notified) const {
    const auto found = pipeline_.alerts().all().find(number_of(notified.alert.fingerprint));
    if (found == pipeline_.alerts().all().end()) {
        return;
    }
    const respond::Alert& alert = found->second;
    alert::Labels& notes = notified.alert.annotations;
    for (const policy::Member& member : node_.policy_members()) {
        if (member.name == alert.subject_name && !member.tags.empty()) {
            notes.set("tags", fmt::format("{}", fmt::join(member.tags, ", ")));
        }
    }
    if (alert.incident != 0) {
        notes.set(
            "incident", fmt::format("{}; 'phantom incidents {}'", alert.incident, alert.incident)
        );
    }
    if (const std::string history = history_of(alert); !history.empty()) {
        notes.set("history", history);
    }
    if (!notified.is_resolved || alert.action != 0) {
        notes.set("actions", actions_for(alert));
    }
}

std::string AlertService::history_of(const respond::Alert& alert) const {
    std::string text;
    std::size_t shown = 0;
    const auto& all = pipeline_.alerts().all();
    for (auto each = all.rbegin(); each != all.rend() && shown < kHistoryShown; ++each) {
        const respond::Alert& other = each->second;
        if (other.subject == alert.subject && other.number != alert.number &&
            text.size() < kHistoryTextMax) {
            text += fmt::format(
                "{}alert {} {} {} at {}", text.empty() ? "" : "; ", other.number,
                assess::name_of(other.priority), other.rule, incident::time_text(other.last)
            );
            ++shown;
        }
    }
    return text;
}

std::string AlertService::actions_for(const respond::Alert& alert) const {
    const std::string who =
        alert.subject_name.empty() ? alert.subject.to_string() : alert.subject_name;
    std::string text;
    const remedy::Action* proposal = alert.proposal == 0 ? nullptr : remedy_.find(alert.proposal);
    if (proposal != nullptr && proposal->is_proposed()) {
        text = fmt::format(
            "proposed: {} against {}, which {}; 'phantom actions approve {}' does it, 'phantom "
            "actions deny {}' does not; ",
            remedy::name_of(proposal->target.executor), who, remedy_.effect_text(proposal->target),
            alert.proposal, alert.proposal
        );
    }
    if (alert.action != 0) {
        const auto measure = alert.measure.value_or(remedy::Executor::kFirewall);
        return text + fmt::format(
                          "done: {} against {} (action {}); 'phantom undo {}' takes it back",
                          remedy::name_of(measure), alert.subject.to_string(), alert.action,
                          alert.action
                      );
    }
    return text + fmt::format(
                      "'phantom block {} --for 1h' drops all packets from this address of {} to "
                      "this node for an hour, which {}; 'phantom undo' takes it back; other nodes "
                      "and addresses are not touched",
                      alert.subject.to_string(), who,
                      remedy_.effect_text({remedy::Executor::kFirewall, alert.subject})
                  );
}

}  // namespace phantom::daemon
