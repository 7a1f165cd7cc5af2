#pragma once

// For tests only: whole meshes under a virtual clock. The network plays the tunnel: an attempt that gets
// through makes a session, and only a session carries messages, which it loses, delays and repeats.

#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "identity/issued_places.h"
#include "mesh/node.h"
#include "mesh/simulation_cast.h"
#include "wire/relay_frame.h"

namespace phantom::mesh::sim {

inline constexpr int kRelaysMax = 2;
// A router keeps a way open for as long after something went out by it.
inline constexpr Duration kOpening = 30s;
// What every mesh of these tests must reach within this.
inline constexpr Duration kPatience = 180s;

struct Host {
    std::unique_ptr<Node> node;
    MemberRecord self;
    wire::SocketAddress outside;  // what others see
    bool behind_router = false;
    // Its router takes another port for each destination: nobody who has only heard of one gets in.
    bool symmetric = false;
    bool apart = false;     // on the other side of a partition
    std::uint64_t run = 0;  // counts restarts
    std::vector<crypto::PublicKey> left;
    std::uint64_t bytes_sent = 0;
    std::size_t calls = 0;  // handshakes that it began, answered or not
    bool revoked_itself = false;
    bool grants = false;  // holds the root; takes effect at the next boot
    std::size_t renewals = 0;
    // What it has on disk beside `self`: its keys, and those before, under which it is still called.
    const identity::NodeKeys* keys = nullptr;
    const identity::NodeKeys* previous_keys = nullptr;
    const identity::NodeKeys* next_keys = nullptr;
    bool disk_is_full = false;
    bool keys_replaced = false;
};

// A message, or (where it is empty) a handshake that comes to its end.
struct Event {
    std::size_t from;
    std::size_t to;
    std::uint64_t run_from;
    std::uint64_t run_to;
    wire::SocketAddress from_way;  // as the receiver sees it
    Message message;
};

class World {
  public:
    World(std::uint64_t seed, std::size_t count) : random_(seed), hosts_(count) {
        weather.loss_percent = random_.below(20);
        weather.duplicate_percent = random_.below(20);
        weather.delay_max = std::chrono::milliseconds(1 + random_.below(300));
        for (std::size_t index = 0; index < count; ++index) {
            hosts_[index].outside = place("198.51.100.", index);
            hosts_[index].keys = &cast().nodes[index]->keys;
            boot(index, cast().publics[index]);
        }
    }

    Weather weather;

    // Without memory of anybody; what is under way to it is lost.
    void boot(std::size_t index, const MemberRecord& self) {
        Host& host = hosts_[index];
        ++host.run;
        host.self = self;
        host.node = std::make_unique<Node>(
            NodeOptions{
                .keys = *host.keys,
                .root = cast().root.key.verify_key(),
                .self = self,
                .grants = host.grants
            },
            wall()
        );
        if (host.next_keys != nullptr) {
            host.node->rotate(*host.next_keys);
        }
        for (std::size_t other = 0; other < hosts_.size(); ++other) {
            end_session(index, other);
        }
    }
    // It makes its next keys, and asks for them.
    void rotate(std::size_t index) {
        PM_ASSERT(key_changes_ < kKeyChangesMax);
        hosts_[index].next_keys = &cast().next_keys[key_changes_++]->keys;
        node(index).rotate(*hosts_[index].next_keys);
    }
    void put_behind_router(std::size_t index) {
        hosts_[index].behind_router = true;
        boot(index, cast().hidden[index]);
    }
    void put_behind_symmetric_router(std::size_t index) {
        hosts_[index].symmetric = true;
        put_behind_router(index);
    }
    // Nothing passes between the two by their own addresses any more.
    void cut_direct_way(std::size_t a, std::size_t b) { cut_[a][b] = cut_[b][a] = true; }
    void mend_direct_way(std::size_t a, std::size_t b) { cut_[a][b] = cut_[b][a] = false; }
    void send_data_always(std::size_t from, std::size_t to) { data_[from][to] = true; }
    [[nodiscard]] wire::SocketAddress way(std::size_t from, std::size_t to) const {
        return ways_[from][to];
    }
    [[nodiscard]] bool relayed(std::size_t from, std::size_t to) const {
        return wire::is_relay(ways_[from][to]);
    }
    [[nodiscard]] bool gets_through(std::size_t from, std::size_t to) {
        return reaches(from, to, ways_[from][to], kRelaysMax).has_value();
    }
    // As after joining: they know each other, and nobody else.
    void admit(std::size_t index) {
        const auto introduce = [&](std::size_t to, std::size_t other) {
            return act(to, [&](Actions& out) {
                return node(to).add(hosts_[other].self, wall(), out);
            });
        };
        PM_ASSERT(introduce(0, index).has_value());
        PM_ASSERT(introduce(index, 0).has_value());
    }
    void admit_all() {
        for (std::size_t index = 1; index < hosts_.size(); ++index) {
            admit(index);
        }
    }

