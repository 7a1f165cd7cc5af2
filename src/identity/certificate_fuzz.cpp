// What the root signs, from strangers: certificates, revocations, and members made of both kinds.
// What decodes encodes to the same bytes.

#include "base/assert.h"
#include "identity/member.h"

using namespace phantom;

namespace {

template <class Value>
void check(ByteView input) {
    const auto value = Value::decode(input);
    if (!value) {
        return;
    }
    const auto encoded = value->encode();
    PM_ASSERT(encoded.has_value());
    PM_ASSERT(std::ranges::equal(*encoded, input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    check<identity::Certificate>(input);
    check<identity::Revocation>(input);
    check<identity::MemberRecord>(input);
    return 0;
}
