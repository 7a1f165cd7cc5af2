#include "metrics/families.h"

#include <set>

#include <gtest/gtest.h>

#include "base/document_fixture.h"
#include "metrics/reader_fixture.h"
#include "metrics/reference.h"
#include "metrics/writer.h"

namespace phantom::metrics {
namespace {

constexpr const char* kDocument = PM_SOURCE_DIR "/docs/metrics.md";
constexpr std::string_view kBegin = "<!-- made from src/metrics/families.h -->\n";

std::vector<const Family*> all() {
    std::vector<const Family*> families;
    for (const auto group : kFamilyGroups) {
        for (const Family& each : group) {
            families.push_back(&each);
        }
    }
    return families;
}

bool is_label(std::string_view text) {
    return std::ranges::all_of(text, [](char each) {
        return (each >= 'a' && each <= 'z') || each == '_';
    });
}

TEST(Families, are_described_as_OpenMetrics_wants_it) {
    std::set<std::string> names;
    std::size_t own = 0;
    for (const Family* each : all()) {
        const std::string name(each->name);
        EXPECT_TRUE(names.insert(series_name(*each)).second) << name << " comes twice";
        EXPECT_TRUE(is_label(name)) << name;
        for (const char* suffix : {"_total", "_info", "_bucket", "_count", "_sum", "_created"}) {
            EXPECT_FALSE(name.ends_with(suffix)) << name << ": the writer adds suffixes";
        }
        if (!each->unit.empty()) {
            EXPECT_TRUE(name.ends_with("_" + std::string(each->unit))) << name;
        }
        for (const char* unit : {"_seconds", "_bytes", "_ratio"}) {
            EXPECT_EQ(name.ends_with(unit), "_" + std::string(each->unit) == unit) << name;
        }
        EXPECT_GT(each->help.size(), 5U) << name;
        EXPECT_EQ(each->help.find_first_of("\n|"), std::string_view::npos) << name;
        for (const std::string_view label : each->labels) {
            EXPECT_TRUE(is_label(label) && label != "le" && label != "quantile") << name;
        }
        own += name.starts_with("phantommesh_") ? 1 : 0;
    }
    EXPECT_GE(own, 60U);
}

TEST(Families, all_of_them_make_a_page_that_can_be_read) {
    Histogram histogram(kStageBounds);
    for (const Format format : {Format::kOpenMetrics, Format::kPrometheus}) {
        Writer writer(format);
        for (const Family* each : all()) {
            writer.begin(*each);
            if (each->label_count() != 0) {
                continue;
            }
            if (each->type == Type::kHistogram) {
                writer.add({}, histogram);
            } else {
                writer.add({}, 1);
            }
        }
        const PageReader page(writer.finish());
        EXPECT_EQ(page.problem, "");
        EXPECT_EQ(page.types.size(), kFamilyCount);
    }
}

TEST(Families, the_document_has_them_as_they_are) {
    expect_made(kDocument, kBegin, reference_text());
}

}  // namespace
}  // namespace phantom::metrics
