#pragma once

// The pre-shared keys that one side holds for a peer, and the only rules by which they change.
//
//   pending   made for an exchange that the peer began; not yet proven to be the peer's as well
//   current   what this side puts into WireGuard responses
//   previous  what was current; the peer may still respond with it
//
// A side goes from one key to the next and never back, and lets a key go only on proof that the peer
// has gone past it. So what one side responds with is always among the other's three.

#include <array>
#include <optional>
#include <span>

#include "pq/constants.h"
#include "pq/types.h"

namespace phantom::pq {

inline constexpr std::size_t kCandidatesMax = 3;

// Newest first.
struct Candidates {
    std::array<Psk, kCandidatesMax> psks;
    std::size_t count = 0;

    // Not of a temporary, whose keys would be wiped under the view.
    [[nodiscard]] std::span<const Psk> view() const& { return std::span(psks).first(count); }
    [[nodiscard]] std::span<const Psk> view() const&& = delete;
};

class PskSet {
  public:
    [[nodiscard]] const std::optional<Psk>& pending() const { return pending_; }
    [[nodiscard]] const std::optional<Psk>& current() const { return current_; }
    [[nodiscard]] const std::optional<Psk>& previous() const { return previous_; }
    [[nodiscard]] Candidates candidates() const;
    // Null: not held, or the bootstrap value.
    [[nodiscard]] const Psk* find(const PskId& id) const;
    [[nodiscard]] bool is_pending(const PskId& id) const { return pending_ && pending_->id == id; }
    [[nodiscard]] bool is_current(const PskId& id) const { return current_ && current_->id == id; }

    // As responder: made, and about to be told to the peer. An older pending key belongs to an
    // exchange that the peer gave up (it began a later one without naming that key).
    void add_pending(Psk psk);
    // Proof that the peer holds the pending key: it is current from now on.
    void confirm_pending(Instant now);
    // As initiator: the peer's answer proved that it holds `psk`, and says what it responds with.
    void accept(Psk psk, const PskId& peer_responds_with, Instant now);
    // Proof that the peer responds with our current key, or a later one.
    void peer_has_current(Instant now);

    [[nodiscard]] Instant deadline() const { return retire_at_; }
    // True when a key was dropped.
    bool tick(Instant now);

    void restore(
        std::optional<Psk> pending, std::optional<Psk> current, std::optional<Psk> previous
    );

  private:
    void make_current(Psk psk, Instant now);

    std::optional<Psk> pending_;
    std::optional<Psk> current_;
    std::optional<Psk> previous_;
    Instant retire_at_ = kFarFuture;  // of `previous_`
};

}  // namespace phantom::pq
