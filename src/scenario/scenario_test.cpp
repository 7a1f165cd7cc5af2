#include "scenario/scenario.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace phantom::scenario;

namespace {

constexpr std::string_view kRawParser = R"(
filter: "evt.Line.Labels.type == 'test'"
onsuccess: next_stage
name: test/raw
statics:
  - parsed: message
    expression: evt.Line.Raw
)";
constexpr std::string_view kLoginParser = R"(
onsuccess: next_stage
name: test/login
pattern_syntax:
  WHO: '[a-z]+'
nodes:
  - grok:
      pattern: '^%{NUMBER:when} failed %{WHO:user} %{NOTSPACE:ip}$'
      apply_on: message
      statics:
        - meta: log_type
          value: failed
  - grok:
      pattern: '^%{NUMBER:when} ok %{WHO:user} %{NOTSPACE:ip}$'
      apply_on: message
      statics:
        - meta: log_type
          value: ok
statics:
  - meta: source_ip
    expression: evt.Parsed.ip
  - meta: user
    expression: evt.Parsed.user
  - target: evt.StrTime
    expression: evt.Parsed.when
)";
constexpr std::string_view kDateParser = R"(
filter: "evt.StrTime != ''"
name: test/date
statics:
  - method: ParseDate
    expression: evt.StrTime
)";

constexpr std::int64_t kBegin_s = 1'700'000'000;

class Replay {
  public:
    explicit Replay(std::string_view scenarios) {
        engine_.add("parsers/s00-raw/raw.yaml", kRawParser);
        engine_.add("parsers/s01-parse/login.yaml", kLoginParser);
        engine_.add("parsers/s02-enrich/date.yaml", kDateParser);
        engine_.add("scenarios/test.yaml", scenarios);
        for (const Unusable& each : engine_.unusable()) {
            ADD_FAILURE() << each.file << ":" << each.line << ": " << each.reason;
        }
    }

    Replay& line(int after_s, std::string_view what, std::string_view ip = "192.0.2.7") {
        const auto said = engine_.line(fmt::format("{} {} {}", kBegin_s + after_s, what, ip));
        said_.insert(said_.end(), said.begin(), said.end());
        return *this;
    }
    Replay& lines(int count, std::string_view what) {
        for (int index = 0; index < count; ++index) {
            line(0, what);
        }
        return *this;
    }
    [[nodiscard]] const std::vector<Overflow>& said() const { return said_; }
    [[nodiscard]] Engine& engine() { return engine_; }

  private:
    Engine engine_{
        {.source = {.path = "a.log", .module = "file", .type = "test", .labels = {}},
         .year = 2026,
         .now = {}}
    };
    std::vector<Overflow> said_;
};

std::string leaky(std::string_view more) {
    return fmt::format(
        "type: leaky\nname: test/leaky\nfilter: \"evt.Meta.log_type == 'failed'\"\n"
        "groupby: evt.Meta.source_ip\ncapacity: 3\nleakspeed: 10s\n"
        "labels: {{remediation: true, confidence: 3}}\n{}",
        more
    );
}

TEST(Scenario, a_leaky_bucket_speaks_with_the_event_that_is_too_much) {
    Replay replay(leaky(""));
    replay.lines(3, "failed eve");
    EXPECT_TRUE(replay.said().empty());
    replay.line(1, "failed eve");
    ASSERT_EQ(replay.said().size(), 1U);
    const Overflow& said = replay.said().front();
    EXPECT_EQ(said.scenario, "test/leaky");
    EXPECT_EQ(said.events_count, 4U);
    EXPECT_EQ(said.events.size(), 4U);
    EXPECT_EQ(said.sources, (std::vector<OverflowSource>{{"Ip", "192.0.2.7"}}));
    EXPECT_EQ(said.start_at, "2023-11-14T22:13:20Z");
    EXPECT_EQ(said.stop_at, "2023-11-14T22:13:21Z");
    EXPECT_TRUE(said.is_remediable);
}

