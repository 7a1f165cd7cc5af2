#include "mesh/membership.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace phantom::mesh {

namespace {

double magnitude_of(std::size_t member_count) {
    return std::max(1.0, std::log10(static_cast<double>(member_count)));
}

Duration suspicion_min(std::size_t member_count) {
    return std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(kSuspicionMin) * magnitude_of(member_count)
    );
}

// Lifeguard: from the longest time to the shortest with the logarithm of the confirmations.
Duration suspicion_for(std::size_t confirmations, std::size_t member_count) {
    const Duration least = suspicion_min(member_count);
    const double share = std::log(static_cast<double>(confirmations) + 1) /
                         std::log(static_cast<double>(kConfirmations) + 1);
    const auto shrunk = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(least) * (kSuspicionSpread - (kSuspicionSpread - 1) * share)
    );
    return std::max(least, shrunk);
}

// Moves one drawn by lot to the end, and returns it.
const identity::NodeId& draw(
    std::vector<identity::NodeId>& from, std::size_t count, Random& random
) {
    std::swap(from[random.below(count)], from[count - 1]);
    return from[count - 1];
}

}  // namespace

Membership::View Membership::view(const identity::NodeId& node) const {
    const auto at = known_.find(node);
    return at == known_.end() ? View{} : View{at->second.state, at->second.since};
}

std::vector<identity::NodeId> Membership::dead() const {
    std::vector<identity::NodeId> found;
    for (const auto& [node, known] : known_) {
        if (known.state == MemberState::kDead) {
            found.push_back(node);
        }
    }
    return found;
}

// ---- What others say ----------------------------------------------------------------------------

void Membership::heard(const identity::NodeId& node, Instant now, Output& out) {
    for (Watch& watch : watches_) {
        watch.heard = watch.heard || watch.node == node;
    }
    const auto at = known_.find(node);
    if (at == known_.end() || at->second.state == MemberState::kAlive) {
        return;
    }
    // Only its own word brings it back; it must know what to contradict.
    Known& known = at->second;
    if (known.told.is_never() || now - known.told >= kProbePeriod) {
        known.told = now;
        out.sends.push_back({node, Rumours{{{node, known.incarnation, known.state, self_}}}});
    }
}

Rumours Membership::news() const {
    Rumours news;
    for (const auto& [node, known] : known_) {
        if (known.state != MemberState::kAlive && news.entries.size() < kRumoursMax) {
            news.entries.push_back({node, known.incarnation, known.state, self_});
        }
    }
    return news;
}

void Membership::receive(
    const identity::NodeId& from, const Probe& probe, bool reachable, Output& out
) {
    if (probe.node == self_) {
        out.sends.push_back({from, ProbeAnswer{probe.nonce, true}});
        return;
    }
    if (!reachable) {
        out.sends.push_back({from, ProbeAnswer{probe.nonce, false}});
        return;
    }
    if (errands_.size() == kErrandsMax) {
        errands_.erase(errands_.begin());
    }
    errands_.push_back({from, probe.nonce, probe.node, ++last_nonce_});
    out.sends.push_back({probe.node, Probe{last_nonce_, probe.node}});
    // That we are there ourselves, whatever comes of it.
    out.sends.push_back({from, ProbeAnswer{probe.nonce, false}});
}

void Membership::receive(const identity::NodeId& from, const ProbeAnswer& answer, Output& out) {
    const auto errand = std::ranges::find_if(errands_, [&](const Errand& each) {
        return each.nonce == answer.nonce && each.node == from;
    });
    if (errand != errands_.end()) {
        if (answer.reached) {
            out.sends.push_back({errand->asker, ProbeAnswer{errand->asked, true}});
        }
        errands_.erase(errand);
        return;
    }
    const auto watch = std::ranges::find(watches_, answer.nonce, &Watch::nonce);
    if (watch == watches_.end()) {
        return;
    }
    const bool may_say =
        from == watch->node || std::ranges::find(watch->helpers, from) != watch->helpers.end();
    if (may_say && answer.reached) {
        watches_.erase(watch);
        health_ = std::max(0, health_ - 1);
    } else if (may_say) {
        ++watch->answers;
    }
}

