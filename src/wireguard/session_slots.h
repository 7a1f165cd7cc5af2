#pragma once

// The sessions of one peer: previous, current, next (paper 5.4.5 and 6.2). Pure rotation; what
// falls out is handed to the caller, who takes it from the tables and retires it.

#include <memory>
#include <vector>

#include "wireguard/session.h"

namespace phantom::wireguard {

class SessionSlots {
  public:
    using Dropped = std::vector<std::shared_ptr<Session>>;

    [[nodiscard]] Session* current() const { return current_.get(); }
    [[nodiscard]] Session* next() const { return next_.get(); }
    [[nodiscard]] Session* previous() const { return previous_.get(); }
    [[nodiscard]] bool empty() const { return !previous_ && !current_ && !next_; }

    // The initiator has seen the response, so it may send at once. `outranks_peer` must be true at
    // exactly one of the two ends.
    struct Initiated {
        std::shared_ptr<Session> made;
        bool outranks_peer;
    };
    void add_as_initiator(Initiated initiated, Instant now, Dropped& dropped);
    // The responder must first hear from the initiator on the new session.
    void add_as_responder(std::shared_ptr<Session> made, Dropped& dropped);
    // It has heard.
    void promote_next(Dropped& dropped);
    void clear(Dropped& dropped);

  private:
    std::shared_ptr<Session> previous_;
    std::shared_ptr<Session> current_;
    std::shared_ptr<Session> next_;
};

}  // namespace phantom::wireguard
