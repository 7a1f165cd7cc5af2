#include "courier/errors.h"

#include "base/errors_fixture.h"

namespace phantom::courier {
namespace {

TEST(CourierErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(CourierError::kTooManyInFlight);
}

}  // namespace
}  // namespace phantom::courier
