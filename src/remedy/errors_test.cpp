#include "remedy/errors.h"

#include "base/errors_fixture.h"

namespace phantom::remedy {
namespace {

TEST(RemedyErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(RemedyError::kStuck);
}

}  // namespace
}  // namespace phantom::remedy
