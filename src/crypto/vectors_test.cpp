// Known answers of the ciphers and the handshake's primitives; those of signatures are in
// signature_vectors_test.cpp.

#include <string>
#include <vector>

#include "crypto/blake2s.h"
#include "crypto/chacha20_poly1305.h"
#include "crypto/hkdf.h"
#include "crypto/known_answers.h"
#include "crypto/ml_kem.h"
#include "crypto/noise.h"
#include "crypto/packet_aead.h"

namespace phantom::crypto {
namespace {

class AeadAnswers : public KnownAnswers {};

TEST_P(AeadAnswers, seal_and_open_as_stated) {
    for_each_case([](const Case& known) {
        const Bytes nonce = known.bytes("iv");
        if (nonce.size() != 12) {
            return;  // the type of the argument refuses it
        }
        const Key key = key_of(known.bytes("key"));
        const Bytes aad = known.bytes("aad");
        const Bytes plaintext = known.bytes("msg");
        const Bytes sealed = join(known.bytes("ct"), known.bytes("tag"));
        Bytes out(sealed.size());
        chacha20_poly1305_seal(key, exactly<12>(nonce), plaintext, aad, out);
        EXPECT_EQ(out == sealed, known.is_valid());
        Bytes opened(plaintext.size(), 0xaa);
        const Status status = chacha20_poly1305_open(key, exactly<12>(nonce), sealed, aad, opened);
        EXPECT_EQ(status.has_value(), known.is_valid());
        EXPECT_EQ(opened, known.is_valid() ? plaintext : Bytes(plaintext.size(), 0));
    });
}

TEST_P(AeadAnswers, calls_with_a_counter_agree_where_the_nonce_has_that_form) {
    for_each_case([](const Case& known) {
        const Bytes nonce = known.bytes("iv");
        if (nonce.size() != 12 || load_le<std::uint32_t>(nonce.data()) != 0) {
            return;
        }
        const auto counter = load_le<std::uint64_t>(nonce.data() + 4);
        const Key key = key_of(known.bytes("key"));
        const Bytes sealed = join(known.bytes("ct"), known.bytes("tag"));
        const Bytes plaintext = known.bytes("msg");
        Bytes out(sealed.size());
        aead_seal(key, counter, plaintext, known.bytes("aad"), out);
        EXPECT_EQ(out == sealed, known.is_valid());
        Bytes opened(plaintext.size());
        const Status status = aead_open(key, counter, sealed, known.bytes("aad"), opened);
        EXPECT_EQ(status.has_value(), known.is_valid());
    });
}

INSTANTIATE_TEST_SUITE_P(
    ChaCha20Poly1305, AeadAnswers,
    testing::Values(own("chacha20_poly1305.json"), external("chacha20_poly1305_test.json")),
    name_of_file
);

class XaeadAnswers : public KnownAnswers {
  protected:
    static bool is_representable(const Case& known) { return known.bytes("iv").size() == 24; }
};

TEST_P(XaeadAnswers, seal_and_open_as_stated) {
    for_each_case([](const Case& known) {
        if (!is_representable(known)) {
            return;  // the type of the argument refuses it
        }
        const Bytes nonce = known.bytes("iv");
        const Key key = key_of(known.bytes("key"));
        const Bytes aad = known.bytes("aad");
        const Bytes plaintext = known.bytes("msg");
        const Bytes sealed = join(known.bytes("ct"), known.bytes("tag"));
        Bytes out(sealed.size());
        xaead_seal(key, exactly<24>(nonce), plaintext, aad, out);
        EXPECT_EQ(out == sealed, known.is_valid());
        Bytes opened(plaintext.size());
        const Status status = xaead_open(key, exactly<24>(nonce), sealed, aad, opened);
        EXPECT_EQ(status.has_value(), known.is_valid());
        if (known.is_valid()) {
            EXPECT_EQ(opened, plaintext);
        }
    });
}

// Under the key HChaCha20 derives, the rest of the nonce is a transport packet's counter: so these
// cases reach the packet backends, which take no additional data.
void expect_backend_agrees(PacketAead& aead, const Case& known) {
    const Bytes nonce = known.bytes("iv");
    const Key key = hchacha20(key_of(known.bytes("key")), exactly<16>(nonce));
    const auto counter = load_le<std::uint64_t>(nonce.data() + 16);
    const Bytes plaintext = known.bytes("msg");
    const Bytes sealed = join(known.bytes("ct"), known.bytes("tag"));
    Bytes out(sealed.size());
    const SealJob seals[] = {{plaintext.data(), out.data(), plaintext.size(), counter}};
    aead.seal(key, seals);
    EXPECT_EQ(out == sealed, known.is_valid());
    Bytes opened(plaintext.size());
    OpenJob opens[] = {{sealed.data(), opened.data(), plaintext.size(), counter, false}};
    aead.open(key, opens);
    EXPECT_EQ(opens[0].authentic, known.is_valid());
    if (known.is_valid()) {
        EXPECT_EQ(opened, plaintext);
    }
}

TEST_P(XaeadAnswers, every_packet_backend_agrees_where_there_is_no_additional_data) {
    for (const AeadBackend backend : available_aead_backends()) {
        SCOPED_TRACE(name_of(backend));
        auto aead = make_packet_aead(backend);
        ASSERT_TRUE(aead.has_value());
        std::size_t count = 0;
        for_each_case([&](const Case& known) {
            if (is_representable(known) && known.text("aad").empty()) {
                expect_backend_agrees(**aead, known);
                ++count;
            }
        });
        EXPECT_GT(count, 0U);
    }
}

INSTANTIATE_TEST_SUITE_P(
    XChaCha20Poly1305, XaeadAnswers,
    testing::Values(own("xchacha20_poly1305.json"), external("xchacha20_poly1305_test.json")),
    name_of_file
);

class X25519Answers : public KnownAnswers {};

TEST_P(X25519Answers, agree_as_stated) {
    for_each_case([](const Case& known) {
        const PrivateKey key = key_of(known.bytes("private"));
        PublicKey peer;
        std::ranges::copy(known.bytes("public"), peer.begin());
        const Bytes shared = known.bytes("shared");
        const auto secret = x25519(key, peer);
        if (shared == Bytes(32, 0)) {
            ASSERT_FALSE(secret.has_value());
            EXPECT_TRUE(secret.error().is(CryptoError::kZeroSharedSecret));
            return;
        }
        ASSERT_TRUE(secret.has_value());
        EXPECT_TRUE(equal_constant_time(secret->view(), shared));
    });
}

INSTANTIATE_TEST_SUITE_P(
    X25519, X25519Answers, testing::Values(own("x25519.json"), external("x25519_test.json")),
    name_of_file
);

class HkdfAnswers : public KnownAnswers {};

TEST_P(HkdfAnswers, derive_as_stated) {
    for_each_case([](const Case& known) {
        Bytes out(static_cast<std::size_t>(known.number("size")));
        const Status status =
            hkdf_sha256(known.bytes("ikm"), known.bytes("salt"), known.bytes("info"), out);
        ASSERT_EQ(status.has_value(), known.is_valid());
        if (known.is_valid()) {
            EXPECT_EQ(out, known.bytes("okm"));
        }
    });
}

INSTANTIATE_TEST_SUITE_P(
    HkdfSha256, HkdfAnswers,
    testing::Values(own("hkdf_sha256.json"), external("hkdf_sha256_test.json")), name_of_file
);

class MlKemAnswers : public KnownAnswers {
  protected:
    // Also the cases whose seed has the wrong size, which the type of the argument refuses.
    static std::optional<KemKeyPair> pair_of(const Case& known) {
        const Bytes seed = known.bytes("seed");
        if (seed.size() != kKemSeedSize) {
            EXPECT_FALSE(known.is_valid());
            return std::nullopt;
        }
        auto pair = KemKeyPair::from_seed(KemSeed(exactly<kKemSeedSize>(seed)));
        EXPECT_TRUE(pair.has_value());
        return std::move(*pair);
    }
};

TEST_P(MlKemAnswers, seed_gives_the_encapsulation_key) {
    for_each_case([](const Case& known) {
        if (!known.is_valid()) {
            return;
        }
        const auto pair = pair_of(known);
        const Bytes ek = known.bytes("ek");
        ASSERT_TRUE(pair.has_value());
        EXPECT_TRUE(std::ranges::equal(pair->public_key(), ek));
    });
}

TEST_P(MlKemAnswers, decapsulate_as_stated) {
    for_each_case([](const Case& known) {
        const auto pair = pair_of(known);
        if (!pair || !known.fields->contains("c")) {
            return;  // generation of keys alone
        }
        const auto secret = pair->decapsulate(known.bytes("c"));
        ASSERT_EQ(secret.has_value(), known.is_valid());
        if (known.is_valid()) {
            EXPECT_TRUE(equal_constant_time(secret->view(), known.bytes("K")));
        } else {
            EXPECT_TRUE(secret.error().is(CryptoError::kBadCiphertextSize));
        }
    });
}

INSTANTIATE_TEST_SUITE_P(
    MlKem768, MlKemAnswers,
    testing::Values(own("ml_kem_768.json"), external("mlkem_768_test.json")), name_of_file
);
INSTANTIATE_TEST_SUITE_P(
    MlKem768Keygen, MlKemAnswers, testing::Values(external("mlkem_768_keygen_seed_test.json")),
    name_of_file
);

// Gives what it was made with, once.
class FixedRandom final : public Random {
  public:
    explicit FixedRandom(Bytes bytes) : bytes_(std::move(bytes)) {}
    void fill(std::span<std::uint8_t> out) override {
        ASSERT_EQ(out.size(), bytes_.size());
        std::ranges::copy(bytes_, out.begin());
        bytes_.clear();
    }

