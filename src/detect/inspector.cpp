#include "detect/inspector.h"

#include <algorithm>

#include "detect/packet_tests.h"

namespace phantom::detect {

namespace {

void sort_once(std::vector<RuleSet::Index>& indices) {
    std::ranges::sort(indices);
    const auto rest = std::ranges::unique(indices);
    indices.erase(rest.begin(), rest.end());
}

AppProtocol application_of(const Sighting& sighting) {
    return sighting.flow == nullptr ? AppProtocol::kUnknown : sighting.flow->application;
}

// base64_data looks into what base64_decode left.
bool holds_in(const Section& section, ByteView bytes, MatchContext& context) {
    if (section.transforms.empty()) {
        return holds_on(section.matches, bytes, context);
    }
    const std::vector<std::uint8_t> changed = apply(section.transforms, bytes);
    return holds_on(section.matches, changed, context);
}

bool decoded_holds(const Section& section, MatchContext& context) {
    const std::vector<std::uint8_t> decoded = context.base64;
    return !decoded.empty() && holds_in(section, decoded, context);
}

bool counter_holds(const CounterOption& option, const Flow& flow) {
    using enum CounterOption::Operation;
    const auto found = flow.counters.find(option.counter);
    const bool is_set = found != flow.counters.end();
    if (option.operation == kIsSet || option.operation == kNotSet) {
        return is_set == (option.operation == kIsSet);
    }
    std::uint64_t wanted = option.value;
    if (option.other) {
        const auto other = flow.counters.find(*option.other);
        wanted = other == flow.counters.end() ? 0 : other->second;
    }
    if (!is_set) {
        return false;
    }
    switch (option.operation) {
        case kLess:
            return found->second < wanted;
        case kAtMost:
            return found->second <= wanted;
        case kEqual:
            return found->second == wanted;
        case kNotEqual:
            return found->second != wanted;
        case kAtLeast:
            return found->second >= wanted;
        default:
            return found->second > wanted;
    }
}

}  // namespace

void Inspector::use(const RuleSet& rules) {
    rules_ = &rules;
    ++generation_;
}

// A flow that other rules were held against meets the new ones: bits and counters stay, since their names mean
// the same; so does what unchanged rules have said already. What lets it pass must still be in force.
void Inspector::adopt(Flow& flow) const {
    if (flow.rules_generation == generation_) {
        return;
    }
    if (flow.rules_generation != 0) {
        const auto is_gone = [this](std::uint64_t rule) { return !rules_->has(rule); };
        for (auto* const done :
             {&flow.address_rules_done, &flow.application_rules_done, &flow.stream_rules_done}) {
            std::erase_if(done->at(0), is_gone);
            std::erase_if(done->at(1), is_gone);
        }
        flow.addresses_inspected = {};
        if (flow.passed_by && is_gone(*flow.passed_by)) {
            flow.passed_by.reset();
        }
    }
    flow.rules_generation = generation_;
}

void Inspector::inspect(const Sighting& sighting, const Sink& sink) {
    if (sighting.flow != nullptr) {
        adopt(*sighting.flow);
        if (sighting.flow->passed_by) {
            return;
        }
    }
    matches_.clear();
    find_packet_candidates(sighting);
    inspect_packet(sighting);
    if (sighting.flow != nullptr && sighting.flow->parser) {
        inspect_messages(sighting);
    }
    tell(sighting, sink);
}

void Inspector::find_packet_candidates(const Sighting& sighting) {
    const Prefilter& prefilter = rules_->prefilter();
    candidates_ = rules_->unannounced_packet_rules();
    // A payload in order is the end of its stream: what is in it is found there.
    const ByteView payload = sighting.packet.payload;
    const bool is_end_of_chunk = payload.size() <= sighting.chunk.size() &&
                                 std::ranges::equal(payload, sighting.chunk.last(payload.size()));
    if (!is_end_of_chunk) {
        prefilter.scan(0, payload, candidates_);
    }
    prefilter.scan(0, sighting.chunk, candidates_);
    sort_once(candidates_);
}

void Inspector::inspect_packet(const Sighting& sighting) {
    for (const RuleSet::Index index : candidates_) {
        const RuleSet::Entry& entry = rules_->entry(index);
        if (entry.kind == RuleSet::Kind::kMessage) {
            continue;
        }
        bool from_stream = false;
        if (packet_rule(entry, sighting, from_stream) == Verdict::kYes) {
            change_state(entry.rule, sighting);
            matches_.push_back({.index = index, .from_stream = from_stream});
        }
    }
    if (sighting.flow != nullptr) {
        const std::size_t way = side(sighting.direction);
        sighting.flow->addresses_inspected[way] = true;
        if (sighting.chunk_ends) {
            sighting.flow->stream_rules_done[way].clear();
        }
    }
}

bool Inspector::header_and_flow_hold(const Rule& rule, const Sighting& sighting) const {
    if (!header_holds(rule, sighting.packet, application_of(sighting))) {
        return false;
    }
    const FlowTest& flow = rule.flow;
    if (flow.fragment && *flow.fragment != sighting.packet.is_fragment) {
        return false;
    }
    if (flow.is_empty() || flow.stateless) {
        return true;
    }
    if (sighting.flow == nullptr) {
        return !flow.direction && !flow.established;
    }
    return (!flow.direction || *flow.direction == sighting.direction) &&
           (!flow.established || *flow.established == sighting.flow->is_established());
}

// Rules that speak of a flow as a whole do it once.
bool Inspector::once_holds(const RuleSet::Entry& entry, const Sighting& sighting) {
    if (sighting.flow == nullptr) {
        return entry.rule.protocol != RuleProtocol::kApplication;
    }
    auto& done = sighting.flow->application_rules_done;
    if (entry.rule.protocol == RuleProtocol::kApplication) {
        return done[side(sighting.direction)].insert(entry.rule.identity).second;
    }
    if (entry.rule.application_test) {
        const auto& [wanted, negated] = *entry.rule.application_test;
        const AppProtocol is = sighting.flow->application;
        return is != AppProtocol::kUnknown && (is == wanted) != negated &&
               done[0].insert(entry.rule.identity).second;
    }
    const std::size_t way = side(sighting.direction);
    return !sighting.flow->addresses_inspected[way] &&
           sighting.flow->address_rules_done[way].insert(entry.rule.identity).second;
}

Inspector::Verdict Inspector::packet_rule(
    const RuleSet::Entry& entry, const Sighting& sighting, bool& from_stream
) {
    const Rule& rule = entry.rule;
    const bool is_end = sighting.packet.origin == Packet::Origin::kFlowEnd;
    if ((is_end && !entry.in_streams) || !header_and_flow_hold(rule, sighting)) {
        return Verdict::kNo;
    }
    if (!packet_conditions_hold(rule, sighting)) {
        return Verdict::kNo;
    }
    MatchContext context;
    for (const Section& section : rule.sections) {
        if (section.buffer == BufferId::kPayload) {
            if (!payload_holds(entry, section, sighting, from_stream, context)) {
                return Verdict::kNo;
            }
        } else if (section.buffer == BufferId::kBase64Data) {
            if (!decoded_holds(section, context)) {
                return Verdict::kNo;
            }
        } else {
            const auto bytes = header_buffer(section.buffer, sighting.packet);
            if (!bytes || !holds_in(section, *bytes, context)) {
                return Verdict::kNo;
            }
        }
    }
    if (!state_holds(rule, sighting)) {
        return Verdict::kNo;
    }
    if (entry.kind == RuleSet::Kind::kAddresses && !once_holds(entry, sighting)) {
        return Verdict::kNo;
    }
    if (from_stream) {
        sighting.flow->stream_rules_done[side(sighting.direction)].insert(rule.identity);
    }
    return Verdict::kYes;
}

// The packet's own payload, and what its stream has that was not looked at to the end.
bool Inspector::payload_holds(
    const RuleSet::Entry& entry, const Section& section, const Sighting& sighting,
    bool& from_stream, MatchContext& context
) const {
    const bool stands_alone =
        entry.in_streams && !sighting.payload_in_stream && !entry.rule.flow.only_stream;
    const bool in_packet = entry.in_packets || stands_alone;
    const bool is_end = sighting.packet.origin == Packet::Origin::kFlowEnd;
    const ByteView payload = sighting.packet.payload;
    if (in_packet && !is_end && (!payload.empty() || sighting.packet.is_udp())) {
        if (holds_in(section, payload, context)) {
            return true;
        }
    }
    if (!entry.in_streams || sighting.chunk.empty() ||
        (entry.waits_for_end && !sighting.chunk_ends)) {
        return false;
    }
    const auto& done = sighting.flow->stream_rules_done[side(sighting.direction)];
    if (done.contains(entry.rule.identity)) {
        return false;
    }
    context = {};
    from_stream = holds_in(section, sighting.chunk, context);
    return from_stream;
}

bool Inspector::packet_conditions_hold(const Rule& rule, const Sighting& sighting) const {
    const auto holds_here = [&](const PacketTest& test) { return holds(test, sighting.packet); };
    if (!std::ranges::all_of(rule.packet_tests, holds_here)) {
        return false;
    }
    const bool events_here =
        rule.asks_events_of_application ||
        std::ranges::all_of(rule.events, [&](Event each) { return sighting.packet.has(each); });
    if (!events_here) {
        return false;
    }
    if (rule.application_test && application_of(sighting) == AppProtocol::kUnknown) {
        return false;
    }
    if (rule.application_test) {
        const auto& [wanted, negated] = *rule.application_test;
        if ((application_of(sighting) == wanted) == negated) {
            return false;
        }
    }
    return std::ranges::all_of(rule.stream_sizes, [&](const StreamSizeTest& test) {
        if (sighting.flow == nullptr || sighting.flow->protocol != kIpTcp) {
            return false;
        }
        const bool client = test.test.holds(sighting.flow->streams[0].highest());
        const bool server = test.test.holds(sighting.flow->streams[1].highest());
        switch (test.side) {
            case StreamSizeTest::Side::kClient:
                return client;
            case StreamSizeTest::Side::kServer:
                return server;
            case StreamSizeTest::Side::kBoth:
                return client && server;
            case StreamSizeTest::Side::kEither:
                return client || server;
        }
        return false;
    });
}

bool Inspector::state_holds(const Rule& rule, const Sighting& sighting) {
    for (const BitOption& option : rule.bits) {
        if (!option.is_question()) {
            continue;
        }
        const bool any = std::ranges::any_of(option.bits, [&](std::uint64_t bit) {
            return option.scope == BitOption::Scope::kFlow
                       ? sighting.flow != nullptr && sighting.flow->bits.contains(bit)
                       : host_bits_.is_set(option, bit, sighting.packet);
        });
        // "isnotset,a|b": one of them at least is not.
        const bool all = std::ranges::all_of(option.bits, [&](std::uint64_t bit) {
            return option.scope == BitOption::Scope::kFlow
                       ? sighting.flow != nullptr && sighting.flow->bits.contains(bit)
                       : host_bits_.is_set(option, bit, sighting.packet);
        });
        if (option.operation == BitOption::Operation::kIsSet ? !any : all) {
            return false;
        }
    }
    return std::ranges::all_of(rule.counters, [&](const CounterOption& option) {
        return !option.is_question() ||
               (sighting.flow != nullptr && counter_holds(option, *sighting.flow));
    });
}

void Inspector::change_state(const Rule& rule, const Sighting& sighting) {
    for (const BitOption& option : rule.bits) {
        if (option.is_question()) {
            continue;
        }
        if (option.scope != BitOption::Scope::kFlow) {
            host_bits_.change(option, sighting.packet);
        } else if (sighting.flow != nullptr) {
            auto& bits = sighting.flow->bits;
            const std::uint64_t bit = option.bits.front();
            const bool sets =
                option.operation == BitOption::Operation::kSet ||
                (option.operation == BitOption::Operation::kToggle && !bits.contains(bit));
            if (sets) {
                bits.insert(bit);
            } else {
                bits.erase(bit);
            }
        }
    }
    for (const CounterOption& option : rule.counters) {
        if (option.is_question() || sighting.flow == nullptr) {
            continue;
        }
        auto& counters = sighting.flow->counters;
        const std::uint64_t value = option.other ? counters[*option.other] : option.value;
        std::uint64_t& counter = counters[option.counter];
        using enum CounterOption::Operation;
        counter = option.operation == kSet   ? value
                  : option.operation == kAdd ? counter + value
                                             : counter - value;
    }
}

// In the order of the rules. What passes hides what comes behind it.
void Inspector::tell(const Sighting& sighting, const Sink& sink) {
    std::ranges::sort(matches_, {}, [](const Match& match) {
        return std::pair(match.index, match.transaction == nullptr ? 0 : match.transaction->id);
    });
    for (const Match& match : matches_) {
        const RuleSet::Entry& entry = rules_->entry(match.index);
        const Rule& rule = entry.rule;
        if (rule.detection_filter &&
            !thresholds_.admits(
                *rule.detection_filter, rule.identity, sighting.packet, sighting.flow
            )) {
            continue;
        }
        if (rule.action == RuleAction::kPass) {
            const bool whole_flow = entry.kind != RuleSet::Kind::kPacket || match.from_stream;
            if (sighting.flow != nullptr && whole_flow) {
                sighting.flow->passed_by = rule.identity;
            }
            return;
        }
        if (rule.threshold &&
            !thresholds_.admits(*rule.threshold, rule.identity, sighting.packet, sighting.flow)) {
            continue;
        }
        if (!rule.is_silent) {
            sink(
                {.rule = rule,
                 .packet = sighting.packet,
                 .flow = sighting.flow,
                 .direction = sighting.direction,
                 .transaction = match.transaction,
                 .from_stream = match.from_stream}
            );
        }
    }
}

}  // namespace phantom::detect
