#pragma once

// The root's key while this node holds it: for good, as `phantom init` leaves it, or until an end, as
// `phantom root unseal` does. Without I/O; the key is wiped when it is let go.

#include <memory>
#include <optional>

#include "base/assert.h"
#include "base/clock.h"
#include "crypto/signature.h"
#include "identity/types.h"

namespace phantom::daemon {

class RootHold {
  public:
    RootHold() = default;
    [[nodiscard]] static RootHold for_good(const crypto::SigningSeeds& seeds) {
        return {seeds, std::nullopt, kFarFuture};
    }
    // The end is by the clock that nobody can set; `until` is for people.
    [[nodiscard]] static RootHold until(
        const crypto::SigningSeeds& seeds, Instant end, identity::UnixTime until
    ) {
        return {seeds, until, end};
    }

    [[nodiscard]] explicit operator bool() const { return held_ != nullptr; }
    // The key; only while it is held.
    [[nodiscard]] const crypto::SigningKey& operator*() const { return held().key; }
    // What it is made of: to be split, or kept.
    [[nodiscard]] const crypto::SigningSeeds& seeds() const { return held().seeds; }

    [[nodiscard]] bool is_for_good() const { return held_ != nullptr && !until_; }
    [[nodiscard]] const std::optional<identity::UnixTime>& until() const { return until_; }
    [[nodiscard]] bool is_over(Instant now) const { return held_ != nullptr && now >= end_; }

  private:
    struct Held {
        crypto::SigningSeeds seeds;
        crypto::SigningKey key;
    };

    RootHold(
        const crypto::SigningSeeds& seeds, std::optional<identity::UnixTime> until, Instant end
    )
        : held_(std::make_unique<const Held>(seeds, crypto::SigningKey(seeds))),
          until_(until),
          end_(end) {}

    [[nodiscard]] const Held& held() const {
        PM_ASSERT(held_ != nullptr);
        return *held_;
    }

    std::unique_ptr<const Held> held_;
    std::optional<identity::UnixTime> until_;
    Instant end_ = kFarFuture;
};

}  // namespace phantom::daemon
