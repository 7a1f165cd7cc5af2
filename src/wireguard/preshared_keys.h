#pragma once

// The pre-shared keys of one peer. A stock peer has one. A mesh peer has those that its post-quantum
// exchange holds ready, newest first, and last a bootstrap key that anybody could know: a session
// made with that one carries control frames and never a user's packet.
//
// The initiator of a WireGuard handshake tries them all on the response; the responder picks one.
// So two ends that switch to a new key at different moments still understand each other.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "crypto/secret.h"

namespace phantom::wireguard {

struct PresharedKey {
    crypto::Key key;
    bool control_only = false;
    // Whoever gave the key knows it by this; SessionBegan says it again.
    std::uint64_t label = 0;
};

inline constexpr std::size_t kPresharedKeysMax = 4;

class PresharedKeys {
  public:
    // All zero, as WireGuard has it when none is set.
    PresharedKeys() : keys_(1) {}
    explicit PresharedKeys(const crypto::Key& only) : keys_{{only}} {}
    // 1 to kPresharedKeysMax.
    explicit PresharedKeys(std::vector<PresharedKey> newest_first)
        : keys_(std::move(newest_first)) {}

    [[nodiscard]] std::span<const PresharedKey> all() const { return keys_; }
    [[nodiscard]] const crypto::Key& newest() const { return keys_.front().key; }
    // Nothing has been agreed yet, or our state was lost.
    [[nodiscard]] bool only_for_control() const { return keys_.front().control_only; }
    // What to answer an initiation with. An initiator that says it has nothing but the bootstrap
    // key gets that, for any other would be of no use to it.
    [[nodiscard]] const PresharedKey& answer(bool initiator_has_only_control) const {
        if (initiator_has_only_control) {
            const auto found = std::ranges::find_if(keys_, &PresharedKey::control_only);
            if (found != keys_.end()) {
                return *found;
            }
        }
        return keys_.front();
    }

  private:
    std::vector<PresharedKey> keys_;
};

}  // namespace phantom::wireguard
