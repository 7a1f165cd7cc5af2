#include "evidence/errors.h"

#include "base/errors_fixture.h"

namespace phantom::evidence {
namespace {

TEST(EvidenceErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(EvidenceError::kBadManifest);
}

}  // namespace
}  // namespace phantom::evidence
