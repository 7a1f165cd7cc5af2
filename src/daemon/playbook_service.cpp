#include "daemon/playbook_service.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "base/log.h"
#include "daemon/json_fields.h"
#include "fields/fields.h"
#include "incident/record.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr std::string_view kRunKind = "playbook-run";
constexpr Duration kRunLook = std::chrono::milliseconds(200);

bool is_playbook_name(std::string_view name) {
    return !name.empty() && name.size() <= 100 && name.front() != '.' &&
           std::ranges::all_of(name, [](char each) {
               return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
                      (each >= '0' && each <= '9') || each == '-' || each == '_' || each == '.';
           });
}

// Why it may not be run now; empty: it may.
std::string problem_of_time(const playbook::Playbook& playbook, WallTime now) {
    const std::string at = incident::time_text(now);
    // Times of one form are in order as texts.
    if (playbook.is_revoked) {
        return "its author has revoked it";
    }
    if (!playbook.valid_from.empty() && at < playbook.valid_from) {
        return "it is valid from " + playbook.valid_from;
    }
    return !playbook.valid_until.empty() && at > playbook.valid_until
               ? "it was valid until " + playbook.valid_until
               : "";
}

std::string missing_externals(
    const playbook::Playbook& playbook, const std::map<std::string, std::string>& given
) {
    for (const auto& [name, variable] : playbook.variables) {
        if (variable.is_external && !variable.has_value && !given.contains(name)) {
            return fmt::format("{0} has no value: say --var {0}=VALUE, or --incident N", name);
        }
    }
    return "";
}

}  // namespace

std::map<std::string, std::string> variables_of(const incident::Incident& incident) {
    return {
        {"__incident__", std::to_string(incident.number)},
        {"__subject__", incident.subject.to_string()},
        {"__subject_name__", incident.subject_name},
        {"__priority__", std::to_string(incident.priority)},
        {"__risk__", fmt::format("{}.{}", incident.risk_tenths / 10, incident.risk_tenths % 10)},
        {"__technique__", incident.techniques.empty() ? "" : *incident.techniques.begin()},
        {"__state__", std::string(incident::name_of(incident.state))},
    };
}

PlaybookService::PlaybookService(
    MeshNode& node, AuditService& audit, PlaybookRunner::Ask ask, io::EventLoop& loop
)
    : node_(node), audit_(audit), runner_(std::move(ask), loop) {}

void PlaybookService::start() {
    load();
}

void PlaybookService::set_settings(const HandlingSettings& settings) {
    triggers_ = settings.triggers;
    runner_.allow_bash(settings.allows_bash);
}

std::vector<std::string> PlaybookService::names() const {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry :
         std::filesystem::directory_iterator(node_.files().path_of("playbooks"), error)) {
        if (entry.path().extension() == ".json" && names.size() < kPlaybookFilesMax) {
            names.push_back(entry.path().stem().string());
        }
    }
    std::ranges::sort(names);
    return names;
}

OrSentence<std::string> PlaybookService::text_of(const std::string& name) const {
    const auto path = node_.files().path_of("playbooks") / (name + ".json");
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (!is_playbook_name(name) || error) {
        return std::unexpected(fmt::format(
            "there is no playbook '{}': 'phantom playbook list' names those there are", name
        ));
    }
    if (size > playbook::kPlaybookSizeMax) {
        return std::unexpected(fmt::format("{}: too large", path.string()));
    }
    std::ifstream file(path, std::ios::binary);
    return std::string{std::istreambuf_iterator<char>(file), {}};
}

// ---- Runs -------------------------------------------------------------------------------------------------

std::size_t PlaybookService::running() const {
    return static_cast<std::size_t>(std::ranges::count_if(runs_, [](const auto& each) {
        return each.second.run->state() == playbook::RunState::kRunning;
    }));
}

void PlaybookService::forget_oldest() {
    std::vector<std::uint64_t> gone;
    for (auto at = runs_.begin(); at != runs_.end() && runs_.size() > kRunsKept;) {
        if (at->second.run->state() == playbook::RunState::kRunning) {
            ++at;
            continue;
        }
        gone.push_back(at->first);
        at = runs_.erase(at);
    }
    if (store::Records* records = audit_.records(); records != nullptr && !gone.empty()) {
        (void)records->change(kRunKind, {}, store::number_keys(gone));
    }
}

