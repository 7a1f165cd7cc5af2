#pragma once

// The flows inside the mesh as the watcher sees them: who began each, how it stands, what it speaks, and the name that it
// asked for. Pure; the clock is an argument. FlowBox shares one between the watcher's thread and who asks.
//
//     watch.packet(bytes, dataplane::TapDirection::kIn, now);
//     watch.visit(now, [](const WatchedFlow& flow) { ... });
//
// The tap copies the beginning of each flow (dataplane/tap.h): what is counted of a long one is "at least".

#include <array>
#include <functional>
#include <mutex>
#include <string>

#include "base/random.h"
#include "base/recent_table.h"
#include "behaviour/flow_key_hash.h"
#include "behaviour/glimpse.h"
#include "dataplane/tap.h"
#include "detect/buffers.h"

namespace phantom::daemon {

// A quarter of a KiB each. The one that was silent for longest gives way.
inline constexpr std::size_t kWatchedFlowsMax = 16'384;
// Silent for so long it is none any more: of the bulk of TCP the tap shows nothing, so that it may go on unseen.
inline constexpr Duration kWatchedTcpIdle = std::chrono::hours(1);
inline constexpr Duration kWatchedIdle = std::chrono::seconds(60);
// Likewise once it is over, or while nobody has answered it.
inline constexpr Duration kWatchedLinger = std::chrono::seconds(60);
// Packets with something in them that are looked at for what it speaks, each way.
inline constexpr std::uint32_t kApplicationLooks = 4;

struct WatchedFlow {
    enum class State : std::uint8_t { kAsked, kOpen, kOver };

    std::uint64_t number = 0;  // the newest has the greatest
    policy::Flow flow;         // as it began
    dataplane::TapDirection began = dataplane::TapDirection::kIn;
    State state = State::kAsked;
    // As it began, and the other way.
    std::array<std::uint64_t, 2> packets{};
    std::array<std::uint64_t, 2> bytes{};
    bool is_counted_whole = true;
    Instant since;
    Instant last;
    detect::AppProtocol application = detect::AppProtocol::kUnknown;
    std::string name;  // ASCII, lower case

    // Of TCP, each way.
    std::array<bool, 2> has_finished{};
    std::array<std::uint32_t, 2> looks{};
};
[[nodiscard]] std::string_view name_of(WatchedFlow::State state);

// Whether an answer was seen before its question: a low port speaks to a high one.
[[nodiscard]] bool looks_like_answer(std::uint16_t source_port, std::uint16_t destination_port);

class FlowWatch {
  public:
    // Draws the key of its hashes: who could foresee them would make many flows look like one.
    explicit FlowWatch(Random& random)
        : flows_(behaviour::FlowKeyHash{random.next_u64(), random.next_u64()}) {}

    void packet(ByteView packet, dataplane::TapDirection direction, Instant now);
    // Each that is not silent for too long; the others are forgotten.
    void visit(Instant now, const std::function<void(const WatchedFlow&)>& visit);
    [[nodiscard]] bool knows(const policy::Flow& flow) {
        return flows_.find(key_of(flow)) != nullptr;
    }
    // For a flow that somebody else has seen.
    [[nodiscard]] std::uint64_t take_number() { return next_number_++; }

  private:
    [[nodiscard]] static policy::Flow key_of(const policy::Flow& flow);
    [[nodiscard]] WatchedFlow& flow_of(
        const behaviour::Glimpse& glimpse, dataplane::TapDirection direction, Instant now
    );
    static void follow(WatchedFlow& flow, const behaviour::Glimpse& glimpse, std::size_t way);
    static void look_into(
        WatchedFlow& flow, ByteView packet, const behaviour::Glimpse& glimpse, std::size_t way
    );

    RecentTable<policy::Flow, WatchedFlow, kWatchedFlowsMax, behaviour::FlowKeyHash> flows_;
    std::uint64_t next_number_ = 1;
};

class FlowBox {
  public:
    explicit FlowBox(Random& random) : watch_(random) {}
    // The watcher's thread.
    void packet(ByteView bytes, dataplane::TapDirection direction, Instant now) {
        const std::scoped_lock lock(mutex_);
        watch_.packet(bytes, direction, now);
    }
    // Any other; the watcher waits meanwhile, and the tap's ring takes what comes.
    template <class Does>
    auto with(Does does) {
        const std::scoped_lock lock(mutex_);
        return does(watch_);
    }

  private:
    std::mutex mutex_;
    FlowWatch watch_;
};

}  // namespace phantom::daemon
