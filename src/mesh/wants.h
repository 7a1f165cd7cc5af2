#pragma once

// Records that somebody offers and nobody has sent yet: each is asked for once, whoever else offers it
// meanwhile, and the next one is asked when it does not come. A state machine without I/O.

#include <map>
#include <vector>

#include "base/clock.h"
#include "identity/types.h"

namespace phantom::mesh {

using namespace std::chrono_literals;

inline constexpr std::size_t kWantsMax = 4'096;
inline constexpr std::size_t kOffersMax = 4;
inline constexpr Duration kWantPatience = 1s;

class Wants {
  public:
    struct Question {
        identity::NodeId whom;
        identity::NodeId node;
    };

    // True: ask whoever offers it, now.
    [[nodiscard]] bool offered(
        const identity::NodeId& node, std::uint64_t sequence, const identity::NodeId& by,
        Instant now
    );
    void came(const identity::NodeId& node) { wants_.erase(node); }
    // Did not come: whom to ask now. What nobody else offered is forgotten; it will be offered again.
    [[nodiscard]] std::vector<Question> due(Instant now);
    [[nodiscard]] Instant deadline() const { return deadline_; }

  private:
    struct Wanted {
        std::uint64_t sequence = 0;
        Instant next;
        std::vector<identity::NodeId> others;  // who offered it too
    };
    std::map<identity::NodeId, Wanted> wants_;
    Instant deadline_ = kFarFuture;
};

}  // namespace phantom::mesh