TEST(Scenario, a_leaky_bucket_leaks) {
    Replay replay(leaky(""));
    for (int index = 0; index < 40; ++index) {
        replay.line(10 * index, "failed eve");
    }
    EXPECT_TRUE(replay.said().empty());
}

TEST(Scenario, the_moment_one_event_has_leaked_there_is_room_for_one) {
    Replay exact(leaky(""));
    exact.lines(3, "failed eve").line(10, "failed eve");
    EXPECT_TRUE(exact.said().empty());
    Replay early(leaky(""));
    early.lines(3, "failed eve").line(9, "failed eve");
    EXPECT_EQ(early.said().size(), 1U);
}

TEST(Scenario, groups_count_apart) {
    Replay replay(leaky(""));
    for (int index = 0; index < 3; ++index) {
        replay.line(0, "failed eve", "192.0.2.1").line(0, "failed eve", "192.0.2.2");
    }
    EXPECT_TRUE(replay.said().empty());
    replay.line(0, "failed eve", "192.0.2.2");
    ASSERT_EQ(replay.said().size(), 1U);
    EXPECT_EQ(replay.said().front().sources.front().value, "192.0.2.2");
}

TEST(Scenario, distinct_counts_each_value_once) {
    Replay replay(leaky("distinct: evt.Meta.user\n"));
    replay.lines(20, "failed eve");
    EXPECT_TRUE(replay.said().empty());
    replay.line(0, "failed ann").line(0, "failed bob").line(0, "failed cid");
    ASSERT_EQ(replay.said().size(), 1U);
    EXPECT_EQ(replay.said().front().events_count, 4U);
}

TEST(Scenario, a_blackhole_keeps_silent_for_its_time) {
    Replay replay(leaky("blackhole: 1m\n"));
    replay.lines(12, "failed eve");
    EXPECT_EQ(replay.said().size(), 1U);
    for (int index = 0; index < 4; ++index) {
        replay.line(61, "failed eve");
    }
    EXPECT_EQ(replay.said().size(), 2U);
}

TEST(Scenario, cancel_on_empties_the_bucket) {
    Replay replay(
        "type: leaky\nname: test/c\nfilter: \"evt.Meta.log_type != ''\"\ncapacity: 3\n"
        "leakspeed: 1h\ncancel_on: \"evt.Meta.log_type == 'ok'\"\n"
    );
    replay.lines(3, "failed eve").line(0, "ok eve").lines(3, "failed eve");
    EXPECT_TRUE(replay.said().empty());
    replay.line(0, "failed eve");
    EXPECT_EQ(replay.said().size(), 1U);
}

TEST(Scenario, a_trigger_speaks_each_time) {
    Replay replay("type: trigger\nname: test/t\nfilter: \"evt.Meta.user == 'eve'\"\n");
    replay.lines(2, "ok eve").line(0, "ok ann");
    EXPECT_EQ(replay.said().size(), 2U);
}

TEST(Scenario, a_condition_is_asked_of_all_events) {
    Replay replay(
        "type: conditional\nname: test/q\nfilter: \"evt.Meta.log_type != ''\"\ncapacity: -1\n"
        "leakspeed: 1h\ngroupby: evt.Meta.source_ip\ncondition: |\n"
        "  count(queue.Queue, #.Meta.log_type == 'failed') >= 2 and\n"
        "  queue.Queue[-1].Meta.log_type == 'ok'\n"
    );
    replay.line(0, "failed eve").line(1, "ok eve").line(2, "failed eve");
    EXPECT_TRUE(replay.said().empty());
    replay.line(3, "ok eve");
    ASSERT_EQ(replay.said().size(), 1U);
    EXPECT_EQ(replay.said().front().events_count, 4U);
}

