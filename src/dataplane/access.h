#pragma once

// The policy at work on the packets of one shard. A packet that came in is admitted when
//   1. a grant covers its flow, or
//   2. it answers a flow that a grant covers and that was seen going out from here, or
//   3. it is an ICMP error about a packet of such a flow, or
//   4. it is a later fragment of a packet whose first fragment was admitted.
// So who may answer never depends on memory alone: when a policy takes a grant away, its connections
// end with it, and when it does not, they live on.
//
// The first packet of a flow costs some binary searches; the others a hash and one cache line.
// Thread: the shard's. No locks, no allocation after construction.

#include <cstdint>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "dataplane/flow_cache.h"
#include "dataplane/reply_table.h"
#include "policy/compiled.h"

namespace phantom::dataplane {

// How long after the last packet out an answer may come in.
inline constexpr std::uint32_t kTcpReplyS = 7'440;  // RFC 5382, REQ-5: 2 hours and 4 minutes
inline constexpr std::uint32_t kUdpReplyS = 180;    // RFC 4787, REQ-5: not under 2 minutes
inline constexpr std::uint32_t kIcmpReplyS = 60;    // RFC 5508, REQ-1
// A flow that goes on is noted again as often.
inline constexpr std::uint32_t kReplyRefreshS = 5;

// What the control thread publishes. `generation` is never 0 and never comes back.
struct AccessRules {
    std::shared_ptr<const policy::CompiledPolicy> policy;
    std::uint32_t generation;
};

// What all shards of a tunnel share.
struct AccessState {
    explicit AccessState(Random& random) : hash(random) {}
    FlowHash hash;
    ReplyTable replies;
};

class AccessFilter {
  public:
    explicit AccessFilter(AccessState& state) : state_(state) {}

    // For the batch at hand. Null: no policy, everything is admitted.
    void begin_batch(const AccessRules* rules, Instant now) {
        rules_ = rules;
        now_s_ = static_cast<std::uint32_t>(now.ns / 1'000'000'000) + 1;
    }

    // Of a packet from a peer whose right to its source address was checked.
    [[nodiscard]] bool admits(ByteView packet, const wire::IpPacket& ip) {
        return rules_ == nullptr || judge(packet, ip);
    }
    // A packet on its way to a peer.
    void note_sent(ByteView packet, const wire::IpPacket& ip) {
        if (rules_ != nullptr) {
            remember(packet, ip);
        }
    }

  private:
    // What stands in the cache of flows that came in.
    enum class Known : std::uint32_t { kGranted, kAnswer, kNeither };

    // What the cache needs of a packet.
    struct Glance {
        FlowPrint print;
        std::uint8_t protocol;
        bool begins_tcp;
    };

    // Of whole TCP and UDP packets, straight from the packet: the common case. None: look closer.
    [[nodiscard]] std::optional<Glance> glance(ByteView packet, const wire::IpPacket& ip) const;
    [[nodiscard]] bool judge(ByteView packet, const wire::IpPacket& ip);
    [[nodiscard]] bool judge_closely(ByteView packet, const wire::IpPacket& ip);
    [[nodiscard]] bool admits_flow(const policy::Flow& flow, bool begins_tcp);
    [[nodiscard]] bool admits_known(Known known, const Glance& glance) const;
    void remember(ByteView packet, const wire::IpPacket& ip);

    AccessState& state_;
    const AccessRules* rules_ = nullptr;
    std::uint32_t now_s_ = 1;
    FlowCache came_in_;
    FlowCache went_out_;
};

}  // namespace phantom::dataplane
