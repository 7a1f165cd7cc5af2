#pragma once

// The root's key from shares as people hand them in, with a sentence for each way in which they do not
// restore it. Without I/O.

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "identity/root_share.h"

namespace phantom::daemon {

struct RestoredRoot {
    crypto::SigningSeeds seeds;
    identity::RootSplit split;
};

// One share a line, without blanks around it; of the mesh that `mesh` is.
[[nodiscard]] std::expected<RestoredRoot, std::string> restore_root(
    std::span<const std::string_view> lines, const identity::MeshId& mesh
);

}  // namespace phantom::daemon
