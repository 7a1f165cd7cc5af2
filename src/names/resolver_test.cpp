#include "names/resolver.h"

#include <gtest/gtest.h>

namespace phantom::names {
namespace {

class FewMembers final : public Members {
  public:
    [[nodiscard]] std::optional<MemberNames> by_name(std::string_view name) const override {
        const auto at = std::ranges::find(all_, name, &MemberNames::name);
        return at == all_.end() ? std::nullopt : std::optional(*at);
    }
    [[nodiscard]] std::optional<MemberNames> by_address(const wire::Address& address
    ) const override {
        for (const MemberNames& each : all_) {
            if (each.v4 == address || each.v6 == address) {
                return each;
            }
        }
        return std::nullopt;
    }
    [[nodiscard]] MemberNames self() const override { return all_.front(); }

  private:
    std::vector<MemberNames> all_{
        {"amber", *wire::Address::parse("100.64.0.1"), *wire::Address::parse("fd00::1")},
        {"birch", {}, *wire::Address::parse("fd00::2")},
    };
};

struct Asked {
    std::string_view name;
    wire::DnsType type = wire::DnsType::kA;
    std::uint16_t class_number = 1;
    std::uint8_t opcode = 0;
    bool edns_one = false;
};

std::vector<std::uint8_t> message(const Asked& asked) {
    std::array<std::uint8_t, 512> buffer{};
    wire::RecordWriter out(buffer);
    out.u16(7);
    out.u16(static_cast<std::uint16_t>(asked.opcode << 11U));
    out.u16(1);
    out.u32(0);
    out.u16(asked.edns_one ? 1 : 0);
    out.bytes(wire::DnsName::parse(asked.name)->bytes());
    out.u16(static_cast<std::uint16_t>(asked.type));
    out.u16(asked.class_number);
    if (asked.edns_one) {
        out.bytes(std::array<std::uint8_t, 11>{0, 0, 41, 4, 0xd0, 0, 1, 0, 0, 0, 0});
    }
    return {out.written().begin(), out.written().end()};
}

class Resolve : public testing::Test {
  protected:
    Resolution ask(const Asked& asked, bool may_forward = false) {
        return resolve(message(asked), members_, {.may_forward = may_forward}, buffer_);
    }
    struct Said {
        int code;
        int answers;
        int authorities;
        bool authoritative;
        friend bool operator==(const Said&, const Said&) = default;
    };
    Said said(const Asked& asked) {
        const Resolution done = ask(asked);
        EXPECT_EQ(done.verdict, Verdict::kAnswer) << asked.name;
        const ByteView bytes = done.response;
        return {bytes[3] & 0xf, bytes[7], bytes[9], (bytes[2] & 4) != 0};
    }
    // Whether the last bytes of the response are these.
    bool ends_with(const Asked& asked, ByteView tail) {
        const ByteView response = ask(asked).response;
        return response.size() >= tail.size() &&
               std::ranges::equal(response.last(tail.size()), tail);
    }

    static constexpr Said kOneAnswer{0, 1, 0, true};
    static constexpr Said kNoData{0, 0, 1, true};
    static constexpr Said kNoName{3, 0, 1, true};
    static constexpr Said kRefused{5, 0, 0, false};

