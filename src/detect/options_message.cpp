#include <array>

#include <fmt/format.h>

#include "detect/rule_options.h"
#include "detect/text.h"

namespace phantom::detect {

namespace {

// urilen:5<>10,raw
OrReason<void> read_urilen(RuleBuilder& builder, const RuleOption& option) {
    const std::vector<std::string_view> parts = split(option.value, ',');
    const auto test = IntegerCondition::parse(parts[0]);
    if (!test || parts.size() > 2) {
        return std::unexpected(fmt::format("\"{}\" says nothing of a number", option.value));
    }
    const bool raw = parts.size() == 2 && parts[1] == "raw";
    builder.rule.message_numbers.push_back(
        {.number = raw ? MessageNumber::kUriRawSize : MessageNumber::kUriSize, .test = *test}
    );
    return {};
}

struct MessageOption {
    std::string_view name;
    MessageNumber number;
};

constexpr std::array kMessageOptions{
    MessageOption{"dns.opcode", MessageNumber::kDnsOpcode},
    MessageOption{"dns.rcode", MessageNumber::kDnsResponseCode},
    MessageOption{"dns.rrtype", MessageNumber::kDnsRecordType},
    MessageOption{"tls.cert_chain_len", MessageNumber::kTlsCertificateCount},
};

OrReason<void> read_message_number(RuleBuilder& builder, const RuleOption& option) {
    for (const MessageOption& each : kMessageOptions) {
        if (each.name == option.name) {
            const auto test = PM_TRY_REASON(integer_of(option));
            builder.rule.message_numbers.push_back({.number = each.number, .test = test});
        }
    }
    return {};
}

OrReason<void> read_app_event(RuleBuilder& builder, const RuleOption& option) {
    const std::string_view name = trimmed(option.value);
    const auto event = event_named(name);
    if (!event) {
        return std::unexpected(fmt::format("the event \"{}\" is not noticed here", name));
    }
    builder.rule.events.push_back(*event);
    builder.rule.asks_events_of_application = true;
    return {};
}

OrReason<void> read_app_protocol(RuleBuilder& builder, const RuleOption& option) {
    std::string_view name = split(option.value, ',')[0];
    const bool negated = name.starts_with('!');
    name = trimmed(name.substr(negated ? 1 : 0));
    const auto protocol = app_protocol_named(name);
    if (!protocol) {
        return std::unexpected(fmt::format("\"{}\" is not recognised here", name));
    }
    builder.rule.application_test = {*protocol, negated};
    return {};
}

constexpr std::array kOtherMessageOptions{
    NamedOption{"urilen", read_urilen},
    NamedOption{"app-layer-event", read_app_event},
    NamedOption{"app-layer-protocol", read_app_protocol},
};

}  // namespace

OptionReader message_option(std::string_view name) {
    for (const MessageOption& each : kMessageOptions) {
        if (each.name == name) {
            return read_message_number;
        }
    }
    return look_up_option(kOtherMessageOptions, name);
}

}  // namespace phantom::detect
