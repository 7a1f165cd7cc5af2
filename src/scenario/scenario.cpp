#include "scenario/scenario.h"

#include <algorithm>
#include <iterator>

#include "scenario/overflow_builder.h"

namespace phantom::scenario {

namespace {

constexpr auto kParserKeys = std::to_array<std::string_view>(
    {"onsuccess", "nodes", "grok", "pattern_syntax", "statics", "whitelist"}
);

// From the folders that the file is in.
Stage stage_of(std::string_view file) {
    while (!file.empty()) {
        const std::size_t end = std::min(file.find('/'), file.size());
        if (const auto stage = stage_called(file.substr(0, end))) {
            return *stage;
        }
        file.remove_prefix(std::min(end + 1, file.size()));
    }
    return Stage::kParse;
}

}  // namespace

Engine::Engine(EngineOptions options) : options_(std::move(options)) {
    context_.now = options_.now;
    context_.year = options_.year;
}

void Engine::refuse(const std::string& file, const Yaml& yaml, const Flaw& flaw) {
    unusable_.push_back(
        {.file = file,
         .line = flaw.line != 0 ? flaw.line : yaml.line,
         .name = yaml.text_of("name"),
         .reason = flaw.reason}
    );
}

void Engine::add_data(const std::string& name, std::string_view text) {
    if (const auto added = files_.add(name, text); !added) {
        refuse(name, {}, added.error());
    }
}

void Engine::add(const std::string& file, std::string_view text) {
    const auto documents = read_yaml(text);
    if (!documents) {
        refuse(file, {}, documents.error());
        return;
    }
    for (const Yaml& each : *documents) {
        if (each.kind != Yaml::Kind::kNull) {
            add_document(file, each);
        }
    }
}

void Engine::add_document(const std::string& file, const Yaml& yaml) {
    if (yaml.find("type") != nullptr) {
        auto built = build_scenario(yaml, files_);
        if (built && buckets_.scenario_count() == kScenariosMax) {
            built = flawed("too many scenarios");
        }
        if (!built) {
            refuse(file, yaml, built.error());
            return;
        }
        buckets_.add(*std::move(built));
        return;
    }
    const bool is_parser = std::ranges::any_of(kParserKeys, [&](std::string_view key) {
        return yaml.find(key) != nullptr;
    });
    if (!is_parser) {
        refuse(file, yaml, {.reason = "neither a parser nor a scenario"});
        return;
    }
    auto built = build_parser(yaml, files_);
    if (built && parser_count() == kParsersMax) {
        built = flawed("too many parsers");
    }
    if (built && !built->declare_stashes(context_.stash)) {
        built = flawed("too many stashes");
    }
    if (!built) {
        refuse(file, yaml, built.error());
        return;
    }
    stages_[static_cast<std::size_t>(stage_of(file))].push_back(*std::move(built));
}

std::size_t Engine::parser_count() const {
    std::size_t count = 0;
    for (const auto& each : stages_) {
        count += each.size();
    }
    return count;
}

// A line goes on to the next stage when a parser of this one that ends it has succeeded; the last one
// only wants a parser that succeeds.
bool Engine::parse(Value& event, bool& is_whitelisted) {
    for (std::size_t index = 0; index < stages_.size(); ++index) {
        const std::vector<ParserNode>& parsers = stages_[index];
        if (parsers.empty()) {
            continue;
        }
        const bool is_last = std::all_of(
            stages_.begin() + static_cast<std::ptrdiff_t>(index) + 1, stages_.end(),
            [](const auto& each) { return each.empty(); }
        );
        bool is_success = false;
        bool is_ended = false;
        for (const ParserNode& each : parsers) {
            const ParserNode::Outcome outcome = each.process(event, context_);
            is_whitelisted |= outcome.is_whitelisted;
            is_success |= outcome.is_success;
            is_ended |= outcome.ends_stage;
            if (is_ended && !is_last) {
                break;
            }
        }
        if (!is_success || (!is_last && !is_ended)) {
            return false;
        }
    }
    return true;
}

void Engine::set_clock(Moment now) {
    context_.now = now;
    context_.year = civil_time(now.ns).year;
}

std::vector<Overflow> Engine::line(std::string_view text, const Source& source) {
    ++counts_.lines;
    if (text.size() > kLineSizeMax) {
        ++counts_.too_long;
        return {};
    }
    event_ = new_event(text, source);
    bool is_whitelisted = false;
    if (!parse(event_, is_whitelisted)) {
        event_ = nullptr;
        return {};
    }
    ++counts_.parsed;
    if (is_whitelisted) {
        ++counts_.whitelisted;
        return {};
    }
    auto wanted = BucketStore::Wanted::kAll;
    if (text_of(event_.get_object().at("MarshaledTime")).empty()) {
        ++counts_.without_time;
        wanted = BucketStore::Wanted::kTriggers;
        set_event_time(event_, context_.now);
    }
    return with_what_follows(buckets_.pour(event_, context_.stash, wanted));
}

// What scenarios say of what other scenarios have said.
std::vector<Overflow> Engine::with_what_follows(std::vector<Overflow> all) {
    std::vector<Overflow> newest = all;
    for (std::size_t depth = 0; depth < kReprocessDepthMax && !newest.empty(); ++depth) {
        std::vector<Overflow> next;
        for (const Overflow& each : newest) {
            if (each.is_reprocessed) {
                Value said = event_of(each, event_time(event_));
                std::ranges::move(buckets_.pour(said, context_.stash), std::back_inserter(next));
            }
        }
        all.insert(all.end(), next.begin(), next.end());
        newest = std::move(next);
    }
    return all;
}

std::vector<Overflow> Engine::end() {
    return buckets_.end();
}

Engine::Counts Engine::counts() const {
    Counts counts = counts_;
    counts.given_up = context_.given_up;
    counts.let_go = buckets_.let_go();
    return counts;
}

}  // namespace phantom::scenario
