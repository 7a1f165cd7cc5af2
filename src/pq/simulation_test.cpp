// Two peers, their WireGuard handshakes and a network that does what it likes: loss, reordering,
// repetition, replay of anything ever sent, damage, garbage, crashes with and without a snapshot.
// After every step: what one side responds with, the other can open. Everything follows from one
// seed, which a failure prints; run it again, or many more, with
//     PM_SIM_SEED=<seed> build/release/pq_test --gtest_filter='*Simulation*'
//     PM_SIM_SEEDS=100000 build/release/pq_test --gtest_filter='*Simulation*'

#include <cstdlib>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "pq/test_pair.h"

namespace phantom::pq::test {
namespace {

constexpr Duration kWireguardRetry = 5s;
constexpr Duration kWireguardRekey = 120s;
constexpr std::size_t kHistoryMax = 400;

struct Weather {
    std::uint64_t loss_percent = 0;
    std::uint64_t duplicate_percent = 0;
    std::uint64_t damage_percent = 0;
    std::uint64_t replay_percent = 0;
    Duration delay_spread = 0ms;  // more than nothing reorders
    bool crashes = false;
};

// What crosses the network. WireGuard itself is only as real as the keys need it.
struct Datagram {
    enum class Kind : std::uint8_t { kInitiation, kResponse, kSessionUsed, kFrame };
    Kind kind;
    std::uint64_t number = 0;  // of the handshake, or of the session that carries a frame
    Psk psk;                   // kResponse: what it was made with
    std::vector<std::uint8_t> frame;
};

struct Host {
    const Node* node;
    PqPeerOptions options;
    std::unique_ptr<PqPeer> peer;
    SnapshotRecord stored;
    bool has_stored = false;
    bool lost_state = false;           // since the last time both agreed
    std::set<PskId> held;              // ever
    std::set<std::uint64_t> sessions;  // that can carry frames
    std::uint64_t sending = 0;
    std::uint64_t initiated = 0;  // the handshake under way, zero: none
    std::uint64_t responded = 0;  // not yet taken up
    PskId responded_with{};
    Instant next_initiation;
    Instant next_start;
    std::uint64_t failed_handshakes = 0;
};

class World {
  public:
    World(std::uint64_t seed, const Kem& kem) : random_(seed), kem_(kem) {
        for (std::size_t index = 0; index < 2; ++index) {
            hosts_[index].node = &nodes_[index];
            hosts_[index].options = options_of(nodes_[index], nodes_[1 - index], kem_);
            boot(index);
        }
    }

    Weather weather;

    void run_for(Duration by) {
        const Instant end = now_ + by;
        while (now_ < end && !testing::Test::HasFailure()) {
            step(end);
            check();
        }
    }
    [[nodiscard]] std::uint64_t draw(std::uint64_t bound) { return random_.below(bound); }
    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] Host& host(std::size_t index) { return hosts_[index]; }
    [[nodiscard]] bool agreed_since(Instant when) const {
        const PqPeer& a = *hosts_[0].peer;
        const PqPeer& b = *hosts_[1].peer;
        return a.confirmed_since() >= when && b.confirmed_since() >= when &&
               same_key(a.respond_with(), b.respond_with());
    }
    [[nodiscard]] std::uint64_t handshakes_failed() const {
        return hosts_[0].failed_handshakes + hosts_[1].failed_handshakes;
    }

