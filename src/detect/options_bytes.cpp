#include <array>

#include <fmt/format.h>

#include "detect/rule_options.h"
#include "detect/text.h"

namespace phantom::detect {

namespace {

using Words = std::vector<std::string_view>;

// "relative", "little", "string" and what else says how a number stands there. False: another word.
bool read_form_word(NumberForm& form, std::string_view word) {
    if (word == "relative") {
        form.relative = true;
    } else if (word == "little") {
        form.little = true;
    } else if (word == "dce") {
        form.from_dce = true;
    } else if (word == "string") {
        form.text_base = form.text_base == 0 ? 10 : form.text_base;
    } else if (word == "hex") {
        form.text_base = 16;
    } else if (word == "dec") {
        form.text_base = 10;
    } else if (word == "oct") {
        form.text_base = 8;
    } else {
        return word == "big" || word.empty();
    }
    return true;
}

// "bitmask 0x0f", "multiplier 2" and their kin: a word and a number behind it.
std::optional<std::uint64_t> number_behind(std::string_view text, std::string_view word) {
    if (!text.starts_with(word) || text.size() <= word.size() || !is_blank(text[word.size()])) {
        return std::nullopt;
    }
    return number<std::uint64_t>(trimmed(text.substr(word.size())));
}

std::unexpected<std::string> not_understood(std::string_view word) {
    return std::unexpected(fmt::format("\"{}\" is not understood", word));
}

OrReason<void> add_bytes(RuleBuilder& builder, const NumberForm& form, BufferMatch match) {
    if (form.relative) {
        builder.add_relative(std::move(match));
    } else {
        builder.add(std::move(match));
    }
    return {};
}

OrReason<void> set_size(
    const RuleBuilder& builder, std::string_view text, NumberForm& form, Operand& size
) {
    size = PM_TRY_REASON(builder.operand(text));
    if (size.variable < 0) {
        if (size.value < 0 || size.value > 23) {
            return std::unexpected("a number has 1 to 8 bytes, or 23 digits");
        }
        form.size = static_cast<unsigned>(size.value);
    }
    return {};
}

OrReason<Comparison> comparison_of(std::string_view text) {
    if (text == "<") {
        return Comparison::kLess;
    }
    if (text == ">") {
        return Comparison::kGreater;
    }
    if (text == "=" || text.empty()) {
        return Comparison::kEqual;
    }
    if (text == "<=") {
        return Comparison::kAtMost;
    }
    if (text == ">=") {
        return Comparison::kAtLeast;
    }
    if (text == "&") {
        return Comparison::kAnd;
    }
    if (text == "^") {
        return Comparison::kOr;
    }
    return std::unexpected(fmt::format("\"{}\" compares nothing", text));
}

// byte_test:SIZE,[!]OPERATOR,VALUE,OFFSET[,...]
OrReason<void> read_byte_test(RuleBuilder& builder, const RuleOption& option) {
    const Words words = split(option.value, ',');
    if (words.size() < 4) {
        return std::unexpected("SIZE, OPERATOR, VALUE and OFFSET are needed");
    }
    ByteTest test;
    PM_TRY_REASON(set_size(builder, words[0], test.form, test.size));
    std::string_view comparison = words[1];
    if (comparison.starts_with('!')) {
        test.negated = true;
        comparison = trimmed(comparison.substr(1));
    }
    test.comparison = PM_TRY_REASON(comparison_of(comparison));
    test.value = PM_TRY_REASON(builder.operand(words[2]));
    test.offset = PM_TRY_REASON(builder.operand(words[3]));
    for (const std::string_view word : std::span(words).subspan(4)) {
        if (const auto mask = number_behind(word, "bitmask")) {
            test.form.mask = *mask;
        } else if (!read_form_word(test.form, word)) {
            return not_understood(word);
        }
    }
    return add_bytes(builder, test.form, test);
}

// byte_jump:SIZE,OFFSET[,...]
OrReason<void> read_byte_jump(RuleBuilder& builder, const RuleOption& option) {
    const Words words = split(option.value, ',');
    if (words.size() < 2) {
        return std::unexpected("SIZE and OFFSET are needed");
    }
    ByteJump jump;
    PM_TRY_REASON(set_size(builder, words[0], jump.form, jump.size));
    jump.offset = PM_TRY_REASON(builder.operand(words[1]));
    for (const std::string_view word : std::span(words).subspan(2)) {
        if (word == "align") {
            jump.align = true;
        } else if (word == "from_beginning") {
            jump.from_beginning = true;
        } else if (word == "from_end") {
            jump.from_end = true;
        } else if (const auto multiplier = number_behind(word, "multiplier")) {
            jump.multiplier = static_cast<std::int64_t>(*multiplier & 0xffffU);
        } else if (const auto mask = number_behind(word, "bitmask")) {
            jump.form.mask = *mask;
        } else if (word.starts_with("post_offset ")) {
            jump.post_offset = PM_TRY_REASON(builder.operand(trimmed(word.substr(12)))).value;
        } else if (!read_form_word(jump.form, word)) {
            return not_understood(word);
        }
    }
    return add_bytes(builder, jump.form, jump);
}

// byte_extract:SIZE,OFFSET,NAME[,...]
OrReason<void> read_byte_extract(RuleBuilder& builder, const RuleOption& option) {
    const Words words = split(option.value, ',');
    if (words.size() < 3) {
        return std::unexpected("SIZE, OFFSET and NAME are needed");
    }
    ByteExtract extract;
    Operand size;
    PM_TRY_REASON(set_size(builder, words[0], extract.form, size));
    extract.offset = PM_TRY_REASON(builder.operand(words[1])).value;
    for (const std::string_view word : std::span(words).subspan(3)) {
        if (const auto multiplier = number_behind(word, "multiplier")) {
            extract.multiplier = *multiplier & 0xffffU;
        } else if (const auto align = number_behind(word, "align")) {
            extract.align = static_cast<unsigned>(*align & 7U);
        } else if (const auto mask = number_behind(word, "bitmask")) {
            extract.form.mask = *mask;
        } else if (!read_form_word(extract.form, word)) {
            return not_understood(word);
        }
    }
    extract.variable = PM_TRY_REASON(builder.define_variable(words[2]));
    return add_bytes(builder, extract.form, extract);
}

OrReason<ByteMath::Operation> operation_of(std::string_view text) {
    using enum ByteMath::Operation;
    if (text == "+") {
        return kAdd;
    }
    if (text == "-") {
        return kSubtract;
    }
    if (text == "*") {
        return kMultiply;
    }
    if (text == "/") {
        return kDivide;
    }
    if (text == "<<") {
        return kLeft;
    }
    if (text == ">>") {
        return kRight;
    }
    return std::unexpected(fmt::format("\"{}\" computes nothing", text));
}

// byte_math:bytes 2, offset 0, oper +, rvalue 4, result NAME[, relative, endian big, ...]
OrReason<void> read_byte_math(RuleBuilder& builder, const RuleOption& option) {
    ByteMath math;
    std::string_view result;
    for (const std::string_view part : split(option.value, ',')) {
        const std::size_t blank = std::min(part.find(' '), part.size());
        const std::string_view word = part.substr(0, blank);
        const std::string_view value = trimmed(part.substr(blank));
        if (word == "bytes") {
            PM_TRY_REASON(set_size(builder, value, math.form, math.size));
        } else if (word == "offset") {
            math.offset = PM_TRY_REASON(builder.operand(value));
        } else if (word == "oper") {
            math.operation = PM_TRY_REASON(operation_of(value));
        } else if (word == "rvalue") {
            math.right = PM_TRY_REASON(builder.operand(value));
        } else if (word == "result") {
            result = value;
        } else if (const auto mask = number_behind(part, "bitmask")) {
            math.form.mask = *mask;
        } else if (word == "string" || word == "endian") {
            read_form_word(math.form, value);
        } else if (!read_form_word(math.form, word)) {
            return not_understood(part);
        }
    }
    if (result.empty()) {
        return std::unexpected("it needs a name for its result");
    }
    math.variable = PM_TRY_REASON(builder.define_variable(result));
    return add_bytes(builder, math.form, math);
}

// base64_decode:bytes N, offset N, relative
OrReason<void> read_base64_decode(RuleBuilder& builder, const RuleOption& option) {
    Base64Decode decode;
    const Words parts = option.has_value ? split(option.value, ',') : Words{};
    for (const std::string_view part : parts) {
        if (part == "relative") {
            decode.relative = true;
        } else if (const auto size = number_behind(part, "bytes")) {
            decode.bytes = *size;
        } else if (const auto offset = number_behind(part, "offset")) {
            decode.offset = static_cast<std::int64_t>(*offset & 0xffff'ffffU);
        } else {
            return not_understood(part);
        }
    }
    if (decode.relative) {
        builder.add_relative(decode);
    } else {
        builder.add(decode);
    }
    return {};
}

constexpr std::array kByteOptions{
    NamedOption{"byte_test", read_byte_test},         NamedOption{"byte_jump", read_byte_jump},
    NamedOption{"byte_extract", read_byte_extract},   NamedOption{"byte_math", read_byte_math},
    NamedOption{"base64_decode", read_base64_decode},
};

}  // namespace

OptionReader byte_option(std::string_view name) {
    return look_up_option(kByteOptions, name);
}

}  // namespace phantom::detect
