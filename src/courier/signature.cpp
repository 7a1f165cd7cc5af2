#include "courier/signature.h"

#include <fmt/format.h>

#include "crypto/hmac_sha256.h"

namespace phantom::courier {

namespace {

ByteView bytes_of_text(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

std::array<Header, 2> signature_headers(std::string_view key, std::string_view body, WallTime now) {
    const std::string seconds = fmt::to_string(now.ns / 1'000'000'000);
    const std::string signed_text = fmt::format("{}.{}", seconds, body);
    std::string hex;
    for (const std::uint8_t byte :
         crypto::hmac_sha256(bytes_of_text(key), bytes_of_text(signed_text))) {
        hex += fmt::format("{:02x}", byte);
    }
    return {
        Header{"X-PhantomMesh-Timestamp", seconds},
        Header{"X-PhantomMesh-Signature", "sha256=" + hex}
    };
}

}  // namespace phantom::courier
