#include "mesh/fragments.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "base/random.h"

namespace phantom::mesh {
namespace {

Message message(std::size_t size, std::uint64_t seed = 1) {
    Message bytes(size);
    SeededRandom(seed + size).fill(bytes);
    return bytes;
}

std::optional<Message> add_all(Assembler& assembler, const std::vector<Message>& fragments) {
    std::optional<Message> whole;
    for (const Message& fragment : fragments) {
        if (auto made = assembler.add(fragment, {1})) {
            whole = std::move(made);
        }
    }
    return whole;
}

TEST(Fragments, message_of_every_size_comes_back) {
    for (const std::size_t size :
         {std::size_t{1}, kFragmentDataMax - 1, kFragmentDataMax, kFragmentDataMax + 1,
          std::size_t{10'000}, kMessageSizeMax}) {
        Assembler assembler;
        const auto fragments = cut(message(size));
        for (const Message& fragment : fragments) {
            EXPECT_LE(fragment.size(), wire::kControlPayloadSizeMax);
        }
        EXPECT_EQ(add_all(assembler, fragments), message(size)) << size;
    }
}

TEST(Fragments, order_and_repetition_do_not_matter) {
    std::mt19937 order(7);
    for (int round = 0; round < 50; ++round) {
        auto fragments = cut(message(9'000));
        fragments.insert(fragments.end(), fragments.begin(), fragments.begin() + 3);
        std::ranges::shuffle(fragments, order);
        Assembler assembler;
        EXPECT_EQ(add_all(assembler, fragments), message(9'000));
    }
}

TEST(Fragments, second_sending_fills_the_gaps_of_the_first) {
    const auto fragments = cut(message(9'000));
    Assembler assembler;
    for (std::size_t index = 0; index < fragments.size(); index += 2) {
        EXPECT_FALSE(assembler.add(fragments[index], {1}));
    }
    std::optional<Message> whole;
    for (std::size_t index = 1; index < fragments.size(); index += 2) {
        whole = assembler.add(fragments[index], {2});
    }
    EXPECT_EQ(whole, message(9'000));
}

TEST(Fragments, oldest_partial_message_gives_way) {
    Assembler assembler;
    const auto first = cut(message(3'000, 1));
    EXPECT_FALSE(assembler.add(first[0], {1}));
    for (std::uint64_t other = 2; other < 2 + kPartialMessagesMax; ++other) {
        EXPECT_FALSE(
            assembler.add(cut(message(3'000, other))[0], {static_cast<std::int64_t>(other)})
        );
    }
    EXPECT_FALSE(assembler.add(first[1], {9}));
    EXPECT_FALSE(assembler.add(first[2], {9})) << "its first fragment was forgotten";
    EXPECT_TRUE(assembler.add(first[0], {9}));
}

TEST(Fragments, malformed_and_mixed_fragments_make_nothing) {
    Assembler assembler;
    const auto good = cut(message(2'000));
    EXPECT_FALSE(assembler.add({}, {1}));
    EXPECT_FALSE(assembler.add(ByteView(good[0]).first(kFragmentHeaderSize), {1}));
    for (const auto& [index, count] : {std::pair(2, 2), std::pair(0, 0), std::pair(0, 18)}) {
        auto bad = good[0];
        bad[8] = static_cast<std::uint8_t>(index);
        bad[9] = static_cast<std::uint8_t>(count);
        EXPECT_FALSE(assembler.add(bad, {1}));
    }
    EXPECT_FALSE(assembler.add(ByteView(good[0]).first(100), {1})) << "not last, yet short";
    auto forged = good[1];
    forged.back() ^= 1;
    EXPECT_FALSE(assembler.add(good[0], {1}));
    EXPECT_FALSE(assembler.add(forged, {1})) << "not the message that was named";
    EXPECT_EQ(add_all(assembler, good), message(2'000));
}

}  // namespace
}  // namespace phantom::mesh
