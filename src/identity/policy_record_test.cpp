#include "identity/policy_record.h"

#include "identity/record_checks.h"

namespace phantom::identity {
namespace {

class PolicyRecordTest : public testing::Test {
  protected:
    PolicyRecordTest() {
        policy_.sequence = 7;
        policy_.issued = kNow;
        policy_.text = "{ \"grants\": [] } // nobody\n";
        PM_ASSERT(policy_.issue(root_.key).has_value());
    }

    TestRoot root_{100};
    const crypto::VerifyKey& verify_key_ = root_.key.verify_key();
    PolicyRecord policy_;
};

TEST_F(PolicyRecordTest, verifies_and_survives_its_encoding) {
    EXPECT_TRUE(policy_.verify(verify_key_).has_value());
    expect_round_trip(policy_);
}

TEST_F(PolicyRecordTest, refuses_any_flipped_byte_other_lengths_and_versions) {
    expect_any_flipped_byte_is_refused(policy_, [&](const PolicyRecord& policy) {
        return policy.verify(verify_key_);
    });
    expect_other_lengths_are_refused(policy_);
    expect_other_versions_are_refused(policy_);
}

TEST_F(PolicyRecordTest, is_of_this_mesh_s_root) {
    expect_error(policy_.verify(TestRoot(101).key.verify_key()), IdentityError::kWrongMesh);
}

TEST_F(PolicyRecordTest, has_a_text_of_any_size_up_to_the_bound) {
    policy_.text.clear();
    ASSERT_TRUE(policy_.issue(root_.key).has_value());
    expect_round_trip(policy_);
    policy_.text.assign(kPolicyTextMax, 'x');
    ASSERT_TRUE(policy_.issue(root_.key).has_value());
    expect_round_trip(policy_);
    EXPECT_LE(policy_.encode()->size(), kPolicyRecordSizeMax);
    policy_.text.push_back('x');
    expect_error(policy_.issue(root_.key), IdentityError::kTooLarge);
}

}  // namespace
}  // namespace phantom::identity
