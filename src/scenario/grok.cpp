#include "scenario/grok.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace phantom::scenario {

namespace {

// A group of ours; no parser writes such a name.
constexpr std::string_view kGrokGroupPrefix = "PmField";

// Replaces names by what they stand for, and remembers which field each group is.
class GrokExpansion {
  public:
    explicit GrokExpansion(const GrokLibrary& library) : library_(library) {}

    OrFlaw<void> expand(std::string_view text, std::size_t depth) {
        if (depth > kGrokDepthMax) {
            return flawed("patterns are nested too deep, or in themselves");
        }
        while (true) {
            const std::size_t begin = text.find("%{");
            const std::size_t end = text.find('}', begin);
            if (begin == std::string_view::npos || end == std::string_view::npos) {
                return append(text);
            }
            PM_TRY_FLAW(append(text.substr(0, begin)));
            PM_TRY_FLAW(reference(text.substr(begin + 2, end - begin - 2), depth));
            text.remove_prefix(end + 1);
        }
    }

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const std::vector<std::string>& fields() const { return fields_; }

  private:
    // NAME, NAME:field, or NAME:field:type; all fields are texts.
    OrFlaw<void> reference(std::string_view inside, std::size_t depth) {
        const std::size_t colon = inside.find(':');
        const std::string_view name = inside.substr(0, colon);
        const std::string* known = library_.find(name);
        if (known == nullptr) {
            return flawed(fmt::format("the pattern {} is not known", name));
        }
        if (colon == std::string_view::npos) {
            PM_TRY_FLAW(append("(?:"));
        } else {
            PM_TRY_FLAW(append(fmt::format("(?<{}{}>", kGrokGroupPrefix, fields_.size())));
            const std::string_view field = inside.substr(colon + 1);
            fields_.emplace_back(field.substr(0, field.find(':')));
        }
        PM_TRY_FLAW(expand(*known, depth + 1));
        return append(")");
    }

    OrFlaw<void> append(std::string_view text) {
        if (text_.size() + text.size() > kPatternSizeMax) {
            return flawed("the pattern is too long");
        }
        text_ += text;
        return {};
    }

    const GrokLibrary& library_;
    std::string text_;
    std::vector<std::string> fields_;
};

std::optional<std::size_t> field_index(std::string_view group) {
    const std::string_view digits = group.substr(kGrokGroupPrefix.size());
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), index);
    return error == std::errc{} && end == digits.end() ? std::optional(index) : std::nullopt;
}

}  // namespace

bool GrokLibrary::add(std::string name, std::string text) {
    if (texts_.size() >= kGrokNamesMax) {
        return false;
    }
    texts_.insert_or_assign(std::move(name), std::move(text));
    return true;
}

const std::string* GrokLibrary::find(std::string_view name) const {
    const auto found = texts_.find(name);
    if (found != texts_.end()) {
        return &found->second;
    }
    return outer_ != nullptr ? outer_->find(name) : standard_grok(name);
}

OrFlaw<Grok> Grok::compile(std::string_view text, const GrokLibrary& library) {
    GrokExpansion expansion(library);
    PM_TRY_FLAW(expansion.expand(text, 0));
    Pattern pattern = PM_TRY_FLAW(Pattern::compile(expansion.text()));
    std::vector<Field> fields;
    for (const Pattern::Name& each : pattern.names()) {
        std::string name = each.name;
        if (name.starts_with(kGrokGroupPrefix)) {
            const auto index = field_index(name);
            if (!index || *index >= expansion.fields().size()) {
                return flawed(fmt::format("a group may not be called {}", name));
            }
            name = expansion.fields()[*index];
        }
        const auto known = std::ranges::find(fields, name, &Field::name);
        Field& field = known != fields.end() ? *known : fields.emplace_back(Field{name, {}});
        field.groups.push_back(each.group);
    }
    return Grok(std::move(pattern), std::move(fields));
}

Pattern::Outcome Grok::parse(std::string_view line, Fields& fields) const {
    std::vector<std::string_view> groups;
    const Pattern::Outcome outcome = pattern_.search(line, groups);
    fields.clear();
    if (outcome != Pattern::Outcome::kMatch) {
        return outcome;
    }
    for (const Field& each : fields_) {
        std::string_view taken;
        for (const std::size_t group : each.groups) {
            taken = groups[group].empty() ? taken : groups[group];
        }
        fields.emplace_back(each.name, taken);
    }
    return outcome;
}

}  // namespace phantom::scenario