    void run_for(Duration by) {
        const Instant end = now_ + by;
        while (step(end)) {
        }
    }
    // How long it took; kPatience: it never was.
    template <class Predicate>
    Duration run_until(Predicate done) {
        const Instant begin = now_;
        while (now_ - begin < kPatience && !done()) {
            run_for(500ms);
        }
        return now_ - begin;
    }

    template <class Call>
    Status act(std::size_t index, Call call) {
        Actions actions;
        const Status status = call(actions);
        obey(index, actions);
        return status;
    }
    // Outside the sessions: whoever `from` is, `to` believes it is its session.
    Status inject(std::size_t from, std::size_t to, const Message& message, Actions& actions) {
        return inject(from, to, hosts_[from].outside, message, actions);
    }
    Status inject(
        std::size_t from, std::size_t to, const wire::SocketAddress& way, const Message& message,
        Actions& actions
    ) {
        return node(to).receive(known_key(to, from), way, message, now_, wall(), actions);
    }

    [[nodiscard]] bool converged() { return converged_without(hosts_.size()); }
    // All but `absent` are linked with each other and know the same of the same.
    [[nodiscard]] bool converged_without(std::size_t absent) {
        const std::size_t first = absent == 0 ? 1 : 0;
        const auto known = sequences(first);
        std::size_t expected = 0;
        for (std::size_t index = 0; index < hosts_.size(); ++index) {
            expected += index == absent ? 0 : 1;
            if (index != absent && (sequences(index) != known || !linked_with_all(index, absent))) {
                return false;
            }
        }
        return known.size() == expected;
    }
    void expect_equal_directories() {
        for (std::size_t index = 1; index < hosts_.size(); ++index) {
            EXPECT_EQ(node(index).directory().members(), node(0).directory().members());
        }
    }

    [[nodiscard]] static const identity::NodeId& id_of(std::size_t index) {
        return cast().nodes[index]->keys.first_id();
    }
    // The first that it had.
    [[nodiscard]] static const crypto::PublicKey& key_of(std::size_t index) {
        return cast().nodes[index]->keys.public_keys().wireguard;
    }
    // By which `at` knows `other`.
    [[nodiscard]] crypto::PublicKey known_key(std::size_t at, std::size_t other) {
        const MemberRecord* member = node(at).directory().find_known(id_of(other));
        return member == nullptr ? key_of(other) : member->descriptor.keys.wireguard;
    }
    [[nodiscard]] Host& host(std::size_t index) { return hosts_[index]; }
    [[nodiscard]] Node& node(std::size_t index) { return *hosts_[index].node; }
    [[nodiscard]] std::size_t count() const { return hosts_.size(); }
    [[nodiscard]] std::uint64_t draw(std::uint64_t bound) { return random_.below(bound); }
    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] identity::UnixTime wall() const {
        return identity::kNow.plus(
            skipped_s_ + static_cast<std::uint64_t>(now_.ns) / 1'000'000'000
        );
    }
    // The calendar goes on; nothing happens meanwhile.
    void skip(std::uint64_t seconds) { skipped_s_ += seconds; }
    // As a restart: with the members that it knew, whatever has become of them.
    void boot_with_memory(std::size_t index) {
        std::vector<MemberRecord> members;
        for (const auto& member : node(index).directory().everybody()) {
            if (member->descriptor.node != id_of(index)) {
                members.push_back(*member);
            }
        }
        const MemberRecord self = node(index).self();
        boot(index, self);
        Actions actions;
        node(index).restore(members, {}, wall(), actions);
        obey(index, actions);
    }

  private:
    [[nodiscard]] std::map<identity::NodeId, std::uint64_t> sequences(std::size_t index) {
        std::map<identity::NodeId, std::uint64_t> all;
        for (const auto& [id, member] : node(index).directory().members()) {
            all.emplace(id, member.descriptor.sequence);
        }
        return all;
    }
    [[nodiscard]] bool linked_with_all(std::size_t index, std::size_t absent) {
        for (std::size_t other = 0; other < hosts_.size(); ++other) {
            const bool matters = other != index && other != absent;
            if (matters && !node(index).is_linked(id_of(other), now_)) {
                return false;
            }
        }
        return true;
    }

    // One moment: what arrives, then whose time has come. False when `end` is reached.
    bool step(Instant end) {
        Instant next = events_.empty() ? end : std::min(end, events_.begin()->first);
        for (const Host& host : hosts_) {
            next = std::min(next, host.node->deadline());
        }
        // A node that is due at once is so a millisecond later.
        now_ = std::max(next, now_ + Duration(1ms));
        while (!events_.empty() && events_.begin()->first <= now_) {
            const Event event = std::move(events_.extract(events_.begin()).mapped());
            arrive(event);
        }
        for (std::size_t index = 0; index < hosts_.size(); ++index) {
            Actions actions;
            observe(index, actions);
            if (node(index).deadline() <= now_) {
                node(index).tick(now_, wall(), random_, actions);
            }
            obey(index, actions);
        }
        return now_ < end;
    }

