#pragma once

// Whether the other members live: SWIM (Das et al. 2002) with Lifeguard's corrections (Dadgar et al.
// 2017) inside authenticated sessions. Each node is watched by its neighbours on the ring: one of them,
// drawn by lot, is probed each second, then by way of others, then suspected. A suspicion ends in death
// unless the suspect itself contradicts; the more have found the same, the sooner.
//
// A member may lie about another one. So death is believed only after a suspicion of one's own, and the
// other hears of it and contradicts; nobody is taken out of the directory. What follows from death is
// that fewer attempts are made. A state machine without I/O. Owner and thread: mesh::Node's.

#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "mesh/messages.h"

namespace phantom::mesh {

using namespace std::chrono_literals;

inline constexpr Duration kProbePeriod = 1s;
inline constexpr Duration kDirectTimeout = 500ms;
inline constexpr Duration kProbeTimeout = 2s;
inline constexpr std::size_t kHelpers = 3;
inline constexpr std::size_t kProbesMax = 4;
// Probes made for others, at a time.
inline constexpr std::size_t kErrandsMax = 32;
inline constexpr int kHealthMax = 8;
// A suspicion lasts kSuspicionMin x log10(members), at most kSuspicionSpread times as long.
inline constexpr Duration kSuspicionMin = 2s;
inline constexpr int kSuspicionSpread = 4;
inline constexpr std::size_t kConfirmations = 3;
inline constexpr Duration kRumourInterval = 200ms;
inline constexpr std::size_t kRumourFanout = 3;
// Each rumour is told so many times x log10(members).
inline constexpr int kRumourRepeats = 3;
inline constexpr std::size_t kRumoursKeptMax = 256;
// An incarnation is a clock's seconds, or a little more: nobody can drive it to its end.
inline constexpr std::uint64_t kIncarnationStepMax = 1'000;

class Membership {
  public:
    // What the node knows at this moment.
    struct Surroundings {
        std::span<const identity::NodeId> watched;  // were linked once in this run
        std::span<const identity::NodeId> linked;   // neighbours
        std::size_t member_count = 1;
    };
    struct Output {
        struct Send {
            identity::NodeId to;
            AnyMessage message;
        };
        std::vector<Send> sends;
        std::vector<identity::NodeId> changed;  // of another state than before
    };
    struct View {
        MemberState state = MemberState::kAlive;
        Instant since;  // zero: always
    };

    Membership(const identity::NodeId& self, identity::UnixTime now)
        : self_(self), incarnation_(now.s) {}

    [[nodiscard]] View view(const identity::NodeId& node) const;
    [[nodiscard]] bool is_dead(const identity::NodeId& node) const {
        return view(node).state == MemberState::kDead;
    }
    [[nodiscard]] std::vector<identity::NodeId> dead() const;
    [[nodiscard]] int health() const { return health_; }

    // Anything authentic came from it.
    void heard(const identity::NodeId& node, Instant now, Output& out);
    // To a new neighbour: who does not live.
    [[nodiscard]] Rumours news() const;
    // `reachable`: we have a link with the one that is asked for.
    void receive(const identity::NodeId& from, const Probe& probe, bool reachable, Output& out);
    void receive(const identity::NodeId& from, const ProbeAnswer& answer, Output& out);
    void receive(
        const Rumours::Rumour& rumour, Instant now, identity::UnixTime wall,
        std::size_t member_count, Output& out
    );
    void forget(const identity::NodeId& node);

    [[nodiscard]] Instant deadline() const;
    void tick(const Surroundings& around, Instant now, Random& random, Output& out);

  private:
    struct Known {
        std::uint64_t incarnation = 0;
        MemberState state = MemberState::kAlive;
        Instant since;
        Instant told;                  // when it was told what is said of it
        Instant verdict = kFarFuture;  // of a suspicion
        std::vector<identity::NodeId> accusers;
    };
    struct Watch {
        identity::NodeId node;
        std::uint64_t nonce = 0;
        Instant begun;
        Instant next;
        bool indirect = false;
        bool heard = false;       // anything came from it since
        std::size_t answers = 0;  // of helpers, that they could not reach it
        std::vector<identity::NodeId> helpers;
    };
    struct Errand {
        identity::NodeId asker;
        std::uint64_t asked = 0;  // the asker's nonce
        identity::NodeId node;
        std::uint64_t nonce = 0;
    };
    struct Queued {
        Rumours::Rumour rumour;
        int left = 0;
    };

    void begin_probe(const Surroundings& around, Instant now, Random& random, Output& out);
    void pursue(Watch& watch, const Surroundings& around, Random& random, Output& out);
    void judge(const Watch& watch, const Surroundings& around, Instant now, Output& out);
    void accuse(
        const identity::NodeId& node, const identity::NodeId& source, Instant verdict_max,
        std::size_t member_count, Instant now, Output& out
    );
    void set_state(
        const identity::NodeId& node, Known& known, MemberState state, Instant now, Output& out
    );
    void contradict(std::uint64_t incarnation, std::size_t member_count);
    void spread(const Rumours::Rumour& rumour, std::size_t member_count);
    void tell_rumours(const Surroundings& around, Instant now, Random& random, Output& out);
    [[nodiscard]] Duration scaled(Duration duration) const { return duration * (1 + health_); }

    const identity::NodeId self_;
    std::uint64_t incarnation_;
    std::map<identity::NodeId, Known> known_;
    std::set<std::pair<Instant, identity::NodeId>> verdicts_;  // of those suspected
    std::vector<Watch> watches_;
    std::vector<Errand> errands_;  // oldest first
    std::vector<Queued> queue_;
    std::vector<identity::NodeId> round_;  // whom to probe before anybody comes again
    std::uint64_t last_nonce_ = 0;
    int health_ = 0;
    Instant next_probe_;
    Instant next_rumours_;
};

}  // namespace phantom::mesh
