#pragma once

// How the policy gets to every node: who has a newer one says it to its neighbours, and says it again
// until they have answered that they hold it. Nothing is said while there is none.
//
//   Policy          a signed record; whoever takes it passes it on
//   PolicyVersion   "I hold this one": the answer to every Policy and to a greater PolicyVersion, and
//                   with each Summary
//
// Owner and thread: mesh::Node's.

#include <optional>

#include "base/clock.h"
#include "identity/policy_record.h"
#include "mesh/messages.h"

namespace phantom::mesh {

using namespace std::chrono_literals;

// A record is a dozen datagrams, and one lost is all lost.
inline constexpr Duration kPolicyRepeatFirst = 250ms;
inline constexpr Duration kPolicyRepeatMax = 60s;

class PolicyGossip {
  public:
    // What is known of one neighbour.
    struct Neighbour {
        std::uint64_t sequence = 0;  // of the policy that it holds, as far as it said
        Instant next;                // when it is told again
        Duration interval = kPolicyRepeatFirst;
    };

    explicit PolicyGossip(crypto::VerifyKey root) : root_(std::move(root)) {}

    // True when it is news. What PolicyRecord::verify says.
    [[nodiscard]] Result<bool> take(const identity::PolicyRecord& policy);
    // Null: there never was one.
    [[nodiscard]] const identity::PolicyRecord* policy() const {
        return policy_ ? &*policy_ : nullptr;
    }
    [[nodiscard]] std::uint64_t sequence() const { return policy_ ? policy_->sequence : 0; }

    // It has just come, or there is news: tell it at once.
    static void begin(Neighbour& neighbour) {
        neighbour.next = {};
        neighbour.interval = kPolicyRepeatFirst;
    }
    // Less than before: it has lost its state, and is told anew.
    static void heard(Neighbour& neighbour, std::uint64_t sequence) {
        if (sequence < neighbour.sequence) {
            begin(neighbour);
        }
        neighbour.sequence = sequence;
    }
    // What it is to be told now, if anything.
    [[nodiscard]] std::optional<AnyMessage> due(Neighbour& neighbour, Instant now) const;

  private:
    crypto::VerifyKey root_;
    std::optional<identity::PolicyRecord> policy_;
    Bytes encoded_;
};

}  // namespace phantom::mesh
