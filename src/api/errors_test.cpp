#include "api/errors.h"

#include "base/errors_fixture.h"

namespace phantom::api {
namespace {

TEST(ApiErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(ApiError::kSessionsUnreadable);
}

}  // namespace
}  // namespace phantom::api