void Membership::receive(
    const Rumours::Rumour& rumour, Instant now, identity::UnixTime wall, std::size_t member_count,
    Output& out
) {
    const bool is_self = rumour.node == self_;
    const auto at = known_.find(rumour.node);
    const std::uint64_t current = is_self              ? incarnation_
                                  : at == known_.end() ? 0
                                                       : at->second.incarnation;
    const std::uint64_t possible =
        std::max(current + kIncarnationStepMax, wall.plus(identity::kClockSkewMaxSeconds).s);
    if (rumour.incarnation > possible || rumour.incarnation < current) {
        if (is_self && rumour.state != MemberState::kAlive && rumour.incarnation < current) {
            contradict(current, member_count);  // of a life before this one
        } else if (!is_self && rumour.state != MemberState::kAlive &&
                   rumour.incarnation < current && at->second.state == MemberState::kAlive) {
            // Whoever says so has missed the answer.
            out.sends.push_back(
                {rumour.source, Rumours{{{rumour.node, current, MemberState::kAlive, rumour.node}}}}
            );
        }
        return;
    }
    if (is_self) {
        if (rumour.state != MemberState::kAlive) {
            health_ = std::min(kHealthMax, health_ + 1);
            contradict(rumour.incarnation + 1, member_count);
        }
        return;
    }
    if (rumour.state == MemberState::kAlive) {
        if (rumour.incarnation > current) {
            Known& living = known_[rumour.node];
            living.incarnation = rumour.incarnation;
            set_state(rumour.node, living, MemberState::kAlive, now, out);
            spread(rumour, member_count);
        }
        return;
    }
    Known& known = at == known_.end() ? known_[rumour.node] : at->second;
    if (rumour.incarnation > known.incarnation && known.state == MemberState::kDead) {
        set_state(rumour.node, known, MemberState::kAlive, now, out);
    }
    known.incarnation = rumour.incarnation;
    const Instant soon =
        rumour.state == MemberState::kDead ? now + suspicion_min(member_count) : kFarFuture;
    accuse(rumour.node, rumour.source, soon, member_count, now, out);
}

void Membership::contradict(std::uint64_t incarnation, std::size_t member_count) {
    incarnation_ = incarnation;
    spread({self_, incarnation_, MemberState::kAlive, self_}, member_count);
}

void Membership::forget(const identity::NodeId& node) {
    if (const auto at = known_.find(node); at != known_.end()) {
        verdicts_.erase({at->second.verdict, node});
        known_.erase(at);
    }
    std::erase_if(watches_, [&](const Watch& each) { return each.node == node; });
    std::erase_if(queue_, [&](const Queued& each) { return each.rumour.node == node; });
}

// ---- Suspicion ----------------------------------------------------------------------------------

void Membership::set_state(
    const identity::NodeId& node, Known& known, MemberState state, Instant now, Output& out
) {
    if (known.state == state) {
        return;
    }
    known.state = state;
    known.since = now;
    verdicts_.erase({known.verdict, node});
    known.verdict = kFarFuture;
    known.accusers.clear();
    out.changed.push_back(node);
}

void Membership::accuse(
    const identity::NodeId& node, const identity::NodeId& source, Instant verdict_max,
    std::size_t member_count, Instant now, Output& out
) {
    Known& known = known_[node];
    if (known.state == MemberState::kDead) {
        return;
    }
    if (known.state == MemberState::kAlive) {
        set_state(node, known, MemberState::kSuspect, now, out);
        // Whoever is suspected should be the first to know.
        out.sends.push_back(
            {node, Rumours{{{node, known.incarnation, MemberState::kSuspect, self_}}}}
        );
        known.told = now;
    }
    const bool is_new = known.accusers.size() <= kConfirmations &&
                        std::ranges::find(known.accusers, source) == known.accusers.end();
    if (is_new) {
        known.accusers.push_back(source);
        spread({node, known.incarnation, MemberState::kSuspect, source}, member_count);
    }
    const std::size_t confirmations = known.accusers.size() - 1;
    verdicts_.erase({known.verdict, node});
    known.verdict = std::min(
        {known.verdict, known.since + suspicion_for(confirmations, member_count), verdict_max}
    );
    verdicts_.emplace(known.verdict, node);
}

// ---- Rumours ------------------------------------------------------------------------------------

void Membership::spread(const Rumours::Rumour& rumour, std::size_t member_count) {
    // What is newer of the same member takes its place; suspicions of several stand side by side.
    std::erase_if(queue_, [&](const Queued& each) {
        const bool both_suspect = each.rumour.state == MemberState::kSuspect &&
                                  rumour.state == MemberState::kSuspect &&
                                  each.rumour.incarnation == rumour.incarnation;
        return each.rumour.node == rumour.node &&
               (!both_suspect || each.rumour.source == rumour.source);
    });
    if (queue_.size() == kRumoursKeptMax) {
        queue_.erase(std::ranges::min_element(queue_, {}, &Queued::left));
    }
    const int left = static_cast<int>(std::ceil(kRumourRepeats * magnitude_of(member_count)));
    queue_.push_back({rumour, left});
}

