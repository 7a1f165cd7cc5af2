#include "mesh/paths.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "wire/carried.h"
#include "wire/relay_frame.h"

namespace phantom::mesh {

namespace {

constexpr double kLossWeight = 1.0 / 16;
// A probe is lost when so many after it were sent.
constexpr std::uint32_t kLateProbes = 8;

// What is taken first, whatever it costs: datagrams on their own, then inside TCP, where one that is
// lost holds up those behind it, then over somebody else's machine.
int kind_of(const wire::SocketAddress& over) {
    return wire::is_relay(over) ? 2 : wire::is_carried(over) ? 1 : 0;
}

}  // namespace

// RFC 6298, section 2.
void PathQuality::add(Duration sample, bool first) {
    if (first) {
        rtt = sample;
        variation = sample / 2;
        return;
    }
    const Duration error = sample > rtt ? sample - rtt : rtt - sample;
    variation += (error - variation) / 4;
    rtt += (sample - rtt) / 8;
}

Duration PathQuality::answer_time() const {
    return rtt + 4 * variation + Duration(kActiveProbe);
}

Duration PathQuality::cost() const {
    const auto lost =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(kLossCost) * loss);
    return rtt + variation + lost;
}

// ---- The ways there are -------------------------------------------------------------------------

Paths::Path* Paths::find(const wire::SocketAddress& over) {
    const auto at = std::ranges::find(paths_, over, &Path::over);
    return at == paths_.end() ? nullptr : &*at;
}

const Paths::Path* Paths::find(const wire::SocketAddress& over) const {
    const auto at = std::ranges::find(paths_, over, &Path::over);
    return at == paths_.end() ? nullptr : &*at;
}

Paths::Path& Paths::add(const wire::SocketAddress& over) {
    if (paths_.size() == kPathsMax) {
        // The one that answered longest ago, and is not in use, gives way.
        const auto oldest = std::ranges::min_element(paths_, {}, [&](const Path& each) {
            return each.over == situation_.current ? kFarFuture : each.answered;
        });
        paths_.erase(oldest);
    }
    Path& made = paths_.emplace_back();
    made.over = over;
    return made;
}

void Paths::set_candidates(
    std::span<const wire::SocketAddress> direct, std::span<const wire::SocketAddress> relayed,
    Instant now
) {
    for (Path& each : paths_) {
        each.named = false;
    }
    for (const auto& list : {direct, relayed}) {
        for (const wire::SocketAddress& over : list) {
            Path* path = find(over);
            if (path == nullptr) {
                path = &add(over);
                start_burst(*path, now);
            }
            path->named = true;
        }
    }
    drop_useless(now);
}

void Paths::drop_useless(Instant now) {
    std::erase_if(paths_, [&](const Path& each) {
        const bool answers = !each.answered.is_never() && now - each.answered < kFresh;
        return !each.named && !answers && each.burst_left == 0 && each.over != situation_.current;
    });
}

void Paths::heard(const wire::SocketAddress& from, Instant now) {
    if (from.address.is_none() || find(from) != nullptr) {
        return;
    }
    Path& made = add(from);
    made.named = false;
    start_burst(made, now);
}

void Paths::start_burst(Path& path, Instant now) {
    path.burst_left = kBurstProbes;
    path.interval = kBurstFirst;
    path.next_probe = now;
}

void Paths::search(Instant now) {
    for (Path& each : paths_) {
        start_burst(each, now);
    }
    search_interval_ = kSearchFirst;
    next_search_ = now + search_interval_;
}

// ---- Probes -------------------------------------------------------------------------------------

void Paths::probe(Path& path, Instant now, Random& random, Output& out) {
    if (path.key == 0) {
        path.key = static_cast<std::uint32_t>(random.next_u64()) | 1U;
    }
    const std::size_t slot = path.sent % kRememberedProbes;
    path.sent_at[slot] = now;
    path.answered_bits &= ~(1U << slot);
    out.probes.push_back({path.over, std::uint64_t{path.key} << 32U | path.sent});
    ++path.sent;
    if (path.oldest_unanswered.is_never()) {
        path.oldest_unanswered = now;
    }
    count_losses(path);
}

