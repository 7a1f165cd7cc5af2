#include <gtest/gtest.h>

#include "intel/intel_fixture.h"
#include "intel/json_text.h"
#include "intel/stix_pattern.h"

namespace phantom::intel::test {
namespace {

std::string values(std::string_view pattern) {
    const auto observables = read_stix_pattern(pattern);
    if (!observables) {
        return observables.error();
    }
    std::string text;
    for (const Observable& each : *observables) {
        text += (text.empty() ? "" : " ") + each.value;
    }
    return text;
}

TEST(StixPatterns, of_single_observables_are_understood) {
    EXPECT_EQ(values("[ipv4-addr:value = '192.0.2.1']"), "192.0.2.1");
    EXPECT_EQ(values("[ ipv6-addr:value='2001:db8::1' ]"), "2001:db8::1");
    EXPECT_EQ(values("[ipv4-addr:value ISSUBSET '198.51.100.0/24']"), "198.51.100.0/24");
    EXPECT_EQ(values("[domain-name:value IN ('a.example','b.example')]"), "a.example b.example");
    EXPECT_EQ(
        values("[(url:value = 'http://a.example/\\'q' OR domain-name:value = 'b.example')]"),
        "http://a.example/'q b.example"
    );
    EXPECT_EQ(
        values("[ipv4-addr:value = '192.0.2.1'] OR [domain-name:value = 'c.example']"),
        "192.0.2.1 c.example"
    );
    EXPECT_EQ(values("[file:hashes.'SHA-256' = 'aa' AND file:hashes.MD5 = 'bb']"), "aa bb");
    EXPECT_EQ(
        values("[ipv4-addr:value = '192.0.2.1' AND ipv4-addr:value = '192.0.2.1']"), "192.0.2.1"
    );
}

TEST(StixPatterns, that_say_more_are_refused_with_the_place) {
    EXPECT_EQ(values("[domain-name:value LIKE '%.example']"), "at 20: LIKE is not understood here");
    EXPECT_EQ(
        values("[ipv4-addr:value = '192.0.2.1' AND domain-name:value = 'a.example']"),
        "at 32: AND of different observables is not understood"
    );
    EXPECT_EQ(
        values("[email-message:body_multipart[*].body_raw_ref.name MATCHES '^x']"),
        "at 2: email-message:body_multipart[*].body_raw_ref.name is not understood"
    );
    EXPECT_EQ(
        values("[ipv4-addr:value = '192.0.2.1'] FOLLOWEDBY [ipv4-addr:value = '192.0.2.2']"),
        "at 33: FOLLOWEDBY between or behind [...] is not understood"
    );
    EXPECT_EQ(
        values("[ipv4-addr:value = '192.0.2.1'] WITHIN 5 SECONDS"),
        "at 33: WITHIN between or behind [...] is not understood"
    );
    for (const char* const wrong :
         {"",
          "[",
          "[]",
          "[ipv4-addr:value",
          "[ipv4-addr:value =",
          "[ipv4-addr:value = 'x",
          "[ipv4-addr:value = 'x'",
          "[ipv4-addr:value = 5]",
          "[ipv4-addr:value != 'x']",
          "[NOT ipv4-addr:value = 'x']",
          "[ipv4-addr:value NOT = 'x']",
          "[domain-name:value ISSUBSET 'x']",
          "[ipv4-addr:value IN ()]",
          "[ipv4-addr:value IN ('x',)]",
          "[(ipv4-addr:value = 'x']",
          "[file:hashes.'X' = 'a']",
          "[file:hashes.'SHA-256]",
          "[file:name = 'a' AND file:hashes.MD5 = 'b']",
          "[a[",
          "\\",
          "'"}) {
        EXPECT_NE(values(wrong).find("at "), std::string::npos) << wrong;
    }
    EXPECT_NE(
        values("[" + std::string(100, '(') + "ipv4-addr:value = 'x'").find("nested too deep"),
        std::string::npos
    );
}

std::string bundle_of(const std::string& fields) {
    return R"({"type": "bundle", "objects": [{"type": "indicator", "id": "indicator--1",)" +
           fields + "}]}";
}

OrFault<FeedContent> read_bundle(const std::string& text) {
    return read_stix(feed_of(FeedFormat::kStix), text, kTestNow);
}

TEST(StixBundles, say_how_sure_and_how_long) {
    const auto content = read_bundle(bundle_of(
        R"("pattern": "[ipv4-addr:value = '192.0.2.1']", "pattern_type": "stix", "confidence": 80,
           "valid_from": "2026-11-01T00:00:00Z", "valid_until": "2027-11-01T00:00:00.5Z")"
    ));
    ASSERT_TRUE(content.has_value());
    ASSERT_EQ(content->networks.size(), 1U);
    EXPECT_EQ(content->networks[0].detail.confidence, 80);
    EXPECT_EQ(content->networks[0].detail.since_s, 1'793'491'200U);
    EXPECT_EQ(content->networks[0].detail.until_s, 1'825'027'200U);
}

TEST(StixBundles, count_what_does_not_hold_now) {
    const std::string pattern = R"("pattern": "[ipv4-addr:value = '192.0.2.1']")";
    for (const char* const field :
         {R"(, "revoked": true)", R"(, "valid_until": "2020-01-01T00:00:00Z")",
          R"(, "valid_from": "2030-01-01T00:00:00Z")"}) {
        const auto content = read_bundle(bundle_of(pattern + field));
        ASSERT_TRUE(content.has_value());
        EXPECT_EQ(content->outdated, 1U) << field;
        EXPECT_EQ(content->size(), 0U) << field;
    }
}

TEST(StixBundles, report_each_indicator_that_is_not_understood) {
    const auto reason = [](const std::string& fields) {
        const auto content = read_bundle(bundle_of(fields));
        EXPECT_EQ(content->size(), 0U);
        return content->refusals.empty() ? "none" : content->refusals[0].to_string();
    };
    EXPECT_EQ(
        reason(R"("pattern": "alert tcp", "pattern_type": "suricata")"),
        "objects[0].pattern_type: patterns of 'suricata' are not understood"
    );
    EXPECT_EQ(
        reason(R"("pattern": "[file:name = 'x']")"),
        "objects[0].pattern: at 2: file:name is not understood"
    );
    EXPECT_EQ(
        reason(R"("pattern": "[ipv4-addr:value = 'x']")"),
        "objects[0].pattern: 'x' is no address and no network"
    );
    EXPECT_EQ(
        reason(R"("pattern": "[ipv4-addr:value = '0.0.0.0/0']")"),
        "objects[0].pattern: 0.0.0.0/0 is more than a list may name: /8 is the least"
    );
    EXPECT_EQ(
        reason(R"("pattern": "[url:value = 'x']", "confidence": 101)"),
        "objects[0].confidence: not a number from 0 to 100"
    );
    EXPECT_EQ(
        reason(R"("pattern": "[url:value = 'x']", "valid_from": "yesterday")"),
        "objects[0]: valid_from is no time, as 2026-11-22T20:15:00Z"
    );
    EXPECT_EQ(reason(R"("name": "x")"), "objects[0]: an indicator without a pattern");
}

TEST(StixBundles, take_the_newest_version_of_an_indicator) {
    const auto object = [](const char* modified, const char* address) {
        return std::string(R"({"type": "indicator", "id": "indicator--1", "modified": ")") +
               modified + R"(", "pattern": "[ipv4-addr:value = ')" + address + "']\"}";
    };
    const auto content = read_bundle(
        R"({"type": "bundle", "objects": [)" + object("2026-01-01T00:00:00Z", "192.0.2.1") + "," +
        object("2026-03-01T00:00:00Z", "192.0.2.3") + "," +
        object("2026-02-01T00:00:00Z", "192.0.2.2") + "]}"
    );
    ASSERT_EQ(content->networks.size(), 1U);
    EXPECT_EQ(content->networks[0].network.to_string(), "192.0.2.3/32");
}

TEST(StixBundles, of_the_public_examples_are_read) {
    struct Case {
        const char* name;
        std::size_t networks;
        std::size_t texts;
        std::size_t refused;
    };
    for (const Case& each : {
             Case{"threat-reports/apt1", 4, 6, 2},
             Case{"threat-reports/poisonivy", 40, 24, 3},
             Case{"indicator-for-c2-ip-address", 1, 0, 0},
             Case{"indicators-for-C2-with-COA", 1, 1, 0},
             Case{"malicious-email-indicator-with-attachment", 0, 0, 2},
         }) {
        const auto text = threat_text(std::string("stix/examples/") + each.name + ".json");
        if (!text) {
            GTEST_SKIP() << "no threat data in $PHANTOM_DATA";
        }
        const auto content = read_bundle(*text);
        ASSERT_TRUE(content.has_value()) << each.name << content.error().to_string();
        EXPECT_EQ(content->networks.size(), each.networks) << each.name;
        EXPECT_EQ(content->texts.size(), each.texts) << each.name;
        EXPECT_EQ(content->refused, each.refused)
            << each.name << (content->refusals.empty() ? "" : content->refusals[0].to_string());
    }
}

TEST(StixTimes, are_read_as_universal_time) {
    EXPECT_EQ(timestamp_of("1970-01-01T00:00:00Z"), 0U);
    EXPECT_EQ(timestamp_of("2015-05-15T09:12:16.432678Z"), 1'431'681'136U);
    for (const char* const wrong :
         {"", "2015-05-15", "2015-02-30T00:00:00Z", "2015-05-15T09:12:16+02:00",
          "2015-05-15T24:00:00Z", "1969-01-01T00:00:00Z", "2015-05-15T09:12:16.Zz"}) {
        EXPECT_FALSE(timestamp_of(wrong).has_value()) << wrong;
    }
}

}  // namespace
}  // namespace phantom::intel::test
