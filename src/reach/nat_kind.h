#pragma once

// What kind of router is between us and the others, from where each of them sees us. Source of the
// terms: RFC 4787 section 4.1. IPv4 only.

#include <span>

#include "wire/address.h"

namespace phantom::reach {

enum class NatKind : std::uint8_t {
    kUnknown,              // nobody outside has said anything
    kNone,                 // seen under an address of our own
    kTranslated,           // somehow: it takes two to tell
    kEndpointIndependent,  // one port, whoever is spoken to
    kSymmetric,            // another port for another destination
};

[[nodiscard]] const char* name_of(NatKind kind);

struct Observation {
    wire::Address by;          // where the observer was reached
    wire::SocketAddress seen;  // where it sees us
};
// `own`: addresses of this machine's interfaces.
[[nodiscard]] NatKind nat_kind(
    std::span<const Observation> observations, std::span<const wire::SocketAddress> own
);

// Not routed between networks (RFC 1918, RFC 6598, RFC 3927): whoever sees us there is near.
[[nodiscard]] bool is_private(const wire::Address& address);

}  // namespace phantom::reach
