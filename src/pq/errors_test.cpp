#include "pq/errors.h"

#include "base/errors_fixture.h"

namespace phantom::pq {
namespace {

TEST(PqErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(PqError::kBadSnapshot);
}

}  // namespace
}  // namespace phantom::pq
