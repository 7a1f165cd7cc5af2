#pragma once

// The ways to one member, and which one packets take: its addresses, and relays. Each is tried with
// probes inside the WireGuard session, so a way counts only when the member itself has answered over
// it. A state machine: input and `now` in, probes and a choice out.
//
// While packets go out, the way in use is probed every kActiveProbe and given up when answers stay
// away: for a way that is silent in both directions within kSilenceMin, for one of which something
// still arrives after three times as long. A little before that all others are asked, since several
// addresses may lie on one line: the best that answers takes over at once, or if none has yet, the best
// that did lately. Cost and hysteresis: routing over the mesh, RFC 6298 for the round trip.

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "wire/address.h"

namespace phantom::mesh {

using namespace std::chrono_literals;

inline constexpr std::size_t kPathsMax = 24;
inline constexpr Duration kActiveProbe = 15ms;
inline constexpr Duration kIdleProbe = 5s;
// Without an answer the next one follows sooner: one that is lost must not end a way.
inline constexpr Duration kUnansweredProbe = kIdleProbe / 10;
inline constexpr Duration kStandbyProbe = 3s;
// Packets went out within this: the way in use is watched closely, and others are kept warm.
inline constexpr Duration kActiveFor = 1s;
inline constexpr Duration kWarmFor = 60s;
inline constexpr Duration kSilenceMin = 3 * kActiveProbe;
inline constexpr Duration kDoubtMin = 2 * kActiveProbe;
inline constexpr Duration kIdleSilenceMin = 3s;
inline constexpr int kOneWaySilence = 3;  // times as long
// A burst: probes at 0, 100, 200, 400 ... ms; both ends at once opens the routers between them.
inline constexpr int kBurstProbes = 7;
inline constexpr Duration kBurstFirst = 100ms;
// Over a relay or a carrier, direct ways are tried anew after this, then at doubled distances.
inline constexpr Duration kSearchFirst = 5s;
inline constexpr Duration kSearchMax = 60s;
// An answer says something about a way for so long.
inline constexpr Duration kFresh = 10s;
// A way that failed must have held so long before it is taken again; doubled with each failure, and
// forgotten when it has not failed for kForgiveAfter.
inline constexpr Duration kHoldFirst = 1s;
inline constexpr Duration kHoldMax = 60s;
inline constexpr Duration kForgiveAfter = 120s;
inline constexpr int kAnswersAfterFailure = 3;
// But a way that answers, and did within this, is taken at once from one that does not: a moment without
// processor time, in which all ways fall silent together, must not cut off a node for as long as the hold.
inline constexpr Duration kSurvivorFresh = 1s;
// A better way of the same kind is taken when it costs less than 9/10 and so much less.
inline constexpr Duration kGainMin = 5ms;
inline constexpr int kAnswersForGain = 3;
// What a relay costs beside its round trip: it is somebody else's machine.
inline constexpr Duration kRelayCost = 10ms;
inline constexpr Duration kLossCost = 200ms;  // for a loss of everything

// How one way does.
struct PathQuality {
    Duration rtt{};        // smoothed
    Duration variation{};  // of it: the jitter
    double loss = 0;       // of probes, 0 to 1

    void add(Duration sample, bool first);
    [[nodiscard]] Duration cost() const;
    // An answer that has not come within this is late.
    [[nodiscard]] Duration answer_time() const;
};

class Paths {
  public:
    struct Probe {
        wire::SocketAddress over;
        std::uint64_t nonce = 0;
    };
    struct Take {
        wire::SocketAddress over;
        // Packets on the way before are so much slower: whoever sends waits, lest they be overtaken.
        Duration drain{};
        bool failover = false;
    };
    struct Output {
        std::vector<Probe> probes;
        std::optional<Take> take;
    };
    // What the tunnel knows.
    struct Situation {
        wire::SocketAddress current;  // where packets go
        Instant data_sent;            // the user's; zero: never
        Instant received;             // anything authentic, the same way
    };

