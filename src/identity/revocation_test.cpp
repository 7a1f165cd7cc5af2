#include "identity/revocation.h"

#include "identity/record_checks.h"

namespace phantom::identity {
namespace {

class RevocationTest : public testing::Test {
  protected:
    TestRoot root_{100};
    const crypto::VerifyKey& verify_key_ = root_.key.verify_key();
    NodeId node_ = TestNode(1).keys.first_id();
    Revocation revocation_ = root_.revocation(node_);
    RevocationList list_;
};

TEST_F(RevocationTest, verifies_and_survives_its_encoding) {
    EXPECT_TRUE(revocation_.verify(verify_key_, kNow).has_value());
    expect_round_trip(revocation_);
}

TEST_F(RevocationTest, refuses_any_flipped_byte_other_lengths_and_versions) {
    expect_any_flipped_byte_is_refused(revocation_, [&](const Revocation& revocation) {
        return revocation.verify(verify_key_, kNow);
    });
    expect_other_lengths_are_refused(revocation_);
    expect_other_versions_are_refused(revocation_);
}

TEST_F(RevocationTest, is_honoured_whatever_the_reason_and_before_its_time) {
    revocation_.reason = static_cast<RevocationReason>(200);
    revocation_.time = kNow.plus(kDay);
    ASSERT_TRUE(revocation_.issue(root_.key).has_value());
    expect_round_trip(revocation_);
    EXPECT_TRUE(list_.add(revocation_, verify_key_, kNow).value());
    EXPECT_TRUE(list_.contains(node_));
}

TEST_F(RevocationTest, is_of_this_mesh_s_root) {
    expect_error(
        revocation_.verify(TestRoot(101).key.verify_key(), kNow), IdentityError::kWrongMesh
    );
}

TEST_F(RevocationTest, is_not_issued_for_no_time) {
    revocation_.keep_until = revocation_.time;
    expect_error(revocation_.issue(root_.key), IdentityError::kBadLifetime);
}

TEST_F(RevocationTest, list_takes_what_verifies_once) {
    EXPECT_TRUE(list_.add(revocation_, verify_key_, kNow).value());
    EXPECT_FALSE(list_.add(revocation_, verify_key_, kNow).value());
    EXPECT_EQ(list_.entries().size(), 1U);
    Revocation forged = revocation_;
    forged.node.bytes[0] ^= 1;
    EXPECT_TRUE(list_.add(forged, verify_key_, kNow).error().is(IdentityError::kBadSignature));
    EXPECT_FALSE(list_.contains(forged.node));
}

TEST_F(RevocationTest, list_keeps_the_one_that_is_kept_longer) {
    Revocation longer = revocation_;
    longer.keep_until = longer.keep_until.plus(kDay);
    ASSERT_TRUE(longer.issue(root_.key).has_value());
    ASSERT_TRUE(list_.add(longer, verify_key_, kNow).value());
    EXPECT_FALSE(list_.add(revocation_, verify_key_, kNow).value());
    EXPECT_EQ(list_.entries().at(node_), longer);
}

TEST_F(RevocationTest, list_forgets_at_the_end_and_takes_no_older_ones) {
    ASSERT_TRUE(list_.add(revocation_, verify_key_, kNow).value());
    list_.prune({revocation_.keep_until.s - 1});
    EXPECT_TRUE(list_.contains(node_));
    list_.prune(revocation_.keep_until);
    EXPECT_FALSE(list_.contains(node_));
    const auto again = list_.add(revocation_, verify_key_, revocation_.keep_until);
    EXPECT_TRUE(again.error().is(IdentityError::kExpired));
}

}  // namespace
}  // namespace phantom::identity
