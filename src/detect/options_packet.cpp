#include <array>

#include <fmt/format.h>

#include "detect/rule_options.h"
#include "detect/text.h"

namespace phantom::detect {

namespace {

struct NumberOption {
    std::string_view name;
    PacketNumber number;
};

constexpr std::array kNumberOptions{
    NumberOption{"dsize", PacketNumber::kPayloadSize},
    NumberOption{"ttl", PacketNumber::kTtl},
    NumberOption{"id", PacketNumber::kIpId},
    NumberOption{"seq", PacketNumber::kTcpSequence},
    NumberOption{"tcp.seq", PacketNumber::kTcpSequence},
    NumberOption{"ack", PacketNumber::kTcpAcknowledgement},
    NumberOption{"tcp.ack", PacketNumber::kTcpAcknowledgement},
    NumberOption{"window", PacketNumber::kTcpWindow},
    NumberOption{"tcp.window", PacketNumber::kTcpWindow},
    NumberOption{"tcp.mss", PacketNumber::kTcpMss},
    NumberOption{"tcp.wscale", PacketNumber::kTcpWindowScale},
    NumberOption{"itype", PacketNumber::kIcmpType},
    NumberOption{"icode", PacketNumber::kIcmpCode},
    NumberOption{"icmp_id", PacketNumber::kIcmpId},
    NumberOption{"icmp_seq", PacketNumber::kIcmpSequence},
    NumberOption{"icmpv6.mtu", PacketNumber::kIcmpv6Mtu},
    NumberOption{"igmp.type", PacketNumber::kIgmpType},
    NumberOption{"sctp.chunk_cnt", PacketNumber::kSctpChunkCount},
    NumberOption{"sctp.vtag", PacketNumber::kSctpTag},
};

OrReason<void> add_number(RuleBuilder& builder, PacketNumber number, IntegerCondition test) {
    builder.rule.packet_tests.emplace_back(PacketNumberTest{.number = number, .test = test});
    builder.rule.asks_packet = true;
    return {};
}

OrReason<void> read_number_option(RuleBuilder& builder, const RuleOption& option) {
    for (const NumberOption& each : kNumberOptions) {
        if (each.name == option.name) {
            return add_number(builder, each.number, PM_TRY_REASON(integer_of(option)));
        }
    }
    return std::unexpected("not supported");
}

struct NamedNumber {
    std::string_view name;
    std::uint8_t number;
};

constexpr std::array kIpProtocols{
    NamedNumber{"icmp", 1},       NamedNumber{"igmp", 2},  NamedNumber{"ipip", 4},
    NamedNumber{"tcp", 6},        NamedNumber{"egp", 8},   NamedNumber{"igp", 9},
    NamedNumber{"udp", 17},       NamedNumber{"ipv6", 41}, NamedNumber{"rsvp", 46},
    NamedNumber{"gre", 47},       NamedNumber{"esp", 50},  NamedNumber{"ah", 51},
    NamedNumber{"ipv6-icmp", 58}, NamedNumber{"ospf", 89}, NamedNumber{"pim", 103},
    NamedNumber{"sctp", 132},
};

OrReason<void> read_ip_proto(RuleBuilder& builder, const RuleOption& option) {
    std::string_view name = trimmed(option.value);
    const bool negated = name.starts_with('!');
    name = trimmed(name.substr(negated ? 1 : 0));
    for (const NamedNumber& each : kIpProtocols) {
        if (equal_ignoring_case(each.name, name)) {
            builder.rule.packet_tests.emplace_back(PacketNumberTest{
                .number = PacketNumber::kIpProtocol,
                .test = IntegerCondition::equals(each.number),
                .negated = negated
            });
            builder.rule.asks_packet = true;
            return {};
        }
    }
    return add_number(builder, PacketNumber::kIpProtocol, PM_TRY_REASON(integer_of(option)));
}

std::optional<std::uint8_t> flag_of(char letter) {
    constexpr std::string_view kLetters = "FSRPAUEC";
    if (letter == '1') {
        return 0x80;
    }
    if (letter == '2') {
        return 0x40;
    }
    const std::size_t at = kLetters.find(letter);
    return at == std::string_view::npos ? std::nullopt
                                        : std::optional(static_cast<std::uint8_t>(1U << at));
}

OrReason<std::uint8_t> flags_of(std::string_view letters) {
    std::uint8_t flags = 0;
    for (const char letter : letters) {
        const auto flag = flag_of(letter);
        if (!flag && letter != '0' && letter != ',' && letter != ' ') {
            return std::unexpected(fmt::format("\"{}\" is no flag of TCP", letter));
        }
        flags = static_cast<std::uint8_t>(flags | flag.value_or(0));
    }
    return flags;
}

// In front: "+" all of them, "*" any, "!" not all; nothing: exactly these.
TcpFlagsTest::Kind kind_of(std::string_view& text) {
    using enum TcpFlagsTest::Kind;
    const char first = text.empty() ? ' ' : text.front();
    const TcpFlagsTest::Kind kind = first == '+'   ? kAll
                                    : first == '*' ? kAny
                                    : first == '!' ? kNone
                                                   : kExactly;
    if (kind != kExactly) {
        text = trimmed(text.substr(1));
    }
    return kind;
}

// [MODIFIER:]FLAGS[,IGNORED]. "R,A" names two flags in old rules; one letter behind a comma that is
// no mask of reserved bits is taken as the mask, as written in the documentation.
OrReason<void> read_flags(RuleBuilder& builder, const RuleOption& option) {
    std::string_view text = trimmed(option.value);
    TcpFlagsTest test;
    test.kind = kind_of(text);
    if (text.starts_with(':')) {
        text = trimmed(text.substr(1));
    }
    const std::size_t comma = text.find(',');
    test.flags = PM_TRY_REASON(flags_of(text.substr(0, comma)));
    if (comma != std::string_view::npos) {
        test.ignored = PM_TRY_REASON(flags_of(text.substr(comma + 1)));
    }
    builder.rule.packet_tests.emplace_back(test);
    builder.rule.asks_packet = true;
    return {};
}

OrReason<void> read_fragbits(RuleBuilder& builder, const RuleOption& option) {
    std::string_view text = trimmed(option.value);
    FragmentBitsTest test;
    test.kind = kind_of(text);
    for (const char letter : text) {
        if (letter == 'M') {
            test.bits |= 1U;
        } else if (letter == 'D') {
            test.bits |= 2U;
        } else if (letter == 'R') {
            test.bits |= 4U;
        } else {
            return std::unexpected(fmt::format("\"{}\" is no bit of fragments", letter));
        }
    }
    builder.rule.packet_tests.emplace_back(test);
    builder.rule.asks_packet = true;
    return {};
}

constexpr std::array kIpOptions{
    NamedNumber{"eol", 0},    NamedNumber{"nop", 1},      NamedNumber{"rr", 7},
    NamedNumber{"ts", 68},    NamedNumber{"sec", 130},    NamedNumber{"lsrr", 131},
    NamedNumber{"esec", 133}, NamedNumber{"cipso", 134},  NamedNumber{"satid", 136},
    NamedNumber{"ssrr", 137}, NamedNumber{"rtralt", 148},
};

OrReason<void> read_ip_option(RuleBuilder& builder, const RuleOption& option) {
    IpOptionTest test;
    const std::string_view name = trimmed(option.value);
    if (name != "any") {
        for (const NamedNumber& each : kIpOptions) {
            if (each.name == name) {
                test.option = each.number;
            }
        }
        if (!test.option) {
            return std::unexpected(fmt::format("\"{}\" is no option of IPv4", name));
        }
    }
    builder.rule.packet_tests.emplace_back(test);
    builder.rule.asks_packet = true;
    return {};
}

OrReason<void> read_same_ip(RuleBuilder& builder, const RuleOption& /*option*/) {
    builder.rule.packet_tests.emplace_back(SameAddressTest{});
    builder.rule.asks_packet = true;
    return {};
}

OrReason<void> read_event(RuleBuilder& builder, const RuleOption& option) {
    const std::string_view name = trimmed(option.value);
    const auto event = event_named(name);
    if (!event) {
        return std::unexpected(fmt::format("the event \"{}\" is not noticed here", name));
    }
    builder.rule.events.push_back(*event);
    builder.rule.asks_packet = true;
    return {};
}

constexpr std::array kPacketOptions{
    NamedOption{"ip_proto", read_ip_proto},  NamedOption{"flags", read_flags},
    NamedOption{"tcp.flags", read_flags},    NamedOption{"fragbits", read_fragbits},
    NamedOption{"ipopts", read_ip_option},   NamedOption{"sameip", read_same_ip},
    NamedOption{"decode-event", read_event}, NamedOption{"stream-event", read_event},
};

}  // namespace

OptionReader packet_option(std::string_view name) {
    for (const NumberOption& each : kNumberOptions) {
        if (each.name == name) {
            return read_number_option;
        }
    }
    return look_up_option(kPacketOptions, name);
}

}  // namespace phantom::detect