  private:
    void boot(std::size_t index) {
        Host& host = hosts_[index];
        host.options.sequence_start = static_cast<std::uint64_t>(now_.ns);  // as a wall clock would
        host.peer = std::make_unique<PqPeer>(host.options);
        host.sessions.clear();
        host.sending = host.initiated = host.responded = 0;
        host.next_initiation = now_ + Duration(random_.below(3'000'000'000));
        host.next_start = now_;
    }

    void crash(std::size_t index) {
        Host& host = hosts_[index];
        const bool keeps = host.has_stored && random_.below(2) == 0;
        boot(index);
        if (keeps) {
            ASSERT_TRUE(host.peer->restore(host.stored, now_).has_value());
        } else {
            host.lost_state = true;
            host.has_stored = false;
        }
    }

    // ---- One step -------------------------------------------------------------------------------

    void step(Instant end) {
        Instant next = flying_.empty() ? end : std::min(end, flying_.begin()->first);
        for (const Host& host : hosts_) {
            next = std::min({next, host.peer->deadline(), host.next_initiation, host.next_start});
        }
        now_ = std::max(now_, next);
        if (!flying_.empty() && flying_.begin()->first <= now_) {
            auto [to, datagram] = std::move(flying_.begin()->second);
            flying_.erase(flying_.begin());
            arrive(to, datagram);
            return;
        }
        const std::size_t index = random_.below(2);
        if (weather.crashes && random_.below(150) == 0) {
            crash(index);
        }
        act(index);
        act(1 - index);
    }

    // What an owner does when something is due.
    void act(std::size_t index) {
        Host& host = hosts_[index];
        if (host.peer->deadline() <= now_) {
            host.peer->tick(now_, actions_);
            carry_out(index);
        }
        if (host.next_initiation <= now_) {
            host.initiated = ++handshake_count_;
            host.next_initiation = now_ + kWireguardRetry;
            send(index, {Datagram::Kind::kInitiation, host.initiated, {}, {}});
        }
        if (host.next_start <= now_) {
            host.next_start = now_ + 1s + Duration(random_.below(2'000'000'000));
            if (host.peer->renew_at() <= now_ || random_.below(20) == 0) {
                (void)host.peer->start(now_, random_, actions_);
                carry_out(index);
            }
        }
    }

    void arrive(std::size_t index, const Datagram& datagram) {
        Host& host = hosts_[index];
        switch (datagram.kind) {
            case Datagram::Kind::kInitiation:
                respond(index, datagram.number);
                break;
            case Datagram::Kind::kResponse:
                take_response(index, datagram);
                break;
            case Datagram::Kind::kSessionUsed:
                if (datagram.number == host.responded) {
                    host.responded = 0;
                    host.peer->psk_used(host.responded_with, now_, actions_);
                    session_done(index, datagram.number);
                }
                break;
            case Datagram::Kind::kFrame:
                if (host.sessions.contains(datagram.number)) {
                    (void)host.peer->receive(datagram.frame, now_, random_, actions_);
                }
                break;
        }
        carry_out(index);
    }

    void respond(std::size_t index, std::uint64_t handshake) {
        Host& host = hosts_[index];
        if (handshake <= last_responded_[index]) {
            return;  // WireGuard's timestamp keeps replays out, restarts included
        }
        last_responded_[index] = handshake;
        if (host.responded != 0) {
            host.peer->response_unanswered(actions_);
        }
        host.responded = handshake;
        const Psk psk = host.peer->respond_with();
        host.responded_with = psk.id;
        send(index, {Datagram::Kind::kResponse, handshake, psk, {}});
    }

    void take_response(std::size_t index, const Datagram& response) {
        Host& host = hosts_[index];
        if (response.number != host.initiated) {
            return;
        }
        if (!is_candidate(*host.peer, response.psk)) {
            host.failed_handshakes += host.lost_state || hosts_[1 - index].lost_state ? 0 : 1;
            return;
        }
        host.initiated = 0;
        host.next_initiation = now_ + kWireguardRekey + Duration(random_.below(20'000'000'000));
        host.peer->psk_used(response.psk.id, now_, actions_);
        session_done(index, response.number);
        send(index, {Datagram::Kind::kSessionUsed, response.number, {}, {}});
    }

    void session_done(std::size_t index, std::uint64_t number) {
        Host& host = hosts_[index];
        host.sessions.insert(number);
        while (host.sessions.size() > 3) {
            host.sessions.erase(host.sessions.begin());
        }
        host.sending = number;
        host.peer->wireguard_handshake_done(session_hash(number), now_, random_, actions_);
    }

    // In the order that Actions asks for; a crash may come between storing and sending.
    void carry_out(std::size_t index) {
        Host& host = hosts_[index];
        const Candidates candidates = host.peer->candidates();
        for (const Psk& psk : candidates.view()) {
            host.held.insert(psk.id);
            const auto known = keys_.emplace(psk.id, psk).first;
            EXPECT_TRUE(same_key(known->second, psk)) << "two keys under one id";
        }
        if (actions_.persist) {
            host.stored = host.peer->snapshot(now_);
            host.has_stored = true;
        }
        for (const Event& event : actions_.events) {
            if (event.kind == EventKind::kConfirmed) {
                EXPECT_TRUE(hosts_[1 - index].held.contains(event.psk)) << "confirmed by nobody";
            }
        }
        const bool dies = weather.crashes && random_.below(200) == 0;
        for (const Frame& frame : actions_.sends) {
            const ByteView bytes = frame.view();
            if (!dies && host.sending != 0) {
                send(
                    index, {Datagram::Kind::kFrame, host.sending, {}, {bytes.begin(), bytes.end()}}
                );
            }
        }
        actions_.clear();
        if (dies) {
            crash(index);
        }
    }

    // ---- Network --------------------------------------------------------------------------------

    void send(std::size_t from, Datagram datagram) {
        if (datagram.kind == Datagram::Kind::kFrame) {
            disturb(from, datagram);
        }
        if (random_.below(100) < weather.duplicate_percent) {
            fly(1 - from, datagram);
        }
        if (random_.below(100) >= weather.loss_percent) {
            fly(1 - from, std::move(datagram));
        }
    }

    // Replays of old frames under a session that would carry them, and damage that WireGuard would
    // have kept out.
    void disturb(std::size_t from, const Datagram& datagram) {
        if (random_.below(100) < weather.replay_percent && !history_.empty()) {
            auto [to, old] = history_[random_.below(history_.size())];
            old.number = hosts_[1 - to].sending;
            fly(to, std::move(old));
        }
        if (random_.below(100) < weather.damage_percent) {
            Datagram bad = datagram;
            for (std::uint64_t flips = 1 + random_.below(3); flips > 0; --flips) {
                const std::size_t bit = random_.below(bad.frame.size() * 8);
                bad.frame[bit / 8] =
                    static_cast<std::uint8_t>(bad.frame[bit / 8] ^ (1U << (bit % 8)));
            }
            fly(1 - from, std::move(bad));
        }
        if (history_.size() < kHistoryMax) {
            history_.emplace_back(1 - from, datagram);
        } else {
            history_[random_.below(kHistoryMax)] = {1 - from, datagram};
        }
    }

    void fly(std::size_t to, Datagram datagram) {
        const auto spread = static_cast<std::uint64_t>(weather.delay_spread.count());
        const Instant at = now_ + 10ms + Duration(random_.below(spread + 1));
        flying_.emplace(at, std::make_pair(to, std::move(datagram)));
    }

    // ---- What must always hold ------------------------------------------------------------------

    void check() {
        Host& a = hosts_[0];
        Host& b = hosts_[1];
        if (a.lost_state || b.lost_state) {
            const Psk ours = a.peer->respond_with();
            if (!ours.is_bootstrap() && same_key(ours, b.peer->respond_with())) {
                a.lost_state = b.lost_state = false;
            }
            return;
        }
        EXPECT_TRUE(is_candidate(*a.peer, b.peer->respond_with())) << "a could not open b's";
        EXPECT_TRUE(is_candidate(*b.peer, a.peer->respond_with())) << "b could not open a's";
    }

    SeededRandom random_;
    const Kem& kem_;
    std::array<Node, 2> nodes_{Node(kem_, 1, random_), Node(kem_, 2, random_)};
    std::array<Host, 2> hosts_;
    Instant now_{1'000'000'000};
    std::multimap<Instant, std::pair<std::size_t, Datagram>> flying_;
    std::vector<std::pair<std::size_t, Datagram>> history_;
    std::map<PskId, Psk> keys_;  // every key there ever was
    std::array<std::uint64_t, 2> last_responded_{};
    std::uint64_t handshake_count_ = 0;
    Actions actions_;
};

void for_each_seed(std::uint64_t first, std::uint64_t count, auto body) {
    if (const char* chosen = std::getenv("PM_SIM_SEED"); chosen != nullptr) {
        body(std::strtoull(chosen, nullptr, 10));
        return;
    }
    if (const char* wanted = std::getenv("PM_SIM_SEEDS"); wanted != nullptr) {
        count = std::strtoull(wanted, nullptr, 10);
    }
    for (std::uint64_t seed = first; seed < first + count && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        body(seed);
    }
}

void rage(World& world) {
    for (int phase = 0; phase < 3; ++phase) {
        world.weather = {
            .loss_percent = world.draw(2) == 0 ? world.draw(70) : world.draw(10),
            .duplicate_percent = world.draw(40),
            .damage_percent = world.draw(30),
            .replay_percent = world.draw(30),
            .delay_spread = std::chrono::milliseconds(world.draw(4'000)),
            .crashes = world.draw(2) == 0,
        };
        world.run_for(std::chrono::seconds(10 + world.draw(80)));
    }
    world.weather = {};
}

// Longer than an exchange given up, an answer forgotten, a forged offer's number expired and one
// renewal, all one after another.
constexpr Duration kConvergenceMax = 60s + kFrameAgeMax + kRenewAfterTime;

void expect_convergence(World& world) {
    const Instant calm = world.now();
    while (!world.agreed_since(calm) && world.now() < calm + kConvergenceMax &&
           !testing::Test::HasFailure()) {
        world.run_for(1s);
    }
    EXPECT_TRUE(world.agreed_since(calm)) << "no fresh key within the bound";
}

TEST(Simulation, hitless_through_any_storm_and_a_fresh_key_after_it) {
    for_each_seed(1, 2'000, [](std::uint64_t seed) {
        World world(seed, quick_kem());
        rage(world);
        expect_convergence(world);
    });
}

TEST(Simulation, the_same_with_the_real_kem) {
    for_each_seed(1'000'001, 50, [](std::uint64_t seed) {
        World world(seed, real_kem());
        rage(world);
        expect_convergence(world);
    });
}

// No WireGuard handshake fails on its key when frames and handshakes are only lost and late.
TEST(Simulation, no_handshake_fails_without_a_crash) {
    for_each_seed(2'000'001, 100, [](std::uint64_t seed) {
        World world(seed, quick_kem());
        world.weather = {.loss_percent = world.draw(40), .delay_spread = 300ms};
        world.run_for(30min);
        EXPECT_EQ(world.handshakes_failed(), 0U);
    });
}

}  // namespace
}  // namespace phantom::pq::test