TEST(Scenario, a_counter_speaks_when_its_time_is_over) {
    Replay replay(
        "type: counter\nname: test/n\nfilter: \"evt.Meta.log_type == 'failed'\"\nduration: 1m\n"
    );
    replay.line(0, "failed eve").line(30, "failed eve").line(60, "failed eve");
    EXPECT_TRUE(replay.said().empty());
    replay.line(61, "failed eve");
    ASSERT_EQ(replay.said().size(), 1U);
    EXPECT_EQ(replay.said().front().events_count, 3U);
    const auto last = replay.engine().end();
    ASSERT_EQ(last.size(), 1U);
    EXPECT_EQ(last.front().events_count, 1U);
}

TEST(Scenario, what_is_said_can_be_reprocessed) {
    Replay replay(
        leaky("reprocess: true\n") +
        "---\ntype: trigger\nname: test/again\n"
        "filter: \"evt.GetType() == 'overflow' && evt.Overflow.Alert.Remediation == true\"\n"
    );
    replay.lines(4, "failed eve");
    ASSERT_EQ(replay.said().size(), 2U);
    EXPECT_EQ(replay.said()[1].scenario, "test/again");
    EXPECT_EQ(replay.said()[1].sources.front().value, "192.0.2.7");
}

TEST(Scenario, a_whitelisted_address_is_not_counted) {
    Replay replay(leaky(""));
    replay.engine().add(
        "parsers/s02-enrich/white.yaml",
        "name: test/white\nwhitelist:\n  reason: ours\n  cidr:\n    - 192.0.2.0/24\n"
    );
    replay.lines(10, "failed eve");
    EXPECT_TRUE(replay.said().empty());
    EXPECT_EQ(replay.engine().counts().whitelisted, 10U);
}

TEST(Scenario, a_forged_address_accuses_nobody) {
    Replay replay(leaky(""));
    for (const char* forged : {"192.0.2.999", "localhost", "\x1b[31m1.2.3.4", "1.2.3.4;rm"}) {
        for (int index = 0; index < 8; ++index) {
            replay.line(0, "failed eve", forged);
        }
    }
    EXPECT_TRUE(replay.said().empty());
}

TEST(Scenario, a_scope_says_what_it_is_about) {
    Replay replay(
        "type: trigger\nname: test/s\nfilter: \"evt.Meta.log_type == 'ok'\"\n"
        "scope:\n  type: user\n  expression: evt.Meta.user\n"
    );
    replay.line(0, "ok eve");
    ASSERT_EQ(replay.said().size(), 1U);
    EXPECT_EQ(replay.said().front().sources, (std::vector<OverflowSource>{{"user", "eve"}}));
}

TEST(Scenario, buckets_are_let_go_before_they_fill_the_memory) {
    Replay replay(leaky(""));
    constexpr std::size_t kMore = 100;
    for (std::size_t index = 0; index < kBucketsMax + kMore; ++index) {
        replay.line(
            0, "failed eve",
            fmt::format("10.{}.{}.{}", index >> 16U, (index >> 8U) & 255U, index & 255U)
        );
    }
    EXPECT_EQ(replay.engine().counts().let_go, kMore);
}

TEST(Scenario, lines_of_all_kinds_are_read_to_the_end) {
    Replay replay(leaky(""));
    const std::string nul("1 failed\0eve 1.2.3.4", 20);
    for (const std::string& line :
         {std::string(), std::string(kLineSizeMax + 1, 'a'), std::string(kLineSizeMax, 'a'), nul,
          std::string("\x1b]0;x\x07"), std::string("\xff\xfe"),
          std::string("1 failed eve ") + std::string(kLineSizeMax - 20, '%')}) {
        EXPECT_TRUE(replay.engine().line(line).empty());
    }
    EXPECT_EQ(replay.engine().counts().too_long, 1U);
    EXPECT_EQ(replay.engine().counts().lines, 7U);
}

struct Refused {
    std::string_view text;
    std::string_view reason;
    std::size_t line;
};

