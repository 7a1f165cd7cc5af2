#pragma once

// What went through the tunnel lately and how long round trips took, of each peer and of all together: the last hour
// finely, the last day coarsely. In memory alone; a restart begins anew. No I/O. Thread: control.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <boost/json.hpp>

#include "base/clock.h"

namespace phantom::daemon {

inline constexpr Duration kHistoryStep = std::chrono::seconds(15);
inline constexpr std::size_t kHistorySamples = 240;  // an hour; and a day, of kHistoryCoarse each
inline constexpr std::size_t kHistoryCoarse = 24;
// Peers with a link; those beyond count in the sum and have no history of their own: 2 MB in all.
inline constexpr std::size_t kHistoryPeers = 256;

class TrafficHistory {
  public:
    struct Reading {
        std::string name;
        bool linked = false;
        // Count up since the peer came.
        std::uint64_t received_bytes = 0;
        std::uint64_t sent_bytes = 0;
        std::optional<double> rtt_ms;
        double loss = 0;  // 0 to 1
    };

    [[nodiscard]] bool is_due(Instant now) const {
        return last_.is_never() || now >= last_ + kHistoryStep;
    }
    // Of all members. Steps that were slept through are kept as such, without values.
    void read(Instant now, WallTime wall, std::span<const Reading> peers);

    // {"verb": "history", "peer": NAME or nothing, "span": "hour" or "day"}
    // `is_member`: the one who is asked for, of whom there may be no samples yet.
    [[nodiscard]] boost::json::object answer(
        const boost::json::object& request, bool is_member = false
    ) const;

  private:
    // Not a number: nothing was known.
    struct Sample {
        float received = 0;  // bytes in a second
        float sent = 0;
        float rtt_ms = 0;
        float loss = 0;
    };
    class Track {
      public:
        void add(const Sample& sample);
        [[nodiscard]] const std::deque<Sample>& samples(bool is_coarse) const {
            return is_coarse ? coarse_ : fine_;
        }

      private:
        std::deque<Sample> fine_;
        std::deque<Sample> coarse_;
        std::size_t since_coarse_ = 0;
    };
    struct Peer {
        std::unique_ptr<Track> track;  // once it had a link, while there is room
        std::uint64_t received_bytes = 0;
        std::uint64_t sent_bytes = 0;
        bool is_there = true;
    };

    // Since the last look; nothing of one that was not there then.
    [[nodiscard]] Sample sample_of(const Reading& reading, double seconds);
    void keep(Peer& peer, bool linked, const Sample& sample);
    void pass(std::size_t steps);
    [[nodiscard]] static Sample mean_of(const std::deque<Sample>& samples, std::size_t count);

    Instant last_;
    WallTime last_wall_;
    Track all_;
    std::map<std::string, Peer> peers_;
    std::size_t tracks_ = 0;
};

}  // namespace phantom::daemon
