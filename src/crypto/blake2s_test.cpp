#include "crypto/blake2s.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "base/random.h"
#include "crypto/bytes_fixture.h"
#include "crypto/noise.h"

namespace phantom::crypto {
namespace {

// RFC 7693 appendix E: the deterministic sequence of the self-test.
Bytes self_test_sequence(std::size_t size, std::uint32_t seed) {
    std::uint32_t a = 0xDEAD4BADU * seed;
    std::uint32_t b = 1;
    Bytes out(size);
    for (std::uint8_t& byte : out) {
        const std::uint32_t next = a + b;
        a = b;
        b = next;
        byte = static_cast<std::uint8_t>(next >> 24U);
    }
    return out;
}

Bytes digest(const Bytes& message, std::size_t size, const Bytes& key = {}) {
    Blake2s hasher(size, key);
    hasher.update(message);
    Bytes out(size);
    hasher.finish(out);
    return out;
}

TEST(Blake2s, passes_the_self_test_of_rfc_7693_appendix_e) {
    Blake2s all;
    for (const std::size_t out_size : {16U, 20U, 28U, 32U}) {
        for (const std::size_t in_size : {0U, 3U, 64U, 65U, 255U, 1024U}) {
            const Bytes in = self_test_sequence(in_size, static_cast<std::uint32_t>(in_size));
            const Bytes key = self_test_sequence(out_size, static_cast<std::uint32_t>(out_size));
            all.update(digest(in, out_size));
            all.update(digest(in, out_size, key));
        }
    }
    Bytes out(32);
    all.finish(out);
    const Bytes expected = {0x6a, 0x41, 0x1f, 0x08, 0xce, 0x25, 0xad, 0xcd, 0xfb, 0x02, 0xab,
                            0xa6, 0x41, 0x45, 0x1c, 0xec, 0x53, 0xc5, 0x98, 0xb2, 0x4f, 0x4f,
                            0xc7, 0x87, 0xfb, 0xdc, 0x88, 0x79, 0x7f, 0x4c, 0x1d, 0xfe};
    EXPECT_EQ(out, expected);
}

TEST(Blake2s, agrees_with_openssl_however_the_message_is_cut) {
    SeededRandom random(3);
    for (int round = 0; round < 500; ++round) {
        Bytes message(random.below(400));
        random.fill(message);
        Bytes expected(32);
        ASSERT_EQ(
            EVP_Q_digest(
                nullptr, "BLAKE2S-256", nullptr, message.data(), message.size(), expected.data(),
                nullptr
            ),
            1
        );
        const std::size_t cut = random.below(message.size() + 1);
        const ByteView all(message);
        const Hash ours = blake2s(all.first(cut), all.subspan(cut));
        EXPECT_EQ(Bytes(ours.begin(), ours.end()), expected);
    }
}

TEST(Blake2s, keyed_digest_is_the_mac_of_noise_h) {
    const Bytes key(32, 7);
    const Bytes message(116, 9);
    const auto mac = blake2s_mac(key, message);
    EXPECT_EQ(Bytes(mac.begin(), mac.end()), digest(message, 16, key));
    const Bytes short_key(16, 7);
    const auto cookie_mac = blake2s_mac(short_key, message);
    EXPECT_EQ(Bytes(cookie_mac.begin(), cookie_mac.end()), digest(message, 16, short_key));
}

}  // namespace
}  // namespace phantom::crypto
