#include "detect/thresholds.h"

namespace phantom::detect {

Thresholds::Key Thresholds::key_of(
    const Threshold& threshold, std::uint64_t rule, const Packet& packet, const Flow* flow
) {
    const bool filter = threshold.kind == Threshold::Kind::kDetectionFilter;
    switch (threshold.track) {
        case Threshold::Track::kSource:
            return {rule, filter, packet.source, {}, 0};
        case Threshold::Track::kDestination:
            return {rule, filter, {}, packet.destination, 0};
        case Threshold::Track::kBoth:
            return {rule, filter, packet.source, packet.destination, 0};
        case Threshold::Track::kFlow:
            return {rule, filter, {}, {}, flow == nullptr ? 0 : flow->id};
        case Threshold::Track::kRule:
            break;
    }
    return {rule, filter, {}, {}, 0};
}

// Matches so far; with unique_on, ports so far.
std::uint64_t Thresholds::counted(const Threshold& threshold, State& state, const Packet& packet) {
    if (threshold.unique == Threshold::Unique::kNone) {
        return ++state.count;
    }
    const std::uint16_t port = threshold.unique == Threshold::Unique::kSourcePort
                                   ? packet.source_port
                                   : packet.destination_port;
    if (state.ports.size() < kUniquePortsMax) {
        state.ports.insert(port);
    }
    return state.ports.size();
}

bool Thresholds::admits(
    const Threshold& threshold, std::uint64_t rule, const Packet& packet, const Flow* flow
) {
    const Key key = key_of(threshold, rule, packet, flow);
    State& state = states_.of(key);
    const std::uint64_t span_us = static_cast<std::uint64_t>(threshold.seconds) * 1'000'000;
    const bool is_over = packet.time_us > state.begun_us + span_us;
    const bool counts_for_ever = threshold.kind == Threshold::Kind::kBackoff;
    if (state.begun_us == 0 || (is_over && !counts_for_ever)) {
        state = {.begun_us = packet.time_us, .next = threshold.count, .ports = {}};
    }
    const std::uint64_t count = counted(threshold, state, packet);
    switch (threshold.kind) {
        case Threshold::Kind::kLimit:
            return count <= threshold.count;
        case Threshold::Kind::kThreshold:
            if (count < threshold.count) {
                return false;
            }
            state.begun_us = 0;
            return true;
        case Threshold::Kind::kBoth:
            return count == threshold.count;
        case Threshold::Kind::kDetectionFilter:
            return threshold.unique == Threshold::Unique::kNone ? count > threshold.count
                                                                : count >= threshold.count;
        case Threshold::Kind::kBackoff:
            if (count < state.next) {
                return false;
            }
            state.next *= threshold.multiplier;
            return true;
    }
    return true;
}

}  // namespace phantom::detect