    // What a tunnel tells of the ways and of the traffic.
    void observe(std::size_t index, Actions& actions) {
        for (std::size_t other = 0; other < hosts_.size(); ++other) {
            if (sessions_[index][other]) {
                if (data_[index][other]) {
                    sent_data_[index][other] = now_;
                }
                node(index).observe(
                    known_key(index, other),
                    {ways_[index][other], sent_data_[index][other], received_[index][other]}, now_,
                    actions
                );
            }
        }
    }

    void end_session(std::size_t a, std::size_t b) {
        sessions_[a][b] = sessions_[b][a] = false;
        ways_[a][b] = ways_[b][a] = {};
    }

    // Where the receiver sees it come from; none: it does not get there.
    std::optional<wire::SocketAddress> reaches(
        std::size_t from, std::size_t to, const wire::SocketAddress& over, int relays_left
    ) {
        if (wire::is_relay(over)) {
            return reaches_over_relays(from, to, wire::relay_route(over.address), relays_left);
        }
        const Host& host = hosts_[to];
        if (cut_[from][to] || host.outside != over || hosts_[from].apart != host.apart) {
            return std::nullopt;
        }
        tried_[from][to] = now_;
        const Instant answer = tried_[to][from];
        const bool open = !answer.is_never() && now_ - answer <= kOpening;
        // A port that a symmetric router took for somebody else lets nobody in.
        const bool strange_port = (host.symmetric || hosts_[from].symmetric) &&
                                  host.behind_router && hosts_[from].behind_router;
        if (host.behind_router && (!open || strange_port)) {
            return std::nullopt;
        }
        return hosts_[from].outside;
    }
    std::optional<wire::SocketAddress> reaches_over_relays(
        std::size_t from, std::size_t to, const wire::RelayRoute& route, int relays_left
    ) {
        const auto first = host_of(route.first);
        if (!first || relays_left == 0 || !sessions_[from][*first]) {
            return std::nullopt;
        }
        const wire::SocketAddress next_way = route.count() == 2
                                                 ? ways_[*first][host_of(route.second).value_or(0)]
                                                 : ways_[*first][to];
        const std::size_t next = route.count() == 2 ? host_of(route.second).value_or(0) : to;
        const bool legs = !wire::is_relay(ways_[from][*first]) &&
                          reaches(from, *first, ways_[from][*first], 0) &&
                          !wire::is_relay(next_way) && reaches(*first, next, next_way, 0);
        const bool last = route.count() == 1 || (!wire::is_relay(ways_[next][to]) &&
                                                 reaches(next, to, ways_[next][to], 0));
        return legs && last ? std::optional(wire::relay_endpoint(route.reversed())) : std::nullopt;
    }
    [[nodiscard]] std::optional<std::size_t> host_of(wire::HopId hop) const {
        for (std::size_t index = 0; index < hosts_.size(); ++index) {
            if (wire::hop_id(id_of(index).bytes.data()) == hop) {
                return index;
            }
        }
        return std::nullopt;
    }

    void arrive(const Event& event) {
        const Host& to = hosts_[event.to];
        const bool stale = event.run_from != hosts_[event.from].run || event.run_to != to.run;
        if (stale || hosts_[event.from].apart != to.apart) {
            return;
        }
        Actions actions;
        if (!event.message.empty()) {
            if (sessions_[event.to][event.from]) {
                if (event.from_way == ways_[event.to][event.from]) {
                    received_[event.to][event.from] = now_;
                }
                (void)inject(event.from, event.to, event.from_way, event.message, actions);
                obey(event.to, actions);
            }
            return;
        }
        // WireGuard answers only whom it knows, and who calls it by its key or the one before.
        const crypto::PublicKey& caller = hosts_[event.from].keys->public_keys().wireguard;
        const bool known = node(event.to).directory().owner_of(caller) != nullptr &&
                           is_called_by(to, known_key(event.from, event.to)) &&
                           node(event.from).directory().find_known(id_of(event.to)) != nullptr;
        if (!known) {
            return;
        }
        sessions_[event.from][event.to] = sessions_[event.to][event.from] = true;
        ways_[event.to][event.from] = event.from_way;
        ways_[event.from][event.to] = called_[event.from][event.to];
        node(event.to).session_began(known_key(event.to, event.from), now_, actions);
        obey(event.to, actions);
        actions = {};
        node(event.from).session_began(known_key(event.from, event.to), now_, actions);
        obey(event.from, actions);
    }
    [[nodiscard]] static bool is_called_by(const Host& host, const crypto::PublicKey& key) {
        return host.keys->public_keys().wireguard == key ||
               (host.previous_keys != nullptr && host.previous_keys->public_keys().wireguard == key
               );
    }

