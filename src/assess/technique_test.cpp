#include "assess/technique.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "assess/errors.h"
#include "assess/threat_data_fixture.h"

namespace phantom::assess {
namespace {

namespace json = boost::json;

TechniqueId id(std::string_view text) {
    return TechniqueId::parse(text).value();
}

TechniqueTable small_table() {
    const std::vector<TechniqueEntry> entries{
        {"T1110", {"credential-access"}},
        {"T1078", {"stealth", "persistence", "privilege-escalation", "initial-access"}},
        {"T1110.003", {"credential-access", "lateral-movement"}},
        {"T1595", {"reconnaissance"}},
    };
    return TechniqueTable::make(kEnterpriseTactics, entries).value();
}

TEST(TechniqueId, is_read_and_written) {
    for (const char* text : {"T1110", "T1110.003", "T0001", "T9999.999"}) {
        EXPECT_EQ(id(text).to_string(), text);
    }
    for (const char* text :
         {"", "T", "1110", "t1110", "T110", "T11100", "T111a", "T1110.", "T1110.3", "T1110.0003",
          "T1110.000", "T0000", "T1110.003 ", "T+110", "T1110.-01", "T.001"}) {
        EXPECT_FALSE(TechniqueId::parse(text).has_value()) << text;
    }
}

TEST(TechniqueTable, knows_tactics_and_their_order) {
    const TechniqueTable table = small_table();
    EXPECT_EQ(table.size(), 4U);
    EXPECT_EQ(table.first_of(table.tactics_of(id("T1078"))), "initial-access");
    EXPECT_EQ(table.tactics_of(id("T1110.001")), table.tactics_of(id("T1110")));
    EXPECT_NE(table.tactics_of(id("T1110.003")), table.tactics_of(id("T1110")));
    EXPECT_EQ(table.tactics_of(id("T1111")), 0U);
    EXPECT_EQ(table.tactics_of(id("T1111.001")), 0U);
}

TEST(TechniqueTable, a_successor_serves_a_later_tactic) {
    const TechniqueTable table = small_table();
    EXPECT_TRUE(table.is_successor(id("T1595"), id("T1078")));
    EXPECT_TRUE(table.is_successor(id("T1078"), id("T1110")));
    EXPECT_TRUE(table.is_successor(id("T1078"), id("T1078"))) << "initial access, then persistence";
    EXPECT_FALSE(table.is_successor(id("T1110"), id("T1595")));
    EXPECT_FALSE(table.is_successor(id("T1110"), id("T1110")));
    EXPECT_FALSE(table.is_successor(id("T1110"), id("T1111"))) << "nobody knows that one";
}

TEST(TechniqueTable, refuses_what_it_cannot_place) {
    const auto error_of = [](const std::vector<TechniqueEntry>& entries) {
        return TechniqueTable::make(kEnterpriseTactics, entries).error();
    };
    EXPECT_TRUE(error_of({{"T1110", {}}, {"X", {}}}).is(AssessError::kBadTechnique));
    EXPECT_EQ(error_of({{"T1110", {}}, {"X", {}}}).detail(), 1U);
    EXPECT_TRUE(error_of({{"T1110", {"magic"}}}).is(AssessError::kUnknownTactic));
    EXPECT_TRUE(error_of({{"T1110", {}}, {"T1110", {}}}).is(AssessError::kTechniqueTwice));
    const std::vector<TechniqueEntry> many(kTechniquesMax + 1);
    EXPECT_TRUE(error_of(many).is(AssessError::kTooManyTechniques));
    const std::vector<std::string_view> tactics(kTacticsMax + 1, "t");
    EXPECT_TRUE(TechniqueTable::make(tactics, {}).error().is(AssessError::kTooManyTechniques));
}

// "attack-Linux:credential-access", as MISP's cluster has it.
std::string_view tactic_in(const json::value& step) {
    const std::string_view text = step.as_string();
    return text.substr(text.rfind(':') + 1);
}

TEST(TechniqueTable, takes_all_of_att_ck_for_enterprises) {
    constexpr const char* kCluster = "attack/mitre-attack-pattern.json";
    const auto text = test::read_threat_data(kCluster);
    if (!text) {
        GTEST_SKIP() << test::threat_data(kCluster) << " is not there";
    }
    const json::value cluster = json::parse(*text);
    std::map<std::string, std::set<std::string_view>> found;
    for (const auto& value : cluster.at("values").as_array()) {
        const auto& meta = value.at("meta").as_object();
        const auto* steps = meta.if_contains("kill_chain");
        const std::string name(meta.at("external_id").as_string());
        if (steps == nullptr || !TechniqueId::parse(name)) {
            continue;  // what came before ATT&CK, "PRE-T1392"
        }
        for (const auto& step : steps->as_array()) {
            if (std::ranges::find(kEnterpriseTactics, tactic_in(step)) !=
                kEnterpriseTactics.end()) {
                found[name].insert(tactic_in(step));
            }
        }
    }
    std::vector<TechniqueEntry> entries;
    entries.reserve(found.size());
    for (const auto& [name, tactics] : found) {
        entries.push_back({name, {tactics.begin(), tactics.end()}});
    }
    EXPECT_GT(entries.size(), 500U);
    const auto table = TechniqueTable::make(kEnterpriseTactics, entries).value();
    EXPECT_EQ(table.first_of(table.tactics_of(id("T1110.003"))), "credential-access");
    EXPECT_EQ(table.first_of(table.tactics_of(id("T1046"))), "discovery");
    EXPECT_TRUE(
        table.is_successor(id("T1046"), id("T1110")) || table.is_successor(id("T1110"), id("T1046"))
    );
}

}  // namespace
}  // namespace phantom::assess
