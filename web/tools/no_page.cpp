// What a node without a page is linked with.

#include "api/assets.h"

namespace phantom::api {

std::span<const Asset> embedded_assets() {
    return {};
}

}  // namespace phantom::api
