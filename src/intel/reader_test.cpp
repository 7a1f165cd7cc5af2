#include "intel/reader.h"

#include <gtest/gtest.h>

#include "intel/intel_fixture.h"
#include "intel/value.h"

namespace phantom::intel::test {
namespace {

FeedContent read(FeedFormat format, const std::string& text) {
    auto content = read_feed(feed_of(format), text, kTestNow);
    EXPECT_TRUE(content.has_value()) << content.error().to_string();
    return content ? std::move(*content) : FeedContent{};
}

std::string fault(const FeedDescription& feed, const std::string& text) {
    const auto content = read_feed(feed, text, kTestNow);
    return content ? "none" : content.error().to_string();
}

TEST(Lists, take_every_kind_of_value) {
    const FeedContent content = read(
        FeedFormat::kPlain,
        "\xef\xbb\xbf# of today\r\n"
        "192.0.2.1\r\n"
        "198.51.100.0/24   # a network\n"
        "2001:db8::/32\n"
        "::ffff:203.0.113.9\n"
        "\n"
        "; also a comment\n"
        "*.Evil.Example.\n"
        "HTTP://Evil.Example/Path?q#f\n"
        "D41D8CD98F00B204E9800998ECF8427E"
    );
    ASSERT_EQ(content.networks.size(), 4U);
    EXPECT_EQ(content.networks[0].network.to_string(), "192.0.2.1/32");
    EXPECT_EQ(content.networks[3].network.to_string(), "203.0.113.9/32");
    ASSERT_EQ(content.texts.size(), 3U);
    EXPECT_EQ(content.texts[0].text, "evil.example");
    EXPECT_EQ(content.texts[1].text, "http://evil.example/Path?q#f");
    EXPECT_EQ(content.texts[2].text, "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(content.rows, 7U);
    EXPECT_EQ(content.refused, 0U);
}

TEST(Lists, refuse_single_lines_with_their_place) {
    const FeedContent content = read(
        FeedFormat::kPlain,
        "192.0.2.1\n"
        "0.0.0.0/0\n"
        "::/0\n"
        "10.0.0.0/7\n"
        "2001::/15\n"
        "::ffff:0.0.0.0/96\n"
        "1.2.3\n"
        "com\n"
        "two words\n"
        "\x1b[31mred\n"
    );
    EXPECT_EQ(content.size(), 1U);
    EXPECT_EQ(content.refused, 9U);
    EXPECT_EQ(content.malformed, 4U);
    EXPECT_EQ(
        content.refusals[0].to_string(),
        "line 2: 0.0.0.0/0 is more than a list may name: /8 is the least"
    );
    EXPECT_EQ(
        content.refusals[5].to_string(),
        "line 7: '1.2.3' is no address, network, domain, URL or hash"
    );
    EXPECT_EQ(
        content.refusals[8].to_string(),
        "line 10: '?[31mred' is no address, network, domain, URL or hash"
    );
}

TEST(Lists, that_are_something_else_are_refused_as_a_whole) {
    std::string page = "<!doctype html>\n";
    for (int line = 0; line < 20; ++line) {
        page += "<p>Too many requests</p>\n";
    }
    EXPECT_NE(
        fault(feed_of(FeedFormat::kPlain), page).find("are not understood: this is no file of the"),
        std::string::npos
    );
    EXPECT_EQ(fault(feed_of(FeedFormat::kPlain), ""), "there is nothing in it");
    EXPECT_EQ(fault(feed_of(FeedFormat::kPlain), "# nothing\n"), "there is nothing in it");
    EXPECT_EQ(
        fault(feed_of(FeedFormat::kNetset), "evil.example\n"),
        "line 1: nothing can be taken: 'evil.example' is no address and no network"
    );
}

TEST(Lists, of_counts_are_read_with_them) {
    const FeedContent content =
        read(FeedFormat::kIpsum, "192.0.2.1\t10\n192.0.2.2\t999\n192.0.2.3\n192.0.2.4\t0\n");
    ASSERT_EQ(content.networks.size(), 2U);
    EXPECT_EQ(content.networks[0].detail.lists, 10);
    EXPECT_EQ(content.networks[1].detail.lists, 255);
    EXPECT_EQ(
        content.refusals.at(0).to_string(), "line 3: '192.0.2.3' is not an address and a count"
    );
}

TEST(Lists, in_columns_are_read_by_number_and_by_name) {
    FeedDescription feed = feed_of(FeedFormat::kCsv);
    feed.csv.column = 2;
    const auto by_number = read_feed(feed, "x,192.0.2.1\n\"a, b\",\"192.0.2.2\",y\nx\n", kTestNow);
    ASSERT_TRUE(by_number.has_value());
    EXPECT_EQ(by_number->networks.size(), 2U);
    EXPECT_EQ(by_number->refusals.at(0).to_string(), "line 3: 1 columns, and not 2");
    feed.csv = {.column = 1, .column_name = "dst_ip", .delimiter = ';'};
    const auto by_name = read_feed(feed, "# c\nseen;dst_ip\n1;192.0.2.1\n", kTestNow);
    ASSERT_TRUE(by_name.has_value());
    EXPECT_EQ(by_name->networks.size(), 1U);
    EXPECT_EQ(fault(feed, "seen;ip\n1;192.0.2.1\n"), "line 1: no column is called 'dst_ip'");
    EXPECT_EQ(
        fault(feed_of(FeedFormat::kCsv), "\"192.0.2.1\n"),
        "line 1: nothing can be taken: a quote without an end"
    );
}

TEST(Lists, of_too_many_rows_are_refused_where_they_are_too_many) {
    FeedDescription feed = feed_of(FeedFormat::kPlain);
    feed.rows_max = 3;
    EXPECT_EQ(fault(feed, "192.0.2.1\n192.0.2.2\n192.0.2.3\n"), "none");
    EXPECT_EQ(
        fault(feed, "192.0.2.1\n192.0.2.2\n192.0.2.3\n# c\n192.0.2.4\nx y z\n"),
        "line 5: more than 3 entries; \"rows\" of its description may allow more"
    );
    EXPECT_EQ(
        fault(feed_of(FeedFormat::kPlain), std::string(kFeedSizeMax + 1, 'x')), "longer than 64 MiB"
    );
}

TEST(Lists, keep_the_first_refusals_and_count_all) {
    std::string text;
    for (int line = 0; line < 10'000; ++line) {
        text += "192.0.2.1\n";
        text += line % 20 == 0 ? "0.0.0.0/0\n" : "";
    }
    const FeedContent content = read(FeedFormat::kPlain, text);
    EXPECT_EQ(content.refused, 500U);
    EXPECT_EQ(content.refusals.size(), kRefusalsKept);
}

TEST(WarningLists, are_read_by_their_type) {
    const FeedContent networks = read(
        FeedFormat::kMisp, R"({"type": "cidr", "list": ["224.0.0.0/4", "192.0.2.1", "x", 7]})"
    );
    EXPECT_EQ(networks.networks.size(), 2U);
    EXPECT_EQ(networks.refusals.at(0).place, "list[2]");
    EXPECT_EQ(networks.refusals.at(1).to_string(), "list[3]: not a text");
    const FeedContent names =
        read(FeedFormat::kMisp, R"({"type": "hostname", "list": ["one.example", "two.example"]})");
    EXPECT_EQ(names.texts.size(), 2U);
    EXPECT_EQ(
        fault(feed_of(FeedFormat::kMisp), R"({"type": "regex", "list": [".*"]})"),
        "type: 'regex' is not understood; cidr, hostname and string are"
    );
    // Whoever could guard everybody would have switched us off.
    EXPECT_NE(
        fault(feed_of(FeedFormat::kMisp), R"({"type": "cidr", "list": ["0.0.0.0/0"]})"), "none"
    );
}

TEST(JsonFeeds, that_are_cut_off_are_refused_with_the_line) {
    const std::string whole = "{\"type\": \"cidr\",\n\"list\": [\"192.0.2.1\",\n\"192.0.2.2\"]}";
    for (std::size_t size = 1; size < whole.size(); ++size) {
        EXPECT_NE(fault(feed_of(FeedFormat::kMisp), whole.substr(0, size)), "none") << size;
    }
    EXPECT_NE(
        fault(feed_of(FeedFormat::kMisp), whole.substr(0, whole.size() - 4))
            .find("line 3: cut off"),
        std::string::npos
    );
    std::string deep;
    for (int level = 0; level < 100'000; ++level) {
        deep += '[';
    }
    EXPECT_NE(fault(feed_of(FeedFormat::kStix), deep).find("not JSON"), std::string::npos);
}

TEST(Catalogue, of_exploited_vulnerabilities_is_read) {
    const FeedContent content = read(
        FeedFormat::kKev,
        R"({"count": 2, "vulnerabilities": [{"cveID": "CVE-2021-44228"}, {"cveID": "x"}]})"
    );
    ASSERT_EQ(content.exploited.size(), 1U);
    EXPECT_EQ(content.exploited[0].to_string(), "CVE-2021-44228");
    EXPECT_EQ(content.refusals.at(0).place, "vulnerabilities[1].cveID");
    EXPECT_EQ(
        fault(feed_of(FeedFormat::kKev), R"({"count": 3, "vulnerabilities": []})"),
        "count: says 3, and there are 0"
    );
    EXPECT_EQ(Cve::parse("CVE_2021_44228"), Cve::parse("2021-44228"));
    EXPECT_FALSE(Cve::parse("CVE-2021-1").has_value());
    EXPECT_FALSE(Cve::parse("CVE-2021-4422x").has_value());
}

TEST(RealFeeds, are_read_as_they_are) {
    const auto ipsum = threat_text("blocklists/ipsum.txt");
    const auto kev = threat_text("kev/known_exploited_vulnerabilities.json");
    if (!ipsum || !kev) {
        GTEST_SKIP() << "no threat data in $PHANTOM_DATA";
    }
    const FeedContent list = read(FeedFormat::kIpsum, *ipsum);
    EXPECT_EQ(list.networks.size(), 120'430U);
    EXPECT_EQ(list.refused, 0U);
    EXPECT_EQ(read(FeedFormat::kKev, *kev).exploited.size(), 1'404U);
    const std::vector<std::pair<const char*, std::size_t>> lists{
        {"akamai", 268},
        {"amazon-aws", 3'847},
        {"cloudflare", 22},
        {"google-gcp", 471},
        {"googlebot", 65},
        {"multicast", 16},
        {"public-dns-v4", 62'745},
        {"public-dns-v6", 269},
        {"rfc1918", 3},
        {"rfc3849", 1},
        {"rfc5735", 15},
        {"rfc6598", 1},
        {"ti-falsepositives", 24'645},
        {"vpn-ipv4", 42'426},
    };
    for (const auto& [name, count] : lists) {
        const auto text = threat_text(std::string("warninglists/") + name + "/list.json");
        ASSERT_TRUE(text.has_value()) << name;
        const FeedContent content = read(FeedFormat::kMisp, *text);
        EXPECT_EQ(content.size() + content.refused, count) << name;
        EXPECT_EQ(content.refused, 0U)
            << name << ": " << (content.refusals.empty() ? "" : content.refusals[0].to_string());
    }
    const auto substrings = threat_text("warninglists/microsoft-attack-simulator/list.json");
    EXPECT_EQ(
        fault(feed_of(FeedFormat::kMisp), substrings.value_or("")),
        "type: 'substring' is not understood; cidr, hostname and string are"
    );
}

}  // namespace
}  // namespace phantom::intel::test
