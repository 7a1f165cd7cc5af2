// What another node says: a message, and the fragments that carry one. What decodes encodes to the
// same bytes; a message in fragments comes back whole whatever else arrives between them.

#include <algorithm>

#include "base/assert.h"
#include "mesh/messages.h"

using namespace phantom;

namespace {

void check_message(ByteView input) {
    const auto message = mesh::decode(input);
    if (message) {
        PM_ASSERT(std::ranges::equal(mesh::encode(*message), input));
    }
}

// The input as fragments, each with its size in front: damaged and foreign ones.
void check_fragments(mesh::Assembler& assembler, ByteView input) {
    std::int64_t now = 1;
    while (input.size() >= 2) {
        const std::size_t size = load_be<std::uint16_t>(input.data()) % 1'300;
        input = input.subspan(2);
        const ByteView fragment = input.first(std::min(size, input.size()));
        input = input.subspan(fragment.size());
        const auto whole = assembler.add(fragment, {now++});
        PM_ASSERT(!whole || whole->size() <= mesh::kMessageSizeMax);
    }
}

void check_round_trip(mesh::Assembler& assembler, ByteView input) {
    if (input.empty() || input.size() > mesh::kMessageSizeMax) {
        return;
    }
    std::optional<mesh::Message> whole;
    for (const mesh::Message& fragment : mesh::cut(input)) {
        PM_ASSERT(!whole);
        whole = assembler.add(fragment, {1'000'000});
    }
    PM_ASSERT(whole && std::ranges::equal(*whole, input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    check_message(input);
    mesh::Assembler assembler;
    check_fragments(assembler, input);
    mesh::Assembler fresh;
    check_round_trip(fresh, input);
    return 0;
}
