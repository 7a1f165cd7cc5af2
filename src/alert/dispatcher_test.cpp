#include "alert/dispatcher.h"

#include "alert/alert_fixture.h"

namespace phantom::alert {
namespace {

using test::alert_of;
using test::config_of;
using test::kMorning;
using namespace std::chrono_literals;

constexpr const char* kSimple = R"(
route:
  receiver: all
  group_by: [alertname]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 4h
  routes:
    - matchers: [team=night]
      mute_time_intervals: [afternoon]
inhibit_rules:
  - source_matchers: [severity=critical]
    target_matchers: [severity=warning]
    equal: [host]
time_intervals:
  - name: afternoon
    time_intervals: [{times: [{start_time: '12:00', end_time: '18:00'}]}]
receivers: [{name: all}]
)";

class DispatcherTest : public testing::Test {
  protected:
    DispatcherTest() : dispatcher_(std::make_shared<Config>(config_of(kSimple))) {}

    // Seen again every minute until `until`, as a finding is that goes on.
    std::vector<Notification> keep_firing(
        const std::vector<Alert>& alerts, Duration from, Duration until
    ) {
        std::vector<Notification> told;
        for (Duration at = from; at <= until; at += 30s) {
            for (const Alert& alert : alerts) {
                EXPECT_TRUE(dispatcher().observe(alert, later(kMorning, at)).has_value());
            }
            for (Notification& each : dispatcher().due(later(kMorning, at))) {
                told.push_back(std::move(each));
            }
        }
        return told;
    }
    Dispatcher& dispatcher() { return dispatcher_; }

  private:
    Dispatcher dispatcher_;
};

TEST_F(DispatcherTest, a_group_waits_and_is_told_of_together) {
    const std::vector<Alert> alerts{
        alert_of({{"alertname", "Scan"}, {"host", "a"}}),
        alert_of({{"alertname", "Scan"}, {"host", "b"}})
    };
    const auto told = keep_firing(alerts, 0s, 10min);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].at, later(kMorning, 30s));
    EXPECT_EQ(told[0].alerts.size(), 2U);
    EXPECT_EQ(told[0].receiver, "all");
    EXPECT_EQ(told[0].common_labels.value_of("alertname"), "Scan");
    EXPECT_FALSE(told[0].common_labels.contains("host"));
}

TEST_F(DispatcherTest, what_is_urgent_is_told_at_once_and_then_coalesced) {
    const Alert first = alert_of({{"alertname", "Scan"}, {"host", "a"}}, Priority::kP1);
    ASSERT_TRUE(dispatcher().observe(first, kMorning).has_value());
    EXPECT_EQ(dispatcher().due(kMorning).size(), 1U);
    const Alert second = alert_of({{"alertname", "Scan"}, {"host", "b"}}, Priority::kP2);
    ASSERT_TRUE(dispatcher().observe(second, later(kMorning, 1s)).has_value());
    EXPECT_TRUE(dispatcher().due(later(kMorning, 1s)).empty());
    EXPECT_EQ(dispatcher().due(later(kMorning, kUrgentInterval)).size(), 1U);
}

TEST_F(DispatcherTest, repeats_with_another_key_and_not_when_acknowledged) {
    const std::vector<Alert> alerts{alert_of({{"alertname", "Scan"}}, Priority::kP1)};
    const auto told = keep_firing(alerts, 0s, 9h);
    ASSERT_EQ(told.size(), 3U);
    EXPECT_NE(delivery_key(told[0], 0, ""), delivery_key(told[1], 0, ""));
    EXPECT_EQ(thread_key(told[0], 0, ""), thread_key(told[1], 0, ""));
    ASSERT_TRUE(dispatcher().acknowledge(alerts[0].fingerprint, "ann").has_value());
    EXPECT_TRUE(keep_firing(alerts, 9h, 20h).empty());
    const Status twice = dispatcher().acknowledge(alerts[0].fingerprint, "bob");
    ASSERT_FALSE(twice.has_value());
    EXPECT_TRUE(twice.error().is(AlertError::kTransition));
}

