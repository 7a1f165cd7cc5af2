// What a rule asks of a packet's headers, and of numbers in its payload: each option on a packet that has it and one that
// does not. Source: docs.suricata.io/en/suricata-7.0.8/rules (header keywords, payload keywords).

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "detect/detect_fixture.h"

namespace phantom::detect {
namespace {

struct Question {
    const char* options;
    bool is_so;
};

void expect_answers(
    const std::vector<Bytes>& frames, const char* protocol, const std::vector<Question>& questions
) {
    for (const Question& question : questions) {
        const std::string rule =
            fmt::format("alert {} any any -> any any ({} sid:1;)", protocol, question.options);
        EXPECT_EQ(!sids_of(rule, frames).empty(), question.is_so) << question.options;
    }
}

Bytes joined(Bytes bytes, std::string_view text) {
    bytes.insert(bytes.end(), text.begin(), text.end());
    return bytes;
}

// SYN with ECE, sequence 1000, window 4096, MSS 1460, window scale 7; IP id 7, TTL 64.
Bytes syn() {
    Bytes header;
    append_u16(header, 40'000);
    append_u16(header, 80);
    append_u32(header, 1'000);
    append_u32(header, 0);
    header.insert(header.end(), {0x80, 0x42, 0x10, 0x00, 0, 0, 0, 0});
    header.insert(header.end(), {2, 4, 0x05, 0xb4, 1, 3, 3, 7, 0, 0, 0, 0});
    return ipv4(true, kIpTcp, header);
}

TEST(PacketOptions, ask_the_header_of_tcp) {
    expect_answers(
        {syn()}, "tcp-pkt",
        {
            {"flags:S,12;", true},      {"flags:S;", false},       {"flags:+S;", true},
            {"flags:*SA;", true},       {"flags:!S;", false},      {"flags:!A;", true},
            {"flags:SE;", true},        {"tcp.flags:S2;", true},   {"flags:0;", false},
            {"seq:1000;", true},        {"tcp.seq:>1000;", false}, {"ack:0;", true},
            {"tcp.ack:1;", false},      {"window:4096;", true},    {"tcp.window:!4096;", false},
            {"tcp.mss:1460;", true},    {"tcp.mss:<536;", false},  {"tcp.wscale:>6;", true},
            {"tcp.wscale:7-9;", false}, {"dsize:0;", true},        {"dsize:>0;", false},
            {"ttl:64;", true},          {"ttl:<64;", false},       {"id:7;", true},
            {"id:8;", false},           {"ip_proto:tcp;", true},   {"ip_proto:!UDP;", true},
            {"ip_proto:17;", false},    {"sameip;", false},        {"itype:8;", false},
        }
    );
    const Connection plain;
    expect_answers(plain.frames, "tcp-pkt", {{"tcp.mss:1460;", false}, {"tcp.wscale:7;", false}});
}

TEST(PacketOptions, ask_the_header_of_ip) {
    // Record route, then the end of the list; may not be divided.
    Bytes routed = udp(true, 53, bytes_of("x"));
    routed[0] = 0x46;
    routed[3] = static_cast<std::uint8_t>(routed[3] + 4);
    routed[6] = 0x40;
    routed.insert(routed.begin() + 20, {7, 3, 4, 0});
    expect_answers(
        {routed}, "ip",
        {
            {"ipopts:rr;", true},
            {"ipopts:any;", true},
            {"ipopts:lsrr;", false},
            {"ipopts:eol;", true},
            {"fragbits:D;", true},
            {"fragbits:M;", false},
            {"fragbits:+DM;", false},
            {"fragbits:*DM;", true},
            {"fragbits:!M;", true},
            {"fragbits:R;", false},
        }
    );
    const Bytes plain = udp(true, 53, bytes_of("x"));
    expect_answers({plain}, "ip", {{"ipopts:any;", false}, {"ipopts:rr;", false}});
    Bytes own = plain;
    std::copy_n(own.begin() + 12, 4, own.begin() + 16);
    expect_answers({own}, "ip", {{"sameip;", true}});
}

TEST(PacketOptions, ask_the_headers_of_icmp_igmp_and_sctp) {
    expect_answers(
        {ipv4(true, kIpIcmp, {8, 0, 0, 0, 0x12, 0x34, 0, 9, 'p'})}, "icmp",
        {
            {"itype:8;", true},
            {"itype:>8;", false},
            {"icode:0;", true},
            {"icode:1;", false},
            {"icmp_id:4660;", true},
            {"icmp_id:1;", false},
            {"icmp_seq:9;", true},
            {"icmp_seq:10;", false},
            {"icmpv6.mtu:1280;", false},
        }
    );
    expect_answers(
        {ipv4(true, kIpIcmp, {3, 1, 0, 0, 0x12, 0x34, 0, 9})}, "icmp",
        {{"icmp_id:4660;", false}, {"itype:3; icode:1;", true}}
    );
    expect_answers(
        {ipv4(true, kIpIgmp, {0x16, 0, 0, 0, 224, 0, 0, 9})}, "ip",
        {{"igmp.type:22;", true}, {"igmp.type:17;", false}}
    );
    Bytes sctp;
    append_u16(sctp, 1);
    append_u16(sctp, 2);
    append_u32(sctp, 77);
    append_u32(sctp, 0);
    sctp.insert(sctp.end(), {0, 0, 0, 5, 'a', 0, 0, 0, 3, 0, 0, 4});
    expect_answers(
        {ipv4(true, kIpSctp, sctp)}, "ip",
        {
            {"sctp.vtag:77;", true},
            {"sctp.vtag:78;", false},
            {"sctp.chunk_cnt:2;", true},
            {"sctp.chunk_cnt:>2;", false},
        }
    );
}

TEST(PacketOptions, compare_numbers_in_a_payload) {
    // Bytes 0-3: 256 + 2, big endian; then "0x1f 017 42".
    const std::vector<Bytes> frames{udp(true, 9, joined({0, 0, 1, 2}, "0x1f 017 42"))};
    expect_answers(
        frames, "udp",
        {
            {"byte_test:4,=,258,0;", true},
            {"byte_test:4,!=,258,0;", false},
            {"byte_test:2,<,1,0;", true},
            {"byte_test:2,>,258,2;", false},
            {"byte_test:2,<=,258,2;", true},
            {"byte_test:2,>=,259,2;", false},
            {"byte_test:1,&,2,3;", true},
            {"byte_test:1,&,4,3;", false},
            {"byte_test:1,^,2,3;", false},
            {"byte_test:2,=,513,2,little;", true},
            {"byte_test:2,=,1,2,bitmask 0xff00;", true},
            {"byte_test:4,=,31,4,string,hex;", true},
            {"byte_test:3,=,15,9,string,oct;", true},
            {"byte_test:2,=,42,13,string,dec;", true},
            {"byte_test:2,=,42,14,string,dec;", false},
            {"content:\"017\"; byte_test:3,=,42,0,relative,string;", true},
            {"byte_test:8,=,1,90;", false},
        }
    );
}

TEST(PacketOptions, jump_extract_and_compute) {
    // A length of 3, three bytes, then the end.
    const std::vector<Bytes> frames{udp(true, 9, joined({0, 3}, "abcdefgh"))};
    expect_answers(
        frames, "udp",
        {
            {"byte_jump:2,0; content:\"de\"; within:2;", true},
            {"byte_jump:2,0; byte_test:1,=,100,0,relative;", true},
            {"byte_jump:2,0,align; byte_test:1,=,101,0,relative;", true},
            {"byte_jump:2,0,multiplier 2; byte_test:1,=,103,0,relative;", true},
            {"byte_jump:2,0,post_offset 1; byte_test:1,=,101,0,relative;", true},
            {"byte_jump:2,0,from_beginning; byte_test:1,=,98,0,relative;", true},
            {"byte_jump:2,0,from_end;", false},
            {"byte_jump:0,0,from_end,post_offset -1; byte_test:1,=,104,0,relative;", true},
            {"byte_jump:2,0,multiplier 9;", false},
            {"byte_extract:2,0,n; byte_test:1,=,98,n;", true},
            {"byte_extract:2,0,n,multiplier 2; byte_test:1,=,101,n;", true},
            {"byte_extract:1,1,n,align 4; byte_test:1,=,99,n;", true},
            {"byte_extract:2,0,n,little,bitmask 0x0300; byte_test:1,=,98,n;", true},
            {"byte_extract:9,0,n; byte_test:1,=,98,n;", false},
            {"byte_math:bytes 2,offset 0,oper +,rvalue 1,result n; byte_test:1,=,99,n;", true},
            {"byte_math:bytes 2,offset 0,oper -,rvalue 1,result n; byte_test:1,=,97,n;", true},
            {"byte_math:bytes 2,offset 0,oper *,rvalue 2,result n; byte_test:1,=,101,n;", true},
            {"byte_math:bytes 2,offset 0,oper /,rvalue 1,result n; byte_test:1,=,98,n;", true},
            {"byte_math:bytes 2,offset 0,oper /,rvalue 0,result n;", false},
            {"byte_math:bytes 2,offset 0,oper <<,rvalue 1,result n; byte_test:1,=,101,n;", true},
            {"byte_math:bytes 2,offset 0,oper >>,rvalue 1,result n; byte_test:1,=,3,n;", true},
            {"byte_math:bytes 1,offset 1,oper +,rvalue 0,result n,endian little,bitmask 0x02; "
             "byte_test:1,=,3,n;",
             true},
        }
    );
}

struct WrongOption {
    const char* options;
    const char* says;
};

TEST(PacketOptions, what_is_wrong_in_one_is_said) {
    for (const WrongOption& wrong : std::initializer_list<WrongOption>{
             {"flags:X;", "\"X\" is no flag"},
             {"fragbits:Q;", "\"Q\" is no bit"},
             {"ipopts:none;", "\"none\" is no option"},
             {"ip_proto:nothing;", "number"},
             {"byte_test:1,=,1;", "are needed"},
             {"byte_test:24,=,1,0;", "1 to 8 bytes"},
             {"byte_test:1,=,1,0,sideways;", "\"sideways\""},
             {"byte_jump:1;", "are needed"},
             {"byte_jump:1,0,sideways;", "\"sideways\""},
             {"byte_extract:1,0;", "are needed"},
             {"byte_extract:1,0,n,sideways;", "\"sideways\""},
             {"byte_math:bytes 1,offset 0,oper +,rvalue 1;", "a name for its result"},
             {"byte_math:bytes 1,offset 0,oper %,rvalue 1,result n;", "\"%\" computes nothing"},
             {"byte_math:bytes 1,sideways,result n;", "\"sideways\""},
             {"base64_decode:sideways;", "\"sideways\""},
             {"content:\"a\"; depth:2; startswith;", "where the content is already"},
             {"pcre:\"abc\";", "between slashes"},
             {"pcre:\"/(a)/,flow:x\";", "captures"},
             {"isdataat:1,sideways;", "\"sideways\""},
             {"absent:sideways;", "or_else"},
             {"flowbits:set;", "a name is missing"},
             {"flowbits:flip,a;", "\"flip\""},
             {"flowbits:set,a|b;", "only one"},
             {"xbits:set;", "a name is missing"},
             {"xbits:set,a,track ip_src,expire soon;", "seconds"},
             {"xbits:set,a,sideways;", "\"sideways\""},
             {"flowint:a;", "are needed"},
             {"flowint:a,%,1;", "\"%\""},
             {"flowint:a,+;", "a value is missing"},
             {"threshold:type limit,track by_moon,count 1,seconds 1;", "\"by_moon\""},
             {"threshold:type limit,track by_src,count 0,seconds 1;", "count 0"},
             {"stream_size:client,>;", "are needed"},
             {"stream_size:nobody,>,1;", "\"nobody\""},
             {"stream_size:client,>,x;", "nothing of a number"},
         }) {
        const auto rule = parse_rule(
            fmt::format("alert tcp any any -> any any ({} sid:1;)", wrong.options),
            Variables::defaults()
        );
        ASSERT_FALSE(rule) << wrong.options;
        EXPECT_NE(rule.error().reason.find(wrong.says), std::string::npos)
            << wrong.options << " says: " << rule.error().reason;
    }
}

TEST(PacketOptions, keep_state_of_a_flow_and_between_hosts) {
    const auto first = [](const char* options) {
        return fmt::format(
            "alert udp any any -> any 9 (content:\"one\"; {} noalert; sid:1;)\n", options
        );
    };
    const auto second = [](const char* options) {
        return fmt::format("alert udp any any -> any 9 (content:\"two\"; {} sid:2;)\n", options);
    };
    const std::vector<Bytes> frames{udp(true, 9, bytes_of("one")), udp(true, 9, bytes_of("two"))};
    struct Pair {
        const char* sets;
        const char* asks;
        bool is_so;
    };
    for (const Pair& pair : std::initializer_list<Pair>{
             {"flowbits:set,a;", "flowbits:isset,a;", true},
             {"flowbits:set,a;", "flowbits:isset,a|b;", true},
             {"flowbits:set,a;", "flowbits:isnotset,a;", false},
             {"flowbits:toggle,a;", "flowbits:isset,a;", true},
             {"flowbits:set,a; flowbits:unset,a;", "flowbits:isset,a;", false},
             {"xbits:set,a,track ip_src;", "xbits:isset,a,track ip_src;", true},
             {"xbits:set,a,track ip_dst;", "xbits:isset,a,track ip_src;", false},
             {"xbits:set,a,track ip_pair,expire 10;", "xbits:isset,a,track ip_pair;", true},
             {"xbits:toggle,a,track ip_src;", "xbits:isnotset,a,track ip_src;", false},
             {"xbits:set,a,track ip_src; xbits:unset,a,track ip_src;",
              "xbits:isset,a,track ip_src;", false},
             {"hostbits:set,a,src;", "hostbits:isset,a,src;", true},
             {"hostbits:set,a,both;", "hostbits:isset,a,both;", true},
             {"flowint:a,=,5;", "flowint:a,==,5;", true},
             {"flowint:a,=,5;", "flowint:a,!=,5;", false},
             {"flowint:a,+,5;", "flowint:a,>=,5;", true},
             {"flowint:a,=,5; flowint:a,-,2;", "flowint:a,<=,3;", true},
             {"flowint:a,=,5;", "flowint:a,<,5;", false},
             {"flowint:a,=,5;", "flowint:a,>,4;", true},
             {"flowint:a,=,5; flowint:b,=,6;", "flowint:a,<,b;", true},
             {"flowint:a,=,5;", "flowint:a,isset;", true},
             {"flowint:a,=,5;", "flowint:b,notset;", true},
         }) {
        const auto sids = sids_of(first(pair.sets) + second(pair.asks), frames);
        EXPECT_EQ(!sids.empty(), pair.is_so) << pair.sets << " then " << pair.asks;
    }
}

TEST(PacketOptions, count_before_they_speak) {
    const std::vector<Bytes> frames(10, udp(true, 9, bytes_of("one")));  // one a second
    struct Count {
        const char* options;
        std::size_t speaks;
    };
    for (const Count& count : std::initializer_list<Count>{
             {"threshold:type limit,track by_src,count 1,seconds 60;", 1},
             {"threshold:type limit,track by_dst,count 3,seconds 60;", 3},
             {"threshold:type threshold,track by_src,count 5,seconds 60;", 2},
             {"threshold:type both,track by_src,count 5,seconds 60;", 1},
             {"threshold:type both,track by_both,count 50,seconds 60;", 0},
             {"threshold:type limit,track by_rule,count 2,seconds 60;", 2},
             {"threshold:type limit,track by_flow,count 2,seconds 60;", 2},
             {"threshold:type backoff,track by_flow,count 1,multiplier 2;", 4},
             {"detection_filter:track by_src,count 4,seconds 60;", 6},
             {"detection_filter:track by_src,count 4,seconds 2;", 0},
             {"detection_filter:track by_src,count 1,seconds 60;", 9},
             {"detection_filter:track by_src,count 2,seconds 60,unique_on dst_port;", 0},
         }) {
        const std::string rule =
            fmt::format("alert udp any any -> any 9 (content:\"one\"; {} sid:1;)", count.options);
        EXPECT_EQ(sids_of(rule, frames).size(), count.speaks) << count.options;
    }
}

}  // namespace
}  // namespace phantom::detect
