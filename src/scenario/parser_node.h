#pragma once

// A parser: who it is for, what it takes from a line, what it writes down, and the nodes below it.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scenario/event.h"
#include "scenario/expression.h"
#include "scenario/grok.h"
#include "scenario/yaml.h"
#include "wire/address.h"

namespace phantom::scenario {

inline constexpr std::size_t kNodeDepthMax = 8;

// The stages that a line goes through, in this order.
enum class Stage : std::uint8_t { kRaw, kParse, kEnrich };
inline constexpr std::size_t kStageCount = 3;

// "s01-parse"; nothing for another name.
[[nodiscard]] std::optional<Stage> stage_called(std::string_view name);

// What the parsers of one replay share.
struct ParserContext {
    Stash stash;
    // Of the newest line that had a time; for those that have none.
    Moment now;
    int year = kYearMin;
    std::uint64_t given_up = 0;  // searches that reached a limit
};

// What is written into an event.
struct Static {
    enum class Into : std::uint8_t { kParsed, kMeta, kEnriched, kTarget, kDate };

    Into into = Into::kMeta;
    std::string name;
    std::string value;
    std::optional<Expression> expression;

    void apply(Value& event, ParserContext& context) const;
};

struct GrokStep {
    std::optional<Grok> grok;
    std::string apply_on;
    std::optional<Expression> expression;  // instead of `apply_on`
    std::vector<Static> statics;

    [[nodiscard]] bool apply(Value& event, ParserContext& context) const;
};

struct Whitelist {
    std::vector<wire::Prefix> prefixes;
    std::vector<Expression> expressions;

    [[nodiscard]] bool holds(Value& event, ParserContext& context) const;
};

struct StashStep {
    std::string name;
    Expression key;
    Expression value;
    std::size_t size = 0;
    std::int64_t ttl_ns = 0;
};

struct ParserNode {
    std::string name;
    std::optional<Expression> filter;
    std::optional<GrokStep> grok;
    std::optional<Whitelist> whitelist;
    std::vector<StashStep> stashes;
    std::vector<Static> statics;
    std::vector<ParserNode> nodes;
    bool ends_stage = false;  // onsuccess: next_stage

    struct Outcome {
        bool is_success = false;
        bool ends_stage = false;  // it, or a node below it, did
        bool is_whitelisted = false;
    };
    [[nodiscard]] Outcome process(Value& event, ParserContext& context) const;

    // False where there is no room for them.
    [[nodiscard]] bool declare_stashes(Stash& stash) const;
};

[[nodiscard]] OrFlaw<ParserNode> build_parser(const Yaml& yaml, const DataFiles& files);

}  // namespace phantom::scenario
