#include "identity/certificate.h"

#include "identity/record_checks.h"

namespace phantom::identity {
namespace {

class CertificateTest : public testing::Test {
  protected:
    TestRoot root_{100};
    NodeId node_ = TestNode(1).keys.first_id();
    Certificate certificate_ = root_.certificate(node_);
};

TEST_F(CertificateTest, verifies_and_survives_its_encoding) {
    EXPECT_TRUE(certificate_.verify(root_.key.verify_key(), kNow).has_value());
    expect_round_trip(certificate_);
}

TEST_F(CertificateTest, refuses_any_flipped_byte) {
    expect_any_flipped_byte_is_refused(certificate_, [&](const Certificate& certificate) {
        return certificate.verify(root_.key.verify_key(), kNow);
    });
}

TEST_F(CertificateTest, refuses_other_lengths_and_versions) {
    expect_other_lengths_are_refused(certificate_);
    expect_other_versions_are_refused(certificate_);
}

TEST_F(CertificateTest, belongs_to_the_mesh_of_its_root) {
    const TestRoot other(101);
    expect_error(certificate_.verify(other.key.verify_key(), kNow), IdentityError::kWrongMesh);
    certificate_.mesh = other.mesh();
    expect_error(certificate_.verify(other.key.verify_key(), kNow), IdentityError::kBadSignature);
}

TEST_F(CertificateTest, is_valid_from_the_clock_skew_before_its_beginning_until_its_expiry) {
    const crypto::VerifyKey& root = root_.key.verify_key();
    expect_error(
        certificate_.verify(root, {kNow.s - kClockSkewMaxSeconds - 1}), IdentityError::kNotYetValid
    );
    EXPECT_TRUE(certificate_.verify(root, {kNow.s - kClockSkewMaxSeconds}).has_value());
    EXPECT_TRUE(certificate_.verify(root, {certificate_.expiry.s - 1}).has_value());
    expect_error(certificate_.verify(root, certificate_.expiry), IdentityError::kExpired);
}

TEST_F(CertificateTest, is_not_issued_with_impossible_fields) {
    const Certificate good = certificate_;
    certificate_.name = Label();
    expect_error(certificate_.issue(root_.key), IdentityError::kBadLabel);
    certificate_ = good;
    certificate_.tags = {label("a"), label("a")};
    expect_error(certificate_.issue(root_.key), IdentityError::kNotCanonical);
    certificate_ = good;
    certificate_.overlay_v4 = wire::Address::parse("1.1.1.1").value();
    expect_error(certificate_.issue(root_.key), IdentityError::kBadOverlayAddress);
    certificate_ = good;
    certificate_.expiry = kNow.plus(kCertificateLifetimeMaxSeconds + 1);
    expect_error(certificate_.issue(root_.key), IdentityError::kBadLifetime);
    certificate_ = good;
    certificate_.keys_since = certificate_.not_before.plus(1);
    expect_error(certificate_.issue(root_.key), IdentityError::kBadLifetime);
    certificate_ = good;
    certificate_.generation = kGenerationMax;
    EXPECT_TRUE(certificate_.issue(root_.key).has_value());
    certificate_.generation = kGenerationMax + 1;
    expect_error(certificate_.issue(root_.key), IdentityError::kBadGeneration);
}

TEST_F(CertificateTest, the_signature_of_a_revocation_is_none_of_a_certificate) {
    certificate_.signature = root_.revocation(node_).signature;
    expect_error(certificate_.verify(root_.key.verify_key(), kNow), IdentityError::kBadSignature);
}

}  // namespace
}  // namespace phantom::identity
