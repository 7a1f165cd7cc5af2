#pragma once

// Whether a gateway still knows what it granted: each of its answers says for how many seconds it has
// known its mappings, and that must agree with our clock. Source: RFC 6887 section 8.5 (RFC 6886
// section 3.6 is content with less).

#include <cstdint>

#include "base/clock.h"

namespace phantom::reach {

class Epoch {
  public:
    // False: the gateway has lost its state since the last answer.
    [[nodiscard]] bool accept(std::uint32_t server_s, Instant now);
    void forget() { known_ = false; }

  private:
    bool known_ = false;
    std::uint32_t server_s_ = 0;
    Instant at_;
};

}  // namespace phantom::reach
