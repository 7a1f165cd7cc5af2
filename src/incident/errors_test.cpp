#include "incident/errors.h"

#include "base/errors_fixture.h"

namespace phantom::incident {
namespace {

TEST(IncidentErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(IncidentError::kBadRecord);
}

}  // namespace
}  // namespace phantom::incident
