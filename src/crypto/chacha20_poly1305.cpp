#include "crypto/chacha20_poly1305.h"

#include <algorithm>
#include <array>
#include <bit>
#include <climits>
#include <memory>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/assert.h"
#include "crypto/openssl_objects.h"

namespace phantom::crypto {

namespace {

constexpr std::size_t kTagSize = 16;

enum class Direction : int { kOpen = 0, kSeal = 1 };

struct AeadInput {
    const Key& key;
    std::span<const std::uint8_t, 12> nonce;
    ByteView text;
    ByteView aad;
};

int int_size(ByteView bytes) {
    PM_ASSERT(bytes.size() <= INT_MAX);
    return static_cast<int>(bytes.size());
}

// Everything up to the tag; the context then gives the tag, or checks the one it was given.
void transform(
    EVP_CIPHER_CTX* context, Direction direction, const AeadInput& input, std::uint8_t* out
) {
    int size = 0;
    bool done = EVP_CipherInit_ex2(
                    context, nullptr, input.key.view().data(), input.nonce.data(),
                    static_cast<int>(direction), nullptr
                ) == 1;
    if (!input.aad.empty()) {
        done =
            done &&
            EVP_CipherUpdate(context, nullptr, &size, input.aad.data(), int_size(input.aad)) == 1;
    }
    if (!input.text.empty()) {
        done = done &&
               EVP_CipherUpdate(context, out, &size, input.text.data(), int_size(input.text)) == 1;
    }
    PM_ASSERT(done);
}

// Two contexts a thread, each with its cipher set once: setting it again costs more than a packet.
EVP_CIPHER_CTX* context_for(Direction direction) {
    const auto make = [](Direction wanted) {
        std::unique_ptr<EVP_CIPHER_CTX, Free<EVP_CIPHER_CTX_free>> context(EVP_CIPHER_CTX_new());
        PM_ASSERT(context != nullptr);
        const int set = EVP_CipherInit_ex2(
            context.get(), openssl_objects().chacha20_poly1305.get(), nullptr, nullptr,
            static_cast<int>(wanted), nullptr
        );
        PM_ASSERT(set == 1);
        return context;
    };
    thread_local const auto seal_context = make(Direction::kSeal);
    thread_local const auto open_context = make(Direction::kOpen);
    return direction == Direction::kSeal ? seal_context.get() : open_context.get();
}

// The contexts outlive the call, so the key must not: overwrite it with a constant one.
void forget_key(EVP_CIPHER_CTX* context, Direction direction) {
    static constexpr std::array<std::uint8_t, 32> kZeroKey{};
    static constexpr std::array<std::uint8_t, 12> kZeroNonce{};
    EVP_CipherInit_ex2(
        context, nullptr, kZeroKey.data(), kZeroNonce.data(), static_cast<int>(direction), nullptr
    );
}

}  // namespace

void chacha20_poly1305_seal(
    const Key& key, std::span<const std::uint8_t, 12> nonce, ByteView plaintext, ByteView aad,
    MutableBytes out
) {
    PM_ASSERT(out.size() == plaintext.size() + kTagSize);
    EVP_CIPHER_CTX* const context = context_for(Direction::kSeal);
    transform(context, Direction::kSeal, {key, nonce, plaintext, aad}, out.data());
    int size = 0;
    std::uint8_t* const tag = out.data() + plaintext.size();
    bool done = EVP_CipherFinal_ex(context, tag, &size) == 1;
    done = done && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagSize, tag) == 1;
    PM_ASSERT(done);
    forget_key(context, Direction::kSeal);
}

Status chacha20_poly1305_open(
    const Key& key, std::span<const std::uint8_t, 12> nonce, ByteView ciphertext, ByteView aad,
    MutableBytes out
) {
    if (ciphertext.size() < kTagSize) {
        std::ranges::fill(out, std::uint8_t{0});
        return fail(CryptoError::kNotAuthentic);
    }
    const ByteView text = ciphertext.first(ciphertext.size() - kTagSize);
    PM_ASSERT(out.size() == text.size());
    std::array<std::uint8_t, kTagSize> tag;
    std::ranges::copy(ciphertext.last<kTagSize>(), tag.begin());

    EVP_CIPHER_CTX* const context = context_for(Direction::kOpen);
    transform(context, Direction::kOpen, {key, nonce, text, aad}, out.data());
    std::uint8_t nothing[1];
    int size = 0;
    const bool tag_set =
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1;
    PM_ASSERT(tag_set);
    const bool authentic = EVP_CipherFinal_ex(context, nothing, &size) == 1;
    forget_key(context, Direction::kOpen);
    if (!authentic) {
        ERR_clear_error();
        wipe(out);
        return fail(CryptoError::kNotAuthentic);
    }
    return {};
}

namespace {

// RFC 8439 section 2.1.
inline void quarter_round(std::uint32_t& a, std::uint32_t& b, std::uint32_t& c, std::uint32_t& d) {
    a += b;
    d = std::rotl(d ^ a, 16);
    c += d;
    b = std::rotl(b ^ c, 12);
    a += b;
    d = std::rotl(d ^ a, 8);
    c += d;
    b = std::rotl(b ^ c, 7);
}

}  // namespace

Key hchacha20(const Key& key, std::span<const std::uint8_t, 16> nonce) {
    // RFC 8439 section 2.3: "expand 32-byte k".
    std::array<std::uint32_t, 16> x = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    for (std::size_t word = 0; word < 8; ++word) {
        x[4 + word] = load_le<std::uint32_t>(key.view().data() + 4 * word);
    }
    for (std::size_t word = 0; word < 4; ++word) {
        x[12 + word] = load_le<std::uint32_t>(nonce.data() + 4 * word);
    }
    for (int double_round = 0; double_round < 10; ++double_round) {
        quarter_round(x[0], x[4], x[8], x[12]);
        quarter_round(x[1], x[5], x[9], x[13]);
        quarter_round(x[2], x[6], x[10], x[14]);
        quarter_round(x[3], x[7], x[11], x[15]);
        quarter_round(x[0], x[5], x[10], x[15]);
        quarter_round(x[1], x[6], x[11], x[12]);
        quarter_round(x[2], x[7], x[8], x[13]);
        quarter_round(x[3], x[4], x[9], x[14]);
    }
    // Unlike ChaCha20 itself: no feed-forward, first and last rows only.
    Key derived;
    for (std::size_t word = 0; word < 4; ++word) {
        store_le(derived.bytes().data() + 4 * word, x[word]);
        store_le(derived.bytes().data() + 16 + 4 * word, x[12 + word]);
    }
    wipe({reinterpret_cast<std::uint8_t*>(x.data()), sizeof x});
    return derived;
}

}  // namespace phantom::crypto
