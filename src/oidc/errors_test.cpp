#include "oidc/errors.h"

#include "base/errors_fixture.h"

namespace phantom::oidc {
namespace {

TEST(OidcErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(OidcError::kTooManyFlows);
}

}  // namespace
}  // namespace phantom::oidc
