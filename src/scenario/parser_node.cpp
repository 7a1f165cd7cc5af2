#include "scenario/parser_node.h"

#include <algorithm>
#include <array>

namespace phantom::scenario {

namespace {

constexpr auto kStageNames =
    std::to_array<std::string_view>({"s00-raw", "s01-parse", "s02-enrich"});

Scope scope_of(Value& event, ParserContext& context) {
    return {
        .event = &event, .queue = nullptr, .stash = &context.stash, .now_ns = event_time(event)
    };
}

// The time that the line says, or that of the line before it.
void enrich_date(Value& event, std::string_view text, ParserContext& context) {
    const boost::json::object& fields = event.get_object();
    const std::string_view layout = text_of(fields.at("StrTimeFormat"));
    std::optional<Moment> moment;
    if (!layout.empty()) {
        moment = parse_time(text, layout, context.year);
    }
    if (!moment) {
        moment = parse_any_time(text, context.year);
    }
    context.now = moment.value_or(context.now);
    (void)set_event_text(event, EventMap::kEnriched, "MarshaledTime", context.now.to_string());
    set_event_time(event, context.now);
}

}  // namespace

std::optional<Stage> stage_called(std::string_view name) {
    const auto* const found = std::ranges::find(kStageNames, name);
    return found != kStageNames.end()
               ? std::optional(static_cast<Stage>(found - kStageNames.begin()))
               : std::nullopt;
}

void Static::apply(Value& event, ParserContext& context) const {
    std::string text = value;
    if (expression) {
        const auto said = expression->evaluate(scope_of(event, context));
        const auto made = said ? written(*said) : std::nullopt;
        if (!made) {
            return;
        }
        text = *made;
    }
    if (into == Into::kDate) {
        enrich_date(event, text, context);
        return;
    }
    if (text.empty()) {
        return;
    }
    switch (into) {
        case Into::kParsed:
            (void)set_event_text(event, EventMap::kParsed, name, text);
            break;
        case Into::kMeta:
            (void)set_event_text(event, EventMap::kMeta, name, text);
            break;
        case Into::kEnriched:
            (void)set_event_text(event, EventMap::kEnriched, name, text);
            break;
        default:
            (void)set_event_target(event, name, text);
    }
}

bool GrokStep::apply(Value& event, ParserContext& context) const {
    std::optional<std::string> text;
    if (expression) {
        const auto said = expression->evaluate(scope_of(event, context));
        text = said ? written(*said) : std::nullopt;
    } else {
        text = event_field(event, apply_on);
    }
    if (!text || !grok) {
        return false;
    }
    Grok::Fields fields;
    const Pattern::Outcome outcome = grok->parse(*text, fields);
    context.given_up += outcome == Pattern::Outcome::kGaveUp ? 1 : 0;
    // What has no field has found nothing.
    if (outcome != Pattern::Outcome::kMatch || fields.empty()) {
        return false;
    }
    for (const auto& [name, taken] : fields) {
        (void)set_event_text(event, EventMap::kParsed, name, taken);
    }
    for (const Static& each : statics) {
        each.apply(event, context);
    }
    return true;
}

bool Whitelist::holds(Value& event, ParserContext& context) const {
    if (!prefixes.empty()) {
        const auto address = wire::Address::parse(event_text(event, EventMap::kMeta, "source_ip"));
        if (address && std::ranges::any_of(prefixes, [&](const wire::Prefix& each) {
                return each.contains(*address);
            })) {
            return true;
        }
    }
    return std::ranges::any_of(expressions, [&](const Expression& each) {
        return each.holds(scope_of(event, context));
    });
}

bool ParserNode::declare_stashes(Stash& stash) const {
    return std::ranges::all_of(
               stashes, [&](const StashStep& each
                        ) { return stash.declare(each.name, each.size, each.ttl_ns); }
           ) &&
           std::ranges::all_of(nodes, [&](const ParserNode& each) {
               return each.declare_stashes(stash);
           });
}

ParserNode::Outcome ParserNode::process(Value& event, ParserContext& context) const {
    if (filter && !filter->holds(scope_of(event, context))) {
        return {};
    }
    Outcome outcome{.is_success = true};
    outcome.is_whitelisted = whitelist && whitelist->holds(event, context);
    const bool has_matched = grok && grok->apply(event, context);
    outcome.is_success = !grok || has_matched;
    if (outcome.is_success) {
        for (const StashStep& each : stashes) {
            const auto key = each.key.evaluate(scope_of(event, context));
            const auto value = each.value.evaluate(scope_of(event, context));
            if (key && value && key->is_string() && value->is_string()) {
                context.stash.put(
                    each.name, std::string(text_of(*key)), std::string(text_of(*value)),
                    event_time(event)
                );
            }
        }
    }
    // Where a grok of this node has matched, the nodes below may all fail. Otherwise the last that was
    // asked decides, and where success ends the stage, the first that succeeds is the last.
    for (const ParserNode& each : nodes) {
        const Outcome below = each.process(event, context);
        outcome.is_whitelisted |= below.is_whitelisted;
        outcome.ends_stage |= below.ends_stage;
        if (below.is_success) {
            outcome.is_success = true;
            if (ends_stage) {
                break;
            }
        } else if (!has_matched) {
            outcome.is_success = false;
        }
    }
    if (!outcome.is_success) {
        return outcome;
    }
    if (!whitelist || outcome.is_whitelisted) {
        for (const Static& each : statics) {
            each.apply(event, context);
        }
    }
    outcome.ends_stage |= ends_stage;
    return outcome;
}

}  // namespace phantom::scenario
