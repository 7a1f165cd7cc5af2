#include "daemon/defence_service.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/log.h"
#include "daemon/alert_record.h"
#include "daemon/control_server.h"
#include "incident/record.h"

namespace phantom::daemon {

namespace {

constexpr const char* kRulesFolder = "rules";
constexpr std::size_t kModeFileMax = 64;
// Actions are looked at, and what has changed is written, as often.
constexpr Duration kLookInterval = std::chrono::seconds(1);
// Then the mesh's timers are looked at first. Most findings are a few microseconds' work, and one that is acted on waits for
// the disk: so a turn is bounded in both.
constexpr std::size_t kFindingsPerTurn = 256;
constexpr Duration kFindingsTurn = std::chrono::milliseconds(2);
// While there are findings.
constexpr Duration kMembersInterval = std::chrono::seconds(10);
// Who reaches whom among more is not worked out: each reaches each.
constexpr std::size_t kReachMembersMax = 500;

}  // namespace

DefenceService::DefenceService(const Neighbours& neighbours)
    : node_(neighbours.node),
      tunnel_(neighbours.tunnel),
      remedy_(neighbours.remedy),
      audit_(neighbours.audit),
      feeds_(neighbours.feeds),
      loop_(neighbours.loop),
      random_(neighbours.random),
      flows_(std::make_shared<FlowBox>(neighbours.random)),
      files_(neighbours.node.files()),
      traces_(pipeline_, neighbours.random),
      alerts_(node_, pipeline_, remedy_, loop_, random_),
      actions_(
          {.node = node_,
           .remedy = remedy_,
           .audit = audit_,
           .pipeline = pipeline_,
           .alerts = alerts_}
      ),
      rules_(node_.files().path_of(kRulesFolder)) {
    pipeline_.watch(&times_);
}

DefenceService::~DefenceService() {
    watcher_.reset();
    save_changed();
    loop_.remove(told_.fd());
}

void DefenceService::start() {
    files_.use(audit_.records());
    files_.load(pipeline_.incidents());
    pipeline_.go_on_numbering();
    alerts_.start();
    if (const Status added = loop_.add(told_.fd(), [this] { told_.drain(); }); !added) {
        log::error("defence: {}", added.error().message());
        return;
    }
    actions_.start();
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
            tunnel_, Watcher::Rules{.box = rules_.box(), .before = rules_before}, feeds_,
            Watcher::Kept{.packets = packets_, .flows = flows_}, told_, random_
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
        traces_.look_at_deliveries(alerts_);
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
    const Instant until = monotonic_now() + kFindingsTurn;
    do {
        handle_in_time(findings_[next_finding_++]);
    } while (next_finding_ < end && monotonic_now() < until);
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

void DefenceService::handle_in_time(const respond::Finding& finding) {
    const std::uint64_t taken = actions_.counters().taken_in_all();
    times_.observe(respond::Stage::kQueue, Duration(wall_now().ns - finding.at.ns));
    handle(finding);
    const Duration took(wall_now().ns - finding.at.ns);
    times_.handled(took, actions_.counters().taken_in_all() != taken);
}

void DefenceService::count(const respond::Finding& finding) {
    const std::string_view engine =
        std::string_view(finding.rule).substr(0, finding.rule.find(':'));
    const auto known = counters_.judged.find(engine);
    if (known != counters_.judged.end()) {
        ++known->second;
    } else if (counters_.judged.size() < kEnginesMax) {
        counters_.judged.emplace(engine, 1);
    }
}

void DefenceService::handle(const respond::Finding& finding) {
    count(finding);
    times_.forget_laps();
    const respond::Outcome outcome = pipeline_.step(finding);
    const respond::Alert& alert = pipeline_.alerts().all().at(outcome.alert);
    detections_.add(finding, outcome, alert);
    const bool is_story = outcome.is_new || outcome.is_first || outcome.wishes.has_value();
    if (is_story) {
        const log::TraceScope scope(traces_.trace_of(alert).to_string());
        act_and_tell(outcome, alert, finding);
        traces_.finding(alert, finding, times_.laps());
    } else {
        act_and_tell(outcome, alert, finding);
    }
    const std::vector<std::uint64_t> regrouped = pipeline_.follow_regrouped();
    changed_.insert(regrouped.begin(), regrouped.end());
    grown_.insert(regrouped.begin(), regrouped.end());
}

void DefenceService::act_and_tell(
    const respond::Outcome& outcome, const respond::Alert& alert, const respond::Finding& finding
) {
    if (outcome.is_new) {
        ++counters_.raised.at(static_cast<std::size_t>(alert.priority) - 1);
        log::warning(
            "alert {}: {} risk {}.{}: {}", alert.number, assess::name_of(alert.priority),
            alert.risk_tenths / 10, alert.risk_tenths % 10, alert.text
        );
        note_alert(alert, outcome.incident);
    }
    if (mode_ == Mode::kAct && outcome.wishes) {
        times_.begin();
        is_urgent_ |= actions_.take(outcome.alert, *outcome.wishes, finding.at);
        times_.passed(respond::Stage::kAct);
    }
    changed_.insert(outcome.incident);
    if (outcome.is_news && outcome.incident != 0) {
        grown_.insert(outcome.incident);
    }
    times_.begin();
    alerts_.tell(alert, outcome.is_news, finding.at);
    times_.passed(respond::Stage::kTell);
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

void DefenceService::set_policy(const respond::ResponsePolicy& policy, std::string problem) {
    settings_problem_ = std::move(problem);
    actions_.set_policy(policy);
}

void DefenceService::follow_actions(WallTime now) {
    const std::vector<std::uint64_t> changed = actions_.follow(now);
    changed_.insert(changed.begin(), changed.end());
}

void DefenceService::adopt(std::uint64_t incident, std::uint64_t action) {
    if (actions_.adopt(incident, action, wall_now())) {
        touch(incident);
        save_changed();
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

void DefenceService::tell_members() {
    node_.set_reports(actions_.reports());
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
