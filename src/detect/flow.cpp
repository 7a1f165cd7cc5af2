#include "detect/flow.h"

#include <tuple>

namespace phantom::detect {

namespace {

constexpr std::uint64_t kHashPrime = 0x9e37'79b9'7f4a'7c15ULL;

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * kHashPrime;
    return hash ^ hash >> 32U;
}

std::uint64_t address_hash(std::uint64_t hash, const wire::Address& address) {
    hash = mixed(hash, load_le<std::uint64_t>(address.bytes.data()));
    return mixed(hash, load_le<std::uint64_t>(address.bytes.data() + 8));
}

}  // namespace

FlowKey FlowKey::of(const Packet& packet) {
    FlowKey key{
        .low = packet.source,
        .high = packet.destination,
        .low_port = packet.source_port,
        .high_port = packet.destination_port,
        .protocol = packet.protocol,
        .vlan = packet.vlans.empty() ? std::uint16_t{0} : packet.vlans.front()
    };
    if (std::tie(key.high, key.high_port) < std::tie(key.low, key.low_port)) {
        std::swap(key.low, key.high);
        std::swap(key.low_port, key.high_port);
    }
    return key;
}

std::size_t Flow::held() const {
    const std::size_t messages = parser ? parser->transactions().held() : 0;
    return streams[0].held() + streams[1].held() + messages;
}

void Flow::turn_round() {
    std::swap(client, server);
    std::swap(client_port, server_port);
    std::swap(packets[0], packets[1]);
    std::swap(bytes[0], bytes[1]);
    std::swap(streams[0], streams[1]);
}

std::size_t FlowTable::Hash::operator()(const FlowKey& key) const {
    std::uint64_t hash = mixed(key.protocol, key.vlan);
    hash = address_hash(hash, key.low);
    hash = address_hash(hash, key.high);
    return mixed(hash, static_cast<std::uint64_t>(key.low_port) << 16U | key.high_port);
}

Flow& FlowTable::of(const Packet& packet, const Farewell& farewell) {
    const FlowKey key = FlowKey::of(packet);
    const auto found = flows_.find(key);
    if (found == flows_.end()) {
        if (flows_.size() >= kFlowsMax) {
            erase(flows_.find(order_.front()->key), farewell);
        }
        return begin(packet, key);
    }
    Flow& flow = **found->second;
    const std::uint64_t idle_max = flow.protocol == kIpTcp ? kTcpIdleUs : kFlowIdleUs;
    // A clean SYN on a connection that is over begins another one.
    const bool begins_anew = packet.is_tcp() && packet.tcp.has(kTcpSynFlag) &&
                             !packet.tcp.has(kTcpAckFlag) && flow.state >= TcpState::kClosing;
    if (begins_anew || packet.time_us > flow.last_us + idle_max) {
        erase(found, farewell);
        return begin(packet, key);
    }
    order_.splice(order_.end(), order_, found->second);
    return flow;
}

Flow& FlowTable::begin(const Packet& packet, const FlowKey& key) {
    auto flow = std::make_unique<Flow>();
    flow->id = next_id_++;
    flow->key = key;
    flow->client = packet.source;
    flow->server = packet.destination;
    flow->client_port = packet.source_port;
    flow->server_port = packet.destination_port;
    flow->protocol = packet.protocol;
    flow->begun_us = packet.time_us;
    flow->last_us = packet.time_us;
    order_.push_back(std::move(flow));
    flows_.emplace(key, std::prev(order_.end()));
    return *order_.back();
}

void FlowTable::erase(
    std::unordered_map<FlowKey, Order::iterator, Hash>::iterator found, const Farewell& farewell
) {
    farewell(**found->second);
    held_ -= (*found->second)->accounted;
    order_.erase(found->second);
    flows_.erase(found);
}

void FlowTable::account(Flow& flow, const Farewell& farewell) {
    held_ -= flow.accounted;
    flow.accounted = flow.held();
    held_ += flow.accounted;
    while (held_ > kFlowBytesMax && flows_.size() > 1) {
        erase(flows_.find(order_.front()->key), farewell);
    }
}

void FlowTable::end_all(const Farewell& farewell) {
    while (!order_.empty()) {
        erase(flows_.find(order_.front()->key), farewell);
    }
}

}  // namespace phantom::detect
