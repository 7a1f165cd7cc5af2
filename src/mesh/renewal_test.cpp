#include "mesh/renewal.h"

#include <set>

#include <gtest/gtest.h>

#include "identity/identity_fixture.h"

namespace phantom::mesh {
namespace {

using namespace std::chrono_literals;
using identity::kDay;
using identity::kNow;
using identity::TestNode;
using identity::TestRoot;
using enum crypto::SignatureAlgorithm;

const TestRoot& renewing_root() {
    static const TestRoot made(100, kMlDsa44Ed25519);
    return made;
}
const TestNode& node() {
    static const TestNode made(1, kMlDsa44Ed25519);
    return made;
}
identity::MemberRecord member() {
    return renewing_root().member(node());  // a certificate of 365 days
}

TEST(Renewal, is_due_in_the_last_third_spread_over_its_first_tenth) {
    identity::Certificate certificate = member().certificate;
    const std::uint64_t third = 365 * kDay / 3;
    SeededRandom random(5);
    std::uint64_t earliest = UINT64_MAX;
    std::uint64_t latest = 0;
    for (int draw = 0; draw < 1'000; ++draw) {
        random.fill(certificate.serial);
        const std::uint64_t due = renewal_due(certificate).s;
        ASSERT_GE(due, certificate.expiry.s - third);
        ASSERT_LT(due, certificate.expiry.s - third + third / 10);
        earliest = std::min(earliest, due);
        latest = std::max(latest, due);
    }
    EXPECT_GT(latest - earliest, third / 10 * 9 / 10) << "they do not all come at once";
}

TEST(Renewal, is_not_given_in_the_first_half) {
    const identity::Certificate certificate = member().certificate;
    EXPECT_FALSE(may_be_renewed(certificate, kNow.plus(365 * kDay / 2 - 1)));
    EXPECT_TRUE(may_be_renewed(certificate, kNow.plus(365 * kDay / 2)));
    EXPECT_TRUE(may_be_renewed(certificate, renewal_due(certificate)));
}

TEST(Renewal, a_certificate_of_seconds_does_not_divide_by_nothing) {
    identity::Certificate certificate = member().certificate;
    certificate.expiry = certificate.not_before.plus(1);
    EXPECT_EQ(renewal_due(certificate), certificate.expiry);
}

TEST(Renewal, is_asked_for_less_and_less_often) {
    RenewalClock clock;
    const identity::Certificate certificate = member().certificate;
    const identity::UnixTime due = renewal_due(certificate);
    EXPECT_FALSE(clock.due(certificate, {due.s - 1}, {1}));
    int asked = 0;
    for (Instant now{1}; now < Instant{1} + 48h; now = now + 10s) {
        if (clock.due(certificate, due, now)) {
            clock.asked(now);
            ++asked;
        }
    }
    EXPECT_GE(asked, 16);
    EXPECT_LE(asked, 24);
    clock.granted();
    EXPECT_TRUE(clock.due(certificate, due, {1}));
}

TEST(Renewal, gives_the_same_place_for_as_long_again) {
    SeededRandom random(7);
    const identity::Certificate before = member().certificate;
    const identity::UnixTime now = renewal_due(before);
    const auto next = renew(before, {before.keys, 0}, renewing_root().key, now, random).value();
    EXPECT_TRUE(next.verify(renewing_root().key.verify_key(), now).has_value());
    EXPECT_EQ(next.node, before.node);
    EXPECT_EQ(next.name, before.name);
    EXPECT_EQ(next.overlay_v4, before.overlay_v4);
    EXPECT_EQ(next.tags, before.tags);
    EXPECT_NE(next.serial, before.serial);
    EXPECT_EQ(next.expiry, now.plus(365 * kDay));
    EXPECT_EQ(next.keys, before.keys);
    EXPECT_EQ(next.keys_since, before.keys_since) << "a renewal changes no keys";
}

TEST(Renewal, gives_next_keys_the_same_place_under_another_generation) {
    SeededRandom random(7);
    const identity::Certificate before = member().certificate;
    const TestNode next_keys(2, kMlDsa44Ed25519);
    const identity::UnixTime now = kNow.plus(kDay);
    const auto give = [&](std::uint32_t generation) {
        return renew(before, {next_keys.keys.hash(), generation}, renewing_root().key, now, random);
    };
    const auto next = give(1).value();
    EXPECT_TRUE(next.verify(renewing_root().key.verify_key(), now).has_value());
    EXPECT_EQ(next.node, before.node);
    EXPECT_EQ(next.overlay_v4, before.overlay_v4);
    EXPECT_EQ(next.keys, next_keys.keys.hash());
    EXPECT_EQ(next.generation, 1U);
    EXPECT_EQ(next.keys_since, now);
    EXPECT_TRUE(
        give(identity::kGenerationMax + 1).error().is(identity::IdentityError::kBadGeneration)
    );
}

TEST(Renewal, keys_are_due_after_a_year_spread_over_a_tenth_of_it) {
    identity::Certificate certificate = member().certificate;
    SeededRandom random(5);
    std::set<std::uint64_t> drawn;
    for (int draw = 0; draw < 100; ++draw) {
        random.fill(certificate.serial);
        const std::uint64_t age = rotation_due(certificate).s - certificate.keys_since.s;
        ASSERT_GE(age, kKeysLifetimeS);
        ASSERT_LT(age, kKeysLifetimeS / 10 * 11);
        drawn.insert(age);
    }
    EXPECT_GT(drawn.size(), 90U);
    certificate.not_before = certificate.not_before.plus(300 * kDay);
    EXPECT_GE(rotation_due(certificate).s, certificate.keys_since.s + kKeysLifetimeS)
        << "a renewal makes them no younger";
}

TEST(Renewal, a_request_for_next_keys_is_signed_by_both) {
    const TestNode next(2, kMlDsa44Ed25519);
    const identity::MemberRecord wanted = renewing_root().rotated(member(), next);
    const auto request = make_renew_request(wanted.descriptor, node().keys.signing()).value();
    EXPECT_EQ(check_renew_request(request, member(), kNow).value().keys, next.keys.public_keys());

    const auto alone = make_renew_request(wanted.descriptor, next.keys.signing()).value();
    EXPECT_TRUE(
        check_renew_request(alone, member(), kNow).error().is(crypto::CryptoError::kBadSignature)
    ) << "without the key that is certified";
    identity::Descriptor unsigned_by_next = wanted.descriptor;
    unsigned_by_next.signature = member().descriptor.signature;
    const auto claimed = make_renew_request(unsigned_by_next, node().keys.signing()).value();
    EXPECT_FALSE(check_renew_request(claimed, member(), kNow).has_value())
        << "keys that it does not have";
}

TEST(Renewal, a_request_is_the_members_own) {
    const auto request = make_renew_request(member().descriptor, node().keys.signing()).value();
    EXPECT_EQ(check_renew_request(request, member(), kNow).value(), member().descriptor);

    RenewRequest altered = request;
    altered.descriptor.back() ^= 1;
    EXPECT_FALSE(check_renew_request(altered, member(), kNow).has_value());

    const TestNode other(2, kMlDsa44Ed25519);
    const auto forged = make_renew_request(member().descriptor, other.keys.signing()).value();
    EXPECT_TRUE(
        check_renew_request(forged, member(), kNow).error().is(crypto::CryptoError::kBadSignature)
    );
    const auto foreign =
        make_renew_request(other.descriptor(renewing_root().mesh()), node().keys.signing()).value();
    EXPECT_TRUE(
        check_renew_request(foreign, member(), kNow).error().is(identity::IdentityError::kWrongNode)
    );
    EXPECT_FALSE(check_renew_request(request, member(), kNow.plus(31 * kDay)).has_value())
        << "a descriptor that has expired";
}

}  // namespace
}  // namespace phantom::mesh
