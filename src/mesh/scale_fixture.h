#pragma once

// For tests and benchmarks only: meshes of thousands under a virtual clock, all of it from one seed. The
// network plays the tunnel, as in simulation_fixture.h, with what a large one needs: events in a heap,
// sessions where there are any, one copy of what all know, and one verification of each record.
//
// Delay: what latency_fixture.h says, and up to a tenth more; a message through a relay takes both legs.

#include <algorithm>
#include <array>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "identity/identity_fixture.h"
#include "mesh/latency_fixture.h"
#include "mesh/node.h"
#include "mesh/scale_cast.h"
#include "mesh/scale_host.h"
#include "wire/relay_frame.h"

namespace phantom::mesh::scale {

class World {
  public:
    World(
        std::uint64_t seed, Index count, Faults faults = {},
        std::shared_ptr<const Latency> latency = nullptr
    )
        : cast_(cast(count)),
          random_(seed),
          hosts_(count),
          faults_(faults),
          latency_(
              latency ? std::move(latency) : std::make_shared<SquareLatency>(seed, count + 1)
          ) {
        for (Index index = 0; index < count; ++index) {
            settle(index);
            start(index, cast_.directory);
        }
    }

    // One more, once, as `phantom join` leaves it: it knows itself and `by`, who has admitted it.
    Index join(Index by) {
        const auto index = count();
        hosts_.emplace_back();
        settle(index);
        start(index, introduced(cast_.newcomer, by));
        act(by, [&](Actions& out) {
            PM_ASSERT(node(by).add(cast_.newcomer, wall(by), out).has_value());
        });
        return index;
    }
    // As if all the others had just been admitted by this one; before anything happens.
    void join_all(Index by) {
        for (Index index = 0; index < count(); ++index) {
            if (index != by) {
                start(index, introduced(*cast_.directory.find(id_of(index)), by));
            }
        }
    }

    // As after a crash: it knows what it had on disk.
    void crash(Index index) {
        Host& host = hosts_[index];
        host.up = false;
        ++host.run;
        host.sessions.clear();
    }
    void restart(Index index) { restart(index, Directory(hosts_[index].node->directory())); }
    void restart(Index index, const Directory& known) {
        hosts_[index].up = true;
        start(index, known);
    }
    void silence(Index from, Index to) { silent_.emplace(from, to); }
    void end_faults() {
        silent_.clear();
        faults_ = {};
        for (Host& host : hosts_) {
            host.side = 0;
        }
    }
    // The user has packets for it from now on.
    void use(Index from, Index to) {
        act(from, [&](Actions& out) { node(from).wanted(key_of(to), now_, out); });
    }

    void run_for(Duration by) {
        const Instant end = now_ + by;
        while (!queue_.empty() && queue_.top().at <= end) {
            now_ = std::max(now_, queue_.top().at);
            const Event event = take_next();
            ++events_seen_;
            event.to == event.from ? tick(event) : arrive(event);
        }
        now_ = end;
    }
    // How long it took; `patience`: it never was.
    template <class Predicate>
    Duration run_until(Predicate done, Duration patience, Duration step = 100ms) {
        const Instant begin = now_;
        while (now_ - begin < patience && !done()) {
            run_for(step);
        }
        return now_ - begin;
    }

    template <class Call>
    void act(Index index, Call call) {
        Actions actions;
        call(actions);
        obey(index, actions);
    }
    // What `to` makes of a message that came in its session with `from`.
    Status inject(Index from, Index to, const AnyMessage& message) {
        Actions actions;
        const Status status = node(to).receive(
            key_of(from), hosts_[from].outside, encode(message), now_, wall(to), actions
        );
        obey(to, actions);
        return status;
    }

    template <class Predicate>
    [[nodiscard]] std::size_t count_if(Predicate holds) {
        std::size_t found = 0;
        for (Index index = 0; index < count(); ++index) {
            found += hosts_[index].up && holds(index) ? 1 : 0;
        }
        return found;
    }
    // Pairs of living ones of which one takes the other for dead, though they are not apart.
    [[nodiscard]] std::size_t false_deaths() {
        std::size_t found = 0;
        for (Index index = 0; index < count(); ++index) {
            for (const identity::NodeId& id : hosts_[index].node->dead()) {
                const Host& other = hosts_[by_id_.at(id)];
                found += hosts_[index].up && other.up && other.side == hosts_[index].side ? 1 : 0;
            }
        }
        return found;
    }
    [[nodiscard]] std::uint64_t bytes_sent() const {
        std::uint64_t sum = 0;
        for (const Host& host : hosts_) {
            sum += host.bytes_sent;
        }
        return sum;
    }
    [[nodiscard]] bool connected(Index a, Index b) {
        return node(a).is_linked(id_of(b), now_) && node(b).is_linked(id_of(a), now_);
    }

