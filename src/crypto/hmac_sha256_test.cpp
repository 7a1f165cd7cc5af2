#include "crypto/hmac_sha256.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "crypto/known_answers.h"

namespace phantom::crypto {
namespace {

ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// RFC 4231, test cases 2 and 6: a short key, and one longer than a block.
TEST(HmacSha256, gives_the_answers_of_rfc_4231) {
    const Bytes short_key =
        Case::from_hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_TRUE(std::ranges::equal(
        hmac_sha256(bytes_of("Jefe"), bytes_of("what do ya want for nothing?")), short_key
    ));
    const Bytes long_key =
        Case::from_hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    const Bytes key(131, 0xaa);
    EXPECT_TRUE(std::ranges::equal(
        hmac_sha256(key, bytes_of("Test Using Larger Than Block-Size Key - Hash Key First")),
        long_key
    ));
}

}  // namespace
}  // namespace phantom::crypto
