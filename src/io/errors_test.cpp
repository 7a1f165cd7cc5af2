#include "io/errors.h"

#include "base/errors_fixture.h"

namespace phantom::io {
namespace {

TEST(IoErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(IoError::kNamespace);
}

}  // namespace
}  // namespace phantom::io