OrSentence<PlaybookService::Active*> PlaybookService::begin(const Wish& wish) {
    const WallTime now = wall_now();
    auto text = text_of(wish.name);
    if (!text) {
        return std::unexpected(text.error());
    }
    auto read = playbook::read_playbook(*text);
    if (!read) {
        return std::unexpected(fmt::format("{}: {}", wish.name, read.error().text()));
    }
    for (const std::string& problem :
         {problem_of_time(*read, now), missing_externals(*read, wish.given)}) {
        if (!problem.empty()) {
            return std::unexpected(fmt::format("{}: {}", wish.name, problem));
        }
    }
    if (running() >= kRunsMax) {
        return std::unexpected(fmt::format("{} playbooks run already", kRunsMax));
    }
    const std::uint64_t number = next_++;
    Active& active = runs_[number];
    active.number = number;
    active.name = wish.name;
    active.incident = wish.incident;
    active.text = std::move(*text);
    active.parent_run = wish.parent_run;
    active.parent_token = wish.parent_token;
    active.depth = wish.depth;
    active.playbook = std::make_unique<playbook::Playbook>(std::move(*read));
    active.run = std::make_unique<playbook::Run>(*active.playbook, wish.given, now);
    forget_oldest();
    go_on(active);
    return &active;
}

void PlaybookService::go_on(Active& active) {
    const std::vector<playbook::Order> orders = active.run->advance(wall_now());
    // First on the disk: what was ordered is known to have been, whatever happens to us.
    save(active);
    for (const playbook::Order& order : orders) {
        audit_.tell(
            {.who = "playbook",
             .origin = fmt::format("playbook {}, run {}", active.name, active.number),
             .what = "playbook step",
             .target = order.step_name,
             .why = fmt::format("incident {}", active.incident),
             .outcome = fmt::format("{}: {}", order.command.type, order.command.command)}
        );
        if (order.command.type == "playbook") {
            begin_child(active, order);
        } else {
            runner_.carry_out(
                {active.number, order.token}, order,
                {.playbook = active.name, .incident = active.incident}
            );
        }
    }
    if (active.run->state() != playbook::RunState::kRunning) {
        finish(active);
    }
}

void PlaybookService::begin_child(Active& parent, const playbook::Order& order) {
    const std::uint64_t number = parent.number;
    std::string found;
    for (const std::string& name : names()) {
        const auto text = text_of(name);
        const auto read = text ? playbook::read_playbook(*text)
                               : std::expected<playbook::Playbook, playbook::Problem>();
        if (text && read && read->id == order.command.command) {
            found = name;
        }
    }
    std::string problem = found.empty() ? "there is no playbook " + order.command.command : "";
    if (parent.depth + 1 >= kPlaybookDepthMax) {
        problem = "playbooks call each other too deep";
    }
    if (problem.empty()) {
        Wish wish{
            .name = found,
            .incident = parent.incident,
            .given = {},
            .parent_run = number,
            .parent_token = order.token,
            .depth = parent.depth + 1,
        };
        for (const auto& [name, variable] : order.in) {
            wish.given[name] = variable.value;
        }
        const auto child = begin(wish);
        problem = child ? "" : child.error();
    }
    if (!problem.empty()) {
        runs_.at(number).run->report(
            order.token, {.is_done = false, .text = problem, .fields = {}}, wall_now()
        );
    }
}

void PlaybookService::finish(Active& active) {
    if (std::exchange(active.is_told, true)) {
        return;
    }
    const char* state = playbook::name_of(active.run->state());
    log::info("playbook {}, run {}: {}", active.name, active.number, state);
    audit_.tell(
        {.who = "playbook",
         .origin = fmt::format("playbook {}, run {}", active.name, active.number),
         .what = "playbook ended",
         .target = active.name,
         .why = fmt::format("incident {}", active.incident),
         .outcome = state}
    );
    const auto parent = runs_.find(active.parent_run);
    if (parent != runs_.end()) {
        playbook::OrderOutcome outcome{
            .is_done = active.run->state() == playbook::RunState::kDone, .text = state, .fields = {}
        };
        for (const auto& [name, variable] : active.run->variables()) {
            if (variable.has_value && name.size() > 4) {
                outcome.fields[name.substr(2, name.size() - 4)] = variable.value;
            }
        }
        parent->second.run->report(active.parent_token, outcome, wall_now());
    }
}