    [[nodiscard]] const identity::NodeId& id_of(Index index) const {
        return cast_.nodes[index]->keys.first_id();
    }
    [[nodiscard]] const crypto::PublicKey& key_of(Index index) const {
        return cast_.nodes[index]->keys.public_keys().wireguard;
    }
    [[nodiscard]] std::optional<Index> index_of(const identity::NodeId& id) const {
        const auto at = by_id_.find(id);
        return at == by_id_.end() ? std::nullopt : std::optional(at->second);
    }
    [[nodiscard]] std::uint64_t events_seen() const { return events_seen_; }
    [[nodiscard]] std::uint64_t loops() const { return loops_; }
    [[nodiscard]] Host& host(Index index) { return hosts_[index]; }
    [[nodiscard]] Node& node(Index index) { return *hosts_[index].node; }
    [[nodiscard]] Cast& shared() { return cast_; }
    [[nodiscard]] Index count() const { return static_cast<Index>(hosts_.size()); }
    [[nodiscard]] Index draw() { return static_cast<Index>(random_.below(hosts_.size())); }
    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] identity::UnixTime wall(Index index) const {
        const auto s = now_.ns / 1'000'000'000 + hosts_[index].clock_skew_s;
        return {identity::kNow.s + kStart + static_cast<std::uint64_t>(s)};
    }

  private:
    static constexpr std::uint64_t kStart = 3'600;  // so that a clock may be slow
    // A message; none: a handshake that comes to its end, or where from and to are one, a deadline.
    struct Event {
        Instant at;
        Index from = 0;
        Index to = 0;
        std::uint32_t run_from = 0;
        std::uint32_t run_to = 0;
        wire::SocketAddress way;  // as the receiver sees it
        Message message;
    };
    // In a heap, which moves what it holds about.
    struct Queued {
        Instant at;
        std::uint64_t number = 0;
        std::size_t slot = 0;  // of events_

        friend bool operator<(const Queued& a, const Queued& b) {
            return std::tie(a.at, a.number) > std::tie(b.at, b.number);
        }
    };
    void push(Event event) {
        if (free_slots_.empty()) {
            free_slots_.push_back(events_.size());
            events_.emplace_back();
        }
        const std::size_t slot = free_slots_.back();
        free_slots_.pop_back();
        queue_.push({event.at, ++number_, slot});
        events_[slot] = std::move(event);
    }
    Event take_next() {
        const std::size_t slot = queue_.top().slot;
        queue_.pop();
        free_slots_.push_back(slot);
        return std::move(events_[slot]);
    }
    static void note_news(Host& host, Index other, Session& session) {
        if (!std::exchange(session.is_news, true)) {
            host.news.push_back(other);
        }
    }

    static std::uint32_t number_of(const wire::SocketAddress& v4) {
        return load_be<std::uint32_t>(v4.address.bytes.data());
    }
    static std::uint64_t hash_of(const crypto::PublicKey& key) {
        return load_be<std::uint64_t>(key.data());
    }
    [[nodiscard]] Index index_of(const crypto::PublicKey& key) const {
        return by_key_.at(hash_of(key));
    }

