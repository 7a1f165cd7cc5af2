#include "wire/dns.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace phantom::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes operator+(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

// RFC 1035 section 4.1.1: id, flags, and the four counts.
Bytes header(std::uint16_t flags, std::uint8_t questions, std::uint8_t additional) {
    const auto high = static_cast<std::uint8_t>(flags >> 8U);
    const auto low = static_cast<std::uint8_t>(flags & 0xffU);
    return {0x12, 0x34, high, low, 0, questions, 0, 0, 0, 0, 0, additional};
}

const Bytes kAmber{5, 'A', 'm', 'b', 'e', 'r', 4, 'm', 'e', 's', 'h', 0};
const Bytes kTypeA{0, 1, 0, 1};
// RFC 6891 section 6.1.2: root, OPT, 4096 bytes, code and version and flags, no data.
const Bytes kOpt{0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0};

const Bytes kQuery = header(0x0100, 1, 0) + kAmber + kTypeA;
const Bytes kEdnsQuery = header(0x0100, 1, 1) + kAmber + kTypeA + kOpt;

TEST(DnsQuery, is_read_from_the_form_of_the_standard) {
    const auto query = parse_dns_query(kQuery);
    ASSERT_TRUE(query);
    EXPECT_EQ(query->id, 0x1234);
    EXPECT_TRUE(query->recursion_desired);
    EXPECT_TRUE(query->question->is(DnsType::kA));
    EXPECT_EQ(query->question->name, *DnsName::parse("amber.mesh")) << "case is not compared";
    EXPECT_EQ(query->question->name.label(0), "Amber") << "but kept";
    EXPECT_EQ(query->datagram_size(), 512U);
}

TEST(DnsQuery, says_with_edns_how_much_fits) {
    EXPECT_EQ(parse_dns_query(kEdnsQuery)->datagram_size(), kDnsDatagramSizeMax);
    Bytes small = kEdnsQuery;
    small[kQuery.size() + 3] = 0;  // asks for 0 bytes; RFC 6891 section 6.2.3 makes it 512
    EXPECT_EQ(parse_dns_query(small)->datagram_size(), 512U);
}

TEST(DnsQuery, is_refused_at_every_length_but_its_own) {
    for (std::size_t size = 0; size < kEdnsQuery.size(); ++size) {
        EXPECT_FALSE(parse_dns_query(ByteView(kEdnsQuery).first(size))) << size;
    }
    EXPECT_FALSE(parse_dns_query(kEdnsQuery + Bytes{0}));
}

TEST(DnsQuery, is_refused_when_it_is_a_response_or_counts_something_else) {
    EXPECT_FALSE(parse_dns_query(header(0x8100, 1, 0) + kAmber + kTypeA));
    EXPECT_FALSE(parse_dns_query(header(0x0100, 0, 0)));
    EXPECT_FALSE(parse_dns_query(header(0x0100, 2, 0) + kAmber + kTypeA + kAmber + kTypeA));
    EXPECT_FALSE(parse_dns_query(header(0x0100, 1, 2) + kAmber + kTypeA + kOpt + kOpt))
        << "two OPT";
    EXPECT_FALSE(parse_dns_query(header(0x0100, 1, 3) + kAmber + kTypeA + kOpt + kOpt + kOpt));
}

TEST(DnsQuery, with_another_opcode_is_told_apart_without_being_read) {
    const auto update = parse_dns_query(header(0x2800, 1, 0) + Bytes{1, 2, 3});
    ASSERT_TRUE(update);
    EXPECT_EQ(update->opcode, 5);
    EXPECT_FALSE(update->question);
}

TEST(DnsQuery, takes_no_pointer_in_its_question) {
    // To itself: a loop, for whoever follows.
    EXPECT_FALSE(parse_dns_query(header(0x0100, 1, 0) + Bytes{0xc0, 12} + kTypeA));
    EXPECT_FALSE(parse_dns_query(header(0x0100, 1, 0) + Bytes{1, 'a', 0xc0, 12} + kTypeA));
    EXPECT_FALSE(parse_dns_query(header(0x0100, 1, 0) + Bytes{0x41, 'a', 0} + kTypeA));
}

