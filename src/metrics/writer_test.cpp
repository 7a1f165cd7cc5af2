#include "metrics/writer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "metrics/families.h"
#include "metrics/reader_fixture.h"

namespace phantom::metrics {
namespace {

using namespace std::chrono_literals;

constexpr Family kBytes{
    .name = "test_read_bytes",
    .type = Type::kCounter,
    .unit = "bytes",
    .help = "What was read, with a \"quote\" and a \\",
    .labels = {"who"},
    .series_max = 2,
};
constexpr Family kAge{
    .name = "test_age_seconds",
    .type = Type::kGauge,
    .unit = "seconds",
    .help = "How old",
    .labels = {"who"},
    .series_max = 2
};
constexpr Family kBuild{
    .name = "test_build", .type = Type::kInfo, .help = "What it is", .labels = {"version"}
};
constexpr Family kTook{
    .name = "test_took_seconds",
    .type = Type::kHistogram,
    .unit = "seconds",
    .help = "How long",
    .labels = {"stage"},
};

TEST(Writer, writes_what_OpenMetrics_has) {
    Writer writer(Format::kOpenMetrics);
    writer.begin(kBytes);
    writer.add({"amber"}, 7U);
    writer.begin(kBuild);
    writer.add({"0.1"}, 1);
    writer.begin(kAge);
    writer.add({"amber"}, 1.5);
    EXPECT_EQ(
        writer.finish(),
        "# TYPE test_read_bytes counter\n"
        "# UNIT test_read_bytes bytes\n"
        "# HELP test_read_bytes What was read, with a \\\"quote\\\" and a \\\\\n"
        "test_read_bytes_total{who=\"amber\"} 7\n"
        "# TYPE test_build info\n"
        "# HELP test_build What it is\n"
        "test_build_info{version=\"0.1\"} 1\n"
        "# TYPE test_age_seconds gauge\n"
        "# UNIT test_age_seconds seconds\n"
        "# HELP test_age_seconds How old\n"
        "test_age_seconds{who=\"amber\"} 1.5\n"
        "# EOF\n"
    );
}

TEST(Writer, writes_what_Prometheus_text_has) {
    Writer writer(Format::kPrometheus);
    writer.begin(kBytes);
    writer.add({"amber"}, 7U);
    writer.begin(kBuild);
    writer.add({"0.1"}, 1);
    EXPECT_EQ(
        writer.finish(),
        "# TYPE test_read_bytes_total counter\n"
        "# HELP test_read_bytes_total What was read, with a \"quote\" and a \\\\\n"
        "test_read_bytes_total{who=\"amber\"} 7\n"
        "# TYPE test_build_info gauge\n"
        "# HELP test_build_info What it is\n"
        "test_build_info{version=\"0.1\"} 1\n"
    );
}

TEST(Writer, sums_counters_beyond_the_bound_and_leaves_out_gauges) {
    Writer writer(Format::kOpenMetrics);
    writer.begin(kBytes);
    for (const char* who : {"amber", "birch", "cedar", "douglas"}) {
        writer.add({who}, 10U);
    }
    writer.begin(kAge);
    for (const char* who : {"amber", "birch", "cedar"}) {
        writer.add({who}, 1.0);
    }
    EXPECT_EQ(writer.folded(), 3U);
    const PageReader page(writer.finish());
    EXPECT_EQ(page.problem, "");
    EXPECT_EQ(page.value("test_read_bytes_total{who=\"birch\"}"), "10");
    EXPECT_EQ(page.value("test_read_bytes_total{who=\"cedar\"}"), "(none)");
    EXPECT_EQ(page.value("test_read_bytes_total{who=\"_other\"}"), "20");
    EXPECT_EQ(page.values.size(), 5U);
}

TEST(Writer, a_family_after_a_full_one_begins_anew) {
    Writer writer(Format::kOpenMetrics);
    writer.begin(kBytes);
    for (const char* who : {"amber", "birch", "cedar"}) {
        writer.add({who}, 1U);
    }
    writer.begin(kAge);
    writer.add({"amber"}, 1.0);
    const PageReader page(writer.finish());
    EXPECT_EQ(page.problem, "");
    EXPECT_EQ(page.value("test_age_seconds{who=\"_other\"}"), "(none)");
    EXPECT_EQ(page.value("test_read_bytes_total{who=\"_other\"}"), "1");
}

TEST(Writer, buckets_are_of_all_below) {
    Histogram histogram(kStageBounds);
    histogram.observe(1us);
    histogram.observe(1001ns);
    histogram.observe(3ms);
    histogram.observe(1h);
    histogram.observe(-5ms);  // a clock that was set
    Writer writer(Format::kOpenMetrics);
    writer.begin(kTook);
    writer.add({"assess"}, histogram);
    const PageReader page(writer.finish());
    EXPECT_EQ(page.problem, "");
    const auto bucket = [&](const char* le) {
        return page.value(fmt::format("test_took_seconds_bucket{{stage=\"assess\",le=\"{}\"}}", le)
        );
    };
    EXPECT_EQ(bucket("1e-06"), "2");
    EXPECT_EQ(bucket("2e-06"), "3");
    EXPECT_EQ(bucket("0.002"), "3");
    EXPECT_EQ(bucket("0.005"), "4");
    EXPECT_EQ(bucket("1.0"), "4");
    EXPECT_EQ(bucket("+Inf"), "5");
    EXPECT_EQ(page.value("test_took_seconds_count{stage=\"assess\"}"), "5");
    EXPECT_EQ(page.value("test_took_seconds_sum{stage=\"assess\"}"), "3600.003002001");
}

TEST(Writer, what_is_asked_for_is_answered) {
    EXPECT_EQ(format_for(""), Format::kOpenMetrics);
    EXPECT_EQ(format_for("*/*"), Format::kOpenMetrics);
    EXPECT_EQ(format_for("text/plain"), Format::kPrometheus);
    // As Prometheus 2.42 has it.
    EXPECT_EQ(
        format_for("application/openmetrics-text;version=1.0.0,application/"
                   "openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
        ),
        Format::kOpenMetrics
    );
}

RC_GTEST_PROP(Writer, whatever_a_label_says_the_page_can_be_read, (const std::string& text)) {
    for (const Format format : {Format::kOpenMetrics, Format::kPrometheus}) {
        Writer writer(format);
        writer.begin(kAge);
        writer.add({text}, 1.0);
        const PageReader page(writer.finish());
        RC_ASSERT(page.problem == "");
        RC_ASSERT(page.values.size() == 1U);
        RC_ASSERT(page.has_end == (format == Format::kOpenMetrics));
    }
}

}  // namespace
}  // namespace phantom::metrics
