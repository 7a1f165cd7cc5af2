#include "detect/errors.h"

#include "base/errors_fixture.h"

namespace phantom::detect {
namespace {

TEST(DetectErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(DetectError::kCaptureUnreadable);
}

}  // namespace
}  // namespace phantom::detect