void PlaybookService::tick() {
    for (const PlaybookRunner::Done& done : runner_.take_done()) {
        const auto found = runs_.find(done.ticket.run);
        if (found != runs_.end()) {
            found->second.run->report(done.ticket.token, done.outcome, wall_now());
            go_on(found->second);
        }
    }
    const Instant now = monotonic_now();
    if (now < next_look_) {
        return;
    }
    next_look_ = now + kRunLook;
    std::vector<std::uint64_t> numbers;
    for (const auto& [number, active] : runs_) {
        if (active.run->state() == playbook::RunState::kRunning) {
            numbers.push_back(number);
        }
    }
    for (const std::uint64_t number : numbers) {
        const auto found = runs_.find(number);
        if (found->second.run->is_due(wall_now())) {
            go_on(found->second);
        }
    }
}

bool PlaybookService::look_at(incident::Incident& incident) {
    const std::vector<std::string> due = HandlingSettings::due(triggers_, incident);
    for (const std::string& name : due) {
        // Before it begins: what cannot be run is said once, too. Runs of earlier versions are known by triggered_ alone.
        incident.playbooks.insert(name);
        if (!triggered_.emplace(name, incident.number).second) {
            continue;
        }
        const auto begun =
            begin({.name = name, .incident = incident.number, .given = variables_of(incident)});
        if (!begun) {
            log::error("playbooks: {}", begun.error());
            audit_.tell(
                {.who = "playbook",
                 .origin = "trigger",
                 .what = "playbook.run",
                 .target = name,
                 .why = fmt::format("incident {}", incident.number),
                 .outcome = "refused: " + begun.error()}
            );
        }
    }
    return !due.empty();
}

void PlaybookService::save(const Active& active) {
    store::Records* records = audit_.records();
    if (records == nullptr) {
        return;
    }
    const std::array put{store::Record{
        store::number_key(active.number), json::serialize(json::object{
                                              {"name", active.name},
                                              {"incident", active.incident},
                                              {"text", active.text},
                                              {"parent_run", active.parent_run},
                                              {"parent_token", active.parent_token},
                                              {"depth", active.depth},
                                              {"run", active.run->save()},
                                          })
    }};
    if (const Status kept = records->change(kRunKind, put, {}); !kept) {
        log::error("playbooks: {}", kept.error().message());
    }
}

void PlaybookService::load() {
    store::Records* records = audit_.records();
    if (records == nullptr) {
        return;
    }
    for (const store::Record& each :
         records->all(kRunKind).value_or(std::vector<store::Record>())) {
        const std::uint64_t number = store::number_of_key(each.key);
        next_ = std::max(next_, number + 1);
        boost::system::error_code error;
        const json::value body = json::parse(each.value, error);
        if (error || !body.is_object()) {
            log::error("playbook run {}: it cannot be read", number);
            continue;
        }
        const json::object& of = body.get_object();
        Active active;
        active.number = number;
        active.name = fields::text_at(of, "name");
        active.text = fields::text_at(of, "text");
        active.incident = static_cast<std::uint64_t>(fields::number_at(of, "incident", 0));
        active.parent_run = static_cast<std::uint64_t>(fields::number_at(of, "parent_run", 0));
        active.parent_token = static_cast<std::uint64_t>(fields::number_at(of, "parent_token", 0));
        active.depth = static_cast<int>(fields::number_at(of, "depth", 0));
        auto read = playbook::read_playbook(active.text);
        const json::value* saved = of.if_contains("run");
        if (!read || saved == nullptr || !saved->is_object()) {
            log::error("playbook run {}: it cannot be read", number);
            continue;
        }
        active.playbook = std::make_unique<playbook::Playbook>(std::move(*read));
        auto run = playbook::Run::load(*active.playbook, saved->get_object(), wall_now());
        if (!run) {
            log::error("playbook run {}: it cannot be read", number);
            continue;
        }
        active.run = std::make_unique<playbook::Run>(std::move(*run));
        active.is_told = active.run->state() != playbook::RunState::kRunning;
        triggered_.emplace(active.name, active.incident);
        runs_.emplace(number, std::move(active));
    }
}

}  // namespace phantom::daemon