TEST_F(DispatcherTest, a_process_that_starts_again_gives_the_same_keys) {
    const std::vector<Alert> alerts{
        alert_of({{"alertname", "Scan"}, {"host", "b"}}),
        alert_of({{"alertname", "Scan"}, {"host", "a"}})
    };
    const auto told = keep_firing(alerts, 0s, 2min);
    Dispatcher again(std::make_shared<Config>(config_of(kSimple)));
    for (const Alert& alert : alerts) {
        ASSERT_TRUE(again.observe(alert, later(kMorning, 5min)).has_value());
    }
    const auto told_again = again.due(later(kMorning, 6min));
    ASSERT_EQ(told_again.size(), 1U);
    EXPECT_EQ(delivery_key(told[0], 0, "x"), delivery_key(told_again[0], 0, "x"));
    EXPECT_NE(delivery_key(told[0], 0, "x"), delivery_key(told_again[0], 0, "y"));
    EXPECT_NE(delivery_key(told[0], 0, "x"), delivery_key(told_again[0], 1, "x"));
}

TEST_F(DispatcherTest, the_end_is_told_to_who_knows_the_beginning_and_to_nobody_else) {
    const Alert told_of = alert_of({{"alertname", "Scan"}}, Priority::kP1);
    ASSERT_EQ(keep_firing({told_of}, 0s, 1min).size(), 1U);
    // Nobody sees it again; kP3 comes and goes within its group's wait.
    Alert brief = alert_of({{"alertname", "Blip"}});
    brief.ends_at = later(kMorning, 70s);
    ASSERT_TRUE(dispatcher().observe(brief, later(kMorning, 60s)).has_value());
    const auto told = keep_firing({}, 2min, 40min);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_TRUE(told[0].is_resolved());
    EXPECT_EQ(told[0].alerts[0].alert.fingerprint, told_of.fingerprint);
    EXPECT_EQ(dispatcher().alert_count(), 0U);
    EXPECT_EQ(dispatcher().group_count(), 0U);
}

TEST_F(DispatcherTest, what_comes_back_is_told_of_again) {
    const Alert first = alert_of({{"alertname", "Scan"}}, Priority::kP1);
    keep_firing({first}, 0s, 1min);
    const auto ended = keep_firing({}, 90s, 11min);
    ASSERT_EQ(ended.size(), 1U);
    const Alert back = alert_of({{"alertname", "Scan"}}, Priority::kP1, later(kMorning, 11min));
    const auto told = keep_firing({back}, 11min + 30s, 12min);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_FALSE(told[0].is_resolved());
}

TEST_F(DispatcherTest, one_alert_inhibits_another_of_the_same_host_only) {
    const Alert source = alert_of({{"alertname", "Down"}, {"host", "a"}, {"severity", "critical"}});
    const Alert same = alert_of({{"alertname", "Slow"}, {"host", "a"}, {"severity", "warning"}});
    const Alert other = alert_of({{"alertname", "Slow"}, {"host", "b"}, {"severity", "warning"}});
    std::set<std::string> names;
    for (const Notification& each : keep_firing({source, same, other}, 0s, 1min)) {
        for (const NotifiedAlert& alert : each.alerts) {
            names.insert(
                std::string(alert.alert.labels.value_of("alertname")) + "/" +
                std::string(alert.alert.labels.value_of("host"))
            );
        }
    }
    EXPECT_EQ(names, (std::set<std::string>{"Down/a", "Slow/b"}));
    EXPECT_EQ(dispatcher().find(same.fingerprint)->state, AlertState::kSuppressed);
}

TEST_F(DispatcherTest, a_silence_holds_until_it_ends) {
    const Alert alert = alert_of({{"alertname", "Scan"}});
    ASSERT_TRUE(dispatcher()
                    .silences()
                    .add(
                        {.matchers = *parse_matchers("alertname=Scan"),
                         .starts_at = kMorning,
                         .ends_at = later(kMorning, 20min),
                         .author = "ann",
                         .comment = "a test"},
                        kMorning
                    )
                    .has_value());
    const auto told = keep_firing({alert}, 0s, 30min);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_GE(told[0].at, later(kMorning, 20min));
}

