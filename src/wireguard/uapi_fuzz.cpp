#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "wireguard/uapi.h"
#include "wireguard/uapi_framer.h"

namespace {

using phantom::Instant;
using phantom::wireguard::DeviceStatus;
using phantom::wireguard::DeviceUpdate;
using phantom::wireguard::UapiFramer;
using phantom::wireguard::UapiOperation;

std::uint32_t lookup(std::string_view name) {
    return static_cast<std::uint32_t>(name.size());
}

DeviceStatus status_of(const DeviceUpdate& update) {
    DeviceStatus status;
    if (update.private_key) {
        status.private_key = *update.private_key;
    }
    for (const auto& peer : update.peers) {
        auto& entry = status.peers.emplace_back();
        entry.public_key = peer.public_key;
        entry.endpoint = peer.endpoint;
        entry.persistent_keepalive_s = peer.persistent_keepalive_s.value_or(0);
        for (const auto& allowed : peer.allowed_ips) {
            entry.allowed_ips.push_back(allowed.prefix);
        }
    }
    return status;
}

// The lines of a get answer that a set operation takes as well.
std::string as_set_operation(std::string_view answer) {
    std::string text = "set=1\n";
    while (!answer.empty()) {
        const std::string_view line = answer.substr(0, answer.find('\n') + 1);
        answer.remove_prefix(line.size());
        if (!line.starts_with("last_handshake_time") && !line.starts_with("tx_bytes") &&
            !line.starts_with("rx_bytes") && !line.starts_with("errno")) {
            text += line;
        }
    }
    return text;
}

void check_round_trip(const DeviceUpdate& update) {
    const DeviceStatus status = status_of(update);
    const auto answer = format_get(status, {.listen_port = update.listen_port.value_or(0)});
    const auto again =
        phantom::wireguard::parse_set(as_set_operation({answer.data(), answer.size()}));
    PM_ASSERT(again.has_value());
    PM_ASSERT(again->listen_port.value_or(0) == update.listen_port.value_or(0));
    PM_ASSERT(again->peers.size() == update.peers.size());
    for (std::size_t index = 0; index < again->peers.size(); ++index) {
        PM_ASSERT(again->peers[index].public_key == update.peers[index].public_key);
        PM_ASSERT(again->peers[index].endpoint == update.peers[index].endpoint);
        PM_ASSERT(again->peers[index].allowed_ips.size() == update.peers[index].allowed_ips.size());
    }
}

}  // namespace

// The first byte says how many bytes arrive at a time; the rest is what a client sends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::size_t step = std::size_t{data[0]} + 1;
    std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    UapiFramer framer(Instant{1});
    while (!bytes.empty()) {
        framer.feed(bytes.substr(0, step), Instant{1});
        bytes.remove_prefix(std::min(step, bytes.size()));
        auto operation = framer.next();
        for (; operation && *operation; operation = framer.next()) {
            if ((*operation)->kind == UapiOperation::Kind::kSet) {
                const auto update = phantom::wireguard::parse_set((*operation)->text, lookup);
                if (update) {
                    check_round_trip(*update);
                }
            }
        }
        if (!operation) {
            break;
        }
    }
    return 0;
}
