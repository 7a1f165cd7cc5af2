// Frames and messages: what parses is exactly what would be written.

#include <algorithm>
#include <cstdint>

#include "base/assert.h"
#include "pq/messages.h"
#include "pq/reassembly.h"

namespace {

using namespace phantom;
using namespace phantom::pq;

void check_frame(ByteView bytes) {
    const auto frame = parse_frame(bytes);
    if (!frame) {
        return;
    }
    PM_ASSERT(bytes.size() <= kFrameSizeMax);
    Reassembly whole(frame->exchange);
    PM_ASSERT(whole.add(*frame) == (chunk_count(frame->type) == 1));
    const ByteView message = whole.message<kMessageSizeMax>();
    const Frame again = make_frame(
        frame->type, frame->chunk_index, frame->exchange, message.first(message_size(frame->type))
    );
    PM_ASSERT(std::ranges::equal(again.view(), bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    check_frame(bytes);
    if (size >= kOfferSize) {
        const auto offer = bytes.first<kOfferSize>();
        PM_ASSERT(std::ranges::equal(encode(decode_offer(offer)), offer));
    }
    if (size >= kAnswerSize) {
        const auto answer = bytes.first<kAnswerSize>();
        PM_ASSERT(std::ranges::equal(encode(decode_answer(answer)), answer));
    }
    return 0;
}
