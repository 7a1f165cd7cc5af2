#pragma once

// The WireGuard cross-platform configuration protocol (UAPI) as text <-> values, without I/O: what
// `wg` says on /var/run/wireguard/IF.sock, and what it is answered. uapi_framer.h cuts a
// connection's bytes into operations.
//
//     const auto update = parse_set("set=1\nlisten_port=51820\n\n");  // all of it, or an error
//     const SecretText answer = format_get(device.status(), {.listen_port = 51820});
//
// The same keys, values and errno as wireguard-go (device/uapi.go), but an operation with one wrong
// line, or one that was not ended by its blank line, changes nothing.
//
// Owner and thread: the control thread. Source: https://www.wireguard.com/xplatform/.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/secret.h"
#include "wireguard/device.h"

namespace phantom::wireguard {

// One operation with its blank line. 130,560 allowed IPs in one `set` are about 5 MB.
inline constexpr std::size_t kUapiOperationSizeMax = std::size_t{16} << 20U;

// The detail of an Error is the line, counted from 1 (the line that says `set=1`).
enum class UapiError : std::uint16_t {
    kUnknownOperation,
    kTrailingText,
    kOperationTooLarge,
    kNotKeyAndValue,
    kUnknownDeviceKey,
    kUnknownPeerKey,
    kBadKey,
    kBadNumber,
    kBadFlag,
    kBadEndpoint,
    kBadAllowedIp,
    kBadProtocolVersion,
};

[[nodiscard]] const ErrorDomain& error_domain(UapiError code);

// What a failed operation is answered with: negative, as in errno(3). Errors that are not ours (a
// Device refuses the update) count as invalid input.
[[nodiscard]] int errno_of(const Error& error);

// The first line of an operation that changes something.
inline constexpr std::string_view kUapiSetLine = "set=1";
inline constexpr int kUapiErrnoPortInUse = -98;  // -EADDRINUSE; also for a refused fwmark
inline constexpr int kUapiErrnoUnknown = -55;    // what wireguard-go says when it does not know

// ---- Text that holds keys ---------------------------------------------------------------------

template <class T>
struct WipingAllocator {
    using value_type = T;

    WipingAllocator() = default;
    template <class U>
    explicit WipingAllocator(const WipingAllocator<U>& /*other*/) {}

    [[nodiscard]] T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
    void deallocate(T* memory, std::size_t count) {
        crypto::wipe({reinterpret_cast<std::uint8_t*>(memory), count * sizeof(T)});
        std::allocator<T>().deallocate(memory, count);
    }
    friend bool operator==(WipingAllocator, WipingAllocator) { return true; }
};

// A vector, because a short std::string lives outside its allocator.
using SecretText = std::vector<char, WipingAllocator<char>>;

// ---- Operations -------------------------------------------------------------------------------

// Interface index of a name in an IPv6 zone ("fe80::1%eth0"); 0: there is none.
using ScopeLookup = std::uint32_t (*)(std::string_view name);

// `text` is a whole `set` operation, from "set=1" through its blank line. Sections keep their order
// and are not merged: a peer may appear twice, and is then changed twice. In a section the order of
// lines matters only to `replace_allowed_ips`, which forgets the allowed IPs before it; with
// `remove` the rest of the section is checked and has no effect. Without a lookup, zones are
// numbers. Private keys come back clamped.
[[nodiscard]] Result<DeviceUpdate> parse_set(
    std::string_view text, ScopeLookup scope_lookup = nullptr
);

// What the sockets' owner knows; 0 is left out of the answer.
struct SocketStatus {
    std::uint16_t listen_port = 0;
    std::uint32_t fwmark = 0;
};

// The answer to `get`, with "errno=0" and its blank line.
[[nodiscard]] SecretText format_get(const DeviceStatus& device, const SocketStatus& socket);

// The answer to `set`, and to a `get` that failed. 0: success.
[[nodiscard]] std::string format_errno(int error_number);

}  // namespace phantom::wireguard
