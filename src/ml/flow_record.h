#pragma once

// One flow as it is counted: constant work for each packet, constant memory. Pure.

#include <array>
#include <cstdint>
#include <string_view>

#include "ml/features.h"
#include "ml/packet_facts.h"
#include "ml/running.h"

namespace phantom::ml {

// The numbers are values of the feature `state`.
enum class FlowState : std::uint8_t {
    kNotTcp = 0,
    kAsked = 1,
    kAnswered = 2,
    kEstablished = 3,
    kClosing = 4,
    kClosed = 5,
    kReset = 6,
    kMidstream = 7,  // its beginning was not seen
};
[[nodiscard]] std::string_view name_of(FlowState state);

// How many of the flows that began before it are like it (see recent_flows.h).
struct RecentCounts {
    std::uint32_t source = 0;
    std::uint32_t destination = 0;
    std::uint32_t service = 0;
    std::uint32_t pair = 0;
};

class FlowRecord {
  public:
    // Of its first packet, which still is to be added. A SYN-ACK or the answer of a well-known port that
    // comes first is of who was asked: forward is then the other way.
    FlowRecord(const PacketFacts& first, RecentCounts recent);

    void add(const PacketFacts& packet);

    [[nodiscard]] Features features() const;
    [[nodiscard]] FlowState state() const { return state_; }
    // No more is to come but stragglers.
    [[nodiscard]] bool is_over() const {
        return state_ == FlowState::kClosed || state_ == FlowState::kReset;
    }

    [[nodiscard]] const wire::Address& client() const { return client_; }
    [[nodiscard]] const wire::Address& server() const { return server_; }
    [[nodiscard]] std::uint16_t client_port() const { return client_port_; }
    [[nodiscard]] std::uint16_t server_port() const { return server_port_; }
    [[nodiscard]] std::uint8_t protocol() const { return protocol_; }
    [[nodiscard]] std::int64_t begun_us() const { return begun_us_; }
    [[nodiscard]] std::int64_t last_us() const { return last_us_; }

  private:
    struct Side {
        std::uint64_t bytes = 0;
        std::uint64_t payload = 0;
        Running sizes;
        Running gaps_s;
        std::int64_t last_us = 0;
        std::uint8_t ttl = 0;
        std::uint8_t flags = 0;
        std::uint16_t window = 0;
        std::uint32_t highest = 0;  // the sequence number behind all that was sent
        std::uint32_t repeated = 0;
        bool is_closed = false;
    };

    void count(Side& side, const PacketFacts& packet) const;
    void follow_tcp(const PacketFacts& packet, bool is_forward);
    static void note_repeated(Side& side, const PacketFacts& packet);
    static void fill(const Side& side, bool is_forward, Features& features);

    wire::Address client_;
    wire::Address server_;
    std::uint16_t client_port_ = 0;
    std::uint16_t server_port_ = 0;
    std::uint8_t protocol_ = 0;
    FlowState state_ = FlowState::kNotTcp;
    RecentCounts recent_;
    std::int64_t begun_us_ = 0;
    std::int64_t last_us_ = 0;
    std::int64_t answered_us_ = 0;   // the SYN-ACK
    std::int64_t handshake_us_ = 0;  // what the handshake's last step took
    std::uint32_t first_payload_ = 0;
    std::uint32_t syn_ = 0;
    std::uint32_t fin_ = 0;
    std::uint32_t reset_ = 0;
    std::uint32_t push_ = 0;
    std::int64_t answer_delay_us_ = 0;
    std::array<Side, 2> sides_;  // forward, backward
};

}  // namespace phantom::ml
