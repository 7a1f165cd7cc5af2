#include "api/question_queue.h"

#include <thread>

#include <gtest/gtest.h>

namespace phantom::api {
namespace {

Question question(const char* key, Ticket ticket, std::int64_t deadline = 1) {
    return {.key = key, .request = {}, .origin = {}, .deadline = {deadline}, .tickets = {ticket}};
}

TEST(QuestionQueue, wakes_once_and_keeps_the_order) {
    int woken = 0;
    QuestionQueue queue([&] { ++woken; });
    EXPECT_TRUE(queue.ask(question("", 1)));
    EXPECT_TRUE(queue.ask(question("", 2)));
    EXPECT_EQ(woken, 1);
    const auto taken = queue.take();
    ASSERT_EQ(taken.size(), 2U);
    EXPECT_EQ(taken[0].tickets, (std::vector<Ticket>{1}));
    EXPECT_EQ(taken[1].tickets, (std::vector<Ticket>{2}));
    EXPECT_TRUE(queue.ask(question("", 3)));
    EXPECT_EQ(woken, 2);
}

TEST(QuestionQueue, the_same_is_asked_once_while_it_waits) {
    QuestionQueue queue([] {});
    EXPECT_TRUE(queue.ask(question("GET /a", 1, 5)));
    EXPECT_TRUE(queue.ask(question("GET /b", 2)));
    EXPECT_TRUE(queue.ask(question("GET /a", 3, 9)));
    const auto taken = queue.take();
    ASSERT_EQ(taken.size(), 2U);
    EXPECT_EQ(taken[0].tickets, (std::vector<Ticket>{1, 3}));
    EXPECT_EQ(taken[0].deadline, Instant{9});
    // What was taken is being answered: who asks now has to see what is so now.
    EXPECT_TRUE(queue.ask(question("GET /a", 4)));
    EXPECT_EQ(queue.take().front().tickets, (std::vector<Ticket>{4}));
}

TEST(QuestionQueue, holds_its_bounds) {
    QuestionQueue queue([] {});
    for (Ticket ticket = 0; ticket < kQuestionsMax; ++ticket) {
        ASSERT_TRUE(queue.ask(question("", ticket)));
    }
    EXPECT_FALSE(queue.ask(question("", 1)));
    EXPECT_EQ(queue.take().size(), kQuestionsMax);
    for (Ticket ticket = 0; ticket <= kTicketsMax; ++ticket) {
        ASSERT_TRUE(queue.ask(question("GET /a", ticket)));
    }
    EXPECT_EQ(queue.take().size(), 2U);
    for (int index = 0; index < 1'000; ++index) {
        queue.report({.address = "192.0.2.1", .count = 10});
    }
    EXPECT_LE(queue.take_reports().size(), 64U);
}

TEST(QuestionQueue, nothing_is_lost_between_threads) {
    constexpr Ticket kCount = 20'000;
    std::atomic<int> woken{0};
    QuestionQueue queue([&] { ++woken; });
    std::thread asker([&] {
        for (Ticket ticket = 1; ticket <= kCount; ++ticket) {
            while (!queue.ask(question(ticket % 3 == 0 ? "GET /a" : "", ticket))) {
                std::this_thread::yield();
            }
        }
    });
    Ticket sum = 0;
    Ticket count = 0;
    while (count < kCount) {
        for (const Question& each : queue.take()) {
            for (const Ticket ticket : each.tickets) {
                sum += ticket;
                ++count;
            }
        }
    }
    asker.join();
    EXPECT_EQ(sum, kCount * (kCount + 1) / 2);
    EXPECT_GT(woken.load(), 0);
}

}  // namespace
}  // namespace phantom::api
