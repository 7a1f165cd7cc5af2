#include "detect/rule_builder.h"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "detect/text.h"

namespace phantom::detect {

Section& RuleBuilder::section_of(BufferId buffer) {
    for (Section& each : rule.sections) {
        if (each.buffer == buffer && each.transforms.empty()) {
            return each;
        }
    }
    rule.sections.push_back({.buffer = buffer, .transforms = {}, .matches = {}});
    return rule.sections.back();
}

Section& RuleBuilder::section() {
    return selected_ ? rule.sections[*selected_] : section_of(BufferId::kPayload);
}

// Named a second time, a buffer goes on where it was, so that "tcp.hdr; content:A; tcp.hdr;
// content:B; distance:0;" is one walk. With a transform behind it, it is another buffer.
void RuleBuilder::select(BufferId buffer) {
    if (buffer == BufferId::kPayload) {
        selected_.reset();
        return;
    }
    Section& chosen = section_of(buffer);
    selected_ = static_cast<std::size_t>(&chosen - rule.sections.data());
}

// Behind matches, it begins a section of its own over the same buffer.
OrReason<void> RuleBuilder::add_transform(Transform transform) {
    if (!selected_) {
        return std::unexpected("a transform stands behind a sticky buffer");
    }
    if (!rule.sections[*selected_].matches.empty()) {
        Section next = rule.sections[*selected_];
        next.matches.clear();
        rule.sections.push_back(std::move(next));
        selected_ = rule.sections.size() - 1;
    }
    Section& chosen = rule.sections[*selected_];
    if (chosen.transforms.size() >= kTransformsMax) {
        return std::unexpected(fmt::format("a buffer has at most {} transforms", kTransformsMax));
    }
    chosen.transforms.push_back(std::move(transform));
    return {};
}

void RuleBuilder::add(BufferMatch match) {
    Section& chosen = section();
    chosen.matches.push_back(std::move(match));
    last_ = static_cast<std::size_t>(&chosen - rule.sections.data());
}

void RuleBuilder::add_relative(BufferMatch match) {
    if (selected_ || !last_) {
        add(std::move(match));
        return;
    }
    rule.sections[*last_].matches.push_back(std::move(match));
}

void RuleBuilder::add_to(BufferId buffer, BufferMatch match) {
    Section& chosen = section_of(buffer);
    chosen.matches.push_back(std::move(match));
    last_ = static_cast<std::size_t>(&chosen - rule.sections.data());
}

OrReason<ContentMatch*> RuleBuilder::last_content(std::string_view modifier) {
    if (last_) {
        auto& matches = rule.sections[*last_].matches;
        for (auto& match : matches | std::views::reverse) {
            if (auto* content = std::get_if<ContentMatch>(&match)) {
                return content;
            }
        }
    }
    return std::unexpected(fmt::format("\"{}\" has no content before it", modifier));
}

OrReason<void> RuleBuilder::move_last_to(BufferId buffer) {
    if (!last_ || rule.sections[*last_].matches.empty()) {
        return std::unexpected("there is no content before it");
    }
    BufferMatch moved = std::move(rule.sections[*last_].matches.back());
    if (!std::holds_alternative<ContentMatch>(moved)) {
        rule.sections[*last_].matches.back() = std::move(moved);
        return std::unexpected("there is no content before it");
    }
    rule.sections[*last_].matches.pop_back();
    Section& target = section_of(buffer);
    target.matches.push_back(std::move(moved));
    last_ = static_cast<std::size_t>(&target - rule.sections.data());
    return {};
}

OrReason<std::size_t> RuleBuilder::define_variable(std::string_view name) {
    const auto known = variables_.find(name);
    if (known != variables_.end()) {
        return known->second;
    }
    if (variables_.size() >= kVariablesMax) {
        return std::unexpected(fmt::format("a rule has at most {} variables", kVariablesMax));
    }
    const std::size_t index = variables_.size();
    variables_.emplace(name, index);
    return index;
}

OrReason<Operand> RuleBuilder::operand(std::string_view text) const {
    if (const auto value = number<std::int64_t>(text)) {
        if (*value > static_cast<std::int64_t>(kOperandMax) ||
            *value < -static_cast<std::int64_t>(kOperandMax)) {
            return std::unexpected(fmt::format("{} is too large", text));
        }
        return Operand{.value = *value};
    }
    const auto known = variables_.find(text);
    if (known == variables_.end()) {
        return std::unexpected(fmt::format("\"{}\" is neither a number nor a variable", text));
    }
    return Operand{.variable = static_cast<int>(known->second)};
}

void RuleBuilder::drop_empty_sections() {
    std::erase_if(rule.sections, [](const Section& each) { return each.matches.empty(); });
}

}  // namespace phantom::detect
