#include "assess/environment.h"

#include <gtest/gtest.h>

namespace phantom::assess {
namespace {

constexpr const char* kVendor31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
constexpr const char* kVendor40 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";

std::string placed(const std::string& vector, const Environment& environment) {
    return in_environment(parse_cvss(vector).value(), environment).to_string();
}

TEST(Environment, fills_in_what_the_vector_leaves_open) {
    const std::string vendor31 = kVendor31;
    const std::string vendor40 = kVendor40;
    EXPECT_EQ(placed(vendor31, {}), vendor31 + "/CR:M/IR:M/AR:M");
    EXPECT_EQ(
        placed(vendor31, {AssetCriticality::kHigh, true, false}),
        vendor31 + "/E:H/CR:H/IR:H/AR:H/MAV:A"
    );
    EXPECT_EQ(
        placed(vendor40, {AssetCriticality::kLow, true, false}),
        vendor40 + "/E:A/CR:L/IR:L/AR:L/MAV:A"
    );
}

TEST(Environment, leaves_what_somebody_has_said_but_that_nobody_exploits_it) {
    const std::string vendor = kVendor31;
    EXPECT_EQ(
        placed(vendor + "/E:U/CR:L/MAV:L", {AssetCriticality::kHigh, false, false}),
        vendor + "/E:U/CR:L/IR:H/AR:H/MAV:L"
    );
    EXPECT_EQ(
        placed(vendor + "/E:U", {AssetCriticality::kMedium, true, true}),
        vendor + "/E:H/CR:M/IR:M/AR:M"
    );
    EXPECT_EQ(
        placed("CVSS:3.0/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", {.exposed = false}),
        "CVSS:3.0/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/CR:M/IR:M/AR:M"
    ) << "what is local is no more adjacent";
}

TEST(Environment, a_more_critical_asset_is_never_less_severe) {
    for (const char* vendor : {kVendor31, kVendor40}) {
        const auto score = [&](AssetCriticality criticality) {
            const auto vector = parse_cvss(vendor).value();
            return severity_score(in_environment(vector, {.criticality = criticality}));
        };
        EXPECT_LE(score(AssetCriticality::kLow), score(AssetCriticality::kMedium));
        EXPECT_LE(score(AssetCriticality::kMedium), score(AssetCriticality::kHigh));
        EXPECT_LT(score(AssetCriticality::kLow), score(AssetCriticality::kHigh));
    }
}

}  // namespace
}  // namespace phantom::assess
