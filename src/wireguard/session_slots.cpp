#include "wireguard/session_slots.h"

#include <utility>

#include "base/assert.h"

namespace phantom::wireguard {

namespace {

void drop(std::shared_ptr<Session>& slot, SessionSlots::Dropped& dropped) {
    if (slot) {
        dropped.push_back(std::exchange(slot, nullptr));
    }
}

}  // namespace

// Packets of the session that was in use are still on their way, so it becomes the previous one.
//
// Where there is none but an unconfirmed next session, both ends began at once and each completes
// its own handshake. Both must then settle on the same session, or a later renewal by one would
// drop the one that the other sends on: that of the end that outranks the other. The other end
// keeps it as next, and moves to it when the first packet on it arrives.
void SessionSlots::add_as_initiator(Initiated initiated, Instant now, Dropped& dropped) {
    PM_ASSERT(initiated.made->initiator());
    drop(previous_, dropped);
    if (current_ && current_->usable(now)) {
        previous_ = std::move(current_);
        drop(next_, dropped);
    } else {
        drop(current_, dropped);
        if (initiated.outranks_peer) {
            previous_ = std::move(next_);
        }
    }
    current_ = std::move(initiated.made);
}

void SessionSlots::add_as_responder(std::shared_ptr<Session> made, Dropped& dropped) {
    PM_ASSERT(!made->initiator());
    drop(previous_, dropped);
    drop(next_, dropped);
    next_ = std::move(made);
}

void SessionSlots::promote_next(Dropped& dropped) {
    PM_ASSERT(next_ != nullptr);
    drop(previous_, dropped);
    previous_ = std::move(current_);
    current_ = std::move(next_);
}

void SessionSlots::clear(Dropped& dropped) {
    drop(previous_, dropped);
    drop(current_, dropped);
    drop(next_, dropped);
}

}  // namespace phantom::wireguard
