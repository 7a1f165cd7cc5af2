#pragma once

// One packet shard: a thread that alone owns a TUN queue, a UDP socket pair, its buffers and its
// cipher state, and runs both ways of the data plane to completion.
//
// The control thread talks to it with commands (a locked list, taken between batches, never while
// packets wait on it), and reads its queues and counters.

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "dataplane/inbound.h"
#include "dataplane/outbound.h"
#include "dataplane/quiescence.h"
#include "dataplane/shard_context.h"
#include "io/event_loop.h"

namespace phantom::dataplane {

class Shard final {
  public:
    struct Options {
        std::uint32_t index;
        io::TunQueue& tun;
        io::Offloads tun_offloads;
        std::unique_ptr<crypto::PacketAead> aead;
        const Published& published;
        AccessState& access;
        Tap& tap;
        Quiescence& quiescence;
        io::WakeUp& control_wake;
        std::atomic<bool>& control_signalled;
        std::span<RelayedInbox* const> inboxes;  // of all shards; complete before start()
    };
    explicit Shard(Options options);
    ~Shard();
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;

    [[nodiscard]] Status start();

    // Control thread. Null: no socket. Returns when the shard has let go of the old one.
    void set_socket(io::UdpSocket* socket);
    void send_staged(wireguard::PeerId peer);
    void drop_staged(wireguard::PeerId peer);

    [[nodiscard]] HandshakeQueue& handshakes() { return handshakes_; }
    [[nodiscard]] ReportQueue& reports() { return reports_; }
    [[nodiscard]] ControlQueue& controls() { return controls_; }
    [[nodiscard]] TapFeed& tap() { return tap_; }
    [[nodiscard]] RelayedInbox& inbox() { return inbox_; }
    [[nodiscard]] const ShardCounters& counters() const { return counters_; }
    // The shard has ended because the TUN interface was deleted.
    [[nodiscard]] bool tun_gone() const { return tun_gone_.load(std::memory_order_acquire); }

  private:
    struct Command {
        enum class Kind : std::uint8_t { kSetSocket, kSendStaged, kDropStaged, kStop } kind;
        io::UdpSocket* socket = nullptr;
        wireguard::PeerId peer = 0;
    };

    void run();
    void wait_for_work(bool block);
    [[nodiscard]] bool serve();
    void take_commands();
    void execute(const Command& command);
    void watch_socket(io::UdpSocket* socket);
    void post(const Command& command);
    void begin_batch();

    const Published& published_;
    Quiescence& quiescence_;
    io::WakeUp wake_;
    RelayedInbox inbox_;
    HandshakeQueue handshakes_;
    ReportQueue reports_;
    ControlQueue controls_;
    ShardCounters counters_;
    TapFeed tap_;
    ShardContext context_;
    Outbound outbound_;
    Inbound inbound_;

    io::Fd epoll_;
    bool relayed_ready_ = false;
    bool tun_ready_ = false;
    bool v4_ready_ = false;
    bool v6_ready_ = false;
    bool stopping_ = false;
    std::atomic<bool> tun_gone_{false};

    std::mutex command_mutex_;
    std::condition_variable command_done_;
    std::vector<Command> commands_;
    std::atomic<bool> commands_waiting_{false};
    bool ended_ = false;  // under command_mutex_: nobody will take commands any more
    std::uint64_t commands_posted_ = 0;
    std::uint64_t commands_taken_ = 0;

    std::thread thread_;
};

}  // namespace phantom::dataplane
