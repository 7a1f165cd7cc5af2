#include "pq/messages.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace phantom::pq {
namespace {

constexpr ExchangeId kExchange = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr MessageType kTypes[] = {
    MessageType::kOffer, MessageType::kAnswer, MessageType::kConfirm, MessageType::kAcknowledge
};

std::vector<std::uint8_t> random_message(MessageType type) {
    SeededRandom random(static_cast<std::uint64_t>(type));
    std::vector<std::uint8_t> message(message_size(type));
    random.fill(message);
    return message;
}

void expect_refused(ByteView frame, PqError code) {
    const auto view = parse_frame(frame);
    ASSERT_FALSE(view.has_value());
    EXPECT_TRUE(view.error().is(code)) << view.error().what();
}

TEST(PqMessages, every_message_survives_its_frames) {
    for (const MessageType type : kTypes) {
        const auto message = random_message(type);
        std::vector<std::uint8_t> whole;
        for (std::size_t index = 0; index < chunk_count(type); ++index) {
            const Frame frame = make_frame(type, index, kExchange, message);
            EXPECT_LE(frame.size, kFrameSizeMax);
            const auto view = parse_frame(frame.view());
            ASSERT_TRUE(view.has_value());
            EXPECT_EQ(view->type, type);
            EXPECT_EQ(view->chunk_index, index);
            EXPECT_EQ(view->exchange, kExchange);
            whole.insert(whole.end(), view->chunk.begin(), view->chunk.end());
        }
        EXPECT_EQ(whole, message);
    }
}

TEST(PqMessages, an_offer_and_an_answer_are_two_frames_and_the_tags_one) {
    EXPECT_EQ(chunk_count(MessageType::kOffer), 2U);
    EXPECT_EQ(chunk_count(MessageType::kAnswer), 2U);
    EXPECT_EQ(chunk_count(MessageType::kConfirm), 1U);
    EXPECT_EQ(chunk_count(MessageType::kAcknowledge), 1U);
}

TEST(PqMessages, offer_and_answer_decode_to_what_was_encoded) {
    const auto offer_bytes = random_message(MessageType::kOffer);
    const Offer offer = decode_offer(std::span<const std::uint8_t, kOfferSize>(offer_bytes));
    EXPECT_TRUE(std::ranges::equal(encode(offer), offer_bytes));
    EXPECT_EQ(offer.sequence, load_le<std::uint64_t>(offer_bytes.data()));
    const auto answer_bytes = random_message(MessageType::kAnswer);
    const Answer answer = decode_answer(std::span<const std::uint8_t, kAnswerSize>(answer_bytes));
    EXPECT_TRUE(std::ranges::equal(encode(answer), answer_bytes));
}

TEST(PqMessages, a_frame_of_any_other_size_is_refused) {
    for (const MessageType type : kTypes) {
        const Frame frame = make_frame(type, 0, kExchange, random_message(type));
        std::vector<std::uint8_t> bytes(frame.view().begin(), frame.view().end());
        bytes.push_back(0);
        expect_refused(bytes, PqError::kBadFrameSize);
        for (std::size_t size = 0; size < frame.size; ++size) {
            expect_refused(
                frame.view().first(size),
                size < kFrameHeaderSize ? PqError::kTooShort : PqError::kBadFrameSize
            );
        }
    }
}

TEST(PqMessages, a_frame_with_a_wrong_header_is_refused) {
    const Frame good = make_frame(MessageType::kAnswer, 1, kExchange, random_message(kTypes[1]));
    Frame frame = good;
    frame.bytes[0] = kVersion + 1;
    expect_refused(frame.view(), PqError::kBadVersion);
    for (const std::uint8_t type : std::initializer_list<std::uint8_t>{0, 5, 255}) {
        frame = good;
        frame.bytes[1] = type;
        expect_refused(frame.view(), PqError::kBadMessageType);
    }
    for (const std::uint8_t index : std::initializer_list<std::uint8_t>{2, 3, 255}) {
        frame = good;
        frame.bytes[2] = index;
        expect_refused(frame.view(), PqError::kBadChunk);
    }
    for (const std::uint8_t count : std::initializer_list<std::uint8_t>{0, 1, 3, 255}) {
        frame = good;
        frame.bytes[3] = count;
        expect_refused(frame.view(), PqError::kBadChunk);
    }
}

}  // namespace
}  // namespace phantom::pq
