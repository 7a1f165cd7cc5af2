#include "wireguard/errors.h"

#include "base/errors_fixture.h"

namespace phantom::wireguard {
namespace {

TEST(WireguardErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(WireguardError::kTooFrequent);
}

}  // namespace
}  // namespace phantom::wireguard
