#include "crypto/noise.h"

#include <algorithm>

#include <openssl/crypto.h>

#include "base/assert.h"
#include "crypto/blake2s.h"
#include "crypto/chacha20_poly1305.h"
#include "crypto/openssl_objects.h"

namespace phantom::crypto {

namespace {

constexpr unsigned long kOpensslVersionMin = 0x30500000UL;  // 3.5.0

std::array<std::uint8_t, 12> nonce_of(std::uint64_t counter) {
    std::array<std::uint8_t, 12> nonce{};
    store_le(nonce.data() + 4, counter);
    return nonce;
}

// RFC 2104 over BLAKE2s, whose block is 64 bytes. Keyed once, then used for several messages.
class HmacBlake2s {
  public:
    explicit HmacBlake2s(ByteView key) {
        PM_ASSERT(key.size() <= Blake2s::kBlockSize);
        Secret<Blake2s::kBlockSize> pad;
        std::ranges::copy(key, pad.bytes().begin());
        for (std::uint8_t& byte : pad.bytes()) {
            byte ^= 0x36;
        }
        inner_.update(pad.view());
        for (std::uint8_t& byte : pad.bytes()) {
            byte ^= 0x36 ^ 0x5c;
        }
        outer_.update(pad.view());
    }

    void mac(ByteView a, ByteView b, MutableBytes out) const {
        Secret<kHashSize> digest;
        Blake2s inner = inner_;
        inner.update(a);
        inner.update(b);
        inner.finish(digest.bytes());
        Blake2s outer = outer_;
        outer.update(digest.view());
        outer.finish(out);
    }

  private:
    Blake2s inner_;
    Blake2s outer_;
};

}  // namespace

Status check_library() {
    if (OpenSSL_version_num() < kOpensslVersionMin) {
        return fail(
            CryptoError::kLibraryTooOld, static_cast<std::uint32_t>(OpenSSL_version_num() >> 20U)
        );
    }
    if (!openssl_objects().is_complete()) {
        return fail(CryptoError::kAlgorithmMissing);
    }
    return {};
}

Hash blake2s(ByteView a, ByteView b) {
    Blake2s hasher;
    hasher.update(a);
    hasher.update(b);
    Hash digest;
    hasher.finish(digest);
    return digest;
}

std::array<std::uint8_t, 16> blake2s_mac(ByteView key, ByteView data) {
    PM_ASSERT(key.size() == 16 || key.size() == 32);
    std::array<std::uint8_t, 16> digest;
    Blake2s hasher(digest.size(), key);
    hasher.update(data);
    hasher.finish(digest);
    return digest;
}

// WireGuard paper 5.4: t0 = HMAC(key, input); t1 = HMAC(t0, 1); ti = HMAC(t0, t(i-1) || i).
void kdf(ByteView chaining_key, ByteView input, std::span<Key> out) {
    PM_ASSERT(!out.empty());
    PM_ASSERT(out.size() <= 3);
    Key extracted;
    HmacBlake2s(chaining_key).mac(input, {}, extracted.bytes());
    const HmacBlake2s expander(extracted.view());
    ByteView previous;
    for (std::size_t index = 0; index < out.size(); ++index) {
        const auto number = static_cast<std::uint8_t>(index + 1);
        expander.mac(previous, {&number, 1}, out[index].bytes());
        previous = out[index].view();
    }
}

void aead_seal(
    const Key& key, std::uint64_t counter, ByteView plaintext, ByteView aad, MutableBytes out
) {
    chacha20_poly1305_seal(key, nonce_of(counter), plaintext, aad, out);
}

Status aead_open(
    const Key& key, std::uint64_t counter, ByteView ciphertext, ByteView aad, MutableBytes out
) {
    return chacha20_poly1305_open(key, nonce_of(counter), ciphertext, aad, out);
}

namespace {

// draft-irtf-cfrg-xchacha section 2.3: the last 8 nonce bytes follow 4 zero bytes.
std::uint64_t tail_of(std::span<const std::uint8_t, 24> nonce) {
    return load_le<std::uint64_t>(nonce.data() + 16);
}

}  // namespace

void xaead_seal(
    const Key& key, std::span<const std::uint8_t, 24> nonce, ByteView plaintext, ByteView aad,
    MutableBytes out
) {
    aead_seal(hchacha20(key, nonce.first<16>()), tail_of(nonce), plaintext, aad, out);
}

Status xaead_open(
    const Key& key, std::span<const std::uint8_t, 24> nonce, ByteView ciphertext, ByteView aad,
    MutableBytes out
) {
    return aead_open(hchacha20(key, nonce.first<16>()), tail_of(nonce), ciphertext, aad, out);
}

}  // namespace phantom::crypto
