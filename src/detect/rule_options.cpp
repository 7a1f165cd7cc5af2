#include "detect/rule_options.h"

#include <fmt/format.h>

namespace phantom::detect {

namespace {

OrReason<void> read_buffer_or_transform(RuleBuilder& builder, const RuleOption& option) {
    if (const auto modifier = content_modifier(option.name)) {
        return builder.move_last_to(*modifier);
    }
    if (is_transform(option.name)) {
        return builder.add_transform(PM_TRY_REASON(parse_transform(option.name, option.value)));
    }
    const auto buffer = buffer_named(option.name);
    if (!buffer) {
        return std::unexpected("not supported");
    }
    builder.select(*buffer);
    return {};
}

}  // namespace

OrReason<IntegerCondition> integer_of(const RuleOption& option) {
    const auto test = IntegerCondition::parse(option.value);
    if (!test) {
        return std::unexpected(fmt::format("\"{}\" says nothing of a number", option.value));
    }
    return *test;
}

OrReason<void> read_rule_option(RuleBuilder& builder, const RuleOption& option) {
    for (const auto find : {
             content_option,
             byte_option,
             packet_option,
             state_option,
             about_option,
             message_option,
         }) {
        if (const OptionReader read = find(option.name)) {
            return read(builder, option);
        }
    }
    return read_buffer_or_transform(builder, option);
}

}  // namespace phantom::detect
