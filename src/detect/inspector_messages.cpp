#include <algorithm>

#include "detect/inspector.h"
#include "detect/packet_tests.h"

namespace phantom::detect {

namespace {

bool has_ended(const Transaction::Side& there) {
    return there.stage == Stage::kComplete;
}

bool number_holds(
    const MessageNumberTest& test, const Transaction& transaction, Direction direction
) {
    if (test.number == MessageNumber::kUriSize || test.number == MessageNumber::kUriRawSize) {
        const auto views = transaction.views(
            test.number == MessageNumber::kUriSize ? BufferId::kHttpUri : BufferId::kHttpUriRaw,
            direction
        );
        return !views.empty() && test.test.holds(views.front().size());
    }
    return std::ranges::any_of(transaction.numbers, [&](const Transaction::Number& each) {
        return each.number == test.number && each.direction == direction &&
               test.test.holds(each.value);
    });
}

Stage stage_of(MessageNumber number) {
    return number == MessageNumber::kUriSize || number == MessageNumber::kUriRawSize
               ? Stage::kLine
               : Stage::kHeaders;
}

// What has to be there before the rule can be decided.
Stage stage_needed(const Rule& rule) {
    Stage needed = rule.asks_events_of_application ? Stage::kLine : Stage::kNothing;
    for (const Section& section : rule.sections) {
        needed = std::max(needed, info(section.buffer).stage);
    }
    for (const MessageNumberTest& test : rule.message_numbers) {
        needed = std::max(needed, stage_of(test.number));
    }
    return needed;
}

bool flows_there(const Rule& rule, Direction direction) {
    const bool sections = std::ranges::all_of(rule.sections, [&](const Section& section) {
        return info(section.buffer).protocol == AppProtocol::kUnknown ||
               flows(section.buffer, direction);
    });
    const bool about_uri = std::ranges::any_of(rule.message_numbers, [](const auto& test) {
        return stage_of(test.number) == Stage::kLine;
    });
    return sections && (!about_uri || direction == Direction::kToServer) &&
           (!rule.flow.direction || *rule.flow.direction == direction);
}

}  // namespace

void Inspector::inspect_messages(const Sighting& sighting) {
    auto& transactions = sighting.flow->parser->transactions();
    for (const auto& transaction : transactions.all()) {
        Transaction::Side& there = transaction->of(sighting.direction);
        if (there.is_inspected) {
            continue;
        }
        find_message_candidates(sighting, *transaction);
        inspect_message(sighting, *transaction);
        there.is_inspected = has_ended(there);
    }
}

void Inspector::find_message_candidates(const Sighting& sighting, Transaction& transaction) const {
    Transaction::Side& there = transaction.of(sighting.direction);
    const AppProtocol protocol = sighting.flow->application;
    if (there.rules_generation != generation_) {
        there.rules_generation = generation_;
        there.candidates.clear();
        there.searched.clear();
        there.searched_at = Stage::kNothing;
    }
    if (there.searched_at == there.stage) {
        return;
    }
    if (there.searched_at == Stage::kNothing) {
        there.candidates = rules_->unannounced_message_rules(protocol);
    }
    there.searched_at = there.stage;
    for (const std::size_t number : rules_->searched(protocol)) {
        const InspectedBuffer& inspected = rules_->inspected()[number];
        const bool searched = std::ranges::find(there.searched, number) != there.searched.end();
        if (searched || !flows(inspected.buffer, sighting.direction) ||
            there.stage < info(inspected.buffer).stage) {
            continue;
        }
        for (const ByteView bytes : transaction.views(inspected.buffer, sighting.direction)) {
            if (inspected.transforms.empty()) {
                rules_->prefilter().scan(number, bytes, there.candidates);
            } else {
                const auto changed = apply(inspected.transforms, bytes);
                rules_->prefilter().scan(number, changed, there.candidates);
            }
        }
        // A body may be looked at before its end, and grows.
        if (info(inspected.buffer).stage != Stage::kBody || has_ended(there)) {
            there.searched.push_back(number);
        }
    }
    std::ranges::sort(there.candidates);
    const auto rest = std::ranges::unique(there.candidates);
    there.candidates.erase(rest.begin(), rest.end());
}

void Inspector::inspect_message(const Sighting& sighting, Transaction& transaction) {
    Transaction::Side& there = transaction.of(sighting.direction);
    for (const RuleSet::Index index : there.candidates) {
        const Rule& rule = rules_->entry(index).rule;
        if (std::ranges::find(there.decided, rule.identity) != there.decided.end()) {
            continue;
        }
        const Verdict verdict = message_rule(rule, sighting, transaction);
        if (verdict == Verdict::kYes) {
            change_state(rule, sighting);
            matches_.push_back({.index = index, .transaction = &transaction});
        }
        if (verdict != Verdict::kNotYet) {
            there.decided.push_back(rule.identity);
        }
    }
}

Inspector::Verdict Inspector::message_rule(
    const Rule& rule, const Sighting& sighting, const Transaction& transaction
) {
    if (!flows_there(rule, sighting.direction)) {
        return Verdict::kNo;
    }
    const Transaction::Side& there = transaction.of(sighting.direction);
    if (there.stage < stage_needed(rule) || !header_and_flow_hold(rule, sighting) ||
        !packet_conditions_hold(rule, sighting)) {
        return Verdict::kNotYet;
    }
    if (rule.asks_events_of_application) {
        const bool all = std::ranges::all_of(rule.events, [&](Event event) {
            return there.events.test(static_cast<std::size_t>(event));
        });
        if (!all) {
            return Verdict::kNotYet;
        }
    }
    for (const MessageNumberTest& test : rule.message_numbers) {
        if (!number_holds(test, transaction, sighting.direction)) {
            return Verdict::kNo;
        }
    }
    MatchContext context;
    for (const Section& section : rule.sections) {
        if (!section_holds(section, sighting, transaction, context)) {
            return Verdict::kNotYet;
        }
    }
    return state_holds(rule, sighting) ? Verdict::kYes : Verdict::kNotYet;
}

bool Inspector::section_holds(
    const Section& section, const Sighting& sighting, const Transaction& transaction,
    MatchContext& context
) const {
    const auto holds_in = [&](ByteView bytes) {
        if (section.transforms.empty()) {
            return holds_on(section.matches, bytes, context);
        }
        const auto changed = apply(section.transforms, bytes);
        return holds_on(section.matches, changed, context);
    };
    if (section.buffer == BufferId::kBase64Data) {
        const std::vector<std::uint8_t> decoded = context.base64;
        return !decoded.empty() && holds_in(decoded);
    }
    if (section.buffer == BufferId::kPayload) {
        const StreamSide& stream = sighting.flow->stream(sighting.direction);
        return sighting.flow->protocol == kIpTcp ? holds_in(stream.view(0, stream.in_order()))
                                                 : holds_in(sighting.packet.payload);
    }
    if (info(section.buffer).protocol == AppProtocol::kUnknown) {
        const auto bytes = header_buffer(section.buffer, sighting.packet);
        return bytes && holds_in(*bytes);
    }
    const auto views = transaction.views(section.buffer, sighting.direction);
    if (views.empty()) {
        return std::holds_alternative<AbsentMatch>(section.matches.front());
    }
    return std::ranges::any_of(views, holds_in);
}

}  // namespace phantom::detect
