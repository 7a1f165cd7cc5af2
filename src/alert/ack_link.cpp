#include "alert/ack_link.h"

#include <optional>
#include <vector>

#include "alert/message_text.h"
#include "crypto/hmac_sha256.h"
#include "crypto/secret.h"

namespace phantom::alert {

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint8_t kLinkVersion = 1;
constexpr std::size_t kFixedSize = 1 + 32 + 8 + 8 + 1;

std::string base64url(ByteView bytes) {
    std::string text = base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    for (char& byte : text) {
        byte = byte == '+' ? '-' : byte == '/' ? '_' : byte;
    }
    while (text.ends_with('=')) {
        text.pop_back();
    }
    return text;
}

std::optional<std::uint32_t> value_of_digit(char digit) {
    if (digit >= 'A' && digit <= 'Z') {
        return digit - 'A';
    }
    if (digit >= 'a' && digit <= 'z') {
        return digit - 'a' + 26;
    }
    if (digit >= '0' && digit <= '9') {
        return digit - '0' + 52;
    }
    if (digit == '-' || digit == '_') {
        return digit == '-' ? 62 : 63;
    }
    return std::nullopt;
}

std::optional<Bytes> from_base64url(std::string_view text) {
    Bytes bytes;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char digit : text) {
        const auto value = value_of_digit(digit);
        if (!value) {
            return std::nullopt;
        }
        bits = bits << 6U | *value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes.push_back(static_cast<std::uint8_t>(bits >> count));
        }
    }
    // One text for each token: what is left over is zero, and less than a digit.
    if (count >= 6 || (bits & ((1U << count) - 1)) != 0) {
        return std::nullopt;
    }
    return bytes;
}

}  // namespace

std::string write_ack_link(const AckLink& link, ByteView key) {
    constexpr std::size_t kReceiverSizeMax = 255;
    const std::string receiver = link.receiver.substr(0, kReceiverSizeMax);
    Bytes body(kFixedSize);
    body[0] = kLinkVersion;
    std::ranges::copy(link.group, body.begin() + 1);
    store_le<std::int64_t>(&body[33], link.told_at.ns);
    store_le<std::int64_t>(&body[41], link.expires_at.ns);
    body[49] = static_cast<std::uint8_t>(receiver.size());
    body.insert(body.end(), receiver.begin(), receiver.end());
    return base64url(body) + "." + base64url(crypto::hmac_sha256(key, body));
}

Result<AckLink> read_ack_link(std::string_view token, ByteView key, WallTime now) {
    const std::size_t dot = token.find('.');
    if (token.size() > kAckLinkSizeMax || dot == std::string_view::npos) {
        return fail(AlertError::kLinkMalformed);
    }
    const auto body = from_base64url(token.substr(0, dot));
    const auto proof = from_base64url(token.substr(dot + 1));
    if (!body || !proof || body->size() < kFixedSize || body->at(0) != kLinkVersion ||
        body->size() != kFixedSize + body->at(49)) {
        return fail(AlertError::kLinkMalformed);
    }
    if (!crypto::equal_constant_time(*proof, crypto::hmac_sha256(key, *body))) {
        return fail(AlertError::kLinkForged);
    }
    AckLink link;
    std::copy_n(body->begin() + 1, link.group.size(), link.group.begin());
    link.told_at.ns = load_le<std::int64_t>(&body->at(33));
    link.expires_at.ns = load_le<std::int64_t>(&body->at(41));
    link.receiver.assign(body->begin() + kFixedSize, body->end());
    if (link.expires_at <= now) {
        return fail(AlertError::kLinkExpired);
    }
    return link;
}

}  // namespace phantom::alert