  private:
    Bytes bytes_;
};

class MlKemEncapsulationAnswers : public KnownAnswers {};

TEST_P(MlKemEncapsulationAnswers, encapsulate_as_stated) {
    for_each_case([](const Case& known) {
        const Bytes ek = known.bytes("ek");
        if (ek.size() != kKemPublicKeySize) {
            EXPECT_FALSE(known.is_valid());  // the type of the argument refuses it
            return;
        }
        KemPublicKey to;
        std::ranges::copy(ek, to.begin());
        FixedRandom random(known.bytes("m"));
        const auto sent = encapsulate(to, random);
        ASSERT_EQ(sent.has_value(), known.is_valid());
        if (known.is_valid()) {
            EXPECT_TRUE(std::ranges::equal(sent->ciphertext, known.bytes("c")));
            EXPECT_TRUE(equal_constant_time(sent->secret.view(), known.bytes("K")));
        } else {
            EXPECT_TRUE(sent.error().is(CryptoError::kBadEncapsulationKey));
        }
    });
}

INSTANTIATE_TEST_SUITE_P(
    MlKem768, MlKemEncapsulationAnswers,
    testing::Values(own("ml_kem_768_encaps.json"), external("mlkem_768_encaps_test.json")),
    name_of_file
);

class KdfAnswers : public KnownAnswers {};

TEST_P(KdfAnswers, derive_one_two_and_three_keys_as_stated) {
    for_each_case([](const Case& known) {
        const json::array& expected = known.fields->at("out").as_array();
        for (std::size_t count = 1; count <= 3; ++count) {
            std::vector<Key> out(count);
            kdf(known.bytes("chaining_key"), known.bytes("input"), out);
            for (std::size_t index = 0; index < count; ++index) {
                const Bytes key = Case::from_hex(std::string(expected[index].as_string()));
                EXPECT_TRUE(equal_constant_time(out[index].view(), key));
            }
        }
    });
}

INSTANTIATE_TEST_SUITE_P(
    WireguardKdf, KdfAnswers, testing::Values(own("kdf_blake2s.json")), name_of_file
);

class Blake2sAnswers : public KnownAnswers {};

TEST_P(Blake2sAnswers, digest_as_stated) {
    for_each_case([](const Case& known) {
        const Bytes digest = known.bytes("digest");
        Blake2s hasher(digest.size(), known.bytes("key"));
        hasher.update(known.bytes("msg"));
        Bytes out(digest.size());
        hasher.finish(out);
        EXPECT_EQ(out, digest);
    });
}

INSTANTIATE_TEST_SUITE_P(
    Blake2s256, Blake2sAnswers, testing::Values(own("blake2s.json")), name_of_file
);

}  // namespace
}  // namespace phantom::crypto
