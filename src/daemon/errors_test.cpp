#include "daemon/errors.h"

#include "base/errors_fixture.h"

namespace phantom::daemon {
namespace {

TEST(DaemonErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(DaemonError::kSignals);
}

}  // namespace
}  // namespace phantom::daemon
