#pragma once

// How a receiver knows that a request is ours and new:
//   X-PhantomMesh-Timestamp: 1790000000           seconds since 1970
//   X-PhantomMesh-Signature: sha256=HEX           HMAC-SHA256(key, TIMESTAMP "." BODY)
// Made for each try, so that a receiver may refuse what is older than some minutes.

#include <array>
#include <string_view>

#include "courier/parcel.h"

namespace phantom::courier {

[[nodiscard]] std::array<Header, 2> signature_headers(
    std::string_view key, std::string_view body, WallTime now
);

}  // namespace phantom::courier
