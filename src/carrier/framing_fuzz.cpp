// A stream cut in two where its first byte says gives the same datagrams as in one piece.

#include "base/assert.h"
#include "carrier/framing.h"

using namespace phantom;

namespace {

struct Outcome {
    std::vector<std::uint8_t> bytes;
    bool good = true;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(std::initializer_list<ByteView> pieces) {
    Outcome outcome;
    carrier::FrameReader reader;
    for (const ByteView piece : pieces) {
        outcome.good =
            outcome.good &&
            reader
                .read(
                    piece,
                    [&](ByteView datagram) {
                        PM_ASSERT(datagram.size() <= carrier::kCarriedSizeMax);
                        outcome.bytes.insert(outcome.bytes.end(), datagram.begin(), datagram.end());
                    }
                )
                .has_value();
    }
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const ByteView stream = ByteView(data, size).subspan(1);
    const std::size_t cut = std::min<std::size_t>(data[0], stream.size());
    PM_ASSERT(read({stream}) == read({stream.first(cut), stream.subspan(cut)}));
    return 0;
}
