#include "wireguard/session.h"

#include "base/assert.h"

namespace phantom::wireguard {

Session::Session(
    const Options& options, const crypto::Key& send_key, const crypto::Key& receive_key
)
    : options_(options), send_key_(send_key), receive_key_(receive_key) {
    PM_ASSERT(options.path != nullptr);
    // Paper 5.4.5: the response proved the responder to the initiator; the responder still waits.
    confirmed.store(options.initiator, std::memory_order_relaxed);
}

// A compare-exchange rather than an addition: however many shards try at the limit, the counter
// never passes it and so never wraps.
std::optional<std::uint64_t> Session::reserve_counters(std::uint32_t count) {
    std::uint64_t first = send_counter_.load(std::memory_order_relaxed);
    do {
        if (first >= kRejectAfterMessages || kRejectAfterMessages - first < count) {
            return std::nullopt;
        }
    } while (!send_counter_.compare_exchange_weak(
        first, first + count, std::memory_order_relaxed, std::memory_order_relaxed
    ));
    return first;
}

bool Session::wants_rekey_after_send(Instant now) const {
    if (send_counter_.load(std::memory_order_relaxed) >= kRekeyAfterMessages) {
        return true;
    }
    return options_.initiator && now - options_.created >= kRekeyAfterTime;
}

bool Session::wants_rekey_after_receive(Instant now) const {
    return options_.initiator && now - options_.created >= kRekeyAfterTimeReceiving;
}

bool Session::accept_counter(std::uint64_t counter) {
    return counter < kRejectAfterMessages && replay_window_.accept(counter);
}

}  // namespace phantom::wireguard
