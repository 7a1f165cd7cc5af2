#include "detect/rule_parser.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "detect/digest.h"
#include "detect/text.h"

namespace phantom::detect {

namespace {

struct ProtocolName {
    std::string_view name;
    RuleProtocol protocol;
    Packet::Network network = Packet::Network::kNone;
};

constexpr std::array kRuleProtocols{
    ProtocolName{"ip", RuleProtocol::kIp},
    ProtocolName{"ipv4", RuleProtocol::kIp, Packet::Network::kIpv4},
    ProtocolName{"ip4", RuleProtocol::kIp, Packet::Network::kIpv4},
    ProtocolName{"ipv6", RuleProtocol::kIp, Packet::Network::kIpv6},
    ProtocolName{"ip6", RuleProtocol::kIp, Packet::Network::kIpv6},
    ProtocolName{"tcp", RuleProtocol::kTcp},
    ProtocolName{"tcp-pkt", RuleProtocol::kTcpPacket},
    ProtocolName{"tcp-stream", RuleProtocol::kTcpStream},
    ProtocolName{"udp", RuleProtocol::kUdp},
    ProtocolName{"icmp", RuleProtocol::kIcmp},
    ProtocolName{"icmpv4", RuleProtocol::kIcmp, Packet::Network::kIpv4},
    ProtocolName{"icmpv6", RuleProtocol::kIcmpv6},
    ProtocolName{"sctp", RuleProtocol::kSctp},
    ProtocolName{"igmp", RuleProtocol::kIgmp},
    ProtocolName{"arp", RuleProtocol::kArp},
    ProtocolName{"pkthdr", RuleProtocol::kPacketHeader},
};

OrReason<RuleAction> action_of(std::string_view name) {
    if (name == "alert") {
        return RuleAction::kAlert;
    }
    if (name == "pass") {
        return RuleAction::kPass;
    }
    if (name == "drop") {
        return RuleAction::kDrop;
    }
    if (name.starts_with("reject")) {
        return RuleAction::kReject;
    }
    return std::unexpected(fmt::format("\"{}\" is no action", name));
}

OrReason<void> read_protocol(Rule& rule, std::string_view name) {
    const auto found = std::ranges::find(kRuleProtocols, name, &ProtocolName::name);
    if (found != kRuleProtocols.end()) {
        rule.protocol = found->protocol;
        if (found->network != Packet::Network::kNone) {
            rule.network = found->network;
        }
        return {};
    }
    const auto application = app_protocol_named(name);
    if (!application || *application == AppProtocol::kUnknown ||
        *application == AppProtocol::kFailed) {
        return std::unexpected(fmt::format("there is no parser for \"{}\"", name));
    }
    rule.protocol = RuleProtocol::kApplication;
    rule.application = *application;
    return {};
}

OrReason<void> read_direction(Rule& rule, std::string_view arrow) {
    if (arrow == "<>") {
        rule.both_ways = true;
    } else if (arrow == "=>") {
        return std::unexpected("rules over both directions of a transaction are not supported");
    } else if (arrow != "->") {
        return std::unexpected(fmt::format("\"{}\" is no direction", arrow));
    }
    return {};
}

OrReason<void> read_networks(Rule& rule, const RuleText& text, const Variables& variables) {
    rule.source = PM_TRY_REASON(parse_addresses(text.source, variables));
    rule.destination = PM_TRY_REASON(parse_addresses(text.destination, variables));
    rule.source_port = PM_TRY_REASON(parse_ports(text.source_port, variables));
    rule.destination_port = PM_TRY_REASON(parse_ports(text.destination_port, variables));
    return {};
}

std::uint32_t sid_of(const RuleText& text) {
    const auto found = std::ranges::find(text.options, "sid", &RuleOption::name);
    return found == text.options.end() ? 0 : number<std::uint32_t>(found->value).value_or(0);
}

// A rule's buffers belong to one application, and flow in one direction at least.
OrReason<void> check_buffers(Rule& rule) {
    bool to_server = rule.flow.direction != Direction::kToClient;
    bool to_client = rule.flow.direction != Direction::kToServer;
    for (const Section& section : rule.sections) {
        const BufferInfo& about = info(section.buffer);
        if (about.protocol == AppProtocol::kUnknown) {
            continue;
        }
        if (rule.application == AppProtocol::kUnknown) {
            rule.application = about.protocol;
        }
        if (rule.application != about.protocol) {
            return std::unexpected(
                fmt::format("{} does not go with {}", about.name, name_of(rule.application))
            );
        }
        to_server = to_server && about.to_server;
        to_client = to_client && about.to_client;
    }
    if (!to_server && !to_client) {
        return std::unexpected("its buffers never are in one direction together");
    }
    return {};
}

}  // namespace

std::expected<Rule, RuleProblem> parse_rule(std::string_view line, const Variables& variables) {
    const auto text = split_rule(line);
    if (!text) {
        return std::unexpected(RuleProblem{0, "rule", text.error()});
    }
    const std::uint32_t sid = sid_of(*text);
    const auto problem = [&](std::string_view keyword, const std::string& reason) {
        return std::unexpected(RuleProblem{sid, std::string(keyword), reason});
    };
    RuleBuilder builder;
    builder.rule.identity = number_of(line);
    const auto action = action_of(text->action);
    if (!action) {
        return problem("action", action.error());
    }
    builder.rule.action = *action;
    if (const auto read = read_protocol(builder.rule, text->protocol); !read) {
        return problem("protocol", read.error());
    }
    if (const auto read = read_direction(builder.rule, text->arrow); !read) {
        return problem("direction", read.error());
    }
    if (const auto read = read_networks(builder.rule, *text, variables); !read) {
        return problem("addresses", read.error());
    }
    for (const RuleOption& option : text->options) {
        if (const auto read = read_rule_option(builder, option); !read) {
            return problem(option.name, read.error());
        }
    }
    builder.drop_empty_sections();
    if (const auto checked = check_buffers(builder.rule); !checked) {
        return problem("buffers", checked.error());
    }
    if (builder.rule.sid == 0) {
        return problem("sid", "a rule needs a number of its own");
    }
    return std::move(builder.rule);
}

std::optional<FormFault> form_fault(std::string_view file) {
    for (const RuleLine& line : rule_lines(file)) {
        const auto text = split_rule(line.text);
        if (!text) {
            return FormFault{line.number, text.error()};
        }
        if (const auto action = action_of(text->action); !action) {
            return FormFault{line.number, action.error()};
        }
    }
    return std::nullopt;
}

}  // namespace phantom::detect
