#include "daemon/response_traces.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "daemon/trace_service.h"

namespace phantom::daemon {
namespace {

using namespace std::chrono_literals;

class ResponseTracesTest : public testing::Test {
  protected:
    ResponseTracesTest() { traces_.set_node(node_named(7)); }

    static identity::NodeId node_named(std::uint8_t byte) {
        identity::NodeId node;
        node.bytes.fill(byte);
        return node;
    }
    respond::Finding finding(const char* subject, const char* rule) const {
        respond::Finding made;
        made.rule = rule;
        made.text = "it was seen";
        made.subject = *wire::Address::parse(subject);
        made.severity = 8;
        made.evidence = {.family = assess::EvidenceFamily::kSignature, .llr = 9};
        made.first_seen = now_;
        made.at = now_;
        return made;
    }
    const respond::Alert& raise(const respond::Finding& finding) {
        const respond::Outcome outcome = pipeline_.step(finding);
        EXPECT_NE(outcome.incident, 0U);
        return pipeline_.alerts().all().at(outcome.alert);
    }

    respond::Pipeline pipeline_;
    SeededRandom random_{1};
    ResponseTraces traces_{pipeline_, random_};
    metrics::SpanQueue queue_;
    WallTime now_ = wall_now();
    std::array<StageTimes::Lap, 2> laps_{
        StageTimes::Lap{respond::Stage::kFold, monotonic_now(), monotonic_now()},
        StageTimes::Lap{respond::Stage::kAct, monotonic_now(), monotonic_now()},
    };
};

TEST_F(ResponseTracesTest, alerts_of_one_incident_are_of_one_trace) {
    const respond::Alert& first = raise(finding("192.0.2.1", "a:one"));
    const respond::Alert& second = raise(finding("192.0.2.1", "a:two"));
    const respond::Alert& other = raise(finding("198.51.100.9", "b:one"));
    ASSERT_EQ(first.incident, second.incident);
    EXPECT_EQ(traces_.trace_of(first), traces_.trace_of(second));
    EXPECT_EQ(
        traces_.trace_of(first), traces_.trace_of(pipeline_.incidents().all().at(first.incident))
    );
    EXPECT_NE(traces_.trace_of(first), traces_.trace_of(other));
}

TEST_F(ResponseTracesTest, names_are_the_nodes_own_and_the_same_after_a_restart) {
    const respond::Alert& alert = raise(finding("192.0.2.1", "a:one"));
    const metrics::TraceId before = traces_.trace_of(alert);
    EXPECT_FALSE(before.is_none());
    SeededRandom elsewhere(2);
    ResponseTraces again(pipeline_, elsewhere);
    again.set_node(node_named(7));
    EXPECT_EQ(again.trace_of(alert), before);
    again.set_node(node_named(8));
    EXPECT_NE(again.trace_of(alert), before);
}

TEST_F(ResponseTracesTest, nothing_is_made_that_nobody_wants) {
    const respond::Finding seen = finding("192.0.2.1", "a:one");
    traces_.finding(raise(seen), seen, laps_);
    EXPECT_EQ(queue_.counts().put, 0U);
}

TEST_F(ResponseTracesTest, a_finding_is_a_span_with_its_stages_below_it) {
    traces_.send_to(&queue_);
    const respond::Finding seen = finding("192.0.2.1", "a:one");
    const respond::Alert& alert = raise(seen);
    traces_.finding(alert, seen, laps_);
    const respond::Finding more = finding("192.0.2.1", "a:two");
    traces_.finding(raise(more), more, laps_);
    const std::vector<metrics::Span> spans = queue_.take(1s);
    ASSERT_EQ(spans.size(), 6U);
    const metrics::Span& root = spans[2];
    EXPECT_EQ(root.name, "finding");
    EXPECT_TRUE(root.parent.is_none()) << "it begins the trace";
    EXPECT_EQ(spans[0].name, "fold");
    EXPECT_EQ(spans[1].name, "act");
    EXPECT_EQ(spans[0].parent, root.id);
    EXPECT_EQ(spans[5].name, "finding");
    EXPECT_EQ(spans[5].parent, root.id) << "the second alert is a part of it";
    std::set<metrics::SpanId> ids;
    for (const metrics::Span& each : spans) {
        EXPECT_EQ(each.trace, traces_.trace_of(alert));
        EXPECT_TRUE(ids.insert(each.id).second) << each.name;
        EXPECT_LE(each.begin, each.end) << each.name;
        const auto whole = std::ranges::find(spans, each.parent, &metrics::Span::id);
        if (each.name != "finding" && whole != spans.end()) {
            EXPECT_GE(each.begin, whole->begin) << each.name;
        }
    }
}

TEST_F(ResponseTracesTest, a_question_is_traced_where_its_asker_samples_it) {
    traces_.send_to(&queue_);
    metrics::TraceParent parent;
    parent.trace.bytes[0] = 1;
    parent.span.bytes[0] = 2;
    traces_.question(parent, "alerts", now_, true);
    EXPECT_EQ(queue_.counts().put, 0U);
    parent.is_sampled = true;
    traces_.question(parent, "alerts", now_, false);
    const std::vector<metrics::Span> spans = queue_.take(1s);
    ASSERT_EQ(spans.size(), 1U);
    EXPECT_EQ(spans[0].trace, parent.trace);
    EXPECT_EQ(spans[0].parent, parent.span);
    EXPECT_EQ(spans[0].outcome, metrics::Span::Outcome::kFailed);
}

TEST(TracePlace, is_a_URL_or_off) {
    EXPECT_TRUE(is_trace_place("off"));
    EXPECT_TRUE(is_trace_place("http://127.0.0.1:4318/v1/traces"));
    EXPECT_TRUE(is_trace_place("https://collector.example/v1/traces"));
    EXPECT_FALSE(is_trace_place(""));
    EXPECT_FALSE(is_trace_place("file:///etc/passwd"));
    EXPECT_FALSE(is_trace_place("http://a b"));
    EXPECT_FALSE(is_trace_place("http://" + std::string(kTracePlaceMax, 'x')));
}

}  // namespace
}  // namespace phantom::daemon
