#pragma once

// What the packet shards share with the control thread about one peer: where to send, with which
// session, and what happened lately. The control thread (wireguard::Device) creates, publishes and
// retires; shards read pointers between two quiescent points and write only the atomics below.
//
// An authentic packet moves the endpoint (paper 2.1), but between a relayed way and a direct one only
// whoever runs the mesh changes: both may work at once, and packets of both may be on their way.
//
// Pointers read from here stay valid until the shard's next quiescent point (see Actions::retired).

#include <atomic>
#include <cstdint>

#include "base/clock.h"
#include "crypto/noise.h"
#include "wire/address.h"
#include "wire/relay_frame.h"
#include "wireguard/allowance.h"
#include "wireguard/session.h"

namespace phantom::wireguard {

// Never reused while the program runs.
using PeerId = std::uint64_t;

// Why a shard calls for the control thread. Each is reported once until the Device has seen it
// (PeerPath::claim).
enum class PathEvent : std::uint8_t {
    kWantsHandshake,  // no usable session, or the session is due for renewal
    kConfirmed,       // first authentic packet on a session the responder has not used yet
    kActive,          // a timer must be armed for traffic that just began
    kRoamed,          // an authentic packet came from another endpoint
};

struct PathReport {
    PeerId peer = 0;
    PathEvent event = PathEvent::kActive;
    std::uint32_t local_index = 0;  // kConfirmed: the session
    wire::Endpoint endpoint{};      // kRoamed: where it came from
};

// The two questions the timers ask (paper 6.4, 6.5), kept as the time of the oldest event not yet
// answered; zero when there is none.
class Activity {
  public:
    // Shards call these once per batch and peer, after sending or authenticating. `data` is false
    // for a keepalive. True: report PathEvent::kActive.
    [[nodiscard]] bool on_sent(Instant now, bool data);
    [[nodiscard]] bool on_received(Instant now, bool data);

    // Control thread: handshake messages are authentic packets too, but carry no data.
    void on_handshake_sent(Instant now);
    void on_handshake_received(Instant now);
    void reset();

    std::atomic<std::int64_t> unanswered_sent_ns{0};      // data sent, nothing authentic since
    std::atomic<std::int64_t> unanswered_received_ns{0};  // data received, nothing sent since
    std::atomic<std::int64_t> last_data_received_ns{0};
    std::atomic<std::int64_t> last_traffic_ns{0};  // any authentic packet, either way
    std::atomic<std::int64_t> last_data_sent_ns{0};
    // Any authentic packet that came the way ours go; set by the shard that opened it.
    std::atomic<std::int64_t> last_received_here_ns{0};
    // While set, the control thread looks at this path again within kKeepaliveTimeout, which is
    // soon enough for anything that traffic can ask for meanwhile.
    std::atomic<bool> timers_armed{false};

  private:
    [[nodiscard]] bool wants_timer() const;
};

[[nodiscard]] inline bool may_roam(const wire::Endpoint* known, const wire::Endpoint& from) {
    return known == nullptr || (!wire::is_relay(known->remote) && !wire::is_relay(from.remote));
}

class PeerPath {
  public:
    PeerPath(PeerId peer_id, std::uint32_t shard) : id(peer_id), owner_shard(shard) {}

    // True for the first caller since the Device last cleared the event. Sequentially consistent:
    // a shard that finds the event claimed knows that what it wrote before (Session::confirmed) is
    // seen by the Device after it clears. A claimer that then cannot post its report clears again.
    [[nodiscard]] bool claim(PathEvent event) {
        const auto bit = std::uint32_t{1} << static_cast<unsigned>(event);
        return (claimed_.load(std::memory_order_seq_cst) & bit) == 0 &&
               (claimed_.fetch_or(bit, std::memory_order_seq_cst) & bit) == 0;
    }
    void clear(PathEvent event) {
        claimed_.fetch_and(
            ~(std::uint32_t{1} << static_cast<unsigned>(event)), std::memory_order_seq_cst
        );
    }

    const PeerId id;
    const std::uint32_t owner_shard;  // the shard that receives this peer's transport packets
    // What relays know the peer by; 0: it is reached directly only.
    std::atomic<wire::HopId> hop{0};

    // Null: none. Written by the control thread only; `endpoint` through publish_endpoint.
    std::atomic<Session*> sending{nullptr};
    std::atomic<const wire::Endpoint*> endpoint{nullptr};

    // Control thread. The count, and not the pointer, says that something was published: a new
    // endpoint may lie where an old one was freed.
    void publish_endpoint(const wire::Endpoint* made) {
        endpoint.store(made, std::memory_order_release);
        endpoint_count_.fetch_add(1, std::memory_order_release);
    }

    // The owner shard answers where it last heard an authentic packet from, at once; the Device
    // publishes the same a moment later. Whatever the Device publishes wins.
    void hear_from(const wire::Endpoint& from) {
        heard_from_ = from;
        heard_over_count_ = endpoint_count_.load(std::memory_order_acquire);
        heard_ = true;
    }
    // Where `shard` sends now; null: nowhere.
    [[nodiscard]] const wire::Endpoint* destination(std::uint32_t shard) {
        if (shard == owner_shard && heard_) {
            // The count first: who sees the new one sees the endpoint that came before it.
            heard_ = endpoint_count_.load(std::memory_order_acquire) == heard_over_count_;
            if (heard_) {
                return &heard_from_;
            }
        }
        return endpoint.load(std::memory_order_acquire);
    }

    Activity activity;
    Allowance allowance;
    // Outer UDP payload bytes of authenticated packets, handshakes included.
    std::atomic<std::uint64_t> sent_bytes{0};
    std::atomic<std::uint64_t> received_bytes{0};

  private:
    std::atomic<std::uint32_t> claimed_{0};
    std::atomic<std::uint64_t> endpoint_count_{0};

    // Owner shard only.
    wire::Endpoint heard_from_;
    std::uint64_t heard_over_count_ = 0;
    bool heard_ = false;
};

}  // namespace phantom::wireguard
