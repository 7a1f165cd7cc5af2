#include "detect/digest.h"

#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/assert.h"

namespace phantom::detect {

std::vector<std::uint8_t> digest(Digest kind, ByteView bytes) {
    const EVP_MD* algorithm = kind == Digest::kMd5    ? EVP_md5()
                              : kind == Digest::kSha1 ? EVP_sha1()
                                                      : EVP_sha256();
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    const int done = EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, algorithm, nullptr);
    PM_ASSERT(done == 1);
    return {out.begin(), out.begin() + size};
}

std::string hex_digest(Digest kind, ByteView bytes) {
    std::string text;
    for (const std::uint8_t each : digest(kind, bytes)) {
        text += fmt::format("{:02x}", each);
    }
    return text;
}

std::uint64_t number_of(std::string_view text) {
    return load_le<std::uint64_t>(
        digest(Digest::kSha256, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()})
            .data()
    );
}

}  // namespace phantom::detect
