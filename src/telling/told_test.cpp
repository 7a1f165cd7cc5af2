#include "telling/told.h"

#include <gtest/gtest.h>

namespace phantom::telling {
namespace {

using To = courier::Outcome::State;

Told told_at(std::int64_t at, const std::string& key, std::uint8_t alert = 1) {
    Told told;
    told.key = key;
    told.group[0] = 9;
    told.alerts.emplace_back()[0] = alert;
    told.receiver = "first";
    told.channel = "webhook";
    told.destination = "https://192.0.2.1/x";
    told.put_at.ns = at;
    return told;
}

TEST(Told, is_read_as_it_was_written) {
    Told told = told_at(5, "k");
    told.priority = 1;
    told.level = 2;
    told.is_resolved = true;
    told.state = Told::State::kDeadLetter;
    told.attempts = 3;
    told.next_at.ns = 6;
    told.done_at.ns = 7;
    told.answer = "500 \"no\"";
    const auto read = read_told(write_told(told));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(write_told(*read), write_told(told));
    EXPECT_STREQ(name_of(read->state), "dead_letter");
}

TEST(Told, what_is_no_record_is_refused) {
    const std::string whole = write_told(told_at(5, "k"));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto read = read_told(whole.substr(0, size));
        ASSERT_FALSE(read.has_value()) << size;
        EXPECT_TRUE(read.error().is(alert::AlertError::kMalformedRecord));
    }
    for (const char* wrong : {"[]", "{}", R"({"key":1})", R"({"key":"k","group":"zz"})"}) {
        EXPECT_FALSE(read_told(wrong).has_value()) << wrong;
    }
}

TEST(ToldLog, says_what_came_of_each) {
    ToldLog log;
    log.add(told_at(2, "b", 2));
    log.add(told_at(1, "a", 1));
    log.add(told_at(9, "a", 3));  // of the same key: known
    ASSERT_EQ(log.all().size(), 2U);
    EXPECT_EQ(log.all().front()->key, "a");
    EXPECT_EQ(log.take_changed(), (std::set<std::string>{"a", "b"}));
    EXPECT_TRUE(log.take_changed().empty());

    EXPECT_TRUE(log.settle({"a", To::kRetry, 1, {10}, {20}, "503"}));
    EXPECT_STREQ(name_of(log.find("a")->state), "waiting");
    EXPECT_EQ(log.find("a")->next_at, WallTime{20});
    EXPECT_TRUE(log.settle({"a", To::kDelivered, 2, {30}, {}, "200"}));
    EXPECT_STREQ(name_of(log.find("a")->state), "delivered");
    EXPECT_EQ(log.find("a")->done_at, WallTime{30});
    EXPECT_EQ(log.find("a")->next_at, WallTime{});
    EXPECT_EQ(log.take_changed(), (std::set<std::string>{"a"}));
    EXPECT_FALSE(log.settle({"z", To::kDelivered, 1, {30}, {}, "200"}));
    EXPECT_EQ(log.find("z"), nullptr);

    alert::Fingerprint second{};
    second[0] = 2;
    ASSERT_EQ(log.about(second).size(), 1U);
    EXPECT_EQ(log.about(second).front()->key, "b");
}

TEST(ToldLog, forgets_the_oldest_beyond_its_bound) {
    ToldLog log;
    for (std::size_t index = 0; index <= kToldMax; ++index) {
        log.add(told_at(static_cast<std::int64_t>(index), std::to_string(index)));
    }
    EXPECT_EQ(log.all().size(), kToldMax);
    EXPECT_EQ(log.find("0"), nullptr);
    EXPECT_NE(log.find("1"), nullptr);
    EXPECT_TRUE(log.take_changed().contains("0")) << "so that its record goes, too";
}

}  // namespace
}  // namespace phantom::telling
