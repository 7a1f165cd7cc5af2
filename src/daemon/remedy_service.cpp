#include "daemon/remedy_service.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"

namespace phantom::daemon {

namespace {

constexpr const char* kActionsFile = "actions";

using remedy::Executor;
using remedy::KeyKind;

bool needs_firewall(const remedy::Ledger& ledger) {
    return std::ranges::any_of(ledger.targets(), remedy::is_firewalls);
}

}  // namespace

RemedyService::RemedyService(Surroundings surroundings)
    : node_(surroundings.node),
      feeds_(surroundings.feeds),
      loop_(surroundings.loop),
      resolv_conf_(std::move(surroundings.resolv_conf)),
      switches_(surroundings.node, surroundings.routes),
      node_acts_(switches_) {
    for (const Executor executor :
         {Executor::kIsolation, Executor::kRateLimit, Executor::kTunnel, Executor::kCredential}) {
        executors_.add(executor, KeyKind::kMember, node_acts_);
    }
    executors_.add(Executor::kRoute, KeyKind::kMemberRoute, node_acts_);
}

RemedyService::~RemedyService() {
    if (news_) {
        for (const int fd : news_->fds()) {
            loop_.remove(fd);
        }
    }
}

std::filesystem::path RemedyService::journal_path() const {
    return node_.files().path_of(kActionsFile);
}

std::expected<Guarded, std::string> RemedyService::look_at_guarded() const {
    auto guarded = daemon::look_at_guarded(node_, resolv_conf_);
    if (guarded) {
        guarded->options.limits = limits_;
    }
    return guarded;
}

void RemedyService::start() {
    if (const auto problem = open_what_is_there()) {
        log::error("actions: {}", *problem);
    }
}

void RemedyService::prepare() {
    auto problem = open();
    if (!problem) {
        const auto guarded = look_at_guarded();
        problem = guarded ? open_firewall(guarded->management) : std::optional(guarded.error());
    }
    if (problem) {
        log::error("actions: {}", *problem);
    }
}

std::optional<std::string> RemedyService::open_what_is_there() {
    std::error_code error;
    return std::filesystem::exists(journal_path(), error) ? open() : std::nullopt;
}

std::optional<std::string> RemedyService::open() {
    if (remedy_ != nullptr) {
        return std::nullopt;
    }
    const auto path = journal_path();
    const auto problem_of = [&](const Error& error) {
        return fmt::format("{}: {}", path.string(), error.message());
    };
    auto opened = remedy::JournalFile::open(path);
    if (!opened) {
        return problem_of(opened.error());
    }
    if (opened->cut_bytes > 0) {
        log::warning("actions: {} bytes of an unfinished record were cut off", opened->cut_bytes);
    }
    remedy::Ledger ledger;
    for (const remedy::Record& record : opened->records) {
        if (const Status taken = ledger.take(record); !taken) {
            return problem_of(taken.error());
        }
    }
    const auto records = ledger.as_records();
    auto fresh = remedy::JournalFile::rewrite(path, records);
    if (!fresh) {
        return problem_of(fresh.error());
    }
    // A list that cannot be read stops what is new, not what holds.
    const auto guarded = look_at_guarded();
    const Guarded known = guarded.value_or(Guarded{});
    if (needs_firewall(ledger)) {
        if (auto problem = open_firewall(known.management)) {
            return problem;
        }
    }
    auto routes = remedy::Routes::open();
    if (!routes) {
        return routes.error().message();
    }
    routes_ = std::move(*routes);
    executors_.add(Executor::kRoute, KeyKind::kPrefix, *routes_);
    journal_.emplace(std::move(*fresh));
    auto made =
        std::make_unique<remedy::Remedy>(*journal_, executors_, remedy::Guard(known.options));
    if (const Status started = made->start(records, wall_now()); !started) {
        return started.error().message();
    }
    remedy_ = std::move(made);
    follow_kernel();
    return std::nullopt;
}

std::optional<std::string> RemedyService::open_firewall(const remedy::Management& management) {
    if (firewall_ != nullptr) {
        return std::nullopt;
    }
    auto firewall = remedy::Firewall::set_up(management);
    if (!firewall) {
        return firewall.error().message();
    }
    firewall_ = std::move(*firewall);
    executors_.add(Executor::kFirewall, KeyKind::kAddress, *firewall_);
    executors_.add(Executor::kRateLimit, KeyKind::kAddress, *firewall_);
    executors_.add(Executor::kIsolation, KeyKind::kHost, *firewall_);
    return std::nullopt;
}

// What somebody changes is put right soon, and within a second where the kernel cannot be heard.
void RemedyService::follow_kernel() {
    auto news = remedy::KernelNews::open();
    if (!news) {
        log::warning("actions: {}", news.error().message());
        return;
    }
    news_.emplace(std::move(*news));
    for (const int fd : news_->fds()) {
        (void)loop_.add(fd, [this] {
            news_->drain();
            next_tick_ = std::min(next_tick_, monotonic_now() + kNewsDelay);
        });
    }
}

void RemedyService::tick() {
    const Instant now = monotonic_now();
    if (remedy_ == nullptr || now < next_tick_) {
        return;
    }
    next_tick_ = now + remedy::kReconcileInterval;
    const auto tick = remedy_->tick(wall_now());
    const std::string problem = tick ? "" : tick.error().message();
    if (!problem.empty() && problem != problem_) {
        log::error("actions: {}", problem);
    }
    problem_ = problem;
    if (tick && tick->repaired > 0) {
        log::warning("actions: {} that somebody had taken away are in force again", tick->repaired);
    }
}

// ---- Acting -------------------------------------------------------------------------------------

std::expected<Guarded, std::string> RemedyService::check(const remedy::Request& wanted, Way way) {
    if (const auto problem = open_what_is_there()) {
        return std::unexpected(*problem);
    }
    auto guarded = look_at_guarded();
    if (!guarded) {
        return guarded;
    }
    const remedy::Guard guard(guarded->options);
    const remedy::Ledger none;
    const remedy::Ledger& ledger = remedy_ ? remedy_->ledger() : none;
    Status may = way == Way::kPropose ? guard.check_always(wanted) : guard.check(wanted, ledger);
    if (may) {
        may = ledger.check_dependencies(wanted.terms.depends_on);
    }
    if (may && remedy::member_of(wanted.target) != nullptr) {
        may = switches_.check(wanted.target);
    }
    if (!may) {
        return std::unexpected(may.error().what());
    }
    if (const std::string by = guard_list_of(wanted.target); !by.empty()) {
        return std::unexpected(fmt::format("the address is on the guard list '{}'", by));
    }
    return guarded;
}

std::vector<wire::Prefix> RemedyService::guarded() const {
    auto guarded = look_at_guarded();
    return guarded ? std::move(guarded->options.prefixes) : std::vector<wire::Prefix>{};
}

// Of the feeds; "": none has it.
std::string RemedyService::guard_list_of(const remedy::Target& target) const {
    const auto feeds = feeds_.current();
    if (feeds == nullptr) {
        return "";
    }
    if (const auto* address = std::get_if<wire::Address>(&target.key)) {
        return std::string(feeds->guard_of(*address));
    }
    if (const auto* prefix = std::get_if<wire::Prefix>(&target.key)) {
        return std::string(feeds->guard_of(prefix->address));
    }
    return "";
}

std::optional<std::string> RemedyService::make_ready(
    const remedy::Target& target, const Guarded& guarded
) {
    remedy_->set_guard(remedy::Guard(guarded.options));
    if (!remedy::is_firewalls(target)) {
        return std::nullopt;
    }
    if (auto problem = open_firewall(guarded.management)) {
        return problem;
    }
    if (target.kind() == KeyKind::kHost) {
        if (const Status set = firewall_->set_management(guarded.management); !set) {
            return set.error().message();
        }
    }
    return std::nullopt;
}

std::expected<remedy::Action, std::string> RemedyService::carry_out(
    const remedy::Request& wanted, Way way, WallTime now
) {
    const auto guarded = check(wanted, way);
    if (!guarded) {
        return std::unexpected(guarded.error());
    }
    if (const auto problem = open()) {
        return std::unexpected(*problem);
    }
    if (way == Way::kAct) {
        if (const auto problem = make_ready(wanted.target, *guarded)) {
            return std::unexpected(*problem);
        }
    } else {
        remedy_->set_guard(remedy::Guard(guarded->options));
    }
    const auto id =
        way == Way::kPropose ? remedy_->propose(wanted, now) : remedy_->act(wanted, now);
    if (!id) {
        return std::unexpected(id.error().message());
    }
    return *remedy_->ledger().find(*id);
}

std::expected<remedy::Action, std::string> RemedyService::act(
    const remedy::Request& wanted, WallTime now
) {
    return carry_out(wanted, Way::kAct, now);
}

std::expected<remedy::Action, std::string> RemedyService::propose(
    const remedy::Request& wanted, WallTime now
) {
    return carry_out(wanted, Way::kPropose, now);
}

std::optional<std::string> RemedyService::take_back(std::uint64_t number, WallTime now) {
    if (remedy_ == nullptr) {
        return Error(remedy::RemedyError::kUnknownAction).what();
    }
    const Status done = remedy_->undo({number}, now);
    return done ? std::nullopt : std::optional<std::string>(done.error().what());
}

}  // namespace phantom::daemon
