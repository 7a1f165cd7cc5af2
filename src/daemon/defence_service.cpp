#include "daemon/defence_service.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/log.h"
#include "daemon/alert_record.h"
#include "daemon/control_server.h"
#include "daemon/json_fields.h"
#include "incident/record.h"

namespace phantom::daemon {

namespace {

constexpr const char* kRulesFolder = "rules";
constexpr std::size_t kModeFileMax = 64;
// Actions are looked at, and what has changed is written, as often.
constexpr Duration kLookInterval = std::chrono::seconds(1);
// Then the mesh's timers are looked at first: a millisecond's work.
constexpr std::size_t kFindingsPerTurn = 256;
// While there are findings.
constexpr Duration kMembersInterval = std::chrono::seconds(10);
// Who reaches whom among more is not worked out: each reaches each.
constexpr std::size_t kReachMembersMax = 500;

}  // namespace

DefenceService::DefenceService(
    MeshNode& node, dataplane::Tunnel& tunnel, RemedyService& remedy, AuditService& audit,
    const intel::SnapshotBox& feeds, io::EventLoop& loop, Random& random
)
    : node_(node),
      tunnel_(tunnel),
      remedy_(remedy),
      audit_(audit),
      feeds_(feeds),
      loop_(loop),
      random_(random),
      files_(node.files()),
      alerts_(node, pipeline_, loop, random),
      rules_(node.files().path_of(kRulesFolder)) {}

DefenceService::~DefenceService() {
    watcher_.reset();
    save_changed();
    loop_.remove(told_.fd());
}

void DefenceService::start() {
    files_.use(audit_.documents());
    files_.load(pipeline_.incidents());
    pipeline_.go_on_numbering();
    alerts_.start();
    if (const Status added = loop_.add(told_.fd(), [this] { told_.drain(); }); !added) {
        log::error("defence: {}", added.error().message());
        return;
    }
    for (const auto& [number, incident] : pipeline_.incidents().all()) {
        for (const std::uint64_t action : incident.actions) {
            const remedy::Action* found = remedy_.find(action);
            if (incident.is_open()) {
                followed_[action] = found == nullptr ? WallTime{} : found->until;
            }
        }
    }
    rules_.start();
    std::string mode(kModeNames[static_cast<std::size_t>(Mode::kWatch)]);
    if (const auto kept = node_.files().read(kModeFile, kModeFileMax)) {
        mode = kept->text();
    }
    const auto* found = std::ranges::find(kModeNames, mode);
    if (found == kModeNames.end()) {
        log::error("defence: the file '{}' says nothing that is understood; it watches", kModeFile);
        set_mode(Mode::kWatch);
        return;
    }
    set_mode(static_cast<Mode>(found - kModeNames.begin()));
}

void DefenceService::set_mode(Mode mode) {
    mode_ = mode;
    const std::uint64_t rules_before = rules_.box().generation();
    rules_.set_wanted(mode != Mode::kOff);
    if (mode == Mode::kAct) {
        remedy_.prepare();
        follow_actions(wall_now());
        pipeline_.arm();
    }
    if (mode == Mode::kOff) {
        watcher_.reset();
    } else if (watcher_ == nullptr) {
        watcher_ = std::make_unique<Watcher>(
            tunnel_, Watcher::Rules{.box = rules_.box(), .before = rules_before}, feeds_, packets_,
            told_, random_
        );
    }
}

void DefenceService::tick() {
    const WallTime now = wall_now();
    if (const Instant at = monotonic_now(); at >= next_look_) {
        next_look_ = at + kLookInterval;
        follow_actions(now);
        pipeline_.tick(now);
        save_changed();
        tell_members();
    }
    hear_members(now);
    if (watcher_ != nullptr) {
        take_findings(now);
    }
    alerts_.tick();
}

void DefenceService::take_findings(WallTime now) {
    if (next_finding_ == findings_.size()) {
        watcher_->take(findings_);
        next_finding_ = 0;
    }
    if (findings_.empty()) {
        return;
    }
    look_at_members();
    follow_actions(now);
    const std::size_t end = std::min(findings_.size(), next_finding_ + kFindingsPerTurn);
    while (next_finding_ < end) {
        handle(findings_[next_finding_++]);
    }
    if (next_finding_ < findings_.size()) {
        told_.signal();
    }
    if (std::exchange(is_urgent_, false)) {
        save_changed();
        audit_.flush();
    }
}

void DefenceService::report(const respond::Finding& finding) {
    if (mode_ == Mode::kOff) {
        return;
    }
    look_at_members();
    follow_actions(finding.at);
    handle(finding);
}

void DefenceService::handle(const respond::Finding& finding) {
    const respond::Outcome outcome = pipeline_.step(finding);
    const respond::Alert& alert = pipeline_.alerts().all().at(outcome.alert);
    if (outcome.is_new) {
        log::warning(
            "alert {}: {} risk {}.{}: {}", alert.number, assess::name_of(alert.priority),
            alert.risk_tenths / 10, alert.risk_tenths % 10, alert.text
        );
        note_alert(alert, outcome.incident);
    }
    if (mode_ == Mode::kAct && outcome.block) {
        // One undo lets somebody go, however many rules spoke against him.
        if (const auto action = action_against(outcome.block->address)) {
            pipeline_.covered(outcome.alert, *action);
        } else {
            act(outcome.alert, *outcome.block, finding.at);
        }
    }
    changed_.insert(outcome.incident);
    alerts_.tell(alert, outcome.is_news, finding.at);
    const std::vector<std::uint64_t> regrouped = pipeline_.follow_regrouped();
    changed_.insert(regrouped.begin(), regrouped.end());
}

std::optional<std::uint64_t> DefenceService::action_against(const wire::Address& address) const {
    for (const auto& [number, until] : followed_) {
        const remedy::Action* const action = remedy_.find(number);
        const auto* const subject =
            action == nullptr ? nullptr : std::get_if<wire::Address>(&action->target.key);
        if (subject != nullptr && *subject == address && action->holds()) {
            return number;
        }
    }
    return std::nullopt;
}

void DefenceService::act(std::uint64_t alert, const respond::BlockWish& wish, WallTime now) {
    const auto action = remedy_.act(wish, now);
    const std::string subject = wish.address.to_string();
    if (!action) {
        pipeline_.refused(alert, action.error(), now);
        if (action.error() != refused_) {
            audit_.tell(
                {.who = "defence",
                 .origin = "pipeline",
                 .what = "block",
                 .target = subject,
                 .why = wish.reason,
                 .outcome = "refused: " + action.error()}
            );
            log::warning("defence: {}: {}", subject, action.error());
        }
        refused_ = action.error();
        return;
    }
    const std::uint64_t number = action->id.number;
    followed_[number] = action->until;
    pipeline_.acted(alert, number, action->until, wall_now());
    is_urgent_ = true;
    audit_.tell(
        {.who = "defence",
         .origin = "pipeline",
         .what = "block",
         .target = subject,
         .why = wish.reason,
         .outcome = fmt::format("done: action {}", number)}
    );
    alerts_.note(alert);
    log::warning(
        "action {}: packets of {} are dropped; 'phantom undo {}' takes it back", number, subject,
        number
    );
}

void DefenceService::note_alert(const respond::Alert& alert, std::uint64_t incident) {
    is_urgent_ = is_urgent_ || incident != 0;
    audit_.tell(
        {.who = "defence",
         .origin = "pipeline",
         .what = "alert",
         .target = alert.subject.to_string(),
         .why = fmt::format("{}: {}", alert.rule, alert.text),
         .outcome = fmt::format(
             "alert {}: {} risk {}.{}, {}", alert.number, assess::name_of(alert.priority),
             alert.risk_tenths / 10, alert.risk_tenths % 10,
             incident == 0 ? "no incident" : fmt::format("incident {}", incident)
         )}
    );
}

// What has ended since the last look: taken back by somebody, or over.
void DefenceService::follow_actions(WallTime now) {
    using End = respond::Pipeline::End;
    for (auto at = followed_.begin(); at != followed_.end();) {
        const auto& [action, until] = *at;
        if (remedy_.find(action) != nullptr) {
            ++at;
            continue;
        }
        const bool is_over = until <= now;
        pipeline_.ended(action, is_over ? End::kTimeIsOver : End::kTakenBack, now);
        audit_.tell(
            {.who = "defence",
             .origin = "pipeline",
             .what = "action ended",
             .target = fmt::format("action {}", action),
             .why = is_over ? "its time is over" : "it was taken back",
             .outcome = "done"}
        );
        if (const incident::Incident* incident = pipeline_.incidents().of_action(action)) {
            changed_.insert(incident->number);
        }
        at = followed_.erase(at);
    }
}

void DefenceService::look_at_members() {
    const Instant now = monotonic_now();
    if (now < next_members_) {
        return;
    }
    next_members_ = now + kMembersInterval;
    const std::vector<policy::Member> members = node_.policy_members();
    std::vector<respond::Member> known;
    known.reserve(members.size());
    for (const policy::Member& each : members) {
        known.push_back({.name = each.name, .addresses = each.addresses});
    }
    const policy::CompiledPolicy* policy = node_.policy();
    const bool each_reaches_each = policy == nullptr || members.size() > kReachMembersMax;
    const auto reaches = [&](std::size_t from, std::size_t to) {
        return each_reaches_each ||
               policy
                   ->grants_between(members[from].addresses.front(), members[to].addresses.front())
                   .first()
                   .has_value();
    };
    pipeline_.set_world(respond::World(known, reaches));
}

// Against whom this node acts by itself. What somebody else has seen it does not repeat.
void DefenceService::tell_members() {
    std::vector<mesh::Reports::Report> reports;
    for (const auto& [number, until] : followed_) {
        const remedy::Action* const action = remedy_.find(number);
        const auto* const subject =
            action == nullptr ? nullptr : std::get_if<wire::Address>(&action->target.key);
        if (subject != nullptr && reports.size() < mesh::kReportsMax) {
            reports.push_back({
                .subject = *subject,
                .until = {static_cast<std::uint64_t>(until.ns / 1'000'000'000)},
                .confidence = static_cast<std::uint8_t>(100 * respond::kBlockConfidence),
                .rule = intel::shown(action->reason).substr(0, mesh::kReportRuleMax),
            });
        }
    }
    node_.set_reports(std::move(reports));
}

// Nothing of whom this node needs: no member's word cuts it off from those.
void DefenceService::hear_members(WallTime now) {
    const auto feeds = feeds_.current();
    for (const mesh::Heard& each : node_.take_reports()) {
        const identity::MemberRecord* const member = node_.mesh().directory().find(each.from);
        if (mode_ == Mode::kOff || member == nullptr || feeds == nullptr ||
            !feeds->guard_of(each.report.subject).empty()) {
            continue;
        }
        constexpr std::uint64_t kLatest = INT64_MAX / 1'000'000'000;
        const std::uint64_t until_s = std::min(each.report.until.s, kLatest);
        const auto finding = peer_reports_.heard(
            {.reporter = member->certificate.name.text(),
             .subject = each.report.subject,
             .until = {static_cast<std::int64_t>(until_s) * 1'000'000'000},
             .confidence = each.report.confidence / 100.0,
             .rule = each.report.rule},
            now
        );
        if (finding) {
            handle(*finding);
        }
    }
}

void DefenceService::save_changed() {
    std::vector<const incident::Incident*> changed;
    for (const std::uint64_t number : std::exchange(changed_, {})) {
        if (const incident::Incident* found = pipeline_.incidents().find(number)) {
            changed.push_back(found);
        }
    }
    files_.save(changed, pipeline_.incidents().take_dropped());
}

std::vector<std::string> DefenceService::rule_files() const {
    std::vector<std::string> files;
    if (const auto names = RuleFolder::list(rules_.path())) {
        for (const std::string& name : *names) {
            files.push_back((rules_.path() / name).string());
        }
    }
    return files;
}

}  // namespace phantom::daemon