TEST(DnsQuery, steps_over_the_name_of_an_additional_record) {
    const Bytes signature{0xc0, 12, 0, 250, 0, 255, 0, 0, 0, 0, 0, 1, 7};
    EXPECT_TRUE(parse_dns_query(header(0x0100, 1, 1) + kAmber + kTypeA + signature));
    const Bytes opt_elsewhere{0xc0, 12, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0};
    EXPECT_FALSE(parse_dns_query(header(0x0100, 1, 1) + kAmber + kTypeA + opt_elsewhere));
}

TEST(DnsName, is_parsed_and_compared) {
    EXPECT_TRUE(DnsName::parse("")->bytes().size() == 1);
    EXPECT_EQ(*DnsName::parse("AMBER.Mesh"), *DnsName::parse("amber.mesh"));
    EXPECT_NE(*DnsName::parse("amber"), *DnsName::parse("amber.mesh"));
    EXPECT_TRUE(DnsName::parse("a.mesh")->is_within(*DnsName::parse("MESH")));
    EXPECT_FALSE(DnsName::parse("amesh")->is_within(*DnsName::parse("mesh")));
    EXPECT_EQ(DnsName::parse("a.b.c")->suffix(2), *DnsName::parse("b.c"));
    for (const char* bad : {".", "a..b", "a.", ".a"}) {
        EXPECT_FALSE(DnsName::parse(bad)) << bad;
    }
}

TEST(DnsName, has_the_limits_of_the_standard) {
    const std::string label(63, 'x');
    EXPECT_TRUE(DnsName::parse(label));
    EXPECT_FALSE(DnsName::parse(label + "x"));
    const std::string three = label + "." + label + "." + label + ".";
    EXPECT_TRUE(DnsName::parse(three + std::string(61, 'y')));
    EXPECT_FALSE(DnsName::parse(three + std::string(62, 'y')));
}

TEST(DnsWriter, writes_the_form_of_the_standard) {
    const auto query = parse_dns_query(kQuery);
    std::array<std::uint8_t, kDnsDatagramSize> buffer{};
    DnsWriter writer(buffer, *query);
    writer.set_authoritative();
    writer.answer(5, *Address::parse("100.64.0.1"));
    const ByteView written = writer.finish();
    Bytes expected = header(0x8500, 1, 0) + kAmber + kTypeA +
                     Bytes{0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 100, 64, 0, 1};
    expected[7] = 1;  // answers
    EXPECT_EQ(Bytes(written.begin(), written.end()), expected);
}

TEST(DnsWriter, puts_the_upper_bits_of_a_code_into_the_opt_record) {
    const auto query = parse_dns_query(kEdnsQuery);
    std::array<std::uint8_t, kDnsDatagramSize> buffer{};
    DnsWriter writer(buffer, *query);
    writer.set_code(DnsCode::kBadVersion);
    const ByteView written = writer.finish();
    EXPECT_EQ(written[3] & 0xf, 0);
    const ByteView opt = written.last(11);
    EXPECT_EQ(Bytes(opt.begin(), opt.end()), (Bytes{0, 0, 41, 4, 0xd0, 1, 0, 0, 0, 0, 0}));
}

TEST(DnsWriter, says_so_when_the_records_do_not_fit) {
    for (const bool edns : {false, true}) {
        const auto query = parse_dns_query(edns ? kEdnsQuery : kQuery);
        std::array<std::uint8_t, kDnsDatagramSize> buffer{};
        // 28 bytes each: header and question leave room for 17, with an OPT record for 16.
        for (const std::size_t count : {16U, 18U}) {
            DnsWriter writer(buffer, *query);
            for (std::size_t index = 0; index < count; ++index) {
                writer.answer(5, *Address::parse("fd00::1"));
            }
            const ByteView written = writer.finish();
            const bool truncated = (written[2] & 2) != 0;
            EXPECT_EQ(truncated, count == 18);
            EXPECT_EQ(written[7], truncated ? 0 : count);
            EXPECT_EQ(
                written.size(), kQuery.size() + (truncated ? 0 : count * 28) + (edns ? 11 : 0)
            );
        }
    }
}

TEST(DnsReply, is_read_as_far_as_its_question) {
    EXPECT_FALSE(parse_dns_reply(kQuery)) << "a query";
    const auto reply = parse_dns_reply(header(0x8180, 1, 0) + kAmber + kTypeA + Bytes{1, 2, 3});
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->id, 0x1234);
    EXPECT_EQ(reply->question, *parse_dns_query(kQuery)->question);
    EXPECT_FALSE(parse_dns_reply(header(0x8180, 1, 0) + kAmber));
}

}  // namespace
}  // namespace phantom::wire
