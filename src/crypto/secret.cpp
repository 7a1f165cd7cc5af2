#include "crypto/secret.h"

#include <openssl/crypto.h>

namespace phantom::crypto {

void wipe(std::span<std::uint8_t> memory) noexcept {
    OPENSSL_cleanse(memory.data(), memory.size());
}

bool equal_constant_time(
    std::span<const std::uint8_t> a, std::span<const std::uint8_t> b
) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace phantom::crypto
