#include "mesh/messages.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "identity/identity_fixture.h"

namespace phantom::mesh {
namespace {

identity::NodeId node_id(std::uint64_t seed) {
    identity::NodeId node;
    SeededRandom(seed).fill(node.bytes);
    return node;
}

Bytes bytes(std::size_t size) {
    Bytes filled(size);
    SeededRandom(size).fill(filled);
    return filled;
}

wire::SocketAddress endpoint(const char* text) {
    return wire::SocketAddress::parse(text).value();
}

Summary summary(bool full, std::size_t count) {
    Summary message{full, {}};
    for (std::size_t index = 0; index < count; ++index) {
        message.entries.push_back({node_id(index), UINT64_MAX - index});
    }
    return message;
}

Want want(std::size_t count) {
    Want message;
    for (std::size_t index = 0; index < count; ++index) {
        message.nodes.push_back(node_id(index));
    }
    return message;
}

Seen seen(std::size_t count) {
    Seen message;
    for (std::size_t index = 0; index < count; ++index) {
        const bool even = index % 2 == 0;
        message.entries.push_back(
            {node_id(index), endpoint(even ? "192.0.2.1:51820" : "[2001:db8::1]:65535")}
        );
    }
    return message;
}

Reports reports(std::size_t count) {
    Reports message;
    for (std::size_t index = 0; index < count; ++index) {
        message.entries.push_back({
            .subject = endpoint(index % 2 == 0 ? "192.0.2.1:1" : "[2001:db8::1]:1").address,
            .until = {1'800'000'000 + index},
            .confidence = 100,
            .rule = std::string(kReportRuleMax, 'r'),
        });
    }
    return message;
}

Rumours rumours(std::size_t count) {
    Rumours message;
    for (std::size_t index = 0; index < count; ++index) {
        message.entries.push_back(
            {node_id(index), UINT64_MAX - index, static_cast<MemberState>(index % 3), node_id(99)}
        );
    }
    return message;
}

crypto::VerifyKey root_key(crypto::SignatureAlgorithm algorithm) {
    return identity::TestRoot(1, algorithm).key.verify_key();
}

crypto::Signature signature(crypto::SignatureAlgorithm algorithm) {
    return identity::TestRoot(1, algorithm).key.sign("test", {});
}

// Every kind, each with its smallest and its largest content, and some between.
const std::vector<AnyMessage>& examples() {
    using enum crypto::SignatureAlgorithm;
    // Kind and the length in front.
    constexpr std::size_t kFieldMax = kMessageSizeMax - 3;
    static const std::vector<AnyMessage> all{
        summary(false, 0),
        summary(true, 1),
        summary(true, kSummaryEntriesMax),
        want(0),
        want(1),
        want(kWantedMax),
        Record{},
        Record{bytes(1)},
        Record{bytes(kFieldMax)},
        Revoke{},
        Revoke{bytes(1)},
        Revoke{bytes(kFieldMax)},
        Ping{0},
        Ping{UINT64_MAX},
        Pong{0, endpoint("192.0.2.1:0")},
        Pong{UINT64_MAX, endpoint("[2001:db8::1]:65535")},
        seen(0),
        seen(1),
        seen(kSeenMax),
        JoinRequest{},
        JoinRequest{bytes(1), {1, 2, 3}},
        JoinRequest{bytes(kFieldMax - sizeof(Proof)), {0xff}},
        JoinGrant{root_key(kMlDsa44Ed25519), {}, {}},
        JoinGrant{
            root_key(kMlDsa65Ed25519), bytes(identity::kCertificateSizeMax),
            bytes(identity::kMemberRecordSizeMax)
        },
        JoinRefusal{Refusal::kTokenSpent},
        JoinRefusal{Refusal::kSealed},
        Policy{},
        Policy{bytes(kFieldMax)},
        PolicyVersion{0},
        PolicyVersion{UINT64_MAX},
        Summary{true, {{node_id(1), 1}}, Prefix{}.with(1).with(2).with(15)},
        Digest{},
        Digest{Prefix{}.with(0).with(15), {1, UINT64_MAX}},
        Meet{node_id(1)},
        Probe{UINT64_MAX, node_id(1)},
        ProbeAnswer{0, false},
        ProbeAnswer{UINT64_MAX, true},
        rumours(0),
        rumours(kRumoursMax),
        RenewRequest{{}, signature(crypto::SignatureAlgorithm::kMlDsa44Ed25519)},
        RenewRequest{bytes(identity::kDescriptorSizeMax), signature(kMlDsa65Ed25519)},
        RenewGrant{},
        RenewGrant{bytes(kFieldMax)},
        Reports{},
        reports(kReportsMax),
    };
    return all;
}

void expect_refused(ByteView message, MeshError code, const std::string& what) {
    const auto decoded = decode(message);
    ASSERT_FALSE(decoded.has_value()) << what;
    EXPECT_TRUE(decoded.error().is(code)) << what << ": " << decoded.error().message();
}

TEST(MeshMessages, each_kind_comes_back_as_it_was) {
    std::set<std::size_t> kinds;
    for (const AnyMessage& message : examples()) {
        const Message encoded = encode(message);
        EXPECT_EQ(encoded[0], message.index() + 1);
        const auto decoded = decode(encoded);
        ASSERT_TRUE(decoded.has_value()) << "kind " << message.index() + 1;
        EXPECT_EQ(*decoded, message);
        EXPECT_EQ(encode(*decoded), encoded);
        kinds.insert(message.index());
    }
    EXPECT_EQ(kinds.size(), std::variant_size_v<AnyMessage>);
}

// The numbers stand on the wire: the order of AnyMessage may not change.
TEST(MeshMessages, each_kind_keeps_its_number) {
    EXPECT_EQ(encode(Summary{})[0], 1);
    EXPECT_EQ(encode(Want{})[0], 2);
    EXPECT_EQ(encode(Record{})[0], 3);
    EXPECT_EQ(encode(Revoke{})[0], 4);
    EXPECT_EQ(encode(Ping{})[0], 5);
    EXPECT_EQ(encode(Pong{0, endpoint("192.0.2.1:1")})[0], 6);
    EXPECT_EQ(encode(Seen{})[0], 7);
    EXPECT_EQ(encode(JoinRequest{})[0], 8);
    EXPECT_EQ(encode(examples()[22])[0], 9);
    EXPECT_EQ(encode(JoinRefusal{})[0], 10);
    EXPECT_EQ(encode(Policy{})[0], 11);
    EXPECT_EQ(encode(PolicyVersion{})[0], 12);
    EXPECT_EQ(encode(Digest{})[0], 13);
    EXPECT_EQ(encode(Meet{})[0], 14);
    EXPECT_EQ(encode(Probe{})[0], 15);
    EXPECT_EQ(encode(ProbeAnswer{})[0], 16);
    EXPECT_EQ(encode(Rumours{})[0], 17);
    EXPECT_EQ(
        encode(RenewRequest{{}, signature(crypto::SignatureAlgorithm::kMlDsa44Ed25519)})[0], 18
    );
    EXPECT_EQ(encode(RenewGrant{})[0], 19);
    EXPECT_EQ(encode(Reports{})[0], 20);
    EXPECT_EQ(encode(Ping{0x0102030405060708}), (Message{5, 1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(MeshMessages, every_truncation_is_refused) {
    for (const AnyMessage& message : examples()) {
        const Message encoded = encode(message);
        for (std::size_t size = 1; size < encoded.size(); ++size) {
            const auto decoded = decode(ByteView(encoded).first(size));
            ASSERT_FALSE(decoded.has_value()) << "kind " << int{encoded[0]} << " size " << size;
            ASSERT_TRUE(decoded.error().is(MeshError::kMalformed));
        }
    }
}

TEST(MeshMessages, trailing_byte_is_refused) {
    for (const AnyMessage& message : examples()) {
        Message encoded = encode(message);
        encoded.push_back(0);
        expect_refused(encoded, MeshError::kMalformed, "kind " + std::to_string(encoded[0]));
    }
}

TEST(MeshMessages, unknown_kind_is_refused) {
    expect_refused({}, MeshError::kUnknownMessage, "empty");
    for (int kind = 0; kind < 256; ++kind) {
        if (kind >= 1 && kind <= 20) {
            continue;
        }
        Message encoded(9);
        encoded[0] = static_cast<std::uint8_t>(kind);
        expect_refused(encoded, MeshError::kUnknownMessage, std::to_string(kind));
    }
}

// Well formed but for their number: only the bound refuses them.
TEST(MeshMessages, count_above_its_bound_is_refused) {
    EXPECT_TRUE(decode(encode(summary(true, kSummaryEntriesMax))).has_value());
    expect_refused(encode(summary(true, kSummaryEntriesMax + 1)), MeshError::kMalformed, "summary");
    expect_refused(encode(want(kWantedMax + 1)), MeshError::kMalformed, "want");
    expect_refused(encode(seen(kSeenMax + 1)), MeshError::kMalformed, "seen");
    expect_refused(encode(rumours(kRumoursMax + 1)), MeshError::kMalformed, "rumours");
}

TEST(MeshMessages, value_outside_its_range_is_refused) {
    Message full = encode(summary(true, 1));
    full[1] = 2;
    expect_refused(full, MeshError::kMalformed, "full is 0 or 1");
    Message range = encode(Summary{true, {}, Prefix{}.with(1)});
    range[3] |= 1;
    expect_refused(range, MeshError::kMalformed, "nothing beyond the last digit");
    range[2] = kPrefixDigitsMax + 1;
    expect_refused(range, MeshError::kMalformed, "too many digits");
    Message rumour = encode(rumours(1));
    rumour[1 + 2 + 32 + 8] = 3;
    expect_refused(rumour, MeshError::kMalformed, "states end at 2");
    Message pong = encode(Pong{1, endpoint("192.0.2.1:51820")});
    pong[9] = 5;
    expect_refused(pong, MeshError::kMalformed, "family is 4 or 6");
    expect_refused(Message{10, 0}, MeshError::kMalformed, "reasons begin at 1");
    expect_refused(Message{10, 7}, MeshError::kMalformed, "reasons end at 6");
}

// decode() promises that encode() gives the bytes back, and encode() has a limit.
TEST(MeshMessages, message_longer_than_any_that_is_sent_is_refused) {
    const Message empty =
        encode(JoinGrant{root_key(crypto::SignatureAlgorithm::kMlDsa44Ed25519), {}, {}});
    // Without its two lengths, which are zero.
    const ByteView kept = ByteView(empty).first(empty.size() - 4);
    Message grant(kept.begin(), kept.end());
    for (int field = 0; field < 2; ++field) {
        grant.push_back(0x80);
        grant.push_back(0);
        grant.insert(grant.end(), 0x8000, std::uint8_t{0});
    }
    expect_refused(grant, MeshError::kMalformed, "grant");
}

TEST(MeshMessages, each_refusal_has_its_own_sentence) {
    std::set<std::string> sentences;
    for (int reason = 1; reason <= 6; ++reason) {
        sentences.insert(describe(static_cast<Refusal>(reason)));
    }
    EXPECT_EQ(sentences.size(), 6U);
}

TEST(MeshMessages, a_report_is_of_an_address_with_a_printable_reason) {
    Reports message = reports(1);
    const Message good = encode(message);
    Message bad = good;
    bad[3] = 0;  // no family
    expect_refused(bad, MeshError::kMalformed, "no address");
    bad = good;
    bad[3 + 5 + 8] = 101;
    expect_refused(bad, MeshError::kMalformed, "more than sure");
    bad = good;
    bad.back() = '\n';
    expect_refused(bad, MeshError::kMalformed, "a new line");
    message.entries[0].rule.push_back('r');
    expect_refused(encode(message), MeshError::kMalformed, "a long reason");
}

}  // namespace
}  // namespace phantom::mesh
