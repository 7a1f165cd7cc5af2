#include "identity/labels.h"

#include "crypto/blake2s.h"

namespace phantom::identity {

std::array<std::uint8_t, 32> labelled_hash(std::string_view label, ByteView a, ByteView b) {
    static constexpr std::uint8_t kEnd = 0;
    crypto::Blake2s hasher;
    hasher.update(bytes_of(label));
    hasher.update({&kEnd, 1});
    hasher.update(a);
    hasher.update(b);
    std::array<std::uint8_t, 32> digest;
    hasher.finish(digest);
    return digest;
}

}  // namespace phantom::identity