void Paths::count_losses(Path& path) {
    while (path.quality && path.sent - path.judged > kLateProbes) {
        const bool came = (path.answered_bits >> (path.judged % kRememberedProbes) & 1U) != 0;
        path.quality->loss += kLossWeight * ((came ? 0.0 : 1.0) - path.quality->loss);
        ++path.judged;
    }
}

void Paths::answered(std::uint64_t nonce, Instant now) {
    const auto key = static_cast<std::uint32_t>(nonce >> 32U);
    const auto number = static_cast<std::uint32_t>(nonce);
    const auto at = std::ranges::find(paths_, key, &Path::key);
    if (at == paths_.end() || number >= at->sent || at->sent - number > kRememberedProbes) {
        return;
    }
    Path& path = *at;
    const std::size_t slot = number % kRememberedProbes;
    if ((path.answered_bits >> slot & 1U) != 0) {
        return;
    }
    path.answered_bits |= 1U << slot;
    if (!path.quality) {
        path.quality.emplace().add(now - path.sent_at[slot], true);
        path.judged = number;
    } else {
        path.quality->add(now - path.sent_at[slot], false);
    }
    path.answered = now;
    ++path.answers;
    // What was asked after this one may still come.
    path.oldest_unanswered = {};
    for (std::uint32_t later = number + 1; later < path.sent; ++later) {
        if ((path.answered_bits >> (later % kRememberedProbes) & 1U) == 0) {
            path.oldest_unanswered = path.sent_at[later % kRememberedProbes];
            break;
        }
    }
    const bool in_use = path.over == situation_.current;
    if (in_use && path.oldest_unanswered.is_never() && !is_active(now)) {
        path.next_probe = std::max(path.next_probe, path.sent_at[slot] + path.interval);
    }
}

void Paths::ask(Instant now) {
    if (Path* current = find(situation_.current)) {
        current->next_probe = now;
    }
}

// ---- Silence ------------------------------------------------------------------------------------

Duration Paths::silence_allowed(const Path& path, Instant now) const {
    if (!path.quality) {
        return kOneWaySilence * Duration(kIdleSilenceMin);
    }
    const Duration least = is_active(now) ? Duration(kSilenceMin) : Duration(kIdleSilenceMin);
    const Duration answer_time = path.quality->answer_time();
    const Duration allowed = std::max(least, answer_time);
    // What was on its way when the question was asked does not count.
    const bool something_comes = situation_.received > path.oldest_unanswered + answer_time;
    return something_comes ? kOneWaySilence * allowed : allowed;
}

bool Paths::is_failing(const Path& path, Instant now) const {
    return !path.oldest_unanswered.is_never() &&
           now - path.oldest_unanswered > silence_allowed(path, now);
}

Duration Paths::doubted_after(const Path& path) {
    const Duration answer_time = path.quality ? path.quality->answer_time() : Duration(kSilenceMin);
    return std::max<Duration>(kDoubtMin, answer_time);
}

void Paths::doubt(const Path& current, Instant now) {
    const bool is_doubtful = is_active(now) && !current.oldest_unanswered.is_never() &&
                             now - current.oldest_unanswered >= doubted_after(current);
    if (!is_doubtful) {
        doubted_ = {};
    } else if (doubted_.is_never()) {
        doubted_ = now;
        for (Path& each : paths_) {
            each.next_probe = std::min(each.next_probe, now);
        }
    }
}

// We ourselves did not run: silence meanwhile says nothing (Lifeguard's local health).
void Paths::forgive_stall(Path& current, Instant now) {
    const Duration since = last_tick_.is_never() ? Duration(0) : now - last_tick_;
    const Duration expected = 2 * kActiveProbe;
    if (is_active(now) && since > expected && !current.oldest_unanswered.is_never()) {
        current.oldest_unanswered =
            std::min(now, current.oldest_unanswered + (since - Duration(kActiveProbe)));
    }
}

