#include "identity/descriptor.h"

#include "identity/record_checks.h"

namespace phantom::identity {
namespace {

constexpr auto kSmall = crypto::SignatureAlgorithm::kMlDsa44Ed25519;

class DescriptorTest : public testing::Test {
  protected:
    void expect_unsignable(IdentityError code) {
        expect_error(descriptor_.sign(node_.keys.signing()), code);
        expect_error(descriptor_.verify(kNow), code);
    }

    MeshId mesh_ = TestRoot(100).mesh();
    TestNode node_{1};
    Descriptor descriptor_ = node_.descriptor(mesh_);
};

TEST_F(DescriptorTest, verifies_and_survives_its_encoding) {
    EXPECT_TRUE(descriptor_.verify(kNow).has_value());
    expect_round_trip(descriptor_);
    EXPECT_LT(descriptor_.encode()->size(), 6'800U);
    const Descriptor small = TestNode(1, kSmall).descriptor(mesh_);
    expect_round_trip(small);
    EXPECT_LT(small.encode()->size(), 5'300U);
}

TEST_F(DescriptorTest, fits_its_maximum_when_everything_is_as_large_as_it_may_be) {
    descriptor_.name = label(std::string(63, 'n'));
    descriptor_.endpoints.assign(kEndpointsMax, descriptor_.endpoints[1]);
    descriptor_.tags.clear();
    for (char c = 'a'; descriptor_.tags.size() < kTagsMax; ++c) {
        descriptor_.tags.push_back(label(std::string(63, c)));
    }
    ASSERT_TRUE(descriptor_.sign(node_.keys.signing()).has_value());
    expect_round_trip(descriptor_);
    EXPECT_EQ(descriptor_.encode()->size(), kDescriptorSizeMax);
}

TEST_F(DescriptorTest, may_be_a_request_to_join_without_address_tags_and_endpoints) {
    descriptor_.overlay_v4 = {};
    descriptor_.tags.clear();
    descriptor_.endpoints.clear();
    ASSERT_TRUE(descriptor_.sign(node_.keys.signing()).has_value());
    EXPECT_TRUE(descriptor_.verify(kNow).has_value());
    expect_round_trip(descriptor_);
}

TEST_F(DescriptorTest, keeps_capabilities_it_does_not_know) {
    descriptor_.capabilities = 0x8000'0001;
    ASSERT_TRUE(descriptor_.sign(node_.keys.signing()).has_value());
    expect_round_trip(descriptor_);
    EXPECT_TRUE(descriptor_.has(Capability::kRelay));
    EXPECT_FALSE(descriptor_.has(Capability::kExit));
}

TEST_F(DescriptorTest, is_valid_from_the_clock_skew_before_its_issue_until_its_expiry) {
    expect_error(
        descriptor_.verify({kNow.s - kClockSkewMaxSeconds - 1}), IdentityError::kNotYetValid
    );
    EXPECT_TRUE(descriptor_.verify({kNow.s - kClockSkewMaxSeconds}).has_value());
    EXPECT_TRUE(descriptor_.verify({descriptor_.expiry.s - 1}).has_value());
    expect_error(descriptor_.verify(descriptor_.expiry), IdentityError::kExpired);
}

TEST_F(DescriptorTest, refuses_any_flipped_byte) {
    expect_any_flipped_byte_is_refused(
        TestNode(1, kSmall).descriptor(mesh_), [](const Descriptor& d) { return d.verify(kNow); }
    );
}

TEST_F(DescriptorTest, refuses_other_lengths_and_versions) {
    expect_other_lengths_are_refused(descriptor_);
    expect_other_versions_are_refused(descriptor_);
}

TEST_F(DescriptorTest, is_signed_by_its_own_key_only) {
    const TestNode other(2);
    expect_error(descriptor_.sign(other.keys.signing()), IdentityError::kWrongNode);
    descriptor_.keys.verify = other.keys.public_keys().verify;
    expect_error(descriptor_.verify(kNow), IdentityError::kBadSignature);
}

TEST_F(DescriptorTest, is_not_signed_or_accepted_with_impossible_fields) {
    const Descriptor good = descriptor_;
    descriptor_.name = Label();
    expect_unsignable(IdentityError::kBadLabel);
    descriptor_ = good;
    descriptor_.tags = {label("b"), label("a")};
    expect_unsignable(IdentityError::kNotCanonical);
    descriptor_ = good;
    descriptor_.endpoints.resize(kEndpointsMax + 1, good.endpoints[0]);
    expect_unsignable(IdentityError::kTooMany);
    descriptor_ = good;
    descriptor_.overlay_v4 = wire::Address::parse("8.8.8.8").value();
    expect_unsignable(IdentityError::kBadOverlayAddress);
    descriptor_ = good;
    descriptor_.expiry = descriptor_.issued;
    expect_unsignable(IdentityError::kBadLifetime);
    descriptor_ = good;
    descriptor_.expiry = kNow.plus(kDescriptorLifetimeMaxSeconds + 1);
    expect_unsignable(IdentityError::kBadLifetime);
}

TEST_F(DescriptorTest, refuses_endpoints_nobody_could_send_to) {
    for (const std::string text :
         {"192.0.2.1:0", "0.0.0.0:1", "0.1.2.3:1", "224.0.0.1:1", "255.255.255.255:1", "[::]:1",
          "[ff02::1]:1", "[::ffff:192.0.2.1]:1", "[fe80::1%3]:1"}) {
        descriptor_.endpoints = {wire::SocketAddress::parse(text).value()};
        expect_unsignable(IdentityError::kBadEndpoint);
    }
}

}  // namespace
}  // namespace phantom::identity
