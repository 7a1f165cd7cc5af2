#include "api/idempotency.h"

#include <gtest/gtest.h>

namespace phantom::api {
namespace {

using namespace std::chrono_literals;
using Verdict = IdempotentRequests::Verdict;

constexpr Instant kStart{1'000'000'000'000};

Response with_status(unsigned status) {
    Response response;
    response.status = status;
    return response;
}

TEST(IdempotentRequests, the_second_is_answered_as_the_first) {
    IdempotentRequests requests;
    EXPECT_EQ(requests.begin("ci:1", "a", kStart), Verdict::kNew);
    EXPECT_EQ(requests.begin("ci:1", "a", kStart), Verdict::kInProgress);
    requests.done("ci:1", with_status(201));
    EXPECT_EQ(requests.begin("ci:1", "a", kStart + 23h), Verdict::kDone);
    EXPECT_EQ(requests.response_of("ci:1").status, 201U);
    EXPECT_EQ(requests.begin("ci:1", "b", kStart), Verdict::kOther);
    EXPECT_EQ(requests.begin("other:1", "b", kStart), Verdict::kNew);
}

TEST(IdempotentRequests, what_was_not_done_may_be_tried_again_and_what_is_old_is_new) {
    IdempotentRequests requests;
    EXPECT_EQ(requests.begin("1", "a", kStart), Verdict::kNew);
    requests.drop("1");
    EXPECT_EQ(requests.begin("1", "b", kStart), Verdict::kNew);
    requests.done("1", with_status(200));
    EXPECT_EQ(requests.begin("1", "c", kStart + 24h), Verdict::kOther);
    EXPECT_EQ(requests.begin("1", "c", kStart + 24h + 1ns), Verdict::kNew);
}

TEST(IdempotentRequests, holds_its_bound_and_gives_up_the_oldest_that_is_done) {
    IdempotentRequests requests;
    for (std::size_t index = 0; index < kIdempotentMax; ++index) {
        ASSERT_EQ(requests.begin(std::to_string(index), "a", kStart), Verdict::kNew);
    }
    EXPECT_EQ(requests.begin("more", "a", kStart), Verdict::kFull);
    requests.done("7", with_status(200));
    EXPECT_EQ(requests.begin("more", "a", kStart), Verdict::kNew);
    EXPECT_EQ(requests.begin("0", "a", kStart), Verdict::kInProgress);
    EXPECT_EQ(requests.begin("7", "a", kStart), Verdict::kFull);
}

TEST(IdempotencyKey, is_printable_and_bounded) {
    EXPECT_TRUE(is_idempotency_key("8e03978e-40d5-43dd-bc93-6894a57f9324"));
    EXPECT_TRUE(is_idempotency_key(std::string(kIdempotencyKeyMax, 'a')));
    EXPECT_FALSE(is_idempotency_key(std::string(kIdempotencyKeyMax + 1, 'a')));
    EXPECT_FALSE(is_idempotency_key(""));
    EXPECT_FALSE(is_idempotency_key("a b"));
}

}  // namespace
}  // namespace phantom::api
