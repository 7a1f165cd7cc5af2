#pragma once

// Conversations: who talks to whom, what state that is in, and a bounded table of them.

#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "detect/app_parser.h"
#include "detect/packet.h"
#include "detect/stream.h"

namespace phantom::detect {

inline constexpr std::size_t kFlowsMax = 65'536;
// Of all flows together: bytes of streams and messages that wait for something.
inline constexpr std::size_t kFlowBytesMax = 256U << 20U;
inline constexpr std::uint64_t kFlowIdleUs = 300'000'000;
inline constexpr std::uint64_t kTcpIdleUs = 3'600'000'000;

struct FlowKey {
    wire::Address low;
    wire::Address high;
    std::uint16_t low_port = 0;
    std::uint16_t high_port = 0;
    std::uint8_t protocol = 0;
    std::uint16_t vlan = 0;

    friend bool operator==(const FlowKey&, const FlowKey&) = default;
    // The same for both directions.
    [[nodiscard]] static FlowKey of(const Packet& packet);
};

enum class TcpState : std::uint8_t {
    kNone,  // not followed: its beginning was not seen
    kSynSent,
    kSynReceived,
    kEstablished,
    kClosing,
    kClosed,
};

struct Flow {
    std::uint64_t id = 0;
    FlowKey key;
    wire::Address client;
    wire::Address server;
    std::uint16_t client_port = 0;
    std::uint16_t server_port = 0;
    std::uint8_t protocol = 0;
    std::uint64_t begun_us = 0;
    std::uint64_t last_us = 0;
    std::array<std::uint64_t, 2> packets{};
    std::array<std::uint64_t, 2> bytes{};

    TcpState state = TcpState::kNone;
    std::array<StreamSide, 2> streams;
    bool was_reset = false;

    AppProtocol application = AppProtocol::kUnknown;
    std::array<bool, 2> recognition_failed{};
    std::unique_ptr<AppParser> parser;
    bool application_is_new = false;  // recognised with this packet

    std::size_t accounted = 0;  // the flow's part of what the table holds

    // What rules left behind. Names and rules are known by numbers that outlive a rule set.
    std::set<std::uint64_t> bits;
    std::map<std::uint64_t, std::uint64_t> counters;
    std::array<bool, 2> addresses_inspected{};
    std::array<std::set<std::uint64_t>, 2> address_rules_done;
    std::array<std::set<std::uint64_t>, 2> application_rules_done;
    std::array<std::set<std::uint64_t>, 2> stream_rules_done;  // in the part inspected now
    std::optional<std::uint64_t> passed_by;  // the rule that lets the rest of it pass
    std::uint64_t rules_generation = 0;      // of the inspector's, that it was looked at with

    [[nodiscard]] Direction direction_of(const Packet& packet) const {
        return packet.source == client && packet.source_port == client_port ? Direction::kToServer
                                                                            : Direction::kToClient;
    }
    // The first that was seen was an answer.
    void turn_round();
    [[nodiscard]] bool is_established() const {
        return protocol == kIpTcp ? state >= TcpState::kEstablished
                                  : packets[0] > 0 && packets[1] > 0;
    }
    [[nodiscard]] std::size_t held() const;
    [[nodiscard]] StreamSide& stream(Direction direction) { return streams[side(direction)]; }
};

class FlowTable {
  public:
    // Called with a flow that is about to go.
    using Farewell = std::function<void(Flow&)>;

    // The flow of a packet, new where there was none. Borrowed until the next call.
    [[nodiscard]] Flow& of(const Packet& packet, const Farewell& farewell);
    // After a packet of `flow`: what it holds now. Where all hold too much, the oldest go.
    void account(Flow& flow, const Farewell& farewell);
    [[nodiscard]] std::size_t held() const { return held_; }
    // Oldest first.
    void end_all(const Farewell& farewell);
    [[nodiscard]] std::size_t size() const { return flows_.size(); }

  private:
    struct Hash {
        std::size_t operator()(const FlowKey& key) const;
    };
    using Order = std::list<std::unique_ptr<Flow>>;

    [[nodiscard]] Flow& begin(const Packet& packet, const FlowKey& key);
    void erase(
        std::unordered_map<FlowKey, Order::iterator, Hash>::iterator found, const Farewell& farewell
    );

    Order order_;  // least recently used first
    std::unordered_map<FlowKey, Order::iterator, Hash> flows_;
    std::size_t held_ = 0;
    std::uint64_t next_id_ = 1;
};

}  // namespace phantom::detect
