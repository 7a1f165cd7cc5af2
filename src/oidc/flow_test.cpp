#include "oidc/flow.h"

#include <gtest/gtest.h>

namespace phantom::oidc {
namespace {

using namespace std::chrono_literals;

constexpr Instant kFlowBegun{1'000'000'000'000};
const ClientPlace kClientPlace{
    .client_id = "phantom mesh",
    .redirect_uri = "https://amber.mesh:8443/sign-in/openid/done",
    .scope = "openid profile"
};

std::string parameter(const std::string& place, const std::string& name) {
    const std::size_t at = place.find(name + "=");
    const std::size_t begin = at + name.size() + 1;
    return at == std::string::npos ? "" : place.substr(begin, place.find('&', begin) - begin);
}

class SignInFlows : public testing::Test {
  protected:
    Flows::Begun begin(Instant now = kFlowBegun) {
        return *flows.begin("https://id.example/authorize", kClientPlace, now, random);
    }
    SeededRandom random{1};
    Flows flows;
};

TEST_F(SignInFlows, send_the_browser_with_all_that_is_needed) {
    const auto begun = begin();
    EXPECT_EQ(begun.place.find("https://id.example/authorize?response_type=code&"), 0U);
    EXPECT_EQ(parameter(begun.place, "client_id"), "phantom%20mesh");
    EXPECT_EQ(
        parameter(begun.place, "redirect_uri"),
        "https%3A%2F%2Famber.mesh%3A8443%2Fsign-in%2Fopenid%2Fdone"
    );
    EXPECT_EQ(parameter(begun.place, "scope"), "openid%20profile");
    EXPECT_EQ(parameter(begun.place, "code_challenge_method"), "S256");
    EXPECT_EQ(begun.place.find(begun.cookie), std::string::npos);
    const auto other = flows.begin("https://id.example/a?x=1", kClientPlace, kFlowBegun, random);
    EXPECT_EQ(other->place.find("https://id.example/a?x=1&response_type=code"), 0U);
}

TEST_F(SignInFlows, end_once_and_in_the_browser_that_began) {
    const auto begun = begin();
    const std::string state = parameter(begun.place, "state");
    const auto other = begin();
    EXPECT_TRUE(flows.end(state, other.cookie, kFlowBegun).error().is(OidcError::kFlowUnknown))
        << "a link that somebody else has begun";
    EXPECT_TRUE(flows.end(state, "", kFlowBegun).error().is(OidcError::kFlowUnknown));
    EXPECT_TRUE(flows.end("", begun.cookie, kFlowBegun).error().is(OidcError::kFlowUnknown));
    const auto flow = flows.end(state, begun.cookie, kFlowBegun + 1min);
    ASSERT_TRUE(flow.has_value());
    EXPECT_EQ(flow->nonce, parameter(begun.place, "nonce"));
    EXPECT_NE(flow->verifier, parameter(begun.place, "code_challenge"));
    EXPECT_EQ(flow->verifier.size(), 43U) << "RFC 7636 section 4.1: 43 to 128 characters";
    EXPECT_FALSE(flows.end(state, begun.cookie, kFlowBegun + 1min).has_value());
}

TEST_F(SignInFlows, are_over_after_a_while_and_bounded) {
    const auto begun = begin();
    EXPECT_FALSE(
        flows.end(parameter(begun.place, "state"), begun.cookie, kFlowBegun + kFlowPatience + 1s)
            .has_value()
    );
    for (std::size_t count = 0; count < kFlowsUnderWayMax; ++count) {
        (void)begin();
    }
    EXPECT_TRUE(flows.begin("https://id.example", kClientPlace, kFlowBegun, random)
                    .error()
                    .is(OidcError::kTooManyFlows));
    EXPECT_TRUE(
        flows.begin("https://id.example", kClientPlace, kFlowBegun + kFlowPatience + 1s, random)
            .has_value()
    );
}

}  // namespace
}  // namespace phantom::oidc
