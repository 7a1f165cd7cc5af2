#include "detect/detector.h"

#include <gtest/gtest.h>

#include "detect/detect_fixture.h"

namespace phantom::detect {
namespace {

using Sids = std::vector<std::uint32_t>;

TEST(Detector, follows_a_connection_to_its_request_and_response) {
    Connection connection;
    connection.say(true, "GET /shell.php HTTP/1.1\r\nHost: victim.example\r\n\r\n");
    connection.say(false, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nuid=0(ro");
    EXPECT_EQ(
        sids_of(
            "alert http any any -> any any (flow:to_server; http.uri; content:\"shell\"; sid:1;)\n"
            "alert http any any -> any any (flow:to_client; file.data; content:\"uid=0\"; sid:2;)\n"
            "alert http any any -> any any (http.uri; content:\"other\"; sid:3;)\n"
            "alert http any any -> 10.0.0.0/8 any (http.stat_code; content:\"200\"; sid:4;)\n"
            "alert http any any -> any 80 (http.host; content:\"victim\"; urilen:10; sid:5;)",
            connection.frames
        ),
        (Sids{1, 5, 2, 4})
    );
}

TEST(Detector, finds_a_pattern_that_is_cut_across_segments) {
    Connection connection;
    connection.say(true, "xxATT");
    connection.say(true, "ACKxx");
    const char* rules =
        "alert tcp any any -> any any (content:\"ATTACK\"; sid:1;)\n"
        "alert tcp-pkt any any -> any any (content:\"ATTACK\"; sid:2;)";
    EXPECT_EQ(sids_of(rules, connection.frames), Sids{1});
}

TEST(Detector, tells_a_stream_rule_once) {
    Connection connection;
    connection.say(true, "ATTACK");
    connection.say(true, "more");
    connection.say(true, "and more");
    EXPECT_EQ(
        sids_of("alert tcp any any -> any any (content:\"ATTACK\"; sid:1;)", connection.frames),
        Sids{1}
    );
}

TEST(Detector, does_not_look_at_unacknowledged_bytes_unless_inline) {
    Connection connection;
    connection.segment(true, kTcpAckFlag, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::vector<Bytes> frames = connection.frames;
    const char* rule = "alert http any any -> any any (http.uri; content:\"/x\"; sid:1;)";
    // The end of the capture counts as an acknowledgement; what follows first tells the difference.
    connection.segment(true, kTcpAckFlag, "");
    const RuleSet rules = rules_of(rule);
    for (const bool inline_mode : {false, true}) {
        Detector detector(rules, {.check_checksums = false, .inline_mode = inline_mode, .tcp = {}});
        std::size_t seen = 0;
        const Detector::Sinks sinks{.detection = [&](const Detection&) { ++seen; }, .file = {}};
        for (const Bytes& frame : frames) {
            Packet packet;
            packet.link_type = kLinkRaw;
            packet.frame = frame;
            detector.packet(packet, sinks);
        }
        EXPECT_EQ(seen, inline_mode ? 1U : 0U);
        detector.end(sinks);
        EXPECT_EQ(seen, 1U);
    }
}

TEST(Detector, needs_the_beginning_of_a_connection_unless_midstream) {
    Connection connection;
    connection.say(true, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::vector<Bytes> middle(connection.frames.begin() + 3, connection.frames.end());
    const char* rule = "alert http any any -> any any (http.uri; content:\"/x\"; sid:1;)";
    EXPECT_EQ(sids_of(rule, middle), Sids{});
    EXPECT_EQ(
        sids_of(rule, middle, {.check_checksums = false, .tcp = {.midstream = true}}), Sids{1}
    );
}

TEST(Detector, remembers_flowbits_and_counters) {
    Connection connection;
    connection.say(true, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
    connection.say(false, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(
        sids_of(
            "alert http any any -> any any (http.uri; content:\"/1\"; flowbits:set,one; "
            "flowint:n,=,5; noalert; sid:1;)\n"
            "alert http any any -> any any (http.stat_code; content:\"200\"; "
            "flowbits:isset,one|two; "
            "flowint:n,>,4; sid:2;)\n"
            "alert http any any -> any any (http.stat_code; content:\"200\"; flowbits:isset,two; "
            "sid:3;)\n"
            "alert http any any -> any any (http.stat_code; content:\"200\"; "
            "flowbits:isnotset,two; sid:4;)",
            connection.frames
        ),
        (Sids{2, 4})
    );
}

TEST(Detector, passes_what_a_pass_rule_takes) {
    Connection connection;
    connection.say(true, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(
        sids_of(
            "alert http any any -> any any (http.uri; content:\"/1\"; sid:1;)\n"
            "pass http any any -> any any (http.uri; content:\"/1\"; sid:2;)",
            connection.frames
        ),
        Sids{}
    );
}

TEST(Detector, counts_for_thresholds) {
    std::vector<Bytes> frames;
    frames.reserve(10);
    for (unsigned count = 0; count < 10; ++count) {
        frames.push_back(udp(true, 9, bytes_of("x")));
    }
    const auto told = [&](const std::string& option) {
        return sids_of("alert udp any any -> any any (" + option + " sid:1;)", frames).size();
    };
    EXPECT_EQ(told("content:\"x\";"), 10U);
    EXPECT_EQ(told("content:\"x\"; threshold:type limit,track by_src,count 2,seconds 60;"), 2U);
    EXPECT_EQ(told("content:\"x\"; threshold:type threshold,track by_dst,count 3,seconds 60;"), 3U);
    EXPECT_EQ(told("content:\"x\"; threshold:type both,track by_rule,count 4,seconds 60;"), 1U);
    EXPECT_EQ(told("content:\"x\"; detection_filter:track by_src,count 7,seconds 60;"), 3U);
    EXPECT_EQ(told("content:\"x\"; threshold:type limit,track by_src,count 1,seconds 4;"), 2U);
    EXPECT_EQ(
        told("content:\"x\"; detection_filter:track by_src,count 2,seconds 60,unique_on src_port;"),
        0U
    );
}

TEST(Detector, looks_at_headers) {
    const std::vector<Bytes> frames{ipv4(true, kIpIcmp, {8, 0, 0, 0, 0, 3, 0, 9, 'p'})};
    EXPECT_EQ(
        sids_of(
            "alert icmp any any -> any any (itype:8; icode:0; icmp_id:3; icmp_seq:9; ttl:64; "
            "sid:1;)\n"
            "alert icmp any any -> any any (itype:>8; sid:2;)\n"
            "alert ip any any -> any any (ip_proto:icmp; id:7; ipv4.hdr; content:\"|45|\"; "
            "startswith; sid:3;)\n"
            "alert ip any any -> any any (ip_proto:!icmp; sid:4;)\n"
            "alert tcp any any -> any any (ttl:64; sid:5;)\n"
            "alert icmp 10.0.0.1 any <> 192.0.2.0/24 any (dsize:1; sid:6;)",
            frames
        ),
        (Sids{1, 3, 6})
    );
    EXPECT_EQ(
        sids_of(
            "alert tcp any any -> any any (flags:S; sid:1;)\n"
            "alert tcp any any -> any any (flags:+A; window:8192; sid:2;)\n"
            "alert tcp any any -> any any (flags:SA; tcp.hdr; content:\"|00 50|\"; startswith; "
            "sid:3;)",
            Connection().frames
        ),
        (Sids{1, 2, 3, 2})
    );
}

TEST(Detector, joins_fragments) {
    const Bytes whole = udp(true, 9, bytes_of("xxxxATTACKxx"));
    const Bytes payload(whole.begin() + 20, whole.end());
    const Bytes first(payload.begin(), payload.begin() + 16);
    const Bytes second(payload.begin() + 16, payload.end());
    const char* rule = "alert udp any any -> any any (content:\"ATTACK\"; sid:1;)";
    EXPECT_EQ(
        sids_of(rule, {ipv4(true, kIpUdp, second, 2), ipv4(true, kIpUdp, first, 0x2000)}), Sids{1}
    );
    EXPECT_EQ(sids_of(rule, {ipv4(true, kIpUdp, second, 2)}), Sids{});
}

TEST(Detector, looks_into_tunnels) {
    const Bytes inner = udp(true, 9, bytes_of("ATTACK"));
    Bytes gre{0, 0, 8, 0};
    gre.insert(gre.end(), inner.begin(), inner.end());
    const char* rule = "alert udp any any -> any any (content:\"ATTACK\"; sid:1;)";
    EXPECT_EQ(sids_of(rule, {ipv4(true, 4, inner)}), Sids{1});
    EXPECT_EQ(sids_of(rule, {ipv4(true, 47, gre)}), Sids{1});
}

TEST(Detector, believes_no_wrong_checksum_where_it_checks) {
    Connection connection;
    connection.say(true, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(
        sids_of(
            "alert http any any -> any any (http.uri; content:\"/x\"; sid:1;)", connection.frames,
            {}
        ),
        Sids{}
    );
}

TEST(Detector, reads_questions_and_answers_of_dns) {
    Bytes query{0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    const Bytes name = bytes_of(std::string("\3www\7Example\3org\0\0\1\0\1", 21));
    query.insert(query.end(), name.begin(), name.end());
    Bytes answer = query;
    answer[2] = 0x81;
    answer[3] = 0x83;
    EXPECT_EQ(
        sids_of(
            "alert dns any any -> any any (dns.query; content:\"example.org\"; nocase; endswith; "
            "sid:1;)\n"
            "alert dns any any -> any any (dns.query; dotprefix; content:\".example\"; nocase; "
            "sid:2;)\n"
            "alert dns any any -> any any (dns.rcode:3; sid:3;)\n"
            "alert dns any any -> any any (dns.query; bsize:15; to_lowercase; content:\"example\"; "
            "sid:4;)",
            {udp(true, 53, query), udp(false, 53, answer)}
        ),
        (Sids{1, 2, 4, 3})
    );
}

}  // namespace
}  // namespace phantom::detect
