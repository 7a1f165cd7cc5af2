#pragma once

// What PqPeer holds only while an exchange goes on. Private to peer*.cpp.

#include "pq/peer.h"
#include "pq/reassembly.h"

namespace phantom::pq {

// Begun here.
struct PqPeer::Outgoing {
    enum class Phase : std::uint8_t { kAwaitAnswer, kAwaitAcknowledge };

    Initiated initiated;
    Reassembly answer{initiated.exchange};
    Phase phase = Phase::kAwaitAnswer;
    Tag confirm{};      // from the answer on
    Tag acknowledge{};  // what the peer will say
    PskId psk{};
    std::uint32_t transmissions = 0;
    Instant next_at{};
};

// Begun by the peer, and answered.
struct PqPeer::Incoming {
    ExchangeId exchange;
    AnswerBytes answer;
    Tag confirm;  // what the peer will say
    Tag acknowledge;
    PskId psk;
    Instant answered_at;
    std::uint32_t repeats = 0;
    bool is_confirmed = false;
};

struct PqPeer::PartialOffer {
    Reassembly offer;
    Instant since;
};

}  // namespace phantom::pq
