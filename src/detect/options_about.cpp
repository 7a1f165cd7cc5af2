#include <array>

#include <fmt/format.h>

#include "detect/classification.h"
#include "detect/rule_options.h"
#include "detect/text.h"

namespace phantom::detect {

namespace {

// The engine whose documented behaviour the rules are written for.
constexpr unsigned kLanguageMajor = 8;
constexpr unsigned kPriorityMax = 255;

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) {
            ++at;
        }
        out += text[at];
    }
    return out;
}

OrReason<void> read_message(RuleBuilder& builder, const RuleOption& option) {
    builder.rule.message = unescaped(option.value);
    return {};
}

OrReason<void> read_identity(RuleBuilder& builder, const RuleOption& option) {
    const auto value = number<std::uint32_t>(option.value);
    if (!value) {
        return std::unexpected(fmt::format("\"{}\" is no number", option.value));
    }
    Rule& rule = builder.rule;
    (option.name == "sid" ? rule.sid : option.name == "rev" ? rule.revision : rule.gid) = *value;
    return {};
}

OrReason<void> read_classtype(RuleBuilder& builder, const RuleOption& option) {
    const auto found = classification_named(option.value);
    // A set may have classes of its own: the rule holds without.
    if (found) {
        builder.rule.category = found->category;
        if (builder.rule.priority == kPriorityDefault) {
            builder.rule.priority = found->priority;
        }
    }
    return {};
}

OrReason<void> read_priority(RuleBuilder& builder, const RuleOption& option) {
    const auto value = number<std::uint32_t>(option.value);
    if (!value || *value == 0 || *value > kPriorityMax) {
        return std::unexpected("a priority is 1 to 255");
    }
    builder.rule.priority = *value;
    return {};
}

// "created_at 2023_05_23, updated_at 2023_05_24"
OrReason<void> read_metadata(RuleBuilder& builder, const RuleOption& option) {
    for (const std::string_view part : split(option.value, ',')) {
        const std::size_t blank = std::min(part.find(' '), part.size());
        if (!part.empty()) {
            builder.rule.metadata.emplace_back(part.substr(0, blank), trimmed(part.substr(blank)));
        }
    }
    return {};
}

OrReason<void> read_reference(RuleBuilder& builder, const RuleOption& option) {
    builder.rule.references.emplace_back(option.value);
    return {};
}

OrReason<void> read_noalert(RuleBuilder& builder, const RuleOption& /*option*/) {
    builder.rule.is_silent = true;
    return {};
}

// Who is attacked, and what else is said to people and not to the engine.
OrReason<void> read_remark(RuleBuilder& /*builder*/, const RuleOption& /*option*/) {
    return {};
}

// "version >= 7.0.4, feature geoip": what a rule needs of the engine.
OrReason<void> read_requires(RuleBuilder& /*builder*/, const RuleOption& option) {
    for (const std::string_view part : split(option.value, ',')) {
        const std::vector<std::string_view> words = split(part, ' ');
        if (words.size() == 3 && words[0] == "version") {
            const auto major = number<unsigned>(words[2].substr(0, words[2].find('.')));
            const bool holds = major && ((words[1] == ">=" && kLanguageMajor >= *major) ||
                                         (words[1] == ">" && kLanguageMajor > *major) ||
                                         (words[1] == "<=" && kLanguageMajor <= *major) ||
                                         (words[1] == "<" && kLanguageMajor < *major));
            if (!holds) {
                return std::unexpected(fmt::format("\"{}\" does not hold", part));
            }
        } else {
            return std::unexpected(fmt::format("\"{}\" is not there", part));
        }
    }
    return {};
}

constexpr std::array kAboutOptions{
    NamedOption{"msg", read_message},         NamedOption{"sid", read_identity},
    NamedOption{"rev", read_identity},        NamedOption{"gid", read_identity},
    NamedOption{"classtype", read_classtype}, NamedOption{"priority", read_priority},
    NamedOption{"metadata", read_metadata},   NamedOption{"reference", read_reference},
    NamedOption{"noalert", read_noalert},     NamedOption{"target", read_remark},
    NamedOption{"tag", read_remark},          NamedOption{"alert", read_remark},
    NamedOption{"requires", read_requires},
};

}  // namespace

OptionReader about_option(std::string_view name) {
    return look_up_option(kAboutOptions, name);
}

}  // namespace phantom::detect
