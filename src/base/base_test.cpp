#include <array>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/spsc_ring.h"

namespace phantom {
namespace {

enum class TestError : std::uint16_t { kFirst, kSecond };

const ErrorDomain& error_domain(TestError /*code*/) {
    static constexpr ErrorDomain kDomain{"test", [](std::uint16_t code) {
                                             return code == 0 ? "first" : "second";
                                         }};
    return kDomain;
}

Result<int> half(int value) {
    if (value % 2 != 0) {
        return fail(TestError::kSecond, static_cast<std::uint32_t>(value));
    }
    return value / 2;
}

Result<int> quarter(int value) {
    const int once = PM_TRY(half(value));
    return half(once);
}

TEST(Result, try_passes_the_value_on_and_returns_the_error) {
    EXPECT_EQ(quarter(8).value(), 2);
    EXPECT_TRUE(quarter(6).error().is(TestError::kSecond));
    EXPECT_EQ(quarter(6).error().detail(), 3U);
    EXPECT_EQ(quarter(7).error().message(), "test: second (7)");
    EXPECT_EQ(Error(TestError::kFirst).message(), "test: first");
}

TEST(Assert, ends_the_program_and_names_the_fact) {
    EXPECT_DEATH(PM_ASSERT(1 + 1 == 3), "1 \\+ 1 == 3");
}

TEST(Bytes, loads_and_stores_in_the_stated_order) {
    std::array<std::uint8_t, 4> bytes{1, 2, 3, 4};
    EXPECT_EQ(load_be<std::uint32_t>(bytes.data()), 0x01020304U);
    EXPECT_EQ(load_le<std::uint32_t>(bytes.data()), 0x04030201U);
    store_be<std::uint16_t>(bytes.data(), 0xaabb);
    EXPECT_EQ(bytes[0], 0xaa);
    store_le<std::uint16_t>(bytes.data(), 0xaabb);
    EXPECT_EQ(bytes[0], 0xbb);
}

TEST(Clock, moves_forward) {
    const Instant before = monotonic_now();
    const Instant after = monotonic_now();
    EXPECT_LE(before, after);
    EXPECT_GT(wall_now().ns, 1'600'000'000LL * 1'000'000'000LL);
    EXPECT_EQ((before + Duration(5)) - before, Duration(5));
}

TEST(Random, seeded_repeats_and_differs_by_seed) {
    SeededRandom a(1);
    SeededRandom b(1);
    SeededRandom c(2);
    const std::uint64_t first = a.next_u64();
    EXPECT_EQ(first, b.next_u64());
    EXPECT_NE(first, c.next_u64());
}

TEST(Random, below_stays_below_and_reaches_every_value) {
    SeededRandom random(3);
    std::set<std::uint64_t> seen;
    for (int draw = 0; draw < 1000; ++draw) {
        const std::uint64_t value = random.below(7);
        ASSERT_LT(value, 7U);
        seen.insert(value);
    }
    EXPECT_EQ(seen.size(), 7U);
}

TEST(Random, system_fills_all_of_it) {
    SystemRandom random;
    std::array<std::uint8_t, 64> a{};
    std::array<std::uint8_t, 64> b{};
    random.fill(a);
    random.fill(b);
    EXPECT_NE(a, b);
}

TEST(SpscRing, refuses_when_full_and_keeps_order) {
    SpscRing<int, 4> ring;
    for (int item = 0; item < 4; ++item) {
        EXPECT_TRUE(ring.push(item));
    }
    EXPECT_FALSE(ring.push(4));
    EXPECT_EQ(ring.size(), 4U);
    for (int item = 0; item < 4; ++item) {
        ASSERT_NE(ring.front(), nullptr);
        EXPECT_EQ(*ring.front(), item);
        ring.pop();
    }
    EXPECT_EQ(ring.front(), nullptr);
}

TEST(SpscRing, hands_every_item_from_one_thread_to_another) {
    SpscRing<int, 64> ring;
    constexpr int kItems = 100'000;
    std::thread producer([&] {
        for (int item = 0; item < kItems;) {
            item += ring.push(item) ? 1 : 0;
        }
    });
    for (int expected = 0; expected < kItems;) {
        if (const int* item = ring.front()) {
            ASSERT_EQ(*item, expected);
            ring.pop();
            ++expected;
        }
    }
    producer.join();
}

}  // namespace
}  // namespace phantom
