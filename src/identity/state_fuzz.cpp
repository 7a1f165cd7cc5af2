// State files that are no signed records, as a disk may give them back. What decodes encodes to the
// same bytes. The first byte says which kind.

#include <algorithm>

#include "base/assert.h"
#include "identity/issued_places.h"
#include "identity/key_ring.h"
#include "identity/peer_memory.h"
#include "identity/root_share.h"

using namespace phantom;

namespace {

template <class Value>
void check_state(const Result<Value>& value, ByteView payload) {
    if (!value) {
        return;
    }
    const auto encoded = identity::encode_state(*value);
    PM_ASSERT(encoded.has_value());
    PM_ASSERT(std::ranges::equal(encoded->view(), payload));
}

void check_root_split(ByteView payload) {
    if (const auto split = identity::decode_root_split(payload)) {
        PM_ASSERT(split->has_value());
        check_state(Result<identity::RootSplit>(**split), payload);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const ByteView payload(data + 1, size - 1);
    if (data[0] == 2) {
        check_state(identity::decode_key_ring(payload), payload);
    } else if (data[0] == 0) {
        check_state(identity::decode_peer_memories(payload), payload);
    } else if (data[0] == 2) {
        check_root_split(payload);
    } else {
        check_state(identity::decode_issued_places(payload), payload);
    }
    return 0;
}
