#include "ml/flow_table.h"

#include <array>
#include <tuple>

#include "wire/ip.h"

namespace phantom::ml {

std::string_view name_of(FlowEnd end) {
    static constexpr std::array<std::string_view, 5> kNames{
        "idle", "active", "closed", "evicted", "end",
    };
    return kNames[static_cast<std::size_t>(end)];
}

std::size_t FlowTable::Hash::operator()(const Key& key) const {
    const std::uint64_t ports =
        std::uint64_t{key.low_port} << 32U | std::uint64_t{key.high_port} << 16U | key.protocol;
    return mixed(hash_of(key.high, hash_of(key.low, seed)), ports);
}

FlowTable::Key FlowTable::key_of(const PacketFacts& packet) {
    Key key{
        .low = packet.source,
        .high = packet.destination,
        .low_port = packet.source_port,
        .high_port = packet.destination_port,
        .protocol = packet.protocol,
    };
    if (std::tie(key.high, key.high_port) < std::tie(key.low, key.low_port)) {
        std::swap(key.low, key.high);
        std::swap(key.low_port, key.high_port);
    }
    return key;
}

const FlowRecord& FlowTable::add(const PacketFacts& packet, const Farewell& farewell) {
    expire(packet.time_us, farewell);
    Place& place = place_of(packet, farewell);
    place.flow.add(packet);
    const auto found = places_.find(place.key)->second;
    Order& from = place.lingers ? lingering_ : open_;
    place.lingers = place.flow.is_over();
    Order& to = place.lingers ? lingering_ : open_;
    to.splice(to.end(), from, found);
    return place.flow;
}

FlowTable::Place& FlowTable::place_of(const PacketFacts& packet, const Farewell& farewell) {
    const Key key = key_of(packet);
    if (const auto found = places_.find(key); found != places_.end()) {
        const FlowRecord& flow = found->second->flow;
        // A clean SYN behind an end begins another one.
        const bool begins_anew = flow.is_over() && packet.has(kFlagSyn) && !packet.has(kFlagAck);
        const bool is_old = packet.time_us - flow.begun_us() > kFlowActiveUs;
        if (!begins_anew && !is_old) {
            return *found->second;
        }
        erase(found->second, begins_anew ? FlowEnd::kClosed : FlowEnd::kActive, farewell);
    }
    if (places_.size() == kFlowsMax) {
        ++evicted_;
        erase(lingering_.empty() ? open_.begin() : lingering_.begin(), FlowEnd::kEvicted, farewell);
    }
    open_.push_back({.key = key, .flow = FlowRecord(packet, recent_.add(packet))});
    places_.emplace(key, std::prev(open_.end()));
    return open_.back();
}

void FlowTable::expire(std::int64_t now_us, const Farewell& farewell) {
    while (!lingering_.empty() && now_us - lingering_.front().flow.last_us() > kFlowLingerUs) {
        erase(lingering_.begin(), FlowEnd::kClosed, farewell);
    }
    while (!open_.empty() && now_us - open_.front().flow.last_us() > kFlowIdleUs) {
        erase(open_.begin(), FlowEnd::kIdle, farewell);
    }
}

void FlowTable::end_all(const Farewell& farewell) {
    while (!lingering_.empty()) {
        erase(lingering_.begin(), FlowEnd::kClosed, farewell);
    }
    while (!open_.empty()) {
        erase(open_.begin(), FlowEnd::kEnd, farewell);
    }
}

void FlowTable::erase(Order::iterator place, FlowEnd end, const Farewell& farewell) {
    farewell(place->flow, end);
    places_.erase(place->key);
    (place->lingers ? lingering_ : open_).erase(place);
}

}  // namespace phantom::ml
