#include "respond/peer_reports.h"

#include <gtest/gtest.h>

#include "respond/pipeline.h"

namespace phantom::respond {
namespace {

using namespace std::chrono_literals;

class PeerReportsTest : public testing::Test {
  protected:
    [[nodiscard]] PeerReport report(const std::string& reporter, unsigned subject = 1) const {
        const std::array<std::uint8_t, 4> bytes{
            203, 0, static_cast<std::uint8_t>(subject >> 8U), static_cast<std::uint8_t>(subject)
        };
        return {
            .reporter = reporter,
            .subject = wire::Address::v4(bytes.data()),
            .until = {now_.ns + std::chrono::nanoseconds(1h).count()},
            .confidence = 1,
            .rule = "behaviour:port-scan",
        };
    }
    void pass(Duration time) { now_.ns += time.count(); }

    PeerReports reports_;
    WallTime now_{1'795'000'000'000'000'000};
};

TEST_F(PeerReportsTest, are_evidence_of_their_own_family) {
    const auto finding = reports_.heard(report("birch"), now_);
    ASSERT_TRUE(finding.has_value());
    EXPECT_EQ(finding->evidence.family, assess::EvidenceFamily::kPeerReport);
    EXPECT_DOUBLE_EQ(finding->evidence.llr, kPeerReportLlr);
    EXPECT_EQ(finding->text, "birch acts against it (behaviour:port-scan); 1 members do");
    EXPECT_FALSE(reports_.heard(report("birch"), now_)) << "said already";
    pass(kPeerReportAgain);
    EXPECT_TRUE(reports_.heard(report("birch"), now_)) << "and still so";
}

TEST_F(PeerReportsTest, of_several_members_say_more_and_never_much) {
    double last = 0;
    for (int member = 0; member < 40; ++member) {
        const auto finding = reports_.heard(report("member" + std::to_string(member)), now_);
        ASSERT_TRUE(finding.has_value());
        EXPECT_GE(finding->evidence.llr, last);
        last = finding->evidence.llr;
    }
    EXPECT_DOUBLE_EQ(last, kPeerReportsLlrMax);
}

TEST_F(PeerReportsTest, that_are_over_or_unsure_are_nothing) {
    PeerReport over = report("birch");
    over.until = now_;
    EXPECT_FALSE(reports_.heard(over, now_));
    PeerReport unsure = report("birch");
    unsure.confidence = 0;
    EXPECT_FALSE(reports_.heard(unsure, now_));
    PeerReport endless = report("birch");
    endless.until = {INT64_MAX};
    EXPECT_TRUE(reports_.heard(endless, now_));
    EXPECT_EQ(reports_.size(), 1U);
    pass(kPeerReportLifetime);
    EXPECT_TRUE(reports_.heard(report("cedar", 2), now_));
    EXPECT_EQ(reports_.size(), 1U) << "nobody's word holds for ever";
}

TEST_F(PeerReportsTest, of_one_member_and_of_all_are_bounded) {
    for (unsigned subject = 0; subject < 1'000; ++subject) {
        (void)reports_.heard(report("birch", subject), now_);
    }
    EXPECT_EQ(reports_.size(), kPeerReportsOfOneMax);
    EXPECT_EQ(reports_.refused(), 1'000 - kPeerReportsOfOneMax);
    for (unsigned member = 0; member < 100; ++member) {
        for (unsigned subject = 0; subject < kPeerReportsOfOneMax; ++subject) {
            (void)reports_.heard(report("m" + std::to_string(member), subject), now_);
        }
    }
    EXPECT_EQ(reports_.size(), kPeerReportsMax);
}

TEST_F(PeerReportsTest, alone_never_lead_to_a_block) {
    Pipeline pipeline;
    for (int member = 0; member < 40; ++member) {
        PeerReport said = report("member" + std::to_string(member));
        EXPECT_FALSE(pipeline.step(*reports_.heard(said, now_)).wishes);
    }
}

}  // namespace
}  // namespace phantom::respond