void Paths::fail(Path& path, Instant now) {
    if (now - path.failed > kForgiveAfter) {
        path.failures = 0;
    }
    given_up_ = now;
    path.failed = now;
    ++path.failures;
    path.answers = 0;
    path.oldest_unanswered = {};
    start_burst(path, now);
}

// ---- The choice ---------------------------------------------------------------------------------

bool Paths::may_be_taken(const Path& path, Instant now) const {
    if (path.answered.is_never() || now - path.answered > kFresh || is_failing(path, now)) {
        return false;
    }
    if (path.failures == 0 || now - path.failed > kForgiveAfter) {
        return true;
    }
    const Duration hold =
        std::min<Duration>(kHoldMax, Duration(kHoldFirst) * (1 << std::min(path.failures - 1, 10)));
    return path.answers >= kAnswersAfterFailure && now - path.failed > hold;
}

const Paths::Path* Paths::best(const Path* but, Instant now, Instant answered_since) const {
    const Path* found = nullptr;
    for (const Path& each : paths_) {
        const bool fits = &each != but && each.answered >= answered_since;
        if (fits && may_be_taken(each, now) && is_preferred(each, found)) {
            found = &each;
        }
    }
    return found;
}

// Has answered since it failed, however short a time ago that was.
const Paths::Path* Paths::survivor(const Path* but, Instant now) const {
    const Path* found = nullptr;
    for (const Path& each : paths_) {
        const bool answers = each.answers > 0 && now - each.answered < kSurvivorFresh;
        if (&each != but && answers && !is_failing(each, now) && is_preferred(each, found)) {
            found = &each;
        }
    }
    return found;
}

// No way has answered lately: a relay that is there itself.
const Paths::Path* Paths::guess(const Path* but, Instant now) const {
    const auto found = std::ranges::find_if(paths_, [&](const Path& each) {
        return &each != but && each.named && wire::is_relay(each.over) &&
               (each.failed.is_never() || now - each.failed > kFresh);
    });
    return found == paths_.end() ? nullptr : &*found;
}

bool Paths::is_preferred(const Path& path, const Path* to) {
    const auto rank = [](const Path& each) {
        const Duration cost = each.quality ? each.quality->cost() : Duration::max();
        return std::pair(kind_of(each.over), cost);
    };
    return to == nullptr || rank(path) < rank(*to);
}

// A direct way beats a carrier, and that a relay. Of two direct ones only one end chooses, for the
// other end's packets follow; of two relays each end chooses for itself.
bool Paths::is_better(const Path& path, const Path& current) const {
    const bool relayed = wire::is_relay(current.over);
    if (kind_of(current.over) != kind_of(path.over)) {
        return kind_of(path.over) < kind_of(current.over);
    }
    if ((!relayed && !leads_) || path.answers < kAnswersForGain || !path.quality ||
        !current.quality) {
        return false;
    }
    const Duration old_cost = current.quality->cost();
    const Duration gain = std::max<Duration>(kGainMin, 2 * current.quality->variation);
    return path.quality->cost() + gain < old_cost * 9 / 10;
}

void Paths::take(const Path& path, const Path* before, bool failover, Output& out) {
    Take made{.over = path.over, .drain = {}, .failover = failover};
    if (!failover && before != nullptr && before->quality && path.quality) {
        made.drain = std::max(
            Duration(0),
            (before->quality->rtt + 2 * before->quality->variation - path.quality->rtt) / 2
        );
    }
    out.take = made;
    situation_.current = path.over;
}

