#pragma once

// Hashes that nobody outside can foresee: who could would make many flows look like one.

#include <cstdint>
#include <functional>
#include <string_view>

#include "policy/flow.h"

namespace phantom::behaviour {

struct FlowKeyHash {
    std::uint64_t key = 0;
    std::uint64_t factor = 0;

    [[nodiscard]] std::uint64_t mixed(std::uint64_t value) const {
        value = (value + key) * (factor | 1U);
        value = (value ^ value >> 32U) * (factor | 1U);
        return value ^ value >> 29U;
    }
    [[nodiscard]] static std::uint64_t plain(const wire::Address& address) {
        const auto* bytes = reinterpret_cast<const char*>(address.bytes.data());
        return std::hash<std::string_view>{}({bytes, address.bytes.size()});
    }
    std::size_t operator()(const wire::Address& address) const { return mixed(plain(address)); }
    std::size_t operator()(const policy::Flow& flow) const {
        const std::uint64_t ports = std::uint64_t{flow.source_port} << 32U |
                                    std::uint64_t{flow.destination_port} << 16U | flow.protocol;
        return mixed(plain(flow.source) ^ mixed(plain(flow.destination) + ports));
    }
};

}  // namespace phantom::behaviour
