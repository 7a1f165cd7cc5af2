#include "metrics/span.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace phantom::metrics {
namespace {

using namespace std::chrono_literals;

constexpr const char* kParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceParent, is_read_and_written_as_W3C_has_it) {
    const auto parent = TraceParent::parse(kParent);
    ASSERT_TRUE(parent.has_value());
    EXPECT_EQ(parent->trace.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(parent->span.to_string(), "00f067aa0ba902b7");
    EXPECT_TRUE(parent->is_sampled);
    EXPECT_EQ(parent->to_string(), kParent);
}

TEST(TraceParent, of_a_later_version_what_is_known_is_taken) {
    const std::string later = fmt::format("cc{}", std::string_view(kParent).substr(2));
    EXPECT_TRUE(TraceParent::parse(later).has_value());
    EXPECT_TRUE(TraceParent::parse(fmt::format("{}-what-will-be", later)).has_value());
    EXPECT_FALSE(TraceParent::parse(fmt::format("{}.what-will-be", later)).has_value());
    EXPECT_FALSE(TraceParent::parse(fmt::format("{}-more", kParent)).has_value());
}

TEST(TraceParent, anything_else_is_none) {
    const std::string good(kParent);
    const std::vector<std::string> all{
        "",
        good.substr(1),
        fmt::format("ff{}", good.substr(2)),
        fmt::format("00-{:032}{}", 0, good.substr(35)),
        fmt::format("{}{:016}-01", good.substr(0, 36), 0),
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        fmt::format("{}0x", good.substr(0, 53)),
    };
    for (const std::string& bad : all) {
        EXPECT_FALSE(TraceParent::parse(bad).has_value()) << bad;
    }
}

Span span_named(std::string name) {
    Span span;
    span.trace = TraceParent::parse(kParent)->trace;
    span.id = TraceParent::parse(kParent)->span;
    span.name = std::move(name);
    span.begin = {1'000'000'000'000'000'001};
    span.end = {1'000'000'000'000'000'003};
    return span;
}

TEST(Otlp, a_span_is_told_as_the_protocol_has_it) {
    Span span = span_named("act \"now\"");
    span.parent.bytes[7] = 1;
    span.kind = Span::Kind::kServer;
    span.outcome = Span::Outcome::kWell;
    span.attributes = {
        {"text", std::string("a\nb")}, {"number", std::int64_t{-7}}, {"real", 0.5}, {"flag", true}
    };
    EXPECT_EQ(
        otlp_json({.version = "0.1", .node = "amber", .mesh = "5e8c"}, std::array{span}),
        "{\"resourceSpans\":[{\"resource\":{\"attributes\":["
        "{\"key\":\"service.name\",\"value\":{\"stringValue\":\"phantommesh\"}},"
        "{\"key\":\"service.version\",\"value\":{\"stringValue\":\"0.1\"}},"
        "{\"key\":\"service.instance.id\",\"value\":{\"stringValue\":\"amber\"}},"
        "{\"key\":\"service.namespace\",\"value\":{\"stringValue\":\"5e8c\"}}]},"
        "\"scopeSpans\":[{\"scope\":{\"name\":\"phantommesh\",\"version\":\"0.1\"},\"spans\":["
        "{\"traceId\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"spanId\":\"00f067aa0ba902b7\","
        "\"parentSpanId\":\"0000000000000001\",\"name\":\"act \\\"now\\\"\",\"kind\":2,"
        "\"startTimeUnixNano\":\"1000000000000000001\",\"endTimeUnixNano\":\"1000000000000000003\","
        "\"attributes\":[{\"key\":\"text\",\"value\":{\"stringValue\":\"a\\u000ab\"}},"
        "{\"key\":\"number\",\"value\":{\"intValue\":\"-7\"}},"
        "{\"key\":\"real\",\"value\":{\"doubleValue\":0.5}},"
        "{\"key\":\"flag\",\"value\":{\"boolValue\":true}}],\"status\":{\"code\":1}}]}]}]}"
    );
}

TEST(Otlp, what_is_too_much_of_a_span_is_left_out) {
    Span span = span_named("x");
    span.end = {};  // a clock that was set back
    span.attributes.assign(kAttributesMax + 5, {"key", std::string(kAttributeSizeMax * 2, 'y')});
    const std::string text = otlp_json({}, std::array{span});
    EXPECT_LT(text.size(), (kAttributesMax + 1) * (kAttributeSizeMax + 64) + 600);
    EXPECT_NE(text.find("\"endTimeUnixNano\":\"1000000000000000001\""), std::string::npos);
}

TEST(SpanQueue, drops_and_counts_what_has_no_room) {
    SpanQueue queue;
    for (std::size_t at = 0; at < kSpansMax + 3; ++at) {
        queue.put(span_named(std::to_string(at)));
    }
    EXPECT_EQ(queue.counts().put, kSpansMax);
    EXPECT_EQ(queue.counts().dropped, 3U);
    EXPECT_EQ(queue.take(1s).size(), kSpanBatchMax);
    const std::vector<Span> next = queue.take(1s);
    ASSERT_EQ(next.size(), kSpanBatchMax);
    EXPECT_EQ(next.front().name, std::to_string(kSpanBatchMax));
}

TEST(SpanQueue, who_waits_hears_of_the_end) {
    SpanQueue queue;
    queue.stop();
    EXPECT_TRUE(queue.take(1h).empty());
    queue.put(span_named("late"));
    EXPECT_EQ(queue.counts().dropped, 1U);
}

}  // namespace
}  // namespace phantom::metrics
