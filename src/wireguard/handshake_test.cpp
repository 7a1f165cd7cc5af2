#include "wireguard/handshake.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "wireguard/cookie.h"
#include "wireguard/reference_noise.h"

namespace phantom::wireguard::test {

namespace {

Bytes bytes_of(ByteView view) {
    return {view.begin(), view.end()};
}

template <class Message>
Bytes message_bytes(const Message& message) {
    const auto* start = reinterpret_cast<const std::uint8_t*>(&message);
    return {start, start + sizeof message};
}

StaticIdentity make_identity(Random& random) {
    StaticIdentity identity;
    identity.private_key = crypto::generate_private_key(random);
    identity.public_key = crypto::public_key_of(identity.private_key);
    return identity;
}

// Points whose product with any clamped scalar is zero (RFC 7748 section 6.1; the list is that of
// https://cr.yp.to/ecdh.html#validate), each also with its unused top bit set: the same point in a
// form that is not canonical.
std::vector<crypto::PublicKey> low_order_points() {
    std::vector<crypto::PublicKey> points;
    for (const char* text : {
             "0000000000000000000000000000000000000000000000000000000000000000",
             "0100000000000000000000000000000000000000000000000000000000000000",
             "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
             "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
             "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
         }) {
        const Bytes bytes = from_hex(text);
        crypto::PublicKey point;
        std::ranges::copy(bytes, point.begin());
        points.push_back(point);
        point[31] |= 0x80;
        points.push_back(point);
    }
    return points;
}

}  // namespace

class HandshakeTest : public testing::Test {
  protected:
    HandshakeTest() {
        random.fill(preshared_key.bytes());
        static_static = *crypto::x25519(initiator.private_key, responder.public_key);
    }

    Result<InitiatorHandshake> initiate(wire::Initiation& message) {
        return create_initiation(
            {.identity = initiator,
             .remote_static = responder.public_key,
             .static_static = static_static,
             .timestamp = timestamp,
             .local_index = 0x11223344},
            random, message
        );
    }
    Result<TransportKeys> respond(const wire::Initiation& initiation, wire::Response& message) {
        auto handshake = PM_TRY(read_initiation(responder, initiation));
        PM_TRY(authenticate_initiation(handshake, static_static, initiation));
        return create_response(
            handshake, {.preshared_key = preshared_key, .local_index = 0x55667788}, random, message
        );
    }

