// The smaller parsers: TLS, SSH, SIP; what bytes are recognised as; EVE records.

#include <boost/json.hpp>

#include "detect/detect_fixture.h"
#include "detect/digest.h"
#include "detect/eve.h"
#include "detect/sip_parser.h"
#include "detect/ssh_parser.h"
#include "detect/tls_hello.h"
#include "detect/tls_parser.h"

namespace phantom::detect {
namespace {

constexpr Direction kClientSide = Direction::kToServer;

// A hello with two ciphers, a GREASE value, a name and two groups.
Bytes client_hello() {
    Bytes extensions{0x0a, 0x0a, 0, 0};
    const Bytes name{0, 0, 0, 10, 0, 8, 0, 0, 5, 'a', '.', 'o', 'r', 'g'};
    const Bytes groups{0, 10, 0, 6, 0, 4, 0, 29, 0, 23};
    const Bytes formats{0, 11, 0, 2, 1, 0};
    const Bytes alpn{0, 16, 0, 5, 0, 3, 2, 'h', '2'};
    for (const Bytes& each : {name, groups, formats, alpn}) {
        extensions.insert(extensions.end(), each.begin(), each.end());
    }
    Bytes body{3, 3};
    body.resize(34, 'r');
    body.insert(body.end(), {0, 0, 6, 0x1a, 0x1a, 0x13, 1, 0x13, 2, 1, 0});
    append_u16(body, static_cast<unsigned>(extensions.size()));
    body.insert(body.end(), extensions.begin(), extensions.end());
    return body;
}

TEST(TlsHello, gives_name_protocols_and_fingerprint) {
    const TlsHello hello = read_client_hello(client_hello());
    EXPECT_EQ(hello.server_name, "a.org");
    EXPECT_EQ(hello.protocols, std::vector<std::string>{"h2"});
    EXPECT_EQ(hello.ja3, "771,4865-4866,0-10-11-16,29-23,0");
}

TEST(TlsParser, puts_a_hello_together_from_records_and_parts) {
    Bytes message{1, 0};
    append_u16(message, static_cast<unsigned>(client_hello().size()));
    const Bytes hello = client_hello();
    message.insert(message.end(), hello.begin(), hello.end());
    Bytes records;
    for (std::size_t at = 0; at < message.size(); at += 30) {
        const std::size_t size = std::min<std::size_t>(30, message.size() - at);
        records.insert(records.end(), {22, 3, 1});
        append_u16(records, static_cast<unsigned>(size));
        records.insert(
            records.end(), message.begin() + static_cast<std::ptrdiff_t>(at),
            message.begin() + static_cast<std::ptrdiff_t>(at + size)
        );
    }
    TlsParser parser;
    for (const std::uint8_t each : records) {
        parser.add(kClientSide, {&each, 1});
    }
    const Transaction& transaction = *parser.transactions().all().at(0);
    EXPECT_EQ(transaction.text(BufferId::kTlsSni), "a.org");
    EXPECT_EQ(transaction.text(BufferId::kTlsVersion), "TLS 1.2");
    EXPECT_EQ(
        transaction.text(BufferId::kJa3Hash),
        hex_digest(Digest::kMd5, bytes_of(transaction.text(BufferId::kJa3String)))
    );
    EXPECT_EQ(transaction.of(kClientSide).stage, Stage::kHeaders);
}

// The example of RFC 1321, appendix A.5.
TEST(Digests, are_those_of_their_standard) {
    EXPECT_EQ(hex_digest(Digest::kMd5, bytes_of("abc")), "900150983cd24fb0d6963f7d28e17f72");
}

TEST(SshParser, gives_the_banner_and_the_fingerprint_of_the_algorithms) {
    Bytes packet{20};
    packet.resize(17, 'c');
    for (const char* list : {"kex", "key", "c1", "c2", "m1", "m2", "z1", "z2"}) {
        append_u32(packet, static_cast<std::uint32_t>(std::string_view(list).size()));
        const Bytes text = bytes_of(list);
        packet.insert(packet.end(), text.begin(), text.end());
    }
    Bytes all = bytes_of("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
    append_u32(all, static_cast<std::uint32_t>(packet.size() + 1));
    all.push_back(0);
    all.insert(all.end(), packet.begin(), packet.end());
    // New keys: what follows is encrypted.
    all.insert(all.end(), {0, 0, 0, 2, 0, 21, 9, 9, 9, 9, 9, 9});
    for (const std::size_t part : {std::size_t{1}, all.size()}) {
        SshParser parser;
        for (std::size_t at = 0; at < all.size(); at += part) {
            parser.add(kClientSide, ByteView(all).subspan(at, std::min(part, all.size() - at)));
        }
        const Transaction& transaction = *parser.transactions().all().at(0);
        EXPECT_EQ(transaction.text(BufferId::kSshProtocol), "2.0");
        EXPECT_EQ(transaction.text(BufferId::kSshSoftware), "OpenSSH_9.2p1");
        EXPECT_EQ(transaction.text(BufferId::kSshHasshString), "kex;c1;m1;z1");
        EXPECT_EQ(transaction.of(kClientSide).stage, Stage::kComplete);
    }
}

TEST(SipParser, reads_both_kinds_of_messages_and_short_names) {
    SipParser parser;
    parser.add(kClientSide, bytes_of("REGISTER sip:a SIP/2.0\r\nf: <sip:b>\r\nl: 0\r\n\r\n"));
    parser.add(Direction::kToClient, bytes_of("SIP/2.0 200 All good\r\nTo: c\r\n\r\n"));
    auto& all = parser.transactions().all();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0]->text(BufferId::kSipMethod), "REGISTER");
    EXPECT_EQ(all[0]->text(BufferId::kSipFrom), "<sip:b>");
    EXPECT_EQ(all[1]->text(BufferId::kSipStatCode), "200");
    EXPECT_EQ(all[1]->text(BufferId::kSipStatMessage), "All good");
    EXPECT_EQ(all[1]->text(BufferId::kSipTo), "c");
}

AppProtocol recognised(std::string_view text, bool up = true, std::uint16_t port = 1) {
    const Bytes bytes = bytes_of(text);
    return recognise(
        {.bytes = bytes,
         .direction = up ? kClientSide : Direction::kToClient,
         .over_udp = false,
         .server_port = port}
    );
}

TEST(Recognition, goes_by_content_not_by_port) {
    EXPECT_EQ(recognised("GET / HTTP/1.0\r\n"), AppProtocol::kHttp);
    EXPECT_EQ(recognised("HTTP/1.1 200 OK\r\n", false), AppProtocol::kHttp);
    EXPECT_EQ(recognised("\x16\x03\x01", true), AppProtocol::kTls);
    EXPECT_EQ(recognised("SSH-2.0-x", false), AppProtocol::kSsh);
    EXPECT_EQ(recognised("220 x ESMTP", false), AppProtocol::kSmtp);
    EXPECT_EQ(recognised("USER anonymous"), AppProtocol::kFtp);
    EXPECT_EQ(recognised(std::string_view("\0\0\0\x10\xfeSMB", 8)), AppProtocol::kSmb);
    EXPECT_EQ(recognised("GE"), AppProtocol::kUnknown);
    EXPECT_EQ(recognised("no protocol of ours"), AppProtocol::kFailed);
}

TEST(Eve, is_a_line_of_valid_json_whatever_the_bytes) {
    const RuleSet rules = rules_of(
        "alert http any any -> any any (msg:\"\\\"odd\\\" \xff\"; http.uri; content:\"/\"; "
        "classtype:attempted-admin; metadata:a b, a c; sid:7; rev:3;)"
    );
    Connection connection;
    connection.say(true, "GET /\xff\xfe\" HTTP/1.1\r\nHost: a\r\n\r\n");
    Detector detector(rules, {.check_checksums = false, .tcp = {}});
    std::vector<std::string> lines;
    const Detector::Sinks sinks{
        .detection = [&](const Detection& seen
                     ) { lines.push_back(eve_alert(seen, {.with_packet = true})); },
        .file = {}
    };
    for (const Bytes& frame : connection.frames) {
        Packet packet;
        packet.time_us = 1'700'000'000'123'456;
        packet.link_type = kLinkRaw;
        packet.frame = frame;
        detector.packet(packet, sinks);
    }
    detector.end(sinks);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(lines[0].ends_with("}\n"));
    const boost::json::value record = boost::json::parse(lines[0]);
    EXPECT_EQ(record.at("timestamp").as_string(), "2023-11-14T22:13:20.123456+0000");
    EXPECT_EQ(record.at("src_ip").as_string(), "10.0.0.1");
    EXPECT_EQ(record.at("http").at("url").as_string(), "/\\xFF\\xFE\"");
    const boost::json::value& alert = record.at("alert");
    EXPECT_EQ(alert.at("signature_id").as_int64(), 7);
    EXPECT_EQ(alert.at("severity").as_int64(), 1);
    EXPECT_EQ(alert.at("category").as_string(), "Attempted Administrator Privilege Gain");
    EXPECT_EQ(alert.at("metadata").at("a").as_array().size(), 2U);
}

}  // namespace
}  // namespace phantom::detect
