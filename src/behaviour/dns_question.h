#pragma once

// The name that a DNS query asks for, as far as tunnels show in it.

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace phantom::behaviour {

struct DnsQuestion {
    std::string domain;  // its last two labels, in lower case
    std::string below;   // what stands in front of them, without dots
};

// None: no query, or a name of two labels or fewer. `datagram` is what UDP carried.
[[nodiscard]] std::optional<DnsQuestion> read_dns_question(ByteView datagram);

// Shannon's, in bits for each character; 0 of nothing.
[[nodiscard]] double entropy_of(std::string_view text);

}  // namespace phantom::behaviour
