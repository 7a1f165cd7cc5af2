#include "daemon/rule_service.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <pthread.h>

#include "base/log.h"
#include "daemon/json_fields.h"
#include "fields/fields.h"
#include "intel/indicator.h"
#include "io/thread_turns.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

// Files are looked at as often.
constexpr std::chrono::seconds kRulesInterval(10);
// Of each load, in the log.
constexpr std::size_t kRuleRefusalsLogged = 10;
// Of each file, in an answer.
constexpr std::size_t kRuleRefusalsShown = 10;

json::value time_of_rules(WallTime at) {
    return at.ns <= 0 ? json::value(nullptr)
                      : json::value(time_text({static_cast<std::uint64_t>(at.ns / 1'000'000'000)}));
}

json::object describe_rule_file(const LoadedRuleFile& file) {
    json::array refusals;
    for (std::size_t at = 0; at < std::min(file.refusals.size(), kRuleRefusalsShown); ++at) {
        const detect::UnusableRule& each = file.refusals[at];
        refusals.push_back({
            {"line", each.line},
            {"sid", each.problem.sid},
            {"keyword", intel::shown(each.problem.keyword)},
            {"reason", intel::shown(each.problem.reason)},
        });
    }
    return {
        {"name", intel::shown(file.name)},
        {"source", name_of(file.source)},
        {"usable", file.usable},
        {"unusable", file.unusable},
        {"changed", time_of_rules(file.changed)},
        {"loaded", time_of_rules(file.loaded)},
        {"problem", file.problem},
        {"refusals", std::move(refusals)},
    };
}

std::int64_t rules_ms_of(Duration took) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
}

}  // namespace

RuleService::~RuleService() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void RuleService::start() {
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), "rules");
}

void RuleService::set_wanted(bool wanted) {
    const std::scoped_lock lock(mutex_);
    wanted_ = wanted;
    changed_ = true;
    wake_.notify_one();
}

void RuleService::reload() {
    const std::scoped_lock lock(mutex_);
    ++request_;
    changed_ = true;
    wake_.notify_one();
}

void RuleService::run() {
    io::take_share(io::kLeastShare);
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (!changed_) {
            wake_.wait_for(lock, kRulesInterval, [this] { return stopping_ || changed_; });
        }
        if (stopping_) {
            break;
        }
        const bool changed = std::exchange(changed_, false);
        const bool wanted = wanted_;
        const std::uint64_t request = request_;
        lock.unlock();
        if (changed || (wanted && folder_.has_changed())) {
            load_and_publish(wanted, request);
        }
        let_go_of_old();
        lock.lock();
    }
}

void RuleService::load_and_publish(bool wanted, std::uint64_t request) {
    LoadedRules loaded{.set = {}, .files = {}, .problem = {}, .at = wall_now()};
    if (wanted) {
        loaded = folder_.load();
        say(loaded);
    } else {
        auto none = std::make_shared<detect::RuleSet>();
        if (none->finish()) {
            loaded.set = std::move(none);
        }
    }
    if (loaded.set != nullptr) {
        publish(loaded.set);
    } else if (box_.generation() == 0) {
        publish(std::make_shared<detect::RuleSet>()
        );  // who waits for the first need not wait for more
    }
    const std::scoped_lock lock(mutex_);
    served_ = request;
    if (loaded.set == nullptr) {
        loaded_.problem = std::move(loaded.problem);
    } else {
        loaded_ = std::move(loaded);
        loaded_.set.reset();  // held_ has it
    }
}

void RuleService::publish(std::shared_ptr<const detect::RuleSet> set) {
    held_.push_back(set);
    box_.publish(std::move(set));
    let_go_of_old();
}

void RuleService::let_go_of_old() {
    std::erase_if(held_, [](const auto& set) { return set.use_count() == 1; });
}

void RuleService::say(const LoadedRules& loaded) {
    std::string problems = loaded.problem;
    std::size_t logged = 0;
    std::size_t unusable = 0;
    for (const LoadedRuleFile& file : loaded.files) {
        unusable += file.unusable;
        if (!file.problem.empty()) {
            problems += fmt::format(
                "{}{}: {} ({} is in force)", problems.empty() ? "" : "; ", intel::shown(file.name),
                file.problem, name_of(file.source)
            );
        }
        for (const detect::UnusableRule& each : file.refusals) {
            if (logged++ < kRuleRefusalsLogged) {
                log::warning(
                    "rules: {}:{}: {}: {}", intel::shown(each.file), each.line,
                    intel::shown(each.problem.keyword), intel::shown(each.problem.reason)
                );
            }
        }
    }
    if (!problems.empty() && problems != told_) {
        log::warning("rules: {}", problems);
    }
    told_ = std::move(problems);
    if (loaded.set != nullptr && !loaded.files.empty()) {
        log::info(
            "rules: {} are in force, {} are not; in {} ms", loaded.set->entries().size(), unusable,
            rules_ms_of(loaded.took)
        );
    }
}

// ---- Verbs ------------------------------------------------------------------------------------------

bool RuleService::is_verb(std::string_view verb) {
    return verb == "rules" || verb == "rules.reload";
}

json::object RuleService::answer(const json::object& request) {
    if (fields::text_at(request, "verb") == "rules.reload") {
        reload();
        const std::scoped_lock lock(mutex_);
        return {{"schema", "phantom.rules_reload/1"}, {"request", request_}};
    }
    return describe();
}

json::object RuleService::describe() {
    const std::shared_ptr<const detect::RuleSet> set = box_.current();
    const std::scoped_lock lock(mutex_);
    json::array files;
    for (const LoadedRuleFile& each : loaded_.files) {
        files.push_back(describe_rule_file(each));
    }
    return {
        {"schema", "phantom.rules/1"},
        {"folder", folder_.path().string()},
        {"wanted", wanted_},
        {"served", served_},
        {"swaps", box_.generation()},
        {"loaded", time_of_rules(loaded_.at)},
        {"load_ms", rules_ms_of(loaded_.took)},
        {"in_force", set == nullptr ? 0 : set->entries().size()},
        {"unusable", set == nullptr ? 0 : set->unusable_count()},
        {"problem", intel::shown(loaded_.problem)},
        {"files", std::move(files)},
    };
}

}  // namespace phantom::daemon