    void settle(Index index) {
        Host& host = hosts_[index];
        host.hidden = Cast::is_hidden(index);
        host.outside = public_place(index);
        const identity::NodeKeys& keys = cast_.nodes[index]->keys;
        by_key_.emplace(hash_of(keys.public_keys().wireguard), index);
        by_id_.emplace(keys.first_id(), index);
        by_hop_.emplace(wire::hop_id(keys.first_id().bytes.data()), index);
        by_place_.emplace(number_of(host.outside), index);
    }
    [[nodiscard]] Directory introduced(const identity::MemberRecord& newcomer, Index by) {
        Directory known(cast_.root.key.verify_key(), cast_.verifier);
        for (const auto& each : {newcomer, *cast_.directory.find(id_of(by))}) {
            PM_ASSERT(known.add(each, identity::kNow).value_or(false));
        }
        return known;
    }
    void start(Index index, const Directory& known) {
        Host& host = hosts_[index];
        ++host.run;
        const auto* self = known.find(id_of(index));
        host.node = std::make_unique<Node>(
            NodeOptions{
                .keys = cast_.nodes[index]->keys,
                .root = cast_.root.key.verify_key(),
                .self = *self,
                .verifier = cast_.verifier,
                .known = &known,
            },
            wall(index)
        );
        note_own_word(host);
        schedule(index);
    }
    static void note_own_word(Host& host) {
        const identity::Descriptor& said = host.node->self().descriptor;
        if (host.last_word != said.sequence) {
            host.last_word = said.sequence;
            host.own_words.emplace(said.sequence, said.signature);
        }
    }
    // Through itself, through the other end, or twice through one relay.
    void note_loop(Index from, Index to, const wire::SocketAddress& over) {
        if (wire::is_relay(over)) {
            const wire::RelayRoute route = wire::relay_route(over.address);
            const std::array<wire::HopId, 2> ends{hop_of(from), hop_of(to)};
            const bool meets_end = std::ranges::find(ends, route.first) != ends.end() ||
                                   std::ranges::find(ends, route.second) != ends.end();
            loops_ += meets_end || route.first == route.second ? 1 : 0;
        }
    }
    [[nodiscard]] wire::HopId hop_of(Index index) const {
        return wire::hop_id(id_of(index).bytes.data());
    }
    void schedule(Index index) {
        Host& host = hosts_[index];
        host.due = std::max(host.node->deadline(), now_ + Duration(1ms));
        if (host.due != kFarFuture) {
            push({host.due, index, index, host.run, host.run, {}, {}});
        }
    }
    void tick(const Event& event) {
        Host& host = hosts_[event.to];
        if (!host.up || event.run_to != host.run || event.at != host.due) {
            return;
        }
        // An answer has come since, or somebody else's word: there is nothing to do yet.
        if (host.node->deadline() > now_) {
            schedule(event.to);
            return;
        }
        Actions actions;
        for (const Index other : std::exchange(host.news, {})) {
            const auto at = host.sessions.find(other);
            if (at != host.sessions.end() && std::exchange(at->second.is_news, false)) {
                const Session& session = at->second;
                host.node->observe(
                    key_of(other), {session.way, {}, session.received}, now_, actions
                );
            }
        }
        host.node->tick(now_, wall(event.to), random_, actions);
        host.due = {};
        obey(event.to, actions);
    }

    // Where the receiver sees it come from; none: it does not get there.
    std::optional<wire::SocketAddress> reaches(
        Index from, Index to, const wire::SocketAddress& over
    ) {
        if (wire::is_relay(over)) {
            const wire::RelayRoute route = wire::relay_route(over.address);
            const auto relay = by_hop_.find(route.first);
            if (route.count() != 1 || relay == by_hop_.end() || !leg(from, relay->second) ||
                !leg(relay->second, to)) {
                return std::nullopt;
            }
            return over;
        }
        const auto place = by_place_.find(number_of(over));
        Host& sender = hosts_[from];
        const Host& host = hosts_[to];
        if (sender.hidden) {
            sender.sent_to[to] = now_;
        }
        if (place == by_place_.end() || place->second != to || !host.up ||
            sender.side != host.side || silent_.contains({from, to})) {
            return std::nullopt;
        }
        return host.hidden && !is_open(host, from) ? std::nullopt : std::optional(sender.outside);
    }
    [[nodiscard]] bool is_open(const Host& router, Index from) const {
        const auto opened = router.sent_to.find(from);
        return opened != router.sent_to.end() && now_ - opened->second <= kOpenFor;
    }
    bool leg(Index from, Index to) {
        const auto session = hosts_[from].sessions.find(to);
        return session != hosts_[from].sessions.end() && hosts_[to].sessions.contains(from) &&
               !wire::is_relay(session->second.way) &&
               reaches(from, to, session->second.way).has_value();
    }

    void arrive(const Event& event) {
        Host& to = hosts_[event.to];
        Host& from = hosts_[event.from];
        if (event.run_from != from.run || event.run_to != to.run || !to.up ||
            to.side != from.side) {
            return;
        }
        if (!event.message.empty()) {
            const auto session = to.sessions.find(event.from);
            if (session == to.sessions.end()) {
                return;
            }
            if (session->second.way == event.way) {
                session->second.received = now_;
                note_news(to, event.from, session->second);
            }
            act(event.to, [&](Actions& out) {
                (void)to.node->receive(
                    key_of(event.from), event.way, event.message, now_, wall(event.to), out
                );
            });
            return;
        }
        // WireGuard answers only whom it knows.
        if (to.node->directory().find(key_of(event.from)) == nullptr ||
            from.node->directory().find(key_of(event.to)) == nullptr) {
            return;
        }
        to.sessions[event.from] = {event.way, now_};
        from.sessions[event.to] = {from.called[event.to], now_};
        begin(event.to, event.from);
        begin(event.from, event.to);
    }
    void begin(Index index, Index other) {
        act(index, [&](Actions& out) {
            const Session& session = hosts_[index].sessions[other];
            node(index).session_began(key_of(other), now_, out);
            node(index).observe(key_of(other), {session.way, {}, session.received}, now_, out);
        });
    }

