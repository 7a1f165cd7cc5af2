#include "api/event_ring.h"

#include <gtest/gtest.h>

namespace phantom::api {
namespace {

TEST(EventRing, a_listener_goes_on_where_it_was) {
    EventRing ring("e1");
    const std::uint64_t begin = ring.end();
    EXPECT_EQ(ring.read(begin, 1'000).text, "");
    ASSERT_TRUE(ring.add("alert.raised", R"({"number":1})"));
    ASSERT_TRUE(ring.add("peer.changed", "{}"));
    const auto piece = ring.read(begin, 1'000);
    EXPECT_EQ(
        piece.text,
        "id: e1-1\nevent: alert.raised\ndata: {\"id\":\"e1-1\",\"number\":1}\n\n"
        "id: e1-2\nevent: peer.changed\ndata: {\"id\":\"e1-2\"}\n\n"
    );
    EXPECT_EQ(piece.next, ring.end());
    EXPECT_EQ(*ring.after("e1-1"), begin + 1);
    EXPECT_EQ(*ring.after("e1-2"), ring.end());
}

TEST(EventRing, an_id_that_is_not_of_this_ring_is_a_gap) {
    EventRing ring("e1");
    ASSERT_TRUE(ring.add("x", "{}"));
    for (const char* id :
         {"", "e1", "e0-1", "e1-2", "e1-", "e1-x", "e1--1", "1", "e1-99999999999999999999"}) {
        EXPECT_FALSE(ring.after(id).has_value()) << id;
    }
    // Before the first: nothing was missed.
    EXPECT_EQ(*ring.after("e1-0"), 1U);
}

TEST(EventRing, holds_its_bounds_and_tells_who_was_too_slow) {
    EventRing ring("e1");
    for (std::size_t index = 0; index < kEventsKept + 5; ++index) {
        ASSERT_TRUE(ring.add("x", "{}"));
    }
    EXPECT_FALSE(ring.after("e1-4").has_value());
    EXPECT_TRUE(ring.after("e1-5").has_value());
    const auto piece = ring.read(3, 1'000);
    EXPECT_EQ(piece.text, "id: e1-4101\nevent: reset\ndata: {}\n\n");
    EXPECT_EQ(piece.next, ring.end());

    const std::string large = "{" + std::string(kEventSizeMax - 2, 'x') + "}";
    EXPECT_FALSE(ring.add("x", large.substr(0, 5) + large.substr(1)));
    EXPECT_FALSE(ring.add("x", "{\n}"));
    EXPECT_FALSE(ring.add("x", "7"));
    for (int index = 0; index < 100; ++index) {
        ASSERT_TRUE(ring.add("x", large));
    }
    EXPECT_FALSE(ring.after("e1-4101").has_value());
}

TEST(EventRing, a_piece_is_bounded) {
    EventRing ring("e1");
    for (int index = 0; index < 10; ++index) {
        ASSERT_TRUE(ring.add("x", "{}"));
    }
    const auto piece = ring.read(1, 60);
    EXPECT_EQ(piece.next, 3U);
    EXPECT_TRUE(ring.read(piece.next, 60).text.starts_with("id: e1-3\n"));
}

}  // namespace
}  // namespace phantom::api
