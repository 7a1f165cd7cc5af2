#include "wireguard/cookie.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/assert.h"
#include "crypto/secret.h"
#include "wireguard/constants.h"

namespace phantom::wireguard {

namespace {

constexpr std::string_view kLabelMac1 = "mac1----";
constexpr std::string_view kLabelCookie = "cookie--";
constexpr auto kTypeCookieReply = static_cast<std::uint32_t>(wire::MessageType::kCookieReply);

crypto::Hash labelled_key(std::string_view label, const crypto::PublicKey& key) {
    return crypto::blake2s(
        {reinterpret_cast<const std::uint8_t*>(label.data()), label.size()}, key
    );
}

// mac1 covers all before it; mac2 covers mac1 too.
template <class Bytes>
struct Parts {
    explicit Parts(Bytes message)
        : before_mac1(message.first(message.size() - 2 * wire::kMacSize)),
          mac1(message.subspan(before_mac1.size(), wire::kMacSize)),
          before_mac2(message.first(message.size() - wire::kMacSize)),
          mac2(message.last(wire::kMacSize)) {}

    Bytes before_mac1;
    Bytes mac1;
    Bytes before_mac2;
    Bytes mac2;
};

}  // namespace

MacKeys::MacKeys(const crypto::PublicKey& receiver)
    : mac1_key(labelled_key(kLabelMac1, receiver)),
      cookie_key(labelled_key(kLabelCookie, receiver)) {}

bool CookieChecker::has_mac1(ByteView message) const {
    const Parts parts(message);
    return crypto::equal_constant_time(
        crypto::blake2s_mac(keys_.mac1_key, parts.before_mac1), parts.mac1
    );
}

bool CookieChecker::has_mac2(ByteView message, const wire::SocketAddress& from, Instant now) const {
    if (!secret_is_fresh(now)) {
        return false;
    }
    const Parts parts(message);
    return crypto::equal_constant_time(
        crypto::blake2s_mac(cookie_for(from), parts.before_mac2), parts.mac2
    );
}

wire::CookieReply CookieChecker::make_reply(
    ByteView message, const wire::SocketAddress& from, Instant now, Random& random
) {
    if (!secret_is_fresh(now)) {
        random.fill(secret_.bytes());
        secret_created_ = now;
    }
    wire::CookieReply reply{};
    reply.type = kTypeCookieReply;
    // The sender index stands at the same place in an initiation and in a response.
    reply.receiver_index = load_le<std::uint32_t>(message.data() + sizeof(std::uint32_t));
    random.fill(reply.nonce);
    crypto::xaead_seal(
        keys_.cookie_key, reply.nonce, cookie_for(from), Parts(message).mac1, reply.encrypted_cookie
    );
    return reply;
}

// Bound to the address and the port (paper 5.4.7): hosts behind one NAT do not share a cookie.
Mac CookieChecker::cookie_for(const wire::SocketAddress& from) const {
    std::array<std::uint8_t, 16 + sizeof(std::uint16_t)> source{};
    const std::size_t address_size = from.address.size_bytes();
    std::copy_n(from.address.bytes.begin(), address_size, source.begin());
    store_be<std::uint16_t>(source.data() + address_size, from.port);
    return crypto::blake2s_mac(
        secret_.view(), ByteView(source).first(address_size + sizeof(std::uint16_t))
    );
}

bool CookieChecker::secret_is_fresh(Instant now) const {
    return !secret_created_.is_never() && now - secret_created_ < kCookieSecretLifetime;
}

void CookieGenerator::add_macs(MutableBytes message, Instant now) {
    const Parts parts(message);
    last_mac1_ = crypto::blake2s_mac(keys_.mac1_key, parts.before_mac1);
    std::ranges::copy(last_mac1_, parts.mac1.begin());
    waits_for_reply_ = true;
    // Ours ends kCookieLatency before the peer's secret does, so that it does not expire in flight.
    const bool fresh = !cookie_received_.is_never() &&
                       now - cookie_received_ < kCookieSecretLifetime - kCookieLatency;
    const Mac mac2 = fresh ? crypto::blake2s_mac(cookie_, parts.before_mac2) : Mac{};
    std::ranges::copy(mac2, parts.mac2.begin());
}

bool CookieGenerator::consume(const wire::CookieReply& reply, Instant now) {
    if (!waits_for_reply_) {
        return false;
    }
    Mac opened{};
    const auto status = crypto::xaead_open(
        keys_.cookie_key, reply.nonce, reply.encrypted_cookie, last_mac1_, opened
    );
    if (!status) {
        return false;
    }
    cookie_ = opened;
    cookie_received_ = now;
    waits_for_reply_ = false;
    return true;
}

}  // namespace phantom::wireguard