    FewMembers members_;
    std::array<std::uint8_t, wire::kDnsDatagramSizeMax> buffer_{};
};

using wire::DnsType;

TEST_F(Resolve, knows_the_addresses_of_a_member) {
    EXPECT_EQ(said({"amber.mesh"}), kOneAnswer);
    EXPECT_TRUE(ends_with({"AmBer.MESH"}, std::array<std::uint8_t, 4>{100, 64, 0, 1}));
    EXPECT_EQ(said({"amber.mesh", DnsType::kAaaa}), kOneAnswer);
    EXPECT_EQ(said({"amber.mesh", DnsType::kAny}), (Said{0, 2, 0, true}));
}

TEST_F(Resolve, tells_no_such_name_from_no_such_type) {
    EXPECT_EQ(said({"cedar.mesh"}), kNoName);
    EXPECT_EQ(said({"www.amber.mesh"}), kNoName);
    EXPECT_EQ(said({"birch.mesh"}), kNoData) << "it has IPv6 only";
    EXPECT_EQ(said({"amber.mesh", DnsType::kPtr}), kNoData);
}

TEST_F(Resolve, is_the_name_server_of_the_zone) {
    EXPECT_EQ(said({"mesh", DnsType::kSoa}), kOneAnswer);
    EXPECT_EQ(said({"mesh", DnsType::kNs}), kOneAnswer);
    EXPECT_EQ(said({"mesh"}), kNoData);
    const std::array<std::uint8_t, 12> primary{5, 'a', 'm', 'b', 'e', 'r',
                                               4, 'm', 'e', 's', 'h', 0};
    EXPECT_TRUE(ends_with({"mesh", DnsType::kNs}, primary));
}

TEST_F(Resolve, knows_the_names_of_addresses) {
    EXPECT_EQ(said({"1.0.64.100.in-addr.arpa", DnsType::kPtr}), kOneAnswer);
    EXPECT_EQ(said({"2.0.64.100.IN-ADDR.arpa", DnsType::kPtr}), kNoName);
    EXPECT_EQ(said({"1.0.64.100.in-addr.arpa"}), kNoData);
    const wire::DnsName birch = reverse_of(*wire::Address::parse("fd00::2"));
    EXPECT_EQ(address_of_reverse(birch), wire::Address::parse("fd00::2").value());
    EXPECT_EQ(birch.label(0), "2");
    EXPECT_EQ(birch.label_count(), 34U);
}

TEST_F(Resolve, leaves_addresses_outside_of_the_mesh_alone) {
    EXPECT_EQ(said({"1.2.0.192.in-addr.arpa", DnsType::kPtr}), kRefused);
    EXPECT_EQ(said({"1.0.128.100.in-addr.arpa", DnsType::kPtr}), kRefused);
    EXPECT_EQ(said({"01.0.64.100.in-addr.arpa", DnsType::kPtr}), kRefused) << "not a number's form";
    EXPECT_EQ(said({"256.0.64.100.in-addr.arpa", DnsType::kPtr}), kRefused);
    EXPECT_EQ(said({"0.64.100.in-addr.arpa", DnsType::kPtr}), kRefused);
}

TEST_F(Resolve, refuses_or_passes_on_what_is_not_its_own) {
    EXPECT_EQ(said({"example.org"}), kRefused);
    EXPECT_EQ(said({"mesh.example.org"}), kRefused);
    EXPECT_EQ(said({"amesh"}), kRefused);
    EXPECT_EQ(ask({"example.org"}, true).verdict, Verdict::kForward);
    EXPECT_EQ(ask({"cedar.mesh"}, true).verdict, Verdict::kAnswer) << "its own never leaves";
}

TEST_F(Resolve, answers_what_it_does_not_do) {
    EXPECT_EQ(said({.name = "amber.mesh", .class_number = 3}), kRefused);
    EXPECT_EQ(said({.name = "mesh", .type = DnsType::kSoa, .opcode = 5}).code, 4);
    const ByteView response = ask({.name = "amber.mesh", .edns_one = true}).response;
    EXPECT_EQ(response[response.size() - 6], 1) << "BADVERS is 16: 1 above the header's four bits";
}

TEST_F(Resolve, drops_what_is_no_query) {
    auto response = message({"amber.mesh"});
    response[2] |= 0x80;
    EXPECT_EQ(resolve(response, members_, {}, buffer_).verdict, Verdict::kDrop);
    EXPECT_EQ(resolve(ByteView(response).first(11), members_, {}, buffer_).verdict, Verdict::kDrop);
}

}  // namespace
}  // namespace phantom::names
