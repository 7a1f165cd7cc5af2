#pragma once

// Who behaves like an attacker: packets in, signs out. Counts what each source tries and what comes of it,
// in windows, beside what is normal for that source. No I/O, `now` is an argument; one thread.
//
//     Behaviour behaviour(random);
//     behaviour.packet(bytes, now, [](const Sign& sign) { ... });
//
// A sign is given when a count passes its threshold, and again each time it has doubled, so that nobody
// who floods makes it flood.

#include <array>
#include <deque>
#include <functional>
#include <vector>

#include "base/random.h"
#include "base/recent_table.h"
#include "behaviour/anomaly.h"
#include "behaviour/baseline.h"
#include "behaviour/distinct.h"
#include "behaviour/flow_key_hash.h"
#include "behaviour/glimpse.h"
#include "behaviour/sign.h"

namespace phantom::behaviour {

inline constexpr std::size_t kSourcesMax = 4'096;
inline constexpr std::size_t kConnectionsMax = 16'384;
inline constexpr std::size_t kLoginPlacesMax = 8;  // of one source
inline constexpr std::int64_t kWindowS = 10;
inline constexpr std::int64_t kLoginWindowS = 60;

// A scan: so many different ports and addresses in a window, at least half of the attempts in vain.
inline constexpr double kScanTargets = 25;
inline constexpr double kScanHosts = 20;
// Short connections to one place where one logs in, in kLoginWindowS.
inline constexpr double kLoginAttempts = 10;
// A connection in which nobody got to work: over so soon, and so little said.
inline constexpr Duration kShortConnection = std::chrono::seconds(15);
inline constexpr std::size_t kShortConnectionBytes = 16U << 10U;
// Above what is normal: so many spreads, and at least so many targets.
inline constexpr double kFanOutSpreads = 6;
inline constexpr double kFanOutTargets = 12;
// An attempt without an answer for so long is in vain.
inline constexpr std::int64_t kAnswerPatienceS = 1;
// And counted so among the failures of an hour.
inline constexpr Duration kFailurePatience = std::chrono::seconds(3);

class Behaviour {
  public:
    using Sink = std::function<void(const Sign&)>;

    // Draws the key of its hashes: who could foresee them would scan what counts as one.
    explicit Behaviour(Random& random) : hash_{random.next_u64(), random.next_u64()} {}

    // An inner packet, as it was sealed or opened.
    void packet(ByteView packet, Instant now, const Sink& sink);

    [[nodiscard]] std::size_t source_count() const { return sources_.size(); }
    [[nodiscard]] std::size_t connection_count() const { return connections_.size(); }
    [[nodiscard]] const Anomaly& anomaly() const { return anomaly_; }

  private:
    struct LoginPlace {
        wire::Address server;
        std::uint16_t port = 0;
        std::int64_t window = 0;
        Instant since;
        double count = 0;
        double previous = 0;  // of the window before
        double told = 0;
    };
    struct Source {
        std::int64_t window = 0;
        Instant since;  // the first attempt of the window
        Distinct targets;
        Distinct hosts;
        // In this window: attempts until a patience ago, in all, and what came of them.
        std::int64_t second = 0;
        double attempts_before = 0;
        double attempts = 0;
        double accepted = 0;
        double refused = 0;
        std::array<double, static_cast<std::size_t>(SignKind::kCount)> told{};
        Baseline usual;
        std::vector<LoginPlace> logins;
    };
    struct Connection {
        Instant begun;
        std::size_t bytes = 0;
        bool accepted = false;
        // Of either side: where its numbers begin, and how much of what it sent was counted.
        std::array<std::uint32_t, 2> first_number{};
        std::array<std::uint64_t, 2> counted{};
    };
    // An attempt, until it is known whether it was in vain.
    struct Pending {
        policy::Flow flow;
        Instant begun;
    };

    Source& source_of(const wire::Address& address, Instant now);
    void attempt(const policy::Flow& flow, Instant now, const Sink& sink);
    void count_target(const policy::Flow& flow, Source& source) const;
    void refusal(const policy::Flow& flow, Instant now, const Sink& sink);
    void follow_connection(const Glimpse& glimpse, Instant now, const Sink& sink);
    void look_at(const policy::Flow& flow, Source& source, Instant now, const Sink& sink);
    void count_bytes(
        const Glimpse& glimpse, Connection& connection, bool is_answer, Instant now,
        const Sink& sink
    );
    void count_side(
        Connection& connection, std::size_t side, std::uint64_t bytes, const policy::Flow& flow,
        Instant now, const Sink& sink
    );
    void note_failure(const policy::Flow& flow, Instant now, const Sink& sink);
    void give_up_waiting(Instant now, const Sink& sink);
    void look_at_dns(const Glimpse& glimpse, Instant now, const Sink& sink);
    void count_login(const policy::Flow& flow, Instant now, const Sink& sink);
    // Whether `value` is to be told: at least `threshold`, and double of what was told last.
    static bool is_news(double value, double threshold, double& told);

    FlowKeyHash hash_;
    RecentTable<wire::Address, Source, kSourcesMax, FlowKeyHash> sources_{hash_};
    RecentTable<policy::Flow, Connection, kConnectionsMax, FlowKeyHash> connections_{hash_};
    std::deque<Pending> pending_;  // oldest first; at most kConnectionsMax
    Anomaly anomaly_{hash_};
};

}  // namespace phantom::behaviour
