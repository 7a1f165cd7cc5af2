#include <array>

#include <fmt/format.h>

#include "detect/digest.h"
#include "detect/rule_options.h"
#include "detect/text.h"

namespace phantom::detect {

namespace {

OrReason<void> read_flow(RuleBuilder& builder, const RuleOption& option) {
    FlowTest& flow = builder.rule.flow;
    for (const std::string_view word : split(option.value, ',')) {
        if (word == "to_server" || word == "from_client") {
            flow.direction = Direction::kToServer;
        } else if (word == "to_client" || word == "from_server") {
            flow.direction = Direction::kToClient;
        } else if (word == "established") {
            flow.established = true;
        } else if (word == "not_established") {
            flow.established = false;
        } else if (word == "stateless") {
            flow.stateless = true;
        } else if (word == "only_stream") {
            flow.only_stream = true;
        } else if (word == "no_stream") {
            flow.no_stream = true;
        } else if (word == "only_frag") {
            flow.fragment = true;
        } else if (word == "no_frag") {
            flow.fragment = false;
        } else {
            return std::unexpected(fmt::format("\"{}\" is not understood", word));
        }
    }
    return {};
}

OrReason<BitOption::Operation> bit_operation(std::string_view word) {
    using enum BitOption::Operation;
    if (word == "set") {
        return kSet;
    }
    if (word == "unset") {
        return kUnset;
    }
    if (word == "toggle") {
        return kToggle;
    }
    if (word == "isset") {
        return kIsSet;
    }
    if (word == "isnotset") {
        return kIsNotSet;
    }
    return std::unexpected(fmt::format("\"{}\" is not understood", word));
}

OrReason<void> read_flowbits(RuleBuilder& builder, const RuleOption& option) {
    const std::vector<std::string_view> parts = split(option.value, ',');
    if (parts.size() == 1 && parts[0] == "noalert") {
        builder.rule.is_silent = true;
        return {};
    }
    if (parts.size() < 2 || parts[1].empty()) {
        return std::unexpected("a name is missing");
    }
    BitOption bit;
    bit.operation = PM_TRY_REASON(bit_operation(parts[0]));
    const std::vector<std::string_view> names = split(parts[1], '|');
    if (names.size() > 1 && !bit.is_question()) {
        return std::unexpected("only one can be set at a time");
    }
    for (const std::string_view name : names) {
        bit.bits.push_back(number_of(name));
    }
    builder.rule.bits.push_back(std::move(bit));
    return {};
}

// xbits:set,NAME,track ip_src[,expire 60]; hostbits:set,NAME[,src|dst|both].
OrReason<void> read_xbits(RuleBuilder& builder, const RuleOption& option) {
    const std::vector<std::string_view> parts = split(option.value, ',');
    if (parts.size() < 2 || parts[1].empty()) {
        return std::unexpected("a name is missing");
    }
    BitOption bit;
    bit.scope = BitOption::Scope::kSource;
    bit.operation = PM_TRY_REASON(bit_operation(parts[0]));
    bit.bits.push_back(number_of(parts[1]));
    for (std::size_t index = 2; index < parts.size(); ++index) {
        const std::string_view part = parts[index];
        const std::string_view last = part.substr(part.rfind(' ') + 1);
        if (last == "ip_src" || last == "src") {
            bit.scope = BitOption::Scope::kSource;
        } else if (last == "ip_dst" || last == "dst") {
            bit.scope = BitOption::Scope::kDestination;
        } else if (last == "ip_pair" || last == "both") {
            bit.scope = BitOption::Scope::kPair;
        } else if (part.starts_with("expire")) {
            const auto seconds = number<std::uint32_t>(last);
            if (!seconds) {
                return std::unexpected("expire needs seconds");
            }
            bit.lifetime_s = *seconds;
        } else {
            return std::unexpected(fmt::format("\"{}\" is not understood", part));
        }
    }
    builder.rule.bits.push_back(std::move(bit));
    return {};
}

OrReason<CounterOption::Operation> counter_operation(std::string_view text) {
    using enum CounterOption::Operation;
    struct Sign {
        std::string_view text;
        CounterOption::Operation operation;
    };
    constexpr std::array kSigns{
        Sign{"=", kSet},       Sign{"+", kAdd},         Sign{"-", kSubtract},
        Sign{"<", kLess},      Sign{"<=", kAtMost},     Sign{"==", kEqual},
        Sign{"!=", kNotEqual}, Sign{">=", kAtLeast},    Sign{">", kGreater},
        Sign{"isset", kIsSet}, Sign{"notset", kNotSet}, Sign{"isnotset", kNotSet},
    };
    for (const Sign& sign : kSigns) {
        if (sign.text == text) {
            return sign.operation;
        }
    }
    return std::unexpected(fmt::format("\"{}\" is not understood", text));
}

// flowint:NAME,OPERATION[,VALUE or NAME]
OrReason<void> read_flowint(RuleBuilder& builder, const RuleOption& option) {
    const std::vector<std::string_view> parts = split(option.value, ',');
    if (parts.size() < 2) {
        return std::unexpected("NAME and OPERATION are needed");
    }
    CounterOption counter;
    counter.counter = number_of(parts[0]);
    counter.operation = PM_TRY_REASON(counter_operation(parts[1]));
    const bool needs_value = counter.operation != CounterOption::Operation::kIsSet &&
                             counter.operation != CounterOption::Operation::kNotSet;
    if (needs_value) {
        if (parts.size() != 3) {
            return std::unexpected("a value is missing");
        }
        if (const auto value = number<std::uint32_t>(parts[2])) {
            counter.value = *value;
        } else {
            counter.other = number_of(parts[2]);
        }
    }
    builder.rule.counters.push_back(counter);
    return {};
}

OrReason<Threshold::Track> track_of(std::string_view word) {
    using enum Threshold::Track;
    if (word == "by_src") {
        return kSource;
    }
    if (word == "by_dst") {
        return kDestination;
    }
    if (word == "by_both") {
        return kBoth;
    }
    if (word == "by_rule") {
        return kRule;
    }
    if (word == "by_flow") {
        return kFlow;
    }
    return std::unexpected(fmt::format("\"{}\" is not understood", word));
}

OrReason<Threshold::Kind> threshold_kind(std::string_view word) {
    using enum Threshold::Kind;
    if (word == "limit") {
        return kLimit;
    }
    if (word == "threshold") {
        return kThreshold;
    }
    if (word == "both") {
        return kBoth;
    }
    if (word == "backoff") {
        return kBackoff;
    }
    return std::unexpected(fmt::format("\"{}\" is not understood", word));
}

OrReason<void> read_threshold_word(
    Threshold& threshold, std::string_view word, std::string_view value
) {
    const auto count = number<std::uint32_t>(value);
    if (word == "type") {
        threshold.kind = PM_TRY_REASON(threshold_kind(value));
    } else if (word == "track") {
        threshold.track = PM_TRY_REASON(track_of(value));
    } else if (word == "count" && count && *count > 0) {
        threshold.count = *count;
    } else if (word == "seconds" && count && *count > 0) {
        threshold.seconds = *count;
    } else if (word == "multiplier" && count && *count > 1) {
        threshold.multiplier = *count;
    } else if (word == "unique_on" && value == "src_port") {
        threshold.unique = Threshold::Unique::kSourcePort;
    } else if (word == "unique_on" && value == "dst_port") {
        threshold.unique = Threshold::Unique::kDestinationPort;
    } else {
        return std::unexpected(fmt::format("\"{} {}\" is not understood", word, value));
    }
    return {};
}

OrReason<Threshold> threshold_of(const RuleOption& option) {
    Threshold threshold;
    for (const std::string_view part : split(option.value, ',')) {
        const std::size_t blank = std::min(part.find(' '), part.size());
        PM_TRY_REASON(
            read_threshold_word(threshold, part.substr(0, blank), trimmed(part.substr(blank)))
        );
    }
    return threshold;
}

OrReason<void> read_threshold(RuleBuilder& builder, const RuleOption& option) {
    builder.rule.threshold = PM_TRY_REASON(threshold_of(option));
    return {};
}

OrReason<void> read_detection_filter(RuleBuilder& builder, const RuleOption& option) {
    Threshold threshold = PM_TRY_REASON(threshold_of(option));
    threshold.kind = Threshold::Kind::kDetectionFilter;
    builder.rule.detection_filter = threshold;
    return {};
}

// stream_size:SIDE,OPERATOR,NUMBER
OrReason<void> read_stream_size(RuleBuilder& builder, const RuleOption& option) {
    const std::vector<std::string_view> parts = split(option.value, ',');
    if (parts.size() != 3) {
        return std::unexpected("SIDE, OPERATOR and NUMBER are needed");
    }
    StreamSizeTest test;
    using enum StreamSizeTest::Side;
    if (parts[0] == "server") {
        test.side = kServer;
    } else if (parts[0] == "client") {
        test.side = kClient;
    } else if (parts[0] == "both") {
        test.side = kBoth;
    } else if (parts[0] == "either") {
        test.side = kEither;
    } else {
        return std::unexpected(fmt::format("\"{}\" is not understood", parts[0]));
    }
    const auto size = IntegerCondition::parse(fmt::format("{}{}", parts[1], parts[2]));
    if (!size) {
        return std::unexpected("that says nothing of a number");
    }
    test.test = *size;
    builder.rule.stream_sizes.push_back(test);
    builder.rule.asks_packet = true;
    return {};
}

constexpr std::array kStateOptions{
    NamedOption{"flow", read_flow},
    NamedOption{"flowbits", read_flowbits},
    NamedOption{"xbits", read_xbits},
    NamedOption{"hostbits", read_xbits},
    NamedOption{"flowint", read_flowint},
    NamedOption{"threshold", read_threshold},
    NamedOption{"detection_filter", read_detection_filter},
    NamedOption{"stream_size", read_stream_size},
};

}  // namespace

OptionReader state_option(std::string_view name) {
    return look_up_option(kStateOptions, name);
}

}  // namespace phantom::detect
