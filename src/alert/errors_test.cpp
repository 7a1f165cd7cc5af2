#include "alert/errors.h"

#include "base/errors_fixture.h"

namespace phantom::alert {
namespace {

TEST(AlertErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(AlertError::kTooManyOverrides);
}

}  // namespace
}  // namespace phantom::alert
