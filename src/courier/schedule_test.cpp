#include "courier/schedule.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace phantom::courier {
namespace {

constexpr WallTime kStart{1'790'000'000'000'000'000};

WallTime after(Duration by) {
    return {kStart.ns + by.count()};
}

Delivery delivery_of(const std::string& key, const std::string& thread, int priority = 3) {
    return {
        .key = key,
        .thread = thread,
        .lane = "lane",
        .priority = priority,
        .attempts = 0,
        .put_at = kStart,
        .next_at = kStart
    };
}

Answer http(int status, Duration retry_after = Duration(0)) {
    Answer answer;
    answer.kind = Answer::Kind::kHttp;
    answer.status = status;
    answer.retry_after = retry_after;
    return answer;
}

using State = Schedule::Settled::State;
using Keys = std::vector<std::string>;

TEST(Schedule, the_most_important_goes_first_and_no_two_closer_than_the_gap) {
    SeededRandom random(1);
    Schedule schedule;
    for (const auto& [key, priority] : {std::pair("a", 5), std::pair("b", 1), std::pair("c", 3)}) {
        Delivery each = delivery_of(key, key, priority);
        each.lane_gap = 1s;
        schedule.add(each);
    }
    EXPECT_EQ(schedule.start_due(kStart), Keys{"b"});
    EXPECT_TRUE(schedule.start_due(after(999ms)).empty());
    EXPECT_EQ(schedule.next_due(), after(1s));
    EXPECT_EQ(schedule.start_due(after(1s)), Keys{"c"});
    EXPECT_EQ(schedule.start_due(after(2s)), Keys{"a"});
}

TEST(Schedule, of_a_thread_the_next_waits_until_the_first_is_settled) {
    SeededRandom random(1);
    Schedule schedule;
    schedule.add(delivery_of("firing", "t"));
    schedule.add(delivery_of("resolved", "t", 1));
    EXPECT_EQ(schedule.start_due(kStart), Keys{"firing"});
    EXPECT_EQ(schedule.settle("firing", http(503), kStart, random).state, State::kRetry);
    EXPECT_EQ(schedule.start_due(after(1s)), Keys{"firing"});
    EXPECT_EQ(schedule.settle("firing", http(204), after(1s), random).state, State::kDelivered);
    EXPECT_EQ(schedule.start_due(after(1s)), Keys{"resolved"});
}

TEST(Schedule, retry_after_is_honoured_for_the_whole_lane_and_capped) {
    SeededRandom random(1);
    Schedule schedule;
    schedule.add(delivery_of("a", "a"));
    EXPECT_EQ(schedule.start_due(kStart), Keys{"a"});
    EXPECT_EQ(schedule.settle("a", http(429, 30s), kStart, random).delivery.next_at, after(30s));
    schedule.add(delivery_of("b", "b", 1));
    EXPECT_TRUE(schedule.start_due(after(29s)).empty());
    EXPECT_EQ(schedule.start_due(after(30s)).size(), 2U);
    EXPECT_EQ(
        schedule.settle("a", http(429, 20h), after(30s), random).delivery.next_at, after(30s + 1h)
    );
}

TEST(Schedule, what_is_refused_or_too_old_is_given_up) {
    SeededRandom random(1);
    ScheduleLimits limits;
    limits.age_max = 10s;
    Schedule schedule(limits);
    schedule.add(delivery_of("refused", "a"));
    schedule.add(delivery_of("old", "b"));
    EXPECT_EQ(schedule.start_due(kStart).size(), 2U);
    EXPECT_EQ(schedule.settle("refused", http(404), kStart, random).state, State::kDeadLetter);
    EXPECT_EQ(schedule.settle("old", http(500), after(10s), random).state, State::kDeadLetter);
    EXPECT_EQ(schedule.pending_count(), 0U);
    EXPECT_EQ(schedule.next_due(), Schedule::kNever);
}

TEST(Schedule, what_matters_least_gives_way_to_what_matters_more_unless_it_is_being_sent) {
    SeededRandom random(1);
    Schedule schedule;
    schedule.add(delivery_of("sent", "a", 5));
    EXPECT_EQ(schedule.start_due(kStart), Keys{"sent"});
    schedule.add(delivery_of("ready", "b", 5));
    schedule.add(delivery_of("behind", "b", 4));
    schedule.add(delivery_of("other", "c", 3));
    EXPECT_EQ(schedule.shed_for(3), "ready");
    EXPECT_EQ(schedule.shed_for(3), "behind");
    EXPECT_EQ(schedule.shed_for(3), std::nullopt);
    EXPECT_EQ(schedule.settle("sent", http(200), kStart, random).state, State::kDelivered);
    EXPECT_EQ(schedule.start_due(kStart), Keys{"other"});
    EXPECT_EQ(schedule.pending_count(), 1U);
}

TEST(Schedule, mail_is_judged_by_the_first_digit_and_a_reset_is_tried_again) {
    Answer mail;
    mail.kind = Answer::Kind::kMail;
    mail.status = 451;
    EXPECT_EQ(judge(mail), Verdict::kRetry);
    mail.status = 550;
    EXPECT_EQ(judge(mail), Verdict::kRefused);
    mail.is_taken = true;
    EXPECT_EQ(judge(mail), Verdict::kDelivered);
    EXPECT_EQ(judge(Answer{}), Verdict::kRetry);
    EXPECT_EQ(judge(http(302)), Verdict::kRefused);
    Answer denied = http(200);
    denied.is_denied = true;
    EXPECT_EQ(judge(denied), Verdict::kRefused);
}

RC_GTEST_PROP(
    Schedule, backoff_doubles_up_to_its_bound_with_half_of_it_by_chance, (std::uint64_t seed)
) {
    SeededRandom random(seed);
    Schedule schedule;
    schedule.add(delivery_of("a", "a"));
    WallTime now = kStart;
    Duration whole = 1s;
    for (int attempt = 0; attempt < 12; ++attempt) {
        RC_ASSERT(schedule.start_due(now).size() == 1U);
        const WallTime next = schedule.settle("a", http(500), now, random).delivery.next_at;
        const Duration wait(next.ns - now.ns);
        RC_ASSERT(wait >= whole / 2);
        RC_ASSERT(wait <= whole);
        whole = std::min<Duration>(2 * whole, 5min);
        now = next;
    }
}

RC_GTEST_PROP(Schedule, each_delivery_is_settled_once_whatever_is_answered, (std::uint64_t seed)) {
    SeededRandom random(seed);
    Schedule schedule;
    constexpr std::size_t kCount = 50;
    for (std::size_t index = 0; index < kCount; ++index) {
        schedule.add(delivery_of(std::to_string(index), std::to_string(index % 7)));
    }
    std::size_t done = 0;
    WallTime now = kStart;
    while (schedule.pending_count() > 0) {
        now = std::max(now, schedule.next_due());
        std::set<std::string> threads;
        for (const std::string& key : schedule.start_due(now)) {
            const int status = random.below(3) == 0 ? 200 : random.below(10) == 0 ? 400 : 503;
            const auto settled = schedule.settle(key, http(status), now, random);
            RC_ASSERT(threads.insert(settled.delivery.thread).second);
            done += settled.state == State::kRetry ? 0 : 1;
        }
    }
    RC_ASSERT(done == kCount);
}

}  // namespace
}  // namespace phantom::courier
