#pragma once

// What is not normal for somebody: more is sent, more fails, more is tried over an hour, somebody is called
// again and again to the second, names carry data. Each judged beside what was normal for this source.
// No I/O, `now` is an argument; one thread.

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/recent_table.h"
#include "behaviour/baseline.h"
#include "behaviour/distinct.h"
#include "behaviour/dns_question.h"
#include "behaviour/flow_key_hash.h"
#include "behaviour/hyperloglog.h"
#include "behaviour/quantile.h"
#include "behaviour/sign.h"

namespace phantom::behaviour {

inline constexpr std::size_t kAnomalySourcesMax = 4'096;
inline constexpr std::size_t kRhythmsMax = 16'384;
inline constexpr std::size_t kTransfersMax = 8'192;
inline constexpr std::size_t kTunnelsMax = 4'096;

inline constexpr std::int64_t kMinuteS = 60;
inline constexpr std::int64_t kTransferWindowS = 600;
inline constexpr std::int64_t kHourS = 3'600;

// Spreads above the mean, and so many times what 99 of 100 windows had.
inline constexpr double kUnusualSpreads = 6;
inline constexpr double kUnusualTimes = 4;
// Less is never too much.
inline constexpr double kVolumeBytesMin = 32.0 * (1U << 20U);        // in a minute
inline constexpr double kExfiltrationBytesMin = 64.0 * (1U << 20U);  // in ten, to one place
inline constexpr double kExfiltrationRatio = 10;                     // sent to received
inline constexpr double kFailuresMin = 20;                           // in a minute
// In vain, in an hour; too slow for the scans of ten seconds.
inline constexpr double kSlowScanTargets = 60;
// A rhythm: so many calls, as far apart, and so little off (a part of the interval).
inline constexpr std::uint32_t kBeaconCalls = 12;
inline constexpr double kBeaconIntervalMinS = 5;
inline constexpr double kBeaconIntervalMaxS = 7'200;
inline constexpr double kBeaconJitter = 0.1;
// Names below one domain, in a minute.
inline constexpr double kTunnelNames = 50;
inline constexpr double kTunnelNameSize = 25;  // mean, without the domain
inline constexpr double kTunnelEntropy = 3.3;  // mean, bits for each character

class Anomaly {
  public:
    using Sink = std::function<void(const Sign&)>;

    explicit Anomaly(const FlowKeyHash& hash) : hash_(hash) {}

    // A connection is tried.
    void called(const policy::Flow& flow, Instant now, const Sink& sink);
    // It was in vain.
    void failed(const policy::Flow& flow, Instant now, const Sink& sink);
    struct Moved {
        wire::Address from;
        wire::Address to;
        std::uint16_t port = 0;
        double bytes = 0;
    };
    void moved(const Moved& moved, Instant now, const Sink& sink);
    void asked(
        const policy::Flow& flow, const DnsQuestion& question, Instant now, const Sink& sink
    );

    [[nodiscard]] std::size_t source_count() const { return sources_.size(); }
    [[nodiscard]] std::size_t rhythm_count() const { return rhythms_.size(); }

  private:
    // A number for each window, and what was normal of it in the windows before.
    struct Counted {
        std::int64_t window = 0;
        double value = 0;
        double told = 0;
        Instant since;
        Baseline usual;
        Quantile high{0.99};

        // Adds in the window of `now`; a window with nothing in it says nothing.
        void add(double more, std::int64_t window_s, Instant now);
        [[nodiscard]] bool is_unusual(double least) const;
        // Once at `least`, then with each doubling.
        [[nodiscard]] bool is_news(double least);
    };
    struct Source {
        Counted sent;
        Counted failures;
        Baseline transfers;  // largest to one place, of windows
        Quantile transfers_high{0.99};
        std::int64_t hour = 0;
        HyperLogLog failed_targets;
        double failed_told = 0;
        Instant hour_since;
        std::int64_t minute = 0;
        std::uint32_t minutes = 0;  // in which it did anything
    };
    struct Rhythm {
        Instant newest;
        std::uint32_t calls = 0;
        double interval_s = 0;  // mean and variance of the newest
        double variance = 0;
        double told = 0;
        bool was_there_first = false;  // before anything was known of its source
        Instant since;
    };
    struct Transfer {
        std::int64_t window = 0;
        double sent = 0;
        double received = 0;
        double told = 0;
        Instant since;
    };
    struct Pair {
        wire::Address from;
        wire::Address to;
        friend bool operator==(const Pair&, const Pair&) = default;
    };
    struct Domain {
        wire::Address from;
        std::string name;
        friend bool operator==(const Domain&, const Domain&) = default;
    };
    struct Tunnel {
        std::int64_t window = 0;
        Distinct names;
        double count = 0;
        double size = 0;
        double entropy = 0;
        double told = 0;
        Instant since;
    };
    struct Hash : FlowKeyHash {
        using FlowKeyHash::operator();
        std::size_t operator()(const Pair& pair) const {
            return mixed(plain(pair.from) ^ mixed(plain(pair.to)));
        }
        std::size_t operator()(const Domain& domain) const {
            return mixed(plain(domain.from) ^ mixed(std::hash<std::string>{}(domain.name)));
        }
    };

    Source& source_of(const wire::Address& address, Instant now);
    void note_transfer(const Moved& moved, Instant now, const Sink& sink);
    static bool is_rhythm(const Rhythm& rhythm);

    Hash hash_;
    RecentTable<wire::Address, Source, kAnomalySourcesMax, Hash> sources_{hash_};
    RecentTable<policy::Flow, Rhythm, kRhythmsMax, Hash> rhythms_{hash_};
    RecentTable<Pair, Transfer, kTransfersMax, Hash> transfers_{hash_};
    RecentTable<Domain, Tunnel, kTunnelsMax, Hash> tunnels_{hash_};
};

}  // namespace phantom::behaviour