    void obey(std::size_t index, const Actions& actions) {
        for (const Send& send : actions.sends) {
            hosts_[index].bytes_sent += send.message.size();
            const std::size_t to = index_of(send.to);
            if (!sessions_[index][to]) {
                continue;
            }
            const auto from_way =
                reaches(index, to, send.over.value_or(ways_[index][to]), kRelaysMax);
            const std::uint64_t copies = random_.below(100) < weather.duplicate_percent ? 2 : 1;
            for (std::uint64_t copy = 0; from_way && copy < copies; ++copy) {
                post(index, to, *from_way, send.message);
            }
        }
        hosts_[index].calls += actions.attempts.size();
        for (const Attempt& attempt : actions.attempts) {
            try_handshake(index, attempt);
        }
        for (const Move& move : actions.moves) {
            ways_[index][index_of(move.to)] = move.take.over;
        }
        for (const crypto::PublicKey& key : actions.left) {
            hosts_[index].left.push_back(key);
            end_session(index, index_of(key));
        }
        hosts_[index].revoked_itself |= actions.revoked_ourselves;
        for (const Renewal& asked : actions.renewals) {
            ++hosts_[index].renewals;
            const auto* member = node(index).directory().find(asked.node);
            const identity::KeysHash keys = asked.descriptor.keys.hash();
            (void)issued_.note(member->certificate);
            const auto next = renew(
                member->certificate, {keys, issued_.generation_of(asked.node, keys)},
                cast().root.key, wall(), random_
            );
            PM_ASSERT(issued_.note(*next).has_value());
            Actions more;
            PM_ASSERT(node(index).grant(*next, wall(), more).has_value());
            obey(index, more);
        }
        if (actions.certified && !hosts_[index].disk_is_full) {
            Host& host = hosts_[index];
            host.self = *actions.certified;
            host.previous_keys = std::exchange(host.keys, std::exchange(host.next_keys, nullptr));
            Actions more;
            PM_ASSERT(host.node->adopt(host.self, wall(), more).has_value());
            obey(index, more);
        }
        hosts_[index].keys_replaced |= actions.keys_replaced;
    }

    // The first that gets through answers.
    void try_handshake(std::size_t from, const Attempt& attempt) {
        const std::size_t to = index_of(attempt.to);
        bool posted = false;
        for (const wire::SocketAddress& endpoint : attempt.endpoints) {
            const auto from_way = reaches(from, to, endpoint, kRelaysMax);
            if (from_way && !posted) {
                called_[from][to] = endpoint;
                post(from, to, *from_way, {});
                posted = true;
            }
        }
    }

    void post(
        std::size_t from, std::size_t to, const wire::SocketAddress& from_way, Message message
    ) {
        if (random_.below(100) < weather.loss_percent) {
            return;
        }
        const Duration delay(
            1 + static_cast<std::int64_t>(
                    random_.below(static_cast<std::uint64_t>(weather.delay_max.count()))
                )
        );
        events_.emplace(
            now_ + delay,
            Event{from, to, hosts_[from].run, hosts_[to].run, from_way, std::move(message)}
        );
    }

    [[nodiscard]] std::size_t index_of(const crypto::PublicKey& key) const {
        const auto has = [&](const auto& made) {
            return made->keys.public_keys().wireguard == key;
        };
        for (std::size_t index = 0; index < hosts_.size(); ++index) {
            const Host& host = hosts_[index];
            if (has(cast().nodes[index]) || is_called_by(host, key) ||
                (host.next_keys != nullptr && host.next_keys->public_keys().wireguard == key)) {
                return index;
            }
        }
        PM_ASSERT(false);
        return 0;
    }

    SeededRandom random_;
    std::vector<Host> hosts_;
    Instant now_ = Instant{} + Duration(1s);
    std::uint64_t skipped_s_ = 0;
    std::size_t key_changes_ = 0;
    identity::IssuedPlaces issued_;
    std::multimap<Instant, Event> events_;
    std::array<std::array<bool, kHostsMax>, kHostsMax> sessions_{};
    template <class T>
    using Pairs = std::array<std::array<T, kHostsMax>, kHostsMax>;
    Pairs<wire::SocketAddress> ways_{};
    Pairs<wire::SocketAddress> called_{};
    Pairs<bool> cut_{};
    Pairs<bool> data_{};
    Pairs<Instant> sent_data_{};
    Pairs<Instant> received_{};
    Pairs<Instant> tried_{};
};

}  // namespace phantom::mesh::sim
