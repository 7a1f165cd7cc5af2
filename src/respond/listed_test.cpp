#include "respond/listed.h"

#include <gtest/gtest.h>

#include "intel/version.h"
#include "respond/asked_name.h"
#include "respond/pipeline.h"
#include "wire/dns_name.h"

namespace phantom::respond {
namespace {

using namespace std::chrono_literals;
using Packet = std::vector<std::uint8_t>;

constexpr WallTime kSeen{1'795'000'000'000'000'000};

wire::Address named(std::string_view text) {
    return *wire::Address::parse(text);
}

Packet packet_between(
    std::string_view from, std::string_view to, std::uint8_t protocol, const Packet& payload
) {
    Packet packet(20 + payload.size());
    packet[0] = 0x45;
    store_be(&packet[2], static_cast<std::uint16_t>(packet.size()));
    packet[9] = protocol;
    std::copy_n(named(from).bytes.begin(), 4, &packet[12]);
    std::copy_n(named(to).bytes.begin(), 4, &packet[16]);
    std::ranges::copy(payload, packet.begin() + 20);
    return packet;
}

Packet tcp_between(
    std::string_view from, std::uint16_t from_port, std::string_view to, std::uint16_t to_port,
    std::uint8_t flags, const Packet& payload = {}
) {
    Packet segment(20);
    store_be(segment.data(), from_port);
    store_be(&segment[2], to_port);
    segment[12] = 0x50;
    segment[13] = flags;
    segment.insert(segment.end(), payload.begin(), payload.end());
    return packet_between(from, to, wire::kProtocolTcp, segment);
}

Packet query_for(std::string_view name) {
    Packet message{0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    const wire::DnsName encoded = *wire::DnsName::parse(name);
    const ByteView bytes = encoded.bytes();
    message.insert(message.end(), bytes.begin(), bytes.end());
    message.insert(message.end(), {0, 1, 0, 1});
    Packet datagram(8);
    store_be(datagram.data(), std::uint16_t{40'000});
    store_be(&datagram[2], std::uint16_t{53});
    store_be(&datagram[4], static_cast<std::uint16_t>(8 + message.size()));
    datagram.insert(datagram.end(), message.begin(), message.end());
    return packet_between("10.0.0.1", "10.0.0.53", wire::kProtocolUdp, datagram);
}

void put16(Packet& to, std::size_t value) {
    to.push_back(static_cast<std::uint8_t>(value >> 8U));
    to.push_back(static_cast<std::uint8_t>(value));
}

// A TLS client's hello, with `before` bytes of another extension before the name, and its lengths as they are.
Packet hello_for(std::string_view name, std::size_t before = 0) {
    Packet extensions;
    put16(extensions, 51);
    put16(extensions, before);
    extensions.resize(extensions.size() + before);
    put16(extensions, 0);
    put16(extensions, name.size() + 5);
    put16(extensions, name.size() + 3);
    extensions.push_back(0);
    put16(extensions, name.size());
    extensions.insert(extensions.end(), name.begin(), name.end());
    Packet body{3, 3};
    body.resize(2 + 32);
    body.insert(body.end(), {0, 0, 2, 0x13, 1, 1, 0});
    put16(body, extensions.size());
    body.insert(body.end(), extensions.begin(), extensions.end());
    Packet record{22, 3, 1};
    put16(record, body.size() + 4);
    record.insert(record.end(), {1, 0});
    put16(record, body.size());
    record.insert(record.end(), body.begin(), body.end());
    return record;
}

std::string asked(const Packet& packet) {
    const auto ip = wire::parse_ip(packet);
    const auto view = policy::view_packet(packet, *ip);
    return std::string(AskedName(packet, view->flow).text());
}

TEST(AskedName, is_read_from_queries_and_hellos) {
    EXPECT_EQ(asked(query_for("www.evil.example")), "www.evil.example");
    const auto hello = [](const Packet& payload) {
        return asked(tcp_between("10.0.0.1", 40'000, "192.0.2.1", 443, 0x18, payload));
    };
    EXPECT_EQ(hello(hello_for("evil.example")), "evil.example");
    EXPECT_EQ(hello(hello_for("evil.example", 1'100)), "evil.example");
    Packet cut = hello_for("evil.example", 1'100);
    cut.resize(cut.size() + 300);  // the record goes on in another segment
    EXPECT_EQ(hello(cut), "evil.example");
    cut = hello_for("evil.example", 1'100);
    cut.resize(1'000);
    EXPECT_EQ(hello(cut), "");
    EXPECT_EQ(hello({}), "");
    EXPECT_EQ(hello({22, 3, 1}), "");
    Packet reply = query_for("www.evil.example");
    reply[20 + 8 + 2] |= 0x80;
    EXPECT_EQ(asked(reply), "");
}

class ListedTest : public testing::Test {
  protected:
    ListedTest() : watch_(box_, random_) {
        publish("192.0.2.1\t2\n203.0.113.0/24\t1\n", "evil.example\n");
    }

    void publish(const std::string& counted, const std::string& names) {
        intel::FeedDescription ipsum{.name = "ipsum", .path = "i", .csv = {}};
        ipsum.format = intel::FeedFormat::kIpsum;
        const intel::FeedDescription domains{.name = "domains", .path = "d", .csv = {}};
        intel::FeedDescription kev{.name = "kev", .path = "k", .csv = {}};
        kev.format = intel::FeedFormat::kKev;
        kev.kind = intel::FeedKind::kKev;
        std::vector<intel::Snapshot::Input> inputs;
        for (const auto& [about, text] :
             {std::pair{ipsum, counted},
              {domains, names},
              {kev, std::string(R"({"vulnerabilities": [{"cveID": "CVE-2021-44228"}]})")}}) {
            inputs.push_back(
                {choose_version(
                     about,
                     {.current = intel::FeedFile{text, {kSeen.ns - 86'400'000'000'000 * 7}},
                      .last_good = std::nullopt},
                     kSeen
                 ),
                 std::make_shared<std::atomic<std::uint64_t>>(0)}
            );
        }
        box_.publish(intel::Snapshot::build(std::move(inputs), {}, random_));
    }
    std::vector<Finding> see(const Packet& packet) {
        std::vector<Finding> findings;
        watch_.packet(packet, kSeen, [&](Finding finding) {
            findings.push_back(std::move(finding));
        });
        return findings;
    }

    SeededRandom random_{1};
    intel::SnapshotBox box_;
    ListedWatch watch_;
};

TEST_F(ListedTest, tells_once_of_a_flow_that_a_listed_address_began) {
    const Packet begins = tcp_between("192.0.2.1", 40'000, "10.0.0.1", 22, 0x02);
    const auto findings = see(begins);
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].rule, "feed:ipsum");
    EXPECT_EQ(
        findings[0].text, "192.0.2.1 comes to 10.0.0.1 port 22: named by ipsum (2 lists, 7 d old)"
    );
    EXPECT_EQ(findings[0].subject, named("192.0.2.1"));
    EXPECT_EQ(findings[0].evidence.family, assess::EvidenceFamily::kReputation);
    // 1 - (1 - 0.5)^2, a half-life old.
    ASSERT_EQ(findings[0].reputation.hits.size(), 1U);
    EXPECT_NEAR(assess::reputation_of(findings[0].reputation.hits), 0.375, 1e-9);
    EXPECT_TRUE(see(begins).empty());
    EXPECT_TRUE(see(tcp_between("10.0.0.1", 22, "192.0.2.1", 40'000, 0x12)).empty());
    EXPECT_EQ(box_.current()->feeds()[0].hits->load(), 1U);
}

TEST_F(ListedTest, says_nothing_of_what_was_named_too_long_ago) {
    const WallTime a_year_on{kSeen.ns + Duration(std::chrono::days(365)).count()};
    std::size_t told = 0;
    const Packet begins = tcp_between("192.0.2.1", 40'000, "10.0.0.1", 22, 0x02);
    watch_.packet(begins, a_year_on, [&](const Finding&) { ++told; });
    EXPECT_EQ(told, 0U);
    EXPECT_EQ(box_.current()->feeds()[0].hits->load(), 1U);
}

TEST_F(ListedTest, says_who_began_when_the_answer_is_seen_first) {
    const auto findings = see(tcp_between("203.0.113.7", 443, "10.0.0.1", 40'000, 0x12));
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].rule, "feed-contact:ipsum");
    EXPECT_EQ(findings[0].subject, named("10.0.0.1"));
    EXPECT_EQ(findings[0].object, named("203.0.113.7"));
    EXPECT_NEAR(assess::reputation_of(findings[0].reputation.hits), 0.125, 1e-9);
}

TEST_F(ListedTest, looks_at_a_known_flow_again_with_new_feeds) {
    const Packet packet = tcp_between("198.51.100.1", 40'000, "10.0.0.1", 22, 0x10);
    EXPECT_TRUE(see(packet).empty());
    publish("198.51.100.1\t1\n", "evil.example\n");
    EXPECT_EQ(see(packet).size(), 1U);
}

TEST_F(ListedTest, tells_of_names_that_are_asked_for) {
    const auto findings = see(query_for("www.Evil.example"));
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].rule, "feed-name:domains");
    EXPECT_EQ(findings[0].subject, named("10.0.0.1"));
    EXPECT_NE(findings[0].text.find("asks for www.Evil.example"), std::string::npos);
    EXPECT_TRUE(see(query_for("www.good.example")).empty());
    EXPECT_EQ(
        see(tcp_between("10.0.0.1", 1, "10.0.0.2", 443, 0x18, hello_for("evil.example"))).size(), 1U
    );
}

TEST_F(ListedTest, adds_what_feeds_say_to_other_findings) {
    Finding finding;
    finding.text = "many ports";
    finding.subject = named("192.0.2.1");
    watch_.add_reputation(finding, kSeen);
    EXPECT_EQ(finding.reputation.to_string(), "ipsum (2 lists, 7 d old)");
    detect::Rule rule;
    rule.references = {"url,example.com", "cve,2021-44228"};
    finding.severity = 5;
    watch_.add_exploited(finding, rule);
    EXPECT_DOUBLE_EQ(finding.severity, 9);
    EXPECT_EQ(finding.text, "many ports (CVE-2021-44228 is known to be exploited)");
    rule.references.clear();
    rule.metadata = {{"cve", "CVE_2021_44229"}};
    finding.severity = 5;
    watch_.add_exploited(finding, rule);
    EXPECT_DOUBLE_EQ(finding.severity, 5);
}

// Feeds that name somebody are no reason to cut him off; with something that was seen they are part of one.
TEST_F(ListedTest, alone_is_evidence_and_no_verdict) {
    Pipeline pipeline;
    Finding listed = see(tcp_between("192.0.2.1", 40'000, "10.0.0.1", 22, 0x02)).at(0);
    listed.reputation.hits = {{.confidence = 0.999, .age = 0s, .half_life = 1h}};
    listed.evidence = *assess::reputation_evidence(listed.reputation.hits, kPrior);
    const Outcome alone = pipeline.step(listed);
    EXPECT_FALSE(alone.wishes);
    EXPECT_GT(pipeline.alerts().all().at(alone.alert).confidence, 0.9);
    EXPECT_EQ(pipeline.alerts().all().at(alone.alert).feeds.at(0), "ipsum (2 lists, 7 d old)");
    Finding scan = listed;
    scan.rule = "behaviour:port-scan";
    scan.severity = 6;
    scan.evidence = {.family = assess::EvidenceFamily::kScenario, .llr = 5};
    EXPECT_TRUE(pipeline.step(scan).wishes);
    Pipeline without;
    scan.reputation = {};
    EXPECT_FALSE(without.step(scan).wishes) << "the scan alone is not enough";
}

}  // namespace
}  // namespace phantom::respond
