#include "carrier/errors.h"

#include "base/errors_fixture.h"

namespace phantom::carrier {
namespace {

TEST(CarrierErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(CarrierError::kThread);
}

}  // namespace
}  // namespace phantom::carrier
