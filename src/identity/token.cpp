#include "identity/token.h"

#include <algorithm>

#include "base/assert.h"
#include "crypto/hkdf.h"
#include "identity/base32.h"
#include "identity/codec.h"
#include "identity/labels.h"
#include "identity/token_codec.h"

namespace phantom::identity {

namespace {

constexpr std::uint8_t kTokenVersion = 1;
// One that we do not know could change what the token allows.
constexpr std::uint8_t kCarrierFlag = 1;  // the carrier's port follows the endpoints
constexpr std::uint8_t kKnownFlags = kCarrierFlag;
constexpr std::uint8_t kHostNameKind = 1;  // beside the address families 4 and 6
constexpr std::size_t kChecksumSize = 4;
constexpr std::size_t kTokenSizeMax = 2 + 32 + 32 + 32 + 8 + 2 +
                                      kTokenEndpointsMax * (1 + 2 + kHostNameSizeMax + 2) + 2 +
                                      kChecksumSize;

// Against slips of the pen and the clipboard. Against forgers there is the secret.
std::array<std::uint8_t, kChecksumSize> checksum_of(ByteView body) {
    const auto digest = labelled_hash(kTokenChecksumLabel, body);
    std::array<std::uint8_t, kChecksumSize> checksum{};
    std::copy_n(digest.begin(), checksum.size(), checksum.begin());
    return checksum;
}

void write_endpoint(wire::RecordWriter& writer, const TokenEndpoint& endpoint) {
    if (const auto* const address = std::get_if<wire::Address>(&endpoint.host)) {
        write_address(writer, *address);
    } else {
        writer.u8(kHostNameKind);
        writer.text(std::get<std::string>(endpoint.host));
    }
    writer.u16(endpoint.port);
}

TokenEndpoint read_endpoint(wire::RecordReader& reader) {
    TokenEndpoint endpoint;
    const std::uint8_t kind = reader.u8();
    if (kind == static_cast<std::uint8_t>(wire::Family::kV4)) {
        endpoint.host = wire::Address::v4(reader.array<4>().data());
    } else if (kind == static_cast<std::uint8_t>(wire::Family::kV6)) {
        endpoint.host = wire::Address::v6(reader.array<16>().data());
    } else if (kind == kHostNameKind) {
        endpoint.host = std::string(reader.text(kHostNameSizeMax));
    } else {
        reader.reject();
    }
    endpoint.port = reader.u16();
    if (!is_token_endpoint(endpoint)) {
        reader.reject();
    }
    return endpoint;
}

// Everything after version and flags.
Result<JoinToken> read_token(wire::RecordReader& reader, std::uint8_t flags) {
    JoinToken token;
    token.mesh = read_id<MeshId>(reader);
    token.introducer = reader.array<32>();
    if (const ByteView secret = reader.bytes(32); !secret.empty()) {
        token.secret = crypto::Key(secret.first<32>());
    }
    token.expiry = read_time(reader);
    token.uses = reader.u8();
    const std::size_t count = reader.u8();
    if (token.uses == 0 || count == 0 || count > kTokenEndpointsMax) {
        reader.reject();
    }
    for (std::size_t index = 0; index < count && reader.ok(); ++index) {
        token.endpoints.push_back(read_endpoint(reader));
    }
    if ((flags & kCarrierFlag) != 0) {
        token.carrier_port = reader.u16();
        if (token.carrier_port == 0) {
            reader.reject();  // there is a shorter way to say that
        }
    }
    if (!reader.finish()) {
        return fail(IdentityError::kMalformed);
    }
    return token;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// "phantom2..." was a token once, or will be.
bool is_of_another_version(std::string_view text) {
    const std::string_view word = kTokenPrefix.substr(0, kTokenPrefix.size() - 1);
    return text.size() > kTokenPrefix.size() && text.starts_with(word) &&
           is_digit(text[word.size()]);
}

void derive(const JoinToken& token, std::string_view label, crypto::Key& out) {
    std::array<std::uint8_t, kIdSize + 32> salt;
    std::ranges::copy(token.mesh.bytes, salt.begin());
    std::ranges::copy(token.introducer, salt.begin() + kIdSize);
    const Status done =
        crypto::hkdf_sha256(token.secret.view(), salt, bytes_of(label), out.bytes());
    PM_ASSERT(done.has_value());
}

}  // namespace

Result<crypto::SecretBytes> JoinToken::text() const {
    if (endpoints.size() > kTokenEndpointsMax) {
        return fail(IdentityError::kTooMany, static_cast<std::uint32_t>(endpoints.size()));
    }
    if (uses == 0 || endpoints.empty()) {
        return fail(IdentityError::kMalformed);
    }
    if (!std::ranges::all_of(endpoints, is_token_endpoint)) {
        return fail(IdentityError::kBadEndpoint);
    }
    crypto::Secret<kTokenSizeMax> buffer;
    wire::RecordWriter writer(buffer.bytes());
    writer.u8(kTokenVersion);
    writer.u8(carrier_port != 0 ? kCarrierFlag : 0);
    write_id(writer, mesh);
    writer.bytes(introducer);
    writer.bytes(secret.view());
    write_time(writer, expiry);
    writer.u8(uses);
    writer.u8(static_cast<std::uint8_t>(endpoints.size()));
    for (const TokenEndpoint& endpoint : endpoints) {
        write_endpoint(writer, endpoint);
    }
    if (carrier_port != 0) {
        writer.u16(carrier_port);
    }
    writer.bytes(checksum_of(writer.written()));
    const ByteView body = PM_TRY(writer.finish());
    crypto::SecretBytes out(kTokenPrefix.size() + base32_text_size(body.size()));
    std::ranges::copy(kTokenPrefix, out.bytes().begin());
    base32_encode(body, out.bytes().subspan(kTokenPrefix.size()));
    return out;
}

Result<JoinToken> JoinToken::parse(std::string_view text, UnixTime now) {
    if (!text.starts_with(kTokenPrefix)) {
        return fail(
            is_of_another_version(text) ? IdentityError::kUnsupportedVersion
                                        : IdentityError::kNotAToken
        );
    }
    text.remove_prefix(kTokenPrefix.size());
    if (text.size() > base32_text_size(kTokenSizeMax)) {
        return fail(IdentityError::kTokenAltered);
    }
    const auto bytes = base32_decode(text);
    if (!bytes || bytes->view().size() < kChecksumSize) {
        return fail(IdentityError::kTokenAltered);
    }
    const ByteView body = bytes->view().first(bytes->view().size() - kChecksumSize);
    if (!std::ranges::equal(checksum_of(body), bytes->view().last(kChecksumSize))) {
        return fail(IdentityError::kTokenAltered);
    }
    wire::RecordReader reader(body);
    const std::uint8_t version = reader.u8();
    const std::uint8_t flags = reader.u8();
    if (version != kTokenVersion || (flags & ~kKnownFlags) != 0) {
        return fail(IdentityError::kUnsupportedVersion);
    }
    JoinToken token = PM_TRY(read_token(reader, flags));
    if (now >= token.expiry) {
        return fail(IdentityError::kExpired);
    }
    return token;
}

GuestKeys JoinToken::guest_keys() const {
    GuestKeys keys;
    derive(*this, kGuestPrivateKeyLabel, keys.private_key);
    derive(*this, kGuestPresharedKeyLabel, keys.preshared_key);
    derive(*this, kTokenProofKeyLabel, keys.proof_key);
    keys.public_key = crypto::public_key_of(keys.private_key);
    return keys;
}

crypto::Hash JoinToken::secret_hash() const {
    return labelled_hash(kTokenSecretHashLabel, secret.view());
}

}  // namespace phantom::identity
