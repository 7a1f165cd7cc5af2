#include "store/errors.h"

#include "base/errors_fixture.h"

namespace phantom::store {
namespace {

TEST(StoreErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(StoreError::kFull);
}

}  // namespace
}  // namespace phantom::store
