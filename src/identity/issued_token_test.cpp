#include "identity/issued_token.h"

#include "identity/record_checks.h"

namespace phantom::identity {
namespace {

class IssuedTokenTest : public testing::Test {
  protected:
    static NodeId node(std::uint8_t number) {
        NodeId id;
        id.bytes[0] = number;
        return id;
    }

    JoinToken token_ = test_token();  // two uses
    IssuedToken issued_ = IssuedToken::of(token_, {label("laptop")}).value();
};

TEST_F(IssuedTokenTest, knows_the_guest_and_not_the_secret) {
    EXPECT_EQ(issued_.secret_hash, token_.secret_hash());
    EXPECT_EQ(issued_.guest_public_key, token_.guest_keys().public_key);
    EXPECT_EQ(issued_.uses_left, 2);
    EXPECT_EQ(issued_.expiry, token_.expiry);
}

TEST_F(IssuedTokenTest, is_spent_once_for_each_node) {
    EXPECT_TRUE(issued_.use(node(1), kNow).has_value());
    EXPECT_TRUE(issued_.use(node(1), kNow).has_value());
    EXPECT_EQ(issued_.uses_left, 1);
    EXPECT_TRUE(issued_.use(node(2), kNow).has_value());
    EXPECT_EQ(issued_.uses_left, 0);
    expect_error(issued_.use(node(3), kNow), IdentityError::kTokenSpent);
    EXPECT_TRUE(issued_.use(node(1), kNow).has_value()) << "may finish what it began";
    EXPECT_EQ(issued_.used_by, (std::vector{node(1), node(2)}));
}

TEST_F(IssuedTokenTest, expires_for_everybody) {
    ASSERT_TRUE(issued_.use(node(1), kNow).has_value());
    EXPECT_TRUE(issued_.check(node(1), {token_.expiry.s - 1}).has_value());
    expect_error(issued_.check(node(1), token_.expiry), IdentityError::kExpired);
    expect_error(issued_.use(node(2), token_.expiry), IdentityError::kExpired);
    EXPECT_EQ(issued_.uses_left, 1);
}

TEST_F(IssuedTokenTest, has_tags_in_order) {
    const auto issued = IssuedToken::of(token_, {label("b"), label("a")});
    EXPECT_TRUE(issued.error().is(IdentityError::kNotCanonical));
}

}  // namespace
}  // namespace phantom::identity
