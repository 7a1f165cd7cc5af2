#include "identity/member.h"

#include "identity/record_checks.h"

namespace phantom::identity {
namespace {

class MemberTest : public testing::Test {
  protected:
    [[nodiscard]] Status verify(UnixTime now = kNow) const {
        return member_.verify(root_.key.verify_key(), now, revocations_);
    }
    void sign_again() { ASSERT_TRUE(member_.descriptor.sign(node_.keys.signing()).has_value()); }

    TestRoot root_{100};
    TestNode node_{1};
    MemberRecord member_ = root_.member(node_);
    RevocationList revocations_;
};

TEST_F(MemberTest, verifies_and_survives_its_encoding) {
    EXPECT_TRUE(verify().has_value());
    expect_round_trip(member_);
    EXPECT_LT(member_.encode()->size(), kMemberRecordSizeMax);
}

TEST_F(MemberTest, refuses_other_lengths_and_versions) {
    expect_other_lengths_are_refused(member_);
    expect_other_versions_are_refused(member_);
}

TEST_F(MemberTest, is_refused_once_revoked) {
    ASSERT_TRUE(revocations_
                    .add(root_.revocation(node_.keys.first_id()), root_.key.verify_key(), kNow)
                    .value());
    expect_error(verify(), IdentityError::kRevoked);
}

TEST_F(MemberTest, of_another_node_or_mesh_is_refused) {
    member_.certificate = root_.certificate(TestNode(2).keys.first_id());
    expect_error(verify(), IdentityError::kWrongNode);
    const TestRoot other(101);
    member_ = {root_.certificate(node_.keys.first_id()), node_.descriptor(other.mesh())};
    expect_error(verify(), IdentityError::kWrongMesh);
    member_ = other.member(node_);
    expect_error(verify(), IdentityError::kWrongMesh);
}

TEST_F(MemberTest, cannot_claim_more_than_it_was_given) {
    const MemberRecord good = member_;
    member_.descriptor.name = label("gateway");
    sign_again();
    expect_error(verify(), IdentityError::kContradiction);
    member_ = good;
    member_.descriptor.tags.push_back(label("root"));
    sign_again();
    expect_error(verify(), IdentityError::kContradiction);
    member_ = good;
    member_.descriptor.overlay_v4 = wire::Address::parse("100.64.0.1").value();
    sign_again();
    expect_error(verify(), IdentityError::kContradiction);
}

TEST_F(MemberTest, cannot_write_its_own_certificate) {
    member_.certificate.tags.push_back(label("root"));
    member_.descriptor.tags.push_back(label("root"));
    sign_again();
    expect_error(verify(), IdentityError::kBadSignature);
}

TEST_F(MemberTest, keeps_its_id_and_address_with_its_next_keys) {
    const MemberRecord before = member_;
    member_ = root_.rotated(before, TestNode(2));
    EXPECT_TRUE(verify().has_value());
    expect_round_trip(member_);
    EXPECT_EQ(member_.descriptor.node, before.descriptor.node);
    EXPECT_EQ(member_.descriptor.overlay_v6(), before.descriptor.overlay_v6());
    EXPECT_GT(member_.descriptor.sequence, before.descriptor.sequence);
}

TEST_F(MemberTest, is_refused_with_keys_that_are_not_those_of_its_certificate) {
    const MemberRecord before = member_;
    const MemberRecord after = root_.rotated(before, TestNode(2));
    member_ = {after.certificate, before.descriptor};
    expect_error(verify(), IdentityError::kWrongNode);
    member_ = {before.certificate, after.descriptor};
    expect_error(verify(), IdentityError::kWrongNode);
}

// Who has stolen keys of before can sign with them, but no word that passes for a newer one.
TEST_F(MemberTest, cannot_claim_a_later_generation_than_its_certificates) {
    member_.descriptor.sequence = (std::uint64_t{1} << kGenerationShift) | 1;
    sign_again();
    expect_error(verify(), IdentityError::kContradiction);
    member_.descriptor.sequence = (std::uint64_t{1} << kGenerationShift) - 1;
    sign_again();
    EXPECT_TRUE(verify().has_value());
    EXPECT_LT(member_.descriptor.sequence, root_.rotated(member_, TestNode(2)).descriptor.sequence);
}

TEST_F(MemberTest, needs_both_parts_to_be_alive) {
    expect_error(verify(member_.descriptor.expiry), IdentityError::kExpired);
    member_.certificate.expiry = kNow.plus(kDay);
    ASSERT_TRUE(member_.certificate.issue(root_.key).has_value());
    EXPECT_TRUE(verify({kNow.s + kDay - 1}).has_value());
    expect_error(verify(kNow.plus(kDay)), IdentityError::kExpired);
}

}  // namespace
}  // namespace phantom::identity
