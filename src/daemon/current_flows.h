#pragma once

// Flows that are alive as far as this machine can see: what connection tracking has, this machine's own sockets, and what
// the watcher saw of the last minute (the beginning of each flow). For a dry run, and for those who decide. Thread:
// control; looking takes milliseconds, so it is done once for all who ask within a second, and ends when the patience of who
// asks is over: then what was counted is "at least". Who is in haste hears of what the watcher saw alone.

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "daemon/packet_box.h"
#include "wire/address.h"

namespace phantom::daemon {

// Above that they are not counted, and it is said.
inline constexpr std::size_t kFlowsMax = 65'536;
inline constexpr Duration kFlowsAge = std::chrono::seconds(1);
// Of a person; of a message that should be out in 2 ms.
inline constexpr Duration kFlowsPatience = std::chrono::milliseconds(100);
inline constexpr Duration kFlowsPatienceInHaste = std::chrono::milliseconds(1);
// Of each; it is said that there are more.
inline constexpr std::size_t kFlowsListed = 5;
inline constexpr std::size_t kNamesListed = 100;

struct SeenFlow {
    std::uint8_t protocol = 0;
    wire::SocketAddress from;
    wire::SocketAddress to;
    friend auto operator<=>(const SeenFlow&, const SeenFlow&) = default;
};
// "tcp 100.64.0.7:40000 -> 100.64.0.9:22"
[[nodiscard]] std::string to_string(const SeenFlow& flow);

// /proc/net/tcp and its kind: sockets that are connected, from here to there. What is malformed is passed over.
[[nodiscard]] std::vector<SeenFlow> sockets_in(std::string_view table, std::uint8_t protocol);

// Flows of heads of packets, in their order: of TCP those that somebody has answered and nobody has ended.
class HeadFlows {
  public:
    void add(ByteView head);
    [[nodiscard]] std::vector<SeenFlow> take() const;

  private:
    struct State {
        SeenFlow flow;  // as it began
        bool is_answered = false;
        bool is_over = false;
    };
    std::map<SeenFlow, State> states_;  // by both ends, the lower first
};

class CurrentFlows {
  public:
    void use(std::shared_ptr<const PacketBox> packets) { packets_ = std::move(packets); }

    using Match = std::function<bool(const wire::Address&)>;
    struct Matched {
        std::size_t count = 0;
        bool is_whole = true;             // false: there may be more
        std::vector<std::string> listed;  // the first kFlowsListed
    };
    struct All {
        const std::vector<SeenFlow>& flows;  // sorted; until the next call
        bool is_whole = true;
    };
    [[nodiscard]] All all(Duration patience) {
        refresh(patience);
        return {.flows = flows_, .is_whole = is_whole_};
    }
    // With either end that matches.
    [[nodiscard]] Matched matching(const Match& match, Duration patience);

  private:
    void refresh(Duration patience);
    void look(Instant until, bool in_haste);

    std::shared_ptr<const PacketBox> packets_;
    std::vector<SeenFlow> flows_;  // sorted; each once
    bool is_whole_ = true;
    bool in_haste_ = false;  // the last look was
    Instant next_look_;
};

}  // namespace phantom::daemon