void Paths::choose(Path* current, Instant now, Output& out) {
    if (current != nullptr && is_failing(*current, now)) {
        fail(*current, now);
        const Path* next = doubted_.is_never() ? nullptr : best(current, now, doubted_);
        next = next != nullptr ? next : best(current, now);
        next = next != nullptr ? next : survivor(current, now);
        next = next != nullptr ? next : guess(current, now);
        if (next != nullptr) {
            take(*next, current, true, out);
        }
        search(now);
        return;
    }
    // In use for want of anything better: it has failed, or was a guess.
    const bool is_silent = current != nullptr && current->answers == 0;
    if (const Path* other = is_silent ? survivor(current, now) : nullptr) {
        take(*other, current, true, out);
        return;
    }
    const Path* next = best(current, now, given_up_);
    if (next != nullptr && (current == nullptr || is_better(*next, *current))) {
        take(*next, current, false, out);
    }
}

// ---- Time ---------------------------------------------------------------------------------------

void Paths::schedule_current(Path& path, Instant now) {
    if (is_active(now)) {
        path.interval = kActiveProbe;
        path.next_probe = now + path.interval;
        return;
    }
    // answered() puts off the next one for so long.
    path.interval = std::min<Duration>(kIdleProbe, path.interval * 2);
    path.next_probe = now + std::min<Duration>(kUnansweredProbe, path.interval);
}

void Paths::schedule_other(Path& path, Instant now) {
    path.burst_left = std::max(0, path.burst_left - 1);
    if (path.burst_left > 0) {
        path.next_probe = now + path.interval;
        path.interval *= 2;
        return;
    }
    const bool warm = !situation_.data_sent.is_never() && now - situation_.data_sent < kWarmFor;
    const bool answers = !path.answered.is_never() && now - path.answered < kFresh;
    path.next_probe = warm && answers ? now + kStandbyProbe : kFarFuture;
}

void Paths::tick(Instant now, Random& random, Output& out) {
    Path* current = find(situation_.current);
    if (current == nullptr && !situation_.current.address.is_none()) {
        heard(situation_.current, now);
        current = find(situation_.current);
    }
    if (current != nullptr) {
        forgive_stall(*current, now);
        // A pause before the packets that have just begun says nothing.
        if (is_active(now) && current->interval > kActiveProbe) {
            current->interval = kActiveProbe;
            current->next_probe = std::min(current->next_probe, now);
            if (!current->oldest_unanswered.is_never()) {
                current->oldest_unanswered = std::max(current->oldest_unanswered, now);
            }
        }
        doubt(*current, now);
    }
    last_tick_ = now;
    choose(current, now, out);
    if (kind_of(situation_.current) != 0 && now >= next_search_) {
        const Duration next = std::min<Duration>(kSearchMax, search_interval_ * 2);
        search(now);
        search_interval_ = next;
        next_search_ = now + next;
    }
    for (Path& each : paths_) {
        if (each.next_probe > now) {
            continue;
        }
        probe(each, now, random, out);
        each.over == situation_.current ? schedule_current(each, now) : schedule_other(each, now);
    }
}

Instant Paths::deadline() const {
    Instant earliest = kind_of(situation_.current) != 0 ? next_search_ : kFarFuture;
    for (const Path& each : paths_) {
        earliest = std::min(earliest, each.next_probe);
        const bool in_use = each.over == situation_.current;
        if (in_use && !each.oldest_unanswered.is_never() && !last_tick_.is_never()) {
            const Instant silent =
                each.oldest_unanswered + silence_allowed(each, last_tick_) + Duration(1);
            const Instant doubtful = doubted_.is_never() && is_active(last_tick_)
                                         ? each.oldest_unanswered + doubted_after(each)
                                         : kFarFuture;
            earliest = std::min({earliest, silent, doubtful});
        }
    }
    return earliest;
}

std::optional<PathQuality> Paths::quality() const {
    const Path* current = find(situation_.current);
    return current == nullptr ? std::nullopt : current->quality;
}

bool Paths::answers() const {
    const Path* current = find(situation_.current);
    return current != nullptr && current->answers > 0;
}

}  // namespace phantom::mesh
