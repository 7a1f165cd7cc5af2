#include "respond/finding_queue.h"

#include <thread>

#include <gtest/gtest.h>

namespace phantom::respond {
namespace {

using assess::Priority;

Finding seen(double llr, double severity, std::string text = "") {
    return {
        .rule = "test",
        .text = std::move(text),
        .subject = *wire::Address::parse("100.64.0.7"),
        .object = {},
        .severity = severity,
        .evidence = {.family = assess::EvidenceFamily::kScenario, .llr = llr},
        .technique = std::nullopt,
        .first_seen = {},
        .at = {},
    };
}

Finding p5(std::string text = "") {
    return seen(1, 3, std::move(text));
}
Finding p4(std::string text = "") {
    return seen(4, 6, std::move(text));
}
Finding p1(std::string text = "") {
    return seen(9, 9.8, std::move(text));
}

std::vector<std::string> texts_of(FindingQueue& queue) {
    std::vector<Finding> batch;
    queue.take(batch);
    std::vector<std::string> texts;
    for (const Finding& each : batch) {
        texts.push_back(each.text);
    }
    return texts;
}

TEST(FindingQueue, what_a_finding_can_be_is_known_before_it_is_judged) {
    EXPECT_EQ(most_urgent(p5()), Priority::kP5);
    EXPECT_EQ(most_urgent(p4()), Priority::kP4);
    EXPECT_EQ(most_urgent(p1()), Priority::kP1);
}

TEST(FindingQueue, the_most_urgent_comes_first_and_equals_in_order) {
    FindingQueue queue;
    EXPECT_TRUE(queue.put(p5("a"))) << "it was empty";
    EXPECT_FALSE(queue.put(p1("b")));
    EXPECT_FALSE(queue.put(p5("c")));
    EXPECT_FALSE(queue.put(p4("d")));
    EXPECT_FALSE(queue.put(p1("e")));
    EXPECT_EQ(texts_of(queue), (std::vector<std::string>{"b", "e", "d", "a", "c"}));
    EXPECT_TRUE(texts_of(queue).empty());
    EXPECT_TRUE(queue.put(p5("f"))) << "and is again";
}

TEST(FindingQueue, what_matters_least_gives_way_and_is_counted) {
    FindingQueue queue(3);
    (void)queue.put(p5("a"));
    (void)queue.put(p5("b"));
    (void)queue.put(p4("c"));
    (void)queue.put(p1("d"));  // b goes
    (void)queue.put(p1("e"));  // a goes
    (void)queue.put(p5("f"));  // for nobody
    (void)queue.put(p1("g"));  // c goes
    EXPECT_EQ(queue.counts().shed, (std::array<std::uint64_t, 5>{0, 0, 0, 1, 3}));
    (void)queue.put(p1("h"));
    EXPECT_EQ(queue.counts().shed[0], 1U) << "nothing below it is left";
    EXPECT_EQ(queue.counts().taken_in, 3U);
    EXPECT_EQ(texts_of(queue), (std::vector<std::string>{"d", "e", "g"}));
}

TEST(FindingQueue, nothing_is_lost_between_threads) {
    constexpr std::uint64_t kEach = 20'000;
    FindingQueue queue(1'000);
    std::vector<std::thread> threads;
    for (int number = 0; number < 2; ++number) {
        threads.emplace_back([&] {
            for (std::uint64_t at = 0; at < kEach; ++at) {
                (void)queue.put(at % 2 == 0 ? p5() : p1());
            }
        });
    }
    std::uint64_t taken = 0;
    std::vector<Finding> batch;
    const auto count = [&] {
        queue.take(batch);
        taken += batch.size();
    };
    for (int round = 0; round < 1'000; ++round) {
        count();
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    count();
    std::uint64_t shed = 0;
    for (const std::uint64_t each : queue.counts().shed) {
        shed += each;
    }
    EXPECT_EQ(taken, queue.counts().taken_in);
    EXPECT_EQ(taken + shed, 2 * kEach);
}

}  // namespace
}  // namespace phantom::respond
