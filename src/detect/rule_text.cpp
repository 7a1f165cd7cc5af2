#include "detect/rule_text.h"

#include <array>

#include <fmt/format.h>

#include "detect/text.h"

namespace phantom::detect {

namespace {

// The next word of the header; a list in brackets is one word, blanks and all.
std::string_view next_word(std::string_view& rest) {
    rest = trimmed(rest);
    unsigned depth = 0;
    std::size_t at = 0;
    for (; at < rest.size(); ++at) {
        if (rest[at] == '[') {
            ++depth;
        } else if (rest[at] == ']' && depth > 0) {
            --depth;
        } else if (depth == 0 && (is_blank(rest[at]) || rest[at] == '(')) {
            break;
        }
    }
    const std::string_view word = rest.substr(0, at);
    rest.remove_prefix(at);
    return word;
}

// The first ";" that no backslash stands before.
std::size_t option_end(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\') {
            ++at;
        } else if (text[at] == ';') {
            return at;
        }
    }
    return std::string_view::npos;
}

OrReason<RuleOption> read_option(std::string_view text) {
    RuleOption option;
    const std::size_t colon = text.find(':');
    option.name = trimmed(text.substr(0, colon));
    if (colon == std::string_view::npos) {
        return option;
    }
    option.has_value = true;
    std::string_view value = trimmed(text.substr(colon + 1));
    // A number that must not be, as in isdataat:!4, is the affair of its option.
    const bool quoted_later = value.starts_with('!') && trimmed(value.substr(1)).starts_with('"');
    if (quoted_later) {
        option.negated = true;
        value = trimmed(value.substr(1));
    }
    if (value.starts_with('"')) {
        if (value.size() < 2 || !value.ends_with('"')) {
            return std::unexpected(fmt::format("{}: a text in quotes does not end", option.name));
        }
        value = value.substr(1, value.size() - 2);
    }
    option.value = value;
    return option;
}

}  // namespace

OrReason<RuleText> split_rule(std::string_view line) {
    if (line.size() > kRuleSizeMax) {
        return std::unexpected(fmt::format("a rule has at most {} bytes", kRuleSizeMax));
    }
    std::string_view rest = line;
    std::array<std::string, 7> words;
    for (std::string& word : words) {
        word = next_word(rest);
        if (word.empty()) {
            return std::unexpected("the header needs ACTION PROTOCOL FROM PORT -> TO PORT");
        }
    }
    rest = trimmed(rest);
    if (!rest.starts_with('(') || !rest.ends_with(')')) {
        return std::unexpected("the options stand in parentheses");
    }
    RuleText rule{words[0], words[1], words[2], words[3], words[4], words[5], words[6], {}};
    rest = trimmed(rest.substr(1, rest.size() - 2));
    while (!rest.empty()) {
        const std::size_t end = option_end(rest);
        if (end == std::string_view::npos) {
            return std::unexpected("an option does not end with \";\"");
        }
        const std::string_view option = trimmed(rest.substr(0, end));
        if (!option.empty()) {
            rule.options.push_back(PM_TRY_REASON(read_option(option)));
            if (rule.options.back().name.empty()) {
                return std::unexpected("an option has no name");
            }
        }
        if (rule.options.size() > kRuleOptionsMax) {
            return std::unexpected(fmt::format("a rule has at most {} options", kRuleOptionsMax));
        }
        rest = trimmed(rest.substr(end + 1));
    }
    return rule;
}

std::vector<RuleLine> rule_lines(std::string_view file) {
    std::vector<RuleLine> lines;
    std::string joined;
    unsigned number = 0;
    unsigned begun = 0;
    while (!file.empty()) {
        const std::size_t end = file.find('\n');
        const std::string_view line = trimmed(file.substr(0, end));
        file.remove_prefix(end == std::string_view::npos ? file.size() : end + 1);
        ++number;
        if (joined.empty()) {
            begun = number;
            if (line.empty() || line.front() == '#') {
                continue;
            }
        }
        if (line.ends_with('\\') && joined.size() <= kRuleSizeMax) {
            joined += line.substr(0, line.size() - 1);
            continue;
        }
        joined += line;
        lines.push_back({begun, std::move(joined)});
        joined.clear();
    }
    if (!joined.empty()) {
        lines.push_back({begun, std::move(joined)});
    }
    return lines;
}

}  // namespace phantom::detect
