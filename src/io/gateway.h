#pragma once

// The gateway of the IPv4 default route, as the kernel's main table has it. Thread: control.
// Source: rtnetlink(7).

#include <cstdint>
#include <optional>

#include "wire/address.h"

namespace phantom::io {

struct Gateway {
    wire::Address address;
    wire::Address own;  // what packets to it come from
    std::uint32_t interface = 0;
    friend bool operator==(const Gateway&, const Gateway&) = default;
};

// Of several default routes the one that is preferred. None: there is no gateway on the link.
[[nodiscard]] std::optional<Gateway> default_gateway();

// 0: there is no such interface.
[[nodiscard]] std::uint32_t mtu_of(std::uint32_t interface);

}  // namespace phantom::io
