#include "wire/errors.h"

#include "base/errors_fixture.h"

namespace phantom::wire {
namespace {

TEST(WireErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(WireError::kBadDnsMessage);
}

}  // namespace
}  // namespace phantom::wire
