#include "wireguard/uapi.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <iterator>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "wire/address.h"

namespace phantom::wireguard {

// ---- Errors -----------------------------------------------------------------------------------

namespace {

const char* describe_uapi(std::uint16_t code) {
    switch (static_cast<UapiError>(code)) {
        case UapiError::kUnknownOperation:
            return "operation is neither get=1 nor set=1";
        case UapiError::kTrailingText:
            return "text after get=1";
        case UapiError::kOperationTooLarge:
            return "operation is too large";
        case UapiError::kNotKeyAndValue:
            return "line is not key=value";
        case UapiError::kUnknownDeviceKey:
            return "unknown key for a device";
        case UapiError::kUnknownPeerKey:
            return "unknown key for a peer";
        case UapiError::kBadKey:
            return "key is not 64 hexadecimal digits";
        case UapiError::kBadNumber:
            return "not a number in its range";
        case UapiError::kBadFlag:
            return "the only value is true";
        case UapiError::kBadEndpoint:
            return "endpoint is not ADDRESS:PORT or [ADDRESS]:PORT";
        case UapiError::kBadAllowedIp:
            return "allowed IP is not ADDRESS/LENGTH";
        case UapiError::kBadProtocolVersion:
            return "the only protocol version is 1";
    }
    return "unknown error";
}

constexpr ErrorDomain kUapiDomain{"uapi", describe_uapi};

static_assert(kUapiErrnoPortInUse == -EADDRINUSE);

}  // namespace

const ErrorDomain& error_domain(UapiError /*code*/) {
    return kUapiDomain;
}

int errno_of(const Error& error) {
    if (error.is(UapiError::kNotKeyAndValue)) {
        return -EPROTO;
    }
    if (error.is(UapiError::kOperationTooLarge)) {
        return -EIO;
    }
    return -EINVAL;
}

// ---- Values -----------------------------------------------------------------------------------

namespace {

template <class T>
std::optional<T> parse_number(std::string_view text, int base = 10) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

template <class T>
bool assign_number(std::string_view text, std::optional<T>& out) {
    const auto value = parse_number<T>(text);
    if (value) {
        out = value;
    }
    return value.has_value();
}

// -1: not a hexadecimal digit. No table, so the time does not depend on secret digits through the
// cache.
int digit_of(char character) {
    if (character >= '0' && character <= '9') {
        return character - '0';
    }
    const char lower = static_cast<char>(character | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool decode_hex(std::string_view text, std::span<std::uint8_t, 32> out) {
    if (text.size() != 2 * out.size()) {
        return false;
    }
    for (std::size_t index = 0; index < out.size(); ++index) {
        const int high = digit_of(text[2 * index]);
        const int low = digit_of(text[2 * index + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[index] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return true;
}

// RFC 7748 section 5. Zero stays zero, which means "no key".
void clamp(crypto::PrivateKey& key) {
    if (!key.is_zero()) {
        key.bytes()[0] &= 0xf8;
        key.bytes()[31] = static_cast<std::uint8_t>((key.bytes()[31] & 0x7fU) | 0x40U);
    }
}

bool set_flag(std::string_view value, bool& flag) {
    flag = flag || value == "true";
    return value == "true";
}

// An IPv4 address in IPv6 clothes is sent to through the IPv4 socket, so it is one.
void unmap(wire::Address& address) {
    constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (address.family == wire::Family::kV6 &&
        std::ranges::equal(kMapped, std::span(address.bytes).first<12>())) {
        address = wire::Address::v4(address.bytes.data() + kMapped.size());
    }
}

std::optional<wire::SocketAddress> parse_endpoint(std::string_view text, ScopeLookup lookup) {
    const std::size_t zone = text.find('%');
    const std::size_t bracket = text.rfind(']');
    if (zone == std::string_view::npos || bracket == std::string_view::npos || bracket < zone) {
        const auto parsed = wire::SocketAddress::parse(text);
        return parsed ? std::optional(*parsed) : std::nullopt;
    }
    const std::string_view name = text.substr(zone + 1, bracket - zone - 1);
    auto scope = parse_number<std::uint32_t>(name);
    if (!scope && lookup != nullptr) {
        scope = lookup(name);
    }
    const auto parsed =
        wire::SocketAddress::parse(fmt::format("{}{}", text.substr(0, zone), text.substr(bracket)));
    if (!parsed || !scope || *scope == 0) {
        return std::nullopt;
    }
    auto endpoint = *parsed;
    endpoint.scope = *scope;
    return endpoint;
}

// Unlike Prefix::parse, as strict as wireguard-go: the length must be there, without zeros in
// front.
std::optional<wire::Prefix> parse_allowed_ip(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view length = text.substr(slash + 1);
    if (length.size() > 1 && length.starts_with('0')) {
        return std::nullopt;
    }
    const auto prefix = wire::Prefix::parse(text);
    return prefix ? std::optional(*prefix) : std::nullopt;
}

// ---- Lines of a device ------------------------------------------------------------------------

bool set_private_key(std::string_view value, DeviceUpdate& device) {
    const bool valid = decode_hex(value, device.private_key.emplace().bytes());
    clamp(*device.private_key);
    return valid;
}

bool set_listen_port(std::string_view value, DeviceUpdate& device) {
    return assign_number(value, device.listen_port);
}

bool set_fwmark(std::string_view value, DeviceUpdate& device) {
    if (value.starts_with("0x")) {
        device.fwmark = parse_number<std::uint32_t>(value.substr(2), 16);
        return device.fwmark.has_value();
    }
    return assign_number(value, device.fwmark);
}

bool set_replace_peers(std::string_view value, DeviceUpdate& device) {
    return set_flag(value, device.replace_peers);
}

struct DeviceKey {
    std::string_view name;
    bool (*apply)(std::string_view value, DeviceUpdate& device);
    UapiError error;
};

constexpr std::array kDeviceKeys{
    DeviceKey{"private_key", set_private_key, UapiError::kBadKey},
    DeviceKey{"listen_port", set_listen_port, UapiError::kBadNumber},
    DeviceKey{"fwmark", set_fwmark, UapiError::kBadNumber},
    DeviceKey{"replace_peers", set_replace_peers, UapiError::kBadFlag},
};

// ---- Lines of a peer --------------------------------------------------------------------------

bool set_update_only(std::string_view value, PeerUpdate& peer, ScopeLookup /*lookup*/) {
    return set_flag(value, peer.update_only);
}

bool set_remove(std::string_view value, PeerUpdate& peer, ScopeLookup /*lookup*/) {
    return set_flag(value, peer.remove);
}

bool set_preshared_key(std::string_view value, PeerUpdate& peer, ScopeLookup /*lookup*/) {
    return decode_hex(value, peer.preshared_key.emplace().bytes());
}

bool set_endpoint(std::string_view value, PeerUpdate& peer, ScopeLookup lookup) {
    peer.endpoint = parse_endpoint(value, lookup);
    if (peer.endpoint) {
        unmap(peer.endpoint->address);
    }
    return peer.endpoint.has_value();
}

bool set_keepalive(std::string_view value, PeerUpdate& peer, ScopeLookup /*lookup*/) {
    return assign_number(value, peer.persistent_keepalive_s);
}

bool set_replace_allowed_ips(std::string_view value, PeerUpdate& peer, ScopeLookup /*lookup*/) {
    peer.allowed_ips.clear();
    return set_flag(value, peer.replace_allowed_ips);
}

bool set_allowed_ip(std::string_view value, PeerUpdate& peer, ScopeLookup /*lookup*/) {
    const bool remove = value.starts_with('-');
    const auto prefix = parse_allowed_ip(remove ? value.substr(1) : value);
    if (prefix) {
        peer.allowed_ips.push_back({*prefix, remove});
    }
    return prefix.has_value();
}

bool check_protocol_version(
    std::string_view value, PeerUpdate& /*peer*/, ScopeLookup /*lookup*/
) {
    return value == "1";
}

struct PeerKey {
    std::string_view name;
    bool (*apply)(std::string_view value, PeerUpdate& peer, ScopeLookup lookup);
    UapiError error;
};

// The most frequent first.
constexpr std::array kPeerKeys{
    PeerKey{"allowed_ip", set_allowed_ip, UapiError::kBadAllowedIp},
    PeerKey{"endpoint", set_endpoint, UapiError::kBadEndpoint},
    PeerKey{"preshared_key", set_preshared_key, UapiError::kBadKey},
    PeerKey{"persistent_keepalive_interval", set_keepalive, UapiError::kBadNumber},
    PeerKey{"replace_allowed_ips", set_replace_allowed_ips, UapiError::kBadFlag},
    PeerKey{"update_only", set_update_only, UapiError::kBadFlag},
    PeerKey{"remove", set_remove, UapiError::kBadFlag},
    PeerKey{"protocol_version", check_protocol_version, UapiError::kBadProtocolVersion},
};

// ---- One operation ----------------------------------------------------------------------------

// wireguard-go's line reader drops one carriage return, so we do.
std::string_view without_return(std::string_view line) {
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

class SetParser {
  public:
    explicit SetParser(ScopeLookup scope_lookup) : scope_lookup_(scope_lookup) {}

    [[nodiscard]] Status line(std::string_view text, std::uint32_t number) {
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos) {
            return fail(UapiError::kNotKeyAndValue, number);
        }
        const std::string_view key = text.substr(0, equals);
        const std::string_view value = text.substr(equals + 1);
        if (key == "public_key") {
            return begin_peer(value, number);
        }
        return update_.peers.empty() ? device_line(key, value, number)
                                     : peer_line(key, value, number);
    }

    [[nodiscard]] DeviceUpdate finish() {
        for (PeerUpdate& peer : update_.peers) {
            if (peer.remove) {
                PeerUpdate removal;
                removal.public_key = peer.public_key;
                removal.remove = true;
                peer = std::move(removal);
            }
        }
        return std::move(update_);
    }

  private:
    [[nodiscard]] Status begin_peer(std::string_view value, std::uint32_t number) {
        if (!decode_hex(value, update_.peers.emplace_back().public_key)) {
            return fail(UapiError::kBadKey, number);
        }
        return {};
    }

    [[nodiscard]] Status device_line(
        std::string_view key, std::string_view value, std::uint32_t number
    ) {
        const auto* const known = std::ranges::find(kDeviceKeys, key, &DeviceKey::name);
        if (known == kDeviceKeys.end()) {
            return fail(UapiError::kUnknownDeviceKey, number);
        }
        if (!known->apply(value, update_)) {
            return fail(known->error, number);
        }
        return {};
    }

    [[nodiscard]] Status peer_line(
        std::string_view key, std::string_view value, std::uint32_t number
    ) {
        const auto* const known = std::ranges::find(kPeerKeys, key, &PeerKey::name);
        if (known == kPeerKeys.end()) {
            return fail(UapiError::kUnknownPeerKey, number);
        }
        if (!known->apply(value, update_.peers.back(), scope_lookup_)) {
            return fail(known->error, number);
        }
        return {};
    }

    ScopeLookup scope_lookup_;
    DeviceUpdate update_;
};

}  // namespace

Result<DeviceUpdate> parse_set(std::string_view text, ScopeLookup scope_lookup) {
    SetParser parser(scope_lookup);
    std::uint32_t number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = without_return(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (number == 1) {
            if (line != kUapiSetLine) {
                return fail(UapiError::kUnknownOperation, number);
            }
            continue;
        }
        if (line.empty()) {
            return parser.finish();
        }
        PM_TRY(parser.line(line, number));
    }
    // The blank line is missing: the sender died half-way, or has not finished.
    return fail(UapiError::kNotKeyAndValue, number + 1);
}

// ---- Answers ----------------------------------------------------------------------------------

namespace {

// Longest lines and keys of one block; an answer that fits its reservation never leaves a copy of
// a key behind in memory it has outgrown.
constexpr std::size_t kDeviceSizeMax = 256;
constexpr std::size_t kPeerSizeMax = 640;
constexpr std::size_t kAllowedIpSizeMax = 64;

std::size_t answer_size_max(const DeviceStatus& device) {
    std::size_t size = kDeviceSizeMax + device.peers.size() * kPeerSizeMax;
    for (const PeerStatus& peer : device.peers) {
        size += peer.allowed_ips.size() * kAllowedIpSizeMax;
    }
    return size;
}

template <class... Args>
void append(SecretText& out, fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

void append_key(SecretText& out, std::string_view name, std::span<const std::uint8_t, 32> key) {
    constexpr std::string_view kHexDigits = "0123456789abcdef";
    append(out, "{}=", name);
    for (const std::uint8_t byte : key) {
        out.push_back(kHexDigits[byte >> 4U]);
        out.push_back(kHexDigits[byte & 0x0fU]);
    }
    out.push_back('\n');
}

void append_peer(SecretText& out, const PeerStatus& peer) {
    constexpr std::int64_t kNsPerSecond = 1'000'000'000;
    append_key(out, "public_key", peer.public_key);
    append_key(out, "preshared_key", peer.preshared_key.view());
    append(out, "protocol_version=1\n");
    if (peer.endpoint) {
        append(out, "endpoint={}\n", peer.endpoint->to_string());
    }
    append(out, "last_handshake_time_sec={}\n", peer.last_handshake.ns / kNsPerSecond);
    append(out, "last_handshake_time_nsec={}\n", peer.last_handshake.ns % kNsPerSecond);
    append(out, "tx_bytes={}\n", peer.sent_bytes);
    append(out, "rx_bytes={}\n", peer.received_bytes);
    append(out, "persistent_keepalive_interval={}\n", peer.persistent_keepalive_s);
    for (const wire::Prefix& prefix : peer.allowed_ips) {
        append(out, "allowed_ip={}\n", prefix.to_string());
    }
}

}  // namespace

SecretText format_get(const DeviceStatus& device, const SocketStatus& socket) {
    SecretText out;
    const std::size_t size_max = answer_size_max(device);
    out.reserve(size_max);
    if (!device.private_key.is_zero()) {
        append_key(out, "private_key", device.private_key.view());
    }
    if (socket.listen_port != 0) {
        append(out, "listen_port={}\n", socket.listen_port);
    }
    if (socket.fwmark != 0) {
        append(out, "fwmark={}\n", socket.fwmark);
    }
    for (const PeerStatus& peer : device.peers) {
        append_peer(out, peer);
    }
    append(out, "errno=0\n\n");
    PM_ASSERT(out.size() <= size_max);
    return out;
}

std::string format_errno(int error_number) {
    return fmt::format("errno={}\n\n", error_number);
}

}  // namespace phantom::wireguard
