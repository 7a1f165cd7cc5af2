#include "wire/errors.h"

#include "base/errors_fixture.h"

namespace phantom::wire {
namespace {

TEST(WireErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(WireError::kTrailingBytes);
}

}  // namespace
}  // namespace phantom::wire