void Membership::tell_rumours(
    const Surroundings& around, Instant now, Random& random, Output& out
) {
    next_rumours_ = now + kRumourInterval;
    std::vector<identity::NodeId> others(around.linked.begin(), around.linked.end());
    const std::size_t fanout = std::min(kRumourFanout, others.size());
    if (fanout == 0) {
        return;
    }
    std::ranges::sort(queue_, {}, [](const Queued& each) {
        return std::pair(-each.left, each.rumour.node);
    });
    Rumours message;
    for (Queued& each : queue_) {
        if (message.entries.size() < kRumoursMax) {
            message.entries.push_back(each.rumour);
            each.left -= static_cast<int>(fanout);
        }
    }
    for (std::size_t index = 0; index < fanout; ++index) {
        out.sends.push_back({draw(others, others.size() - index, random), message});
    }
    std::erase_if(queue_, [](const Queued& each) { return each.left <= 0; });
}

// ---- Probes -------------------------------------------------------------------------------------

void Membership::begin_probe(const Surroundings& around, Instant now, Random& random, Output& out) {
    next_probe_ = now + scaled(kProbePeriod);
    if (watches_.size() == kProbesMax) {
        return;
    }
    // Everybody once, in an order drawn by lot, before anybody comes again: SWIM section 4.3.
    while (true) {
        if (round_.empty()) {
            for (const identity::NodeId& node : around.watched) {
                if (!is_dead(node)) {
                    round_.push_back(node);
                }
            }
            if (round_.empty()) {
                return;
            }
        }
        const identity::NodeId node = draw(round_, round_.size(), random);
        round_.pop_back();
        const bool is_there = std::ranges::find(around.watched, node) != around.watched.end();
        if (!is_there || is_dead(node)) {
            continue;
        }
        watches_.push_back(
            {.node = node,
             .nonce = ++last_nonce_,
             .begun = now,
             .next = now + scaled(kDirectTimeout),
             .helpers = {}}
        );
        out.sends.push_back({node, Probe{last_nonce_, node}});
        return;
    }
}

void Membership::pursue(Watch& watch, const Surroundings& around, Random& random, Output& out) {
    watch.indirect = true;
    watch.next = watch.begun + scaled(kProbeTimeout);
    out.sends.push_back({watch.node, Probe{watch.nonce, watch.node}});
    // Those who watch it too have a link with it, so they go first.
    std::vector<identity::NodeId> near;
    std::vector<identity::NodeId> others;
    for (const identity::NodeId& each : around.linked) {
        if (each != watch.node) {
            const bool watches = std::ranges::find(around.watched, each) != around.watched.end();
            (watches ? near : others).push_back(each);
        }
    }
    for (std::vector<identity::NodeId>* list : {&near, &others}) {
        for (std::size_t left = list->size(); left > 0 && watch.helpers.size() < kHelpers; --left) {
            watch.helpers.push_back(draw(*list, left, random));
        }
    }
    for (const identity::NodeId& helper : watch.helpers) {
        out.sends.push_back({helper, Probe{watch.nonce, watch.node}});
    }
}

void Membership::judge(const Watch& watch, const Surroundings& around, Instant now, Output& out) {
    if (watch.heard) {
        return;
    }
    // When not even the helpers are heard, it may be us.
    if (watch.answers == 0 && !watch.helpers.empty()) {
        health_ = std::min(kHealthMax, health_ + 1);
    }
    accuse(watch.node, self_, kFarFuture, around.member_count, now, out);
}

Instant Membership::deadline() const {
    Instant earliest = next_probe_;
    for (const Watch& watch : watches_) {
        earliest = std::min(earliest, watch.next);
    }
    if (!queue_.empty()) {
        earliest = std::min(earliest, next_rumours_);
    }
    if (!verdicts_.empty()) {
        earliest = std::min(earliest, verdicts_.begin()->first);
    }
    return earliest;
}

void Membership::tick(const Surroundings& around, Instant now, Random& random, Output& out) {
    std::vector<Watch> open;
    for (Watch& watch : std::exchange(watches_, {})) {
        if (watch.next > now) {
            open.push_back(std::move(watch));
        } else if (watch.heard) {
            continue;
        } else if (!watch.indirect) {
            pursue(watch, around, random, out);
            open.push_back(std::move(watch));
        } else {
            judge(watch, around, now, out);
        }
    }
    watches_ = std::move(open);
    while (!verdicts_.empty() && verdicts_.begin()->first <= now) {
        const identity::NodeId suspect = verdicts_.begin()->second;
        Known& known = known_.at(suspect);
        set_state(suspect, known, MemberState::kDead, now, out);
        spread({suspect, known.incarnation, MemberState::kDead, self_}, around.member_count);
    }
    if (next_probe_.is_never()) {
        // Not all at the same moment.
        next_probe_ =
            now +
            Duration(random.below(static_cast<std::uint64_t>(Duration(kProbePeriod).count())));
    } else if (now >= next_probe_) {
        begin_probe(around, now, random, out);
    }
    if (!queue_.empty() && now >= next_rumours_) {
        tell_rumours(around, now, random, out);
    }
}

}  // namespace phantom::mesh