    // One of two ends leads where both must agree.
    explicit Paths(bool leads) : leads_(leads) {}

    // Where it may be; a way that is not named any more goes, unless it is in use or answers.
    void set_candidates(
        std::span<const wire::SocketAddress> direct, std::span<const wire::SocketAddress> relayed,
        Instant now
    );
    // A message came over it: it is a way, though nobody had named it.
    void heard(const wire::SocketAddress& from, Instant now);
    void answered(std::uint64_t nonce, Instant now);
    // A session has begun, or the other end looks for a way at this moment: try them all.
    void search(Instant now);
    void observe(const Situation& situation) { situation_ = situation; }
    void tick(Instant now, Random& random, Output& out);
    // Ask over the way in use at once.
    void ask(Instant now);
    [[nodiscard]] Instant deadline() const;

    // Of the way in use; none: no answer yet.
    [[nodiscard]] std::optional<PathQuality> quality() const;
    // The way in use has answered since it was last silent for too long.
    [[nodiscard]] bool answers() const;
    [[nodiscard]] std::size_t count() const { return paths_.size(); }
    [[nodiscard]] bool is_active(Instant now) const {
        return !situation_.data_sent.is_never() && now - situation_.data_sent < kActiveFor;
    }

  private:
    static constexpr std::size_t kRememberedProbes = 32;
    struct Path {
        wire::SocketAddress over;
        bool named = true;
        std::uint32_t key = 0;  // upper half of its nonces
        std::uint32_t sent = 0;
        std::uint32_t judged = 0;  // probes whose loss is counted
        std::array<Instant, kRememberedProbes> sent_at{};
        std::uint32_t answered_bits = 0;  // by slot
        Instant oldest_unanswered;
        Instant answered;
        Instant failed;
        int failures = 0;
        int answers = 0;  // in a row
        int burst_left = kBurstProbes;
        Duration interval = kBurstFirst;
        Instant next_probe;
        std::optional<PathQuality> quality;
    };

    Path* find(const wire::SocketAddress& over);
    [[nodiscard]] const Path* find(const wire::SocketAddress& over) const;
    Path& add(const wire::SocketAddress& over);
    void probe(Path& path, Instant now, Random& random, Output& out);
    void count_losses(Path& path);
    void schedule_current(Path& path, Instant now);
    void schedule_other(Path& path, Instant now);
    void start_burst(Path& path, Instant now);
    [[nodiscard]] Duration silence_allowed(const Path& path, Instant now) const;
    [[nodiscard]] bool is_failing(const Path& path, Instant now) const;
    [[nodiscard]] static Duration doubted_after(const Path& path);
    void doubt(const Path& current, Instant now);
    void fail(Path& path, Instant now);
    [[nodiscard]] bool may_be_taken(const Path& path, Instant now) const;
    [[nodiscard]] const Path* best(const Path* but, Instant now, Instant answered_since = {}) const;
    [[nodiscard]] const Path* survivor(const Path* but, Instant now) const;
    [[nodiscard]] const Path* guess(const Path* but, Instant now) const;
    [[nodiscard]] static bool is_preferred(const Path& path, const Path* to);
    [[nodiscard]] bool is_better(const Path& path, const Path& current) const;
    void choose(Path* current, Instant now, Output& out);
    void take(const Path& path, const Path* before, bool failover, Output& out);
    void forgive_stall(Path& current, Instant now);
    void drop_useless(Instant now);

    bool leads_;
    Situation situation_;
    std::vector<Path> paths_;
    Instant next_search_ = kFarFuture;
    Duration search_interval_ = kSearchFirst;
    Instant last_tick_;
    // Since when the way in use has been too silent to be trusted; zero: it has not.
    Instant doubted_;
    // When a way in use was given up. What answered before that may have died with it.
    Instant given_up_;
};

}  // namespace phantom::mesh
