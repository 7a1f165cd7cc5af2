#include "carrier/framing.h"

#include <gtest/gtest.h>

namespace phantom::carrier {
namespace {

using Datagram = std::vector<std::uint8_t>;

// A transport message of this size: type 4, the rest as the test likes.
Datagram filled_transport(std::size_t size, std::uint8_t fill = 7) {
    Datagram made(size, fill);
    store_le<std::uint32_t>(made.data(), 4);
    return made;
}

Datagram framed(const std::vector<Datagram>& datagrams) {
    FrameQueue queue;
    for (const Datagram& each : datagrams) {
        EXPECT_TRUE(queue.add(each));
    }
    return {queue.front().begin(), queue.front().end()};
}

TEST(Framing, gives_back_what_went_in_however_the_stream_is_cut) {
    const std::vector<Datagram> sent{
        filled_transport(32), filled_transport(kCarriedSizeMax, 1), filled_transport(1'452, 2),
        filled_transport(33, 3)
    };
    const Datagram stream = framed(sent);
    for (const std::size_t step : {1U, 2U, 3U, 33U, 34U, 35U, 1'000U, 2'050U, 4'000U, 16'384U}) {
        FrameReader reader;
        std::vector<Datagram> got;
        for (std::size_t at = 0; at < stream.size(); at += step) {
            const ByteView piece = ByteView(stream).subspan(at, std::min(step, stream.size() - at));
            ASSERT_TRUE(reader.read(piece, [&](ByteView datagram) {
                got.emplace_back(datagram.begin(), datagram.end());
            }));
        }
        EXPECT_EQ(got, sent) << "cut after " << step;
    }
}

TEST(Framing, refuses_a_size_that_no_datagram_has) {
    for (const std::size_t size : {std::size_t{0}, kCarriedSizeMax + 1, std::size_t{65'535}}) {
        std::array<std::uint8_t, kFrameHeaderSize> header;
        store_be(header.data(), static_cast<std::uint16_t>(size));
        FrameReader reader;
        const Status status = reader.read(header, [](ByteView) { FAIL(); });
        ASSERT_FALSE(status) << size;
        EXPECT_TRUE(status.error().is(CarrierError::kFrameSize)) << size;
    }
}

TEST(Framing, refuses_what_is_no_wireguard_message) {
    Datagram stream = framed({filled_transport(64), filled_transport(64)});
    stream[kFrameHeaderSize + 64 + kFrameHeaderSize] = 5;  // no such type
    FrameReader reader;
    int count = 0;
    const Status status = reader.read(stream, [&](ByteView) { ++count; });
    ASSERT_FALSE(status);
    EXPECT_TRUE(status.error().is(CarrierError::kNotWireguard));
    EXPECT_EQ(count, 1) << "the one before it was good";
}

TEST(FrameQueue, drops_whole_datagrams_when_it_is_full_and_takes_more_once_there_is_room) {
    FrameQueue queue;
    std::size_t taken = 0;
    while (queue.add(filled_transport(1'000))) {
        ++taken;
    }
    EXPECT_EQ(taken, FrameQueue::kBytesMax / (kFrameHeaderSize + 1'000));
    EXPECT_LE(queue.front().size(), FrameQueue::kBytesMax);
    queue.pop(kFrameHeaderSize + 1'000);
    EXPECT_TRUE(queue.add(filled_transport(1'000)));
    EXPECT_FALSE(queue.add(filled_transport(1'000)));
    queue.pop(queue.front().size());
    EXPECT_TRUE(queue.front().empty());
}

TEST(FrameQueue, refuses_a_datagram_that_is_too_large_or_empty) {
    FrameQueue queue;
    EXPECT_TRUE(queue.add(filled_transport(kCarriedSizeMax)));
    EXPECT_FALSE(queue.add(filled_transport(kCarriedSizeMax + 1)));
    EXPECT_FALSE(queue.add({}));
}

}  // namespace
}  // namespace phantom::carrier
