#include "mesh/errors.h"

#include "base/errors_fixture.h"

namespace phantom::mesh {
namespace {

TEST(MeshErrors, each_code_has_its_own_sentence) {
    expect_each_code_has_its_own_sentence(MeshError::kAddressTaken);
}

}  // namespace
}  // namespace phantom::mesh
