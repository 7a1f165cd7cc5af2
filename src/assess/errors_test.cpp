#include "assess/errors.h"

#include "base/errors_fixture.h"

namespace phantom::assess {
namespace {

TEST(AssessErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(AssessError::kTechniqueTwice);
}

}  // namespace
}  // namespace phantom::assess