TEST(Scenario, what_is_not_understood_is_said_with_its_line) {
    constexpr auto kAll = std::to_array<Refused>({
        {"type: bayesian\nname: a\nfilter: 'true'\n", "the type bayesian is not known", 1},
        {"type: trigger\nname: a\nfilter: 'true'\nfoo: 1\n", "foo is not understood", 4},
        {"type: trigger\nname: a\nfilter: 'Nobody()'\n", "the function Nobody is not known", 3},
        {"type: leaky\nname: a\nfilter: 'true'\n", "a leaky bucket has a capacity", 1},
        {"type: leaky\nname: a\nfilter: 'true'\ncapacity: 1\nleakspeed: soon\n",
         "leakspeed is no duration", 5},
        {"type: leaky\nname: a\nfilter: 'true'\ncapacity: 99999999\nleakspeed: 1s\n",
         "capacity is no number", 4},
        {"type: trigger\nname: a\n", "a scenario has a filter", 1},
        {"name: a\nstatics:\n  - method: GeoIpCity\n    expression: evt.Meta.source_ip\n",
         "the method GeoIpCity needs", 3},
        {"name: a\nonsuccess: jump\nstatics: []\n", "onsuccess: jump is not known", 1},
        {"name: a\ngrok:\n  pattern: '%{NOBODY}'\n  apply_on: message\n",
         "the pattern NOBODY is not known", 3},
        {"name: a\nwhitelist:\n  ip:\n    - nowhere\n", "nowhere is no address", 4},
        {"name: a\nstatics:\n  - target: evt.Nobody\n    value: x\n",
         "the target evt.Nobody is not known", 3},
        {"collections:\n  - a\n", "neither a parser nor a scenario", 1},
        {"name: [\n", "", 2},
    });
    for (const Refused& each : kAll) {
        Engine engine({.source = {}, .year = 2026, .now = {}});
        engine.add("parsers/s01-parse/a.yaml", each.text);
        ASSERT_EQ(engine.unusable().size(), 1U) << each.text;
        const Unusable& said = engine.unusable().front();
        EXPECT_TRUE(said.reason.starts_with(each.reason)) << said.reason;
        EXPECT_EQ(said.line, each.line) << said.reason;
        EXPECT_EQ(said.file, "parsers/s01-parse/a.yaml");
    }
}

TEST(Scenario, its_record_is_one_line_of_utf8_whatever_was_in_the_log) {
    Overflow overflow;
    overflow.scenario = "a\nb";
    overflow.sources = {{"user", "\xff\x1b[31m\"x\"\xc3\xa9"}};
    overflow.labels = boost::json::object();
    EXPECT_EQ(
        overflow.to_json(),
        "{\"schema\":\"phantom.scenario/1\",\"scenario\":\"a\\nb\",\"source\":{\"scope\":\"user\","
        "\"value\":\"\\\\xff\\u001b[31m\\\"x\\\"\xc3\xa9\"},\"sources\":[{\"scope\":\"user\","
        "\"value\":"
        "\"\\\\xff\\u001b[31m\\\"x\\\"\xc3\xa9\"}],\"events_count\":0,\"start_at\":\"\",\"stop_"
        "at\":\"\","
        "\"remediation\":false,\"labels\":{},\"events\":[]}\n"
    );
    EXPECT_EQ(
        printable("a\x1b[31m\n\xff\xc2\x9b\xc3\xa9"), "a\\x1b[31m\\x0a\\xff\\xc2\\x9b\xc3\xa9"
    );
}

TEST(Stash, keeps_the_newest_for_a_while) {
    Stash stash;
    ASSERT_TRUE(stash.declare("a", 2, 10));
    EXPECT_FALSE(stash.declare("b", 0, 10));
    stash.put("a", "1", "one", 0);
    stash.put("a", "2", "two", 0);
    stash.put("a", "3", "three", 5);
    EXPECT_EQ(stash.get("a", "1", 5), "");
    EXPECT_EQ(stash.get("a", "2", 10), "two");
    EXPECT_EQ(stash.get("a", "2", 11), "");
    EXPECT_EQ(stash.get("a", "3", 11), "three");
    EXPECT_EQ(stash.get("nobody", "3", 11), "");
}

}  // namespace
