// Join tokens as somebody might paste them. Text as it is, and the same bytes as a token's body
// behind a checksum that fits, because a fuzzer does not guess one.

#include <string>

#include "base/assert.h"
#include "identity/base32.h"
#include "identity/codec.h"
#include "identity/labels.h"
#include "identity/token.h"

using namespace phantom;

namespace {

void check(std::string_view text) {
    const auto token = identity::JoinToken::parse(text, {});
    if (!token) {
        return;
    }
    const auto again = token->text();
    PM_ASSERT(again.has_value());
    PM_ASSERT(again->text() == text);
    for (const identity::TokenEndpoint& endpoint : token->endpoints) {
        const auto parsed = identity::TokenEndpoint::parse(endpoint.to_string());
        PM_ASSERT(parsed.has_value());
        PM_ASSERT(*parsed == endpoint);
    }
}

std::string with_checksum(ByteView body) {
    identity::Bytes bytes(body.begin(), body.end());
    const auto checksum = identity::labelled_hash(identity::kTokenChecksumLabel, body);
    bytes.insert(bytes.end(), checksum.begin(), checksum.begin() + 4);
    identity::Bytes text(identity::base32_text_size(bytes.size()));
    identity::base32_encode(bytes, text);
    return std::string(identity::kTokenPrefix) + std::string(text.begin(), text.end());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check(text);
    check(with_checksum({data, size}));
    if (const auto endpoint = identity::TokenEndpoint::parse(text)) {
        const auto again = identity::TokenEndpoint::parse(endpoint->to_string());
        PM_ASSERT(again.has_value());
        PM_ASSERT(*again == *endpoint);
    }
    return 0;
}