    SeededRandom random{42};
    StaticIdentity initiator = make_identity(random);
    StaticIdentity responder = make_identity(random);
    crypto::Key preshared_key;
    crypto::Key static_static;
    Tai64n timestamp = Tai64n::at(WallTime{1'700'000'000'500'000'000});
};

// haskell-cryptography/cacophony, vectors/cacophony.txt, the entry of this protocol's name.
TEST(ReferenceNoise, agrees_with_the_published_vector) {
    ReferenceHandshake reference({
        from_hex("e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1"),
        from_hex("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a"),
        from_hex("4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893"),
        from_hex("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b"),
        from_hex("54686973206973206d7920417573747269616e20706572737065637469766521"),
    });
    reference.start(text_bytes("John Galt"));
    EXPECT_EQ(
        reference.first_message(text_bytes("Ludwig von Mises")),
        from_hex("ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944001e21de9f98ddd8"
                 "e2ad57527207feb56253c9c94a9e496782ecfcb2a75fbcaf1b52948cc48daefe660c62119ab50009"
                 "80c84831215f2441eba616548e832985464cf17e51ee93109008399a21f7e13f")
    );
    EXPECT_EQ(
        reference.second_message(text_bytes("Murray Rothbard")),
        from_hex("95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843cb765f2caef0751b"
                 "8f007572dab0322217755c0632f365717edbf34d33e87a")
    );
    EXPECT_EQ(
        reference.hash(),
        from_hex("f5191b875290abcd41347ac3622d9679688a7e980229cb937ef748336cfde0e5")
    );
    EXPECT_EQ(
        reference_seal(reference.split()[0], 0, text_bytes("F. A. Hayek"), {}),
        from_hex("8153ca9833bc3c1b91a7e66e5f4d4f5b59bf9e64c2f20d15f0bba7")
    );
}

// Checklist: strings: construction, identifier; sizes 148 and 92; type is LE32.
TEST_F(HandshakeTest, every_byte_agrees_with_an_independent_implementation) {
    // The ephemeral keys are the next things drawn from each generator.
    SeededRandom initiator_random(1001);
    SeededRandom responder_random(1002);
    SeededRandom initiator_copy(1001);
    SeededRandom responder_copy(1002);
    ReferenceHandshake reference({
        bytes_of(initiator.private_key.view()),
        bytes_of(crypto::generate_private_key(initiator_copy).view()),
        bytes_of(responder.private_key.view()),
        bytes_of(crypto::generate_private_key(responder_copy).view()),
        bytes_of(preshared_key.view()),
    });
    reference.start(text_bytes("WireGuard v1 zx2c4 Jason@zx2c4.com"));

    wire::Initiation initiation;
    const auto ours = create_initiation(
        {.identity = initiator,
         .remote_static = responder.public_key,
         .static_static = static_static,
         .timestamp = timestamp,
         .local_index = 0x11223344},
        initiator_random, initiation
    );
    ASSERT_TRUE(ours);
    const Bytes first = from_hex("0100000044332211") +
                        reference.first_message(bytes_of(timestamp.bytes)) + Bytes(32, 0);
    EXPECT_EQ(first.size(), 148U);
    EXPECT_EQ(message_bytes(initiation), first);

    auto theirs = read_initiation(responder, initiation);
    ASSERT_TRUE(theirs);
    EXPECT_EQ(theirs->remote_static, initiator.public_key);
    EXPECT_EQ(*authenticate_initiation(*theirs, static_static, initiation), timestamp);
    wire::Response response;
    const auto responder_keys = create_response(
        *theirs, {.preshared_key = preshared_key, .local_index = 0x55667788}, responder_random,
        response
    );
    ASSERT_TRUE(responder_keys);
    const Bytes second =
        from_hex("020000008877665544332211") + reference.second_message({}) + Bytes(32, 0);
    EXPECT_EQ(second.size(), 92U);
    EXPECT_EQ(message_bytes(response), second);

    const auto initiator_keys =
        consume_response(*ours, initiator, PresharedKeys(preshared_key), response);
    ASSERT_TRUE(initiator_keys);
    const auto split = reference.split();
    EXPECT_EQ(bytes_of(initiator_keys->keys.send.view()), split[0]);
    EXPECT_EQ(bytes_of(initiator_keys->keys.receive.view()), split[1]);
    EXPECT_EQ(bytes_of(responder_keys->send.view()), split[1]);
    EXPECT_EQ(bytes_of(responder_keys->receive.view()), split[0]);
    EXPECT_EQ(initiator_keys->keys.handshake_hash, responder_keys->handshake_hash);
}

// Checklist: transport: AAD empty; nonce = 4 zero bytes, then LE64 counter.
TEST(TransportNonce, is_4_zero_bytes_and_the_counter_in_little_endian) {
    const Bytes key(32, 7);
    const Bytes plaintext = text_bytes("sixteen bytes ok");
    for (const std::uint64_t counter : {std::uint64_t{0}, std::uint64_t{0x0102030405060708}}) {
        Bytes sealed(plaintext.size() + 16);
        const crypto::Key secret{std::span<const std::uint8_t, 32>(key)};
        crypto::aead_seal(secret, counter, plaintext, {}, sealed);
        EXPECT_EQ(sealed, reference_seal(key, counter, plaintext, {}));
    }
}

// Checklist: labels mac1---- and cookie--.
TEST_F(HandshakeTest, mac1_agrees_with_an_independent_implementation) {
    wire::Initiation message;
    ASSERT_TRUE(initiate(message));
    CookieGenerator generator(responder.public_key);
    generator.add_macs(
        {reinterpret_cast<std::uint8_t*>(&message), sizeof message}, Instant{1'000'000}
    );
    const Bytes all = message_bytes(message);
    const Bytes key = reference_hash(text_bytes("mac1----") + bytes_of(responder.public_key));
    EXPECT_EQ(
        bytes_of(message.mac1), reference_mac("BLAKE2SMAC", key, Bytes(all.begin(), all.end() - 32))
    );
    EXPECT_EQ(bytes_of(message.mac2), Bytes(16, 0));
    EXPECT_EQ(
        bytes_of(MacKeys(responder.public_key).cookie_key.view()),
        reference_hash(text_bytes("cookie--") + bytes_of(responder.public_key))
    );
}

TEST_F(HandshakeTest, each_changed_byte_of_an_initiation_is_refused) {
    wire::Initiation message;
    ASSERT_TRUE(initiate(message));
    // From the ephemeral to the end of the timestamp; the macs are checked elsewhere, and type and
    // index are not part of what Noise authenticates.
    for (std::size_t at = 8; at < sizeof message - 32; ++at) {
        wire::Initiation changed = message;
        reinterpret_cast<std::uint8_t*>(&changed)[at] ^= 0x01;
        wire::Response response;
        EXPECT_FALSE(respond(changed, response)) << "byte " << at;
    }
}

TEST_F(HandshakeTest, each_changed_byte_of_a_response_is_refused) {
    wire::Initiation initiation;
    const auto ours = initiate(initiation);
    wire::Response response;
    ASSERT_TRUE(respond(initiation, response));
    for (std::size_t at = 12; at < sizeof response - 32; ++at) {
        wire::Response changed = response;
        reinterpret_cast<std::uint8_t*>(&changed)[at] ^= 0x01;
        EXPECT_FALSE(consume_response(*ours, initiator, PresharedKeys(preshared_key), changed))
            << "byte " << at;
    }
    EXPECT_TRUE(consume_response(*ours, initiator, PresharedKeys(preshared_key), response))
        << "forged responses must not end the handshake";
}

TEST_F(HandshakeTest, other_preshared_key_is_refused) {
    wire::Initiation initiation;
    const auto ours = initiate(initiation);
    wire::Response response;
    ASSERT_TRUE(respond(initiation, response));
    EXPECT_FALSE(consume_response(*ours, initiator, PresharedKeys(), response));
}

TEST_F(HandshakeTest, initiation_for_another_responder_is_refused) {
    wire::Initiation initiation;
    ASSERT_TRUE(initiate(initiation));
    const StaticIdentity other = make_identity(random);
    EXPECT_FALSE(read_initiation(other, initiation));
}

// Knowing both public keys is enough to be read, never enough to be authenticated.
TEST_F(HandshakeTest, initiation_without_the_private_key_is_not_authentic) {
    wire::Initiation initiation;
    crypto::Key wrong;
    random.fill(wrong.bytes());
    ASSERT_TRUE(create_initiation(
        {.identity = initiator,
         .remote_static = responder.public_key,
         .static_static = wrong,
         .timestamp = timestamp,
         .local_index = 1},
        random, initiation
    ));
    auto handshake = read_initiation(responder, initiation);
    ASSERT_TRUE(handshake);
    EXPECT_EQ(handshake->remote_static, initiator.public_key);
    EXPECT_FALSE(authenticate_initiation(*handshake, static_static, initiation));
}

// Checklist: reject an all-zero DH result.
TEST_F(HandshakeTest, ephemeral_of_low_order_is_refused_by_the_responder) {
    for (const crypto::PublicKey& point : low_order_points()) {
        wire::Initiation initiation;
        ASSERT_TRUE(initiate(initiation));
        initiation.ephemeral = point;
        const auto read = read_initiation(responder, initiation);
        ASSERT_FALSE(read);
        EXPECT_TRUE(read.error().is(crypto::CryptoError::kZeroSharedSecret));
    }
}

TEST_F(HandshakeTest, ephemeral_of_low_order_is_refused_by_the_initiator) {
    wire::Initiation initiation;
    const auto ours = initiate(initiation);
    for (const crypto::PublicKey& point : low_order_points()) {
        wire::Response response;
        ASSERT_TRUE(respond(initiation, response));
        response.ephemeral = point;
        const auto consumed =
            consume_response(*ours, initiator, PresharedKeys(preshared_key), response);
        ASSERT_FALSE(consumed);
        EXPECT_TRUE(consumed.error().is(crypto::CryptoError::kZeroSharedSecret));
    }
}

TEST_F(HandshakeTest, responder_key_of_low_order_is_never_called) {
    for (const crypto::PublicKey& point : low_order_points()) {
        wire::Initiation initiation;
        EXPECT_FALSE(create_initiation(
            {.identity = initiator,
             .remote_static = point,
             .static_static = static_static,
             .timestamp = timestamp,
             .local_index = 1},
            random, initiation
        ));
    }
}

// RFC 7748 section 5: the top bit of a public key is ignored in the curve's arithmetic, but not in
// the transcript, so a message changed in it is not accepted.
TEST_F(HandshakeTest, ephemeral_that_is_not_canonical_is_another_transcript) {
    wire::Initiation initiation;
    ASSERT_TRUE(initiate(initiation));
    initiation.ephemeral[31] |= 0x80;
    const auto read = read_initiation(responder, initiation);
    ASSERT_FALSE(read);
    EXPECT_TRUE(read.error().is(crypto::CryptoError::kNotAuthentic));
}

}  // namespace phantom::wireguard::test
