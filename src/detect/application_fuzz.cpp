// Both sides of a conversation, cut anywhere: each parser ends, keeps to its bounds, and lets no stage
// go back.

#include "base/assert.h"
#include "detect/app_parser.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const auto protocol = static_cast<detect::AppProtocol>(
        data[0] % static_cast<unsigned>(detect::AppProtocol::kCount)
    );
    const auto parser = detect::make_parser(protocol, (data[1] & 1U) != 0);
    if (!parser) {
        return 0;
    }
    // A byte says whose turn it is and how much of it comes: 0x80 the server, 0 a gap.
    ByteView rest(data + 2, size - 2);
    while (!rest.empty()) {
        const auto direction =
            (rest[0] & 0x80U) != 0 ? detect::Direction::kToClient : detect::Direction::kToServer;
        const std::size_t count = std::min<std::size_t>(rest[0] & 0x7fU, rest.size() - 1);
        if (count == 0) {
            parser->skip(direction, 100);
        } else {
            parser->add(direction, rest.subspan(1, count));
        }
        rest = rest.subspan(1 + count);
        PM_ASSERT(parser->transactions().all().size() <= detect::kTransactionsMax);
    }
    for (const auto direction : {detect::Direction::kToServer, detect::Direction::kToClient}) {
        parser->end(direction);
    }
    for (const auto& transaction : parser->transactions().all()) {
        PM_ASSERT(transaction->buffers.size() <= detect::kBuffersMax);
        PM_ASSERT(transaction->sides[0].body.size() <= detect::kBodySizeMax);
        PM_ASSERT(transaction->sides[1].body.size() <= detect::kBodySizeMax);
    }
    return 0;
}