TEST_F(DispatcherTest, a_silence_of_everything_or_of_the_past_is_refused) {
    const auto add = [&](std::string_view matchers, WallTime end) {
        return dispatcher().silences().add(
            {.matchers = *parse_matchers(matchers),
             .starts_at = {},
             .ends_at = end,
             .author = "",
             .comment = ""},
            kMorning
        );
    };
    EXPECT_TRUE(add("a=~.*", later(kMorning, 1h)).error().is(AlertError::kSilenceMatchesAll));
    EXPECT_TRUE(add("a=b", kMorning).error().is(AlertError::kSilenceOver));
    EXPECT_TRUE(add("a=b", later(kMorning, 1h)).has_value());
}

TEST_F(DispatcherTest, a_muted_route_tells_when_its_time_is_over) {
    const Alert alert = alert_of({{"alertname", "Scan"}, {"team", "night"}}, Priority::kP1);
    const auto told = keep_firing({alert}, 0s, 5h);  // from 14:13 to 19:13
    ASSERT_EQ(told.size(), 1U);
    EXPECT_GE(told[0].at, later(kMorning, 3h + 46min));
}

TEST(AlertBook, what_matters_least_gives_way_and_is_counted) {
    Dispatcher dispatcher(std::make_shared<Config>(config_of(kSimple)), 3);
    const Alert old_p5 = alert_of({{"alertname", "a"}}, Priority::kP5);
    const Alert p4 = alert_of({{"alertname", "b"}}, Priority::kP4);
    const Alert new_p5 = alert_of({{"alertname", "c"}}, Priority::kP5);
    for (const Alert& alert : {old_p5, p4, new_p5, alert_of({{"alertname", "d"}}, Priority::kP1)}) {
        EXPECT_TRUE(dispatcher.observe(alert, kMorning).has_value());
    }
    EXPECT_EQ(dispatcher.find(old_p5.fingerprint), nullptr);
    EXPECT_NE(dispatcher.find(p4.fingerprint), nullptr);
    for (const char* const name : {"e", "f"}) {
        EXPECT_TRUE(
            dispatcher.observe(alert_of({{"alertname", name}}, Priority::kP2), kMorning).has_value()
        );
    }
    const Status shed = dispatcher.observe(alert_of({{"alertname", "g"}}, Priority::kP3), kMorning);
    ASSERT_FALSE(shed.has_value());
    EXPECT_TRUE(shed.error().is(AlertError::kShed));
    EXPECT_EQ(dispatcher.shed_total(), 4U);
    EXPECT_EQ(dispatcher.alert_count(), 3U);
    EXPECT_FALSE(dispatcher.due(later(kMorning, 1s)).empty());
}

TEST(AlertState, only_declared_transitions_are_made) {
    EXPECT_TRUE(check_transition(AlertState::kResolved, AlertState::kFiring).has_value());
    EXPECT_FALSE(check_transition(AlertState::kClosed, AlertState::kFiring).has_value());
    EXPECT_FALSE(check_transition(AlertState::kNew, AlertState::kAcked).has_value());
    EXPECT_FALSE(check_transition(AlertState::kAcked, AlertState::kFiring).has_value());
}

TEST(Alert, is_bounded_and_known_by_its_labels) {
    const auto make = [](std::vector<Label> labels, std::vector<Label> annotations) {
        return make_alert(
            {.labels = std::move(labels),
             .annotations = std::move(annotations),
             .priority = Priority::kP1,
             .starts_at = {},
             .ends_at = {}}
        );
    };
    EXPECT_TRUE(make({}, {}).error().is(AlertError::kNoLabels));
    EXPECT_TRUE(make({{"a", "b"}, {"a", "c"}}, {}).error().is(AlertError::kLabelTwice));
    EXPECT_TRUE(make({{"a b", "c"}}, {}).error().is(AlertError::kLabelName));
    EXPECT_TRUE(
        make({{"a", "b"}}, {{"c", std::string(1024, 'x')}}).error().is(AlertError::kAlertTooLarge)
    );
    EXPECT_EQ(
        make({{"a", "b"}, {"c", "d"}}, {})->fingerprint,
        make({{"c", "d"}, {"a", "b"}}, {{"e", "f"}})->fingerprint
    );
    EXPECT_NE(make({{"a", "bc"}}, {})->fingerprint, make({{"ab", "c"}}, {})->fingerprint);
}

}  // namespace
}  // namespace phantom::alert