    void obey(Index index, const Actions& actions) {
        Host& host = hosts_[index];
        note_own_word(host);
        for (const Move& move : actions.moves) {
            note_loop(index, index_of(move.to), move.take.over);
            if (const auto at = host.sessions.find(index_of(move.to)); at != host.sessions.end()) {
                at->second.way = move.take.over;
                note_news(host, at->first, at->second);
            }
        }
        for (const Attempt& attempt : actions.attempts) {
            call(index, attempt);
        }
        for (const Send& send : actions.sends) {
            const Index to = index_of(send.to);
            const auto session = host.sessions.find(to);
            if (session != host.sessions.end()) {
                host.bytes_sent += bytes_on_wire(send.message.size());
                const auto way = reaches(index, to, send.over.value_or(session->second.way));
                if (way) {
                    post(index, to, *way, send.message);
                }
            }
        }
        for (const auto* list : {&actions.left, &actions.ended}) {
            for (const crypto::PublicKey& key : *list) {
                host.sessions.erase(index_of(key));
            }
        }
        if (host.up && (host.due.is_never() || host.node->deadline() < host.due)) {
            schedule(index);
        }
    }
    // The first that gets through answers.
    void call(Index from, const Attempt& attempt) {
        const Index to = index_of(attempt.to);
        bool posted = false;
        for (const wire::SocketAddress& endpoint : attempt.endpoints) {
            hosts_[from].bytes_sent += kInitiationSize;
            note_loop(from, to, endpoint);
            const auto way = reaches(from, to, endpoint);
            if (way && !posted) {
                hosts_[from].called[to] = endpoint;
                post(from, to, *way, {});
                posted = true;
            }
        }
    }
    void post(Index from, Index to, const wire::SocketAddress& way, Message message) {
        // Each fragment may be lost, and with it the message.
        const std::size_t fragments = message.size() / kFragmentDataMax + 1;
        for (std::size_t each = 0; each < fragments; ++each) {
            if (random_.below(1'000) < faults_.lost) {
                return;
            }
        }
        if (random_.below(1'000) < faults_.repeated) {
            deliver(from, to, way, message);
        }
        deliver(from, to, way, std::move(message));
    }
    void deliver(Index from, Index to, const wire::SocketAddress& way, Message message) {
        double ms =
            travel_ms(from, to, way) * (1 + static_cast<double>(random_.below(100)) / 1'000);
        if (random_.below(1'000) < faults_.late) {
            ms += static_cast<double>(random_.below(kLateMaxMs));
        }
        const auto delay = static_cast<std::int64_t>(ms * 1'000'000);
        push(
            {now_ + Duration(delay), from, to, hosts_[from].run, hosts_[to].run, way,
             std::move(message)}
        );
    }
    [[nodiscard]] double travel_ms(Index from, Index to, const wire::SocketAddress& way) const {
        if (!wire::is_relay(way)) {
            return latency_->ms(from, to, now_);
        }
        const Index relay = by_hop_.at(wire::relay_route(way.address).first);
        return latency_->ms(from, relay, now_) + latency_->ms(relay, to, now_);
    }

    Cast& cast_;
    SeededRandom random_;
    std::vector<Host> hosts_;
    Faults faults_;
    std::shared_ptr<const Latency> latency_;
    Instant now_ = Instant{} + Duration(1s);
    std::priority_queue<Queued> queue_;
    std::vector<Event> events_;
    std::vector<std::size_t> free_slots_;
    std::uint64_t number_ = 0;
    std::uint64_t loops_ = 0;
    std::uint64_t events_seen_ = 0;
    std::set<std::pair<Index, Index>> silent_;
    std::unordered_map<std::uint64_t, Index> by_key_;
    std::map<identity::NodeId, Index> by_id_;
    std::map<wire::HopId, Index> by_hop_;
    std::unordered_map<std::uint32_t, Index> by_place_;  // by number_of
};

}  // namespace phantom::mesh::scale
