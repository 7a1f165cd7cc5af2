#include "identity/errors.h"

#include "base/errors_fixture.h"

namespace phantom::identity {
namespace {

TEST(IdentityErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(IdentityError::kStateDamaged);
}

}  // namespace
}  // namespace phantom::identity
