#include "pq/psk_set.h"

#include <utility>

#include "base/assert.h"

namespace phantom::pq {

Candidates PskSet::candidates() const {
    Candidates out;
    for (const auto* const slot : {&pending_, &current_, &previous_}) {
        if (slot->has_value()) {
            out.psks[out.count++] = **slot;
        }
    }
    return out;
}

const Psk* PskSet::find(const PskId& id) const {
    for (const auto* const slot : {&pending_, &current_, &previous_}) {
        if (slot->has_value() && (*slot)->id == id) {
            return &**slot;
        }
    }
    return nullptr;
}

void PskSet::add_pending(Psk psk) {
    PM_ASSERT(!psk.is_bootstrap());
    pending_ = std::move(psk);
}

void PskSet::confirm_pending(Instant now) {
    PM_ASSERT(pending_.has_value());
    make_current(*pending_, now);
    pending_.reset();
    peer_has_current(now);
}

void PskSet::accept(Psk psk, const PskId& peer_responds_with, Instant now) {
    PM_ASSERT(!psk.is_bootstrap());
    // The peer named our pending key, which only the exchange that made it could tell it.
    if (is_pending(peer_responds_with)) {
        confirm_pending(now);
    }
    pending_.reset();  // its exchange is dead: the peer answered this one instead
    make_current(std::move(psk), now);
}

void PskSet::peer_has_current(Instant now) {
    if (previous_ && retire_at_ == kFarFuture) {
        retire_at_ = now + kRetiredKeyGrace;
    }
}

bool PskSet::tick(Instant now) {
    if (now < retire_at_) {
        return false;
    }
    retire_at_ = kFarFuture;
    const bool dropped = previous_.has_value();
    previous_.reset();
    return dropped;
}

void PskSet::restore(
    std::optional<Psk> pending, std::optional<Psk> current, std::optional<Psk> previous
) {
    pending_ = std::move(pending);
    current_ = std::move(current);
    previous_ = std::move(previous);
    retire_at_ = kFarFuture;
}

void PskSet::make_current(Psk psk, Instant now) {
    psk.since = now;
    previous_ = std::exchange(current_, std::move(psk));
    retire_at_ = kFarFuture;
}

}  // namespace phantom::pq
