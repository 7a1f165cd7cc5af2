#include "daemon/detection_log.h"

#include <gtest/gtest.h>

namespace phantom::daemon {
namespace {

namespace json = boost::json;

respond::Finding finding_by(const char* subject, const char* rule) {
    respond::Finding finding;
    finding.rule = rule;
    finding.text = "tried 300 ports";
    finding.subject = *wire::Address::parse(subject);
    finding.severity = 6;
    finding.evidence = {.family = assess::EvidenceFamily::kScenario, .llr = 7};
    finding.first_seen = finding.at = {1'795'000'000'000'000'000};
    return finding;
}

class Detections : public testing::Test {
  protected:
    respond::Outcome judge(const respond::Finding& finding) {
        const respond::Outcome outcome = pipeline.step(finding);
        log.add(finding, outcome, pipeline.alerts().all().at(outcome.alert));
        return outcome;
    }
    std::vector<std::uint64_t> numbers(const json::object& request) const {
        std::vector<std::uint64_t> out;
        const json::object answer = log.answer(request);
        for (const json::value& each : answer.at("detections").as_array()) {
            out.push_back(each.at("number").to_number<std::uint64_t>());
        }
        return out;
    }

    respond::Pipeline pipeline;
    DetectionLog log;
};

TEST_F(Detections, have_what_the_judgement_made_of_them) {
    const respond::Outcome outcome = judge(finding_by("10.0.0.7", "behaviour:port-scan"));
    const json::object one = log.answer({{"number", 1}});
    EXPECT_EQ(one.at("kind"), "scenario");
    EXPECT_EQ(one.at("alert").to_number<std::uint64_t>(), outcome.alert);
    const respond::Alert& alert = pipeline.alerts().all().at(outcome.alert);
    EXPECT_EQ(one.at("confidence").as_double(), alert.confidence);
    EXPECT_EQ(one.at("risk_tenths").to_number<int>(), alert.risk_tenths);
    EXPECT_EQ(one.at("explanation").as_string(), alert.assessment);
    EXPECT_FALSE(alert.assessment.empty());
    (void)judge(finding_by("10.0.0.7", "behaviour:port-scan"));
    EXPECT_EQ(log.find(2)->explanation, "") << "nothing was new";
    EXPECT_EQ(log.find(2)->alert, outcome.alert);
}

TEST_F(Detections, come_in_pieces_the_newest_first_and_by_what_is_wished) {
    for (int count = 0; count < 4; ++count) {
        (void)judge(finding_by("10.0.0.7", "behaviour:port-scan"));
        (void)judge(finding_by("10.0.0.8", "suricata:1:1"));
    }
    using Numbers = std::vector<std::uint64_t>;
    EXPECT_EQ(numbers({{"count", 3}}), (Numbers{6, 7, 8}));
    EXPECT_EQ(numbers({{"count", 3}, {"before", 6}}), (Numbers{3, 4, 5}));
    EXPECT_EQ(numbers({{"subject", "10.0.0.8"}}), (Numbers{2, 4, 6, 8}));
    EXPECT_EQ(numbers({{"subject", "10.0.0.8"}, {"rule", "behaviour:port-scan"}}), Numbers{});
    EXPECT_EQ(numbers({{"alert", 1}, {"count", 1}}), Numbers{7});
    EXPECT_EQ(numbers({{"kind", "anomaly"}}), Numbers{});
    EXPECT_TRUE(log.answer({{"count", 501}}).contains("error"));
}

TEST_F(Detections, are_the_last_ones_only) {
    for (std::size_t count = 0; count < kDetectionsKept + 5; ++count) {
        (void)judge(finding_by("10.0.0.7", "behaviour:port-scan"));
    }
    EXPECT_EQ(log.all().size(), kDetectionsKept);
    EXPECT_EQ(log.find(5), nullptr);
    EXPECT_EQ(log.find(6)->number, 6U);
    EXPECT_EQ(log.find(kDetectionsKept + 6), nullptr);
    EXPECT_TRUE(log.answer({{"number", 1}}).contains("error"));
}

}  // namespace
}  // namespace phantom::daemon
