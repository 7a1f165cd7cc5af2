#include "scenario/sigma_rule.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace phantom::scenario {

namespace {

constexpr std::array<std::string_view, 5> kLevelNames{
    "informational", "low", "medium", "high", "critical",
};

class SigmaSelectionReader {
  public:
    OrFlaw<SigmaSelection> read(const Yaml& yaml) {
        SigmaSelection selection;
        if (yaml.kind == Yaml::Kind::kMap) {
            selection.alternatives.push_back(PM_TRY_FLAW(items_of(yaml)));
            return selection;
        }
        if (yaml.kind == Yaml::Kind::kScalar) {
            selection.alternatives.push_back({PM_TRY_FLAW(item_of("", {}, {&yaml}))});
            return selection;
        }
        if (yaml.kind != Yaml::Kind::kList || yaml.items.empty()) {
            return flawed("a selection with nothing in it", yaml.line);
        }
        for (const Yaml& each : yaml.items) {
            if (each.kind == Yaml::Kind::kMap) {
                selection.alternatives.push_back(PM_TRY_FLAW(items_of(each)));
            } else {
                selection.alternatives.push_back({PM_TRY_FLAW(item_of("", {}, {&each}))});
            }
        }
        return selection;
    }

  private:
    OrFlaw<std::vector<SigmaItem>> items_of(const Yaml& map) {
        std::vector<SigmaItem> items;
        for (const Yaml& each : map.items) {
            const std::size_t bar = std::min(each.key.find('|'), each.key.size());
            const auto rest = std::string_view(each.key).substr(std::min(bar + 1, each.key.size()));
            const SigmaModifiers modifiers =
                PM_TRY_FLAW(at_line(SigmaModifiers::parse(rest), each.line));
            std::vector<const Yaml*> values;
            if (each.kind == Yaml::Kind::kList) {
                for (const Yaml& value : each.items) {
                    values.push_back(&value);
                }
            } else {
                values.push_back(&each);
            }
            items.push_back(PM_TRY_FLAW(item_of(each.key.substr(0, bar), modifiers, values)));
        }
        if (items.empty()) {
            return flawed("a selection with nothing in it", map.line);
        }
        return items;
    }

    OrFlaw<SigmaItem> item_of(
        std::string field, SigmaModifiers modifiers, const std::vector<const Yaml*>& values
    ) {
        // A keyword is looked for anywhere in the line.
        const bool is_keyword = field.empty();
        if (is_keyword && modifiers.place == SigmaModifiers::Place::kWhole) {
            modifiers.place = SigmaModifiers::Place::kContains;
        }
        SigmaItem item{
            .field = std::move(field),
            .all = modifiers.all,
            .is_negated = modifiers.is_negated,
            .values = {}
        };
        for (const Yaml* value : values) {
            item.values.push_back(PM_TRY_FLAW(SigmaTest::build(*value, modifiers)));
            test_count_ += item.values.back().size();
        }
        if (test_count_ > kSigmaTestsMax) {
            return flawed("too many values");
        }
        return item;
    }

    std::size_t test_count_ = 0;
};

std::vector<std::string> texts_of(const Yaml* yaml) {
    std::vector<std::string> texts;
    if (yaml != nullptr && yaml->kind == Yaml::Kind::kScalar) {
        texts.push_back(yaml->text);
    } else if (yaml != nullptr) {
        for (const Yaml& each : yaml->items) {
            texts.push_back(each.text);
        }
    }
    return texts;
}

OrFlaw<SigmaLevel> level_called(const std::string& name, std::size_t line) {
    if (name.empty()) {
        return SigmaLevel::kMedium;
    }
    const auto* found = std::ranges::find(kLevelNames, name);
    if (found == kLevelNames.end()) {
        return flawed(fmt::format("level '{}' is not known", name), line);
    }
    return static_cast<SigmaLevel>(found - kLevelNames.begin());
}

// What makes a document something else than a rule that looks at one event.
std::optional<std::string> unsupported(const Yaml& document) {
    for (const std::string_view key : {"correlation", "action", "filter"}) {
        if (document.find(key) != nullptr) {
            return fmt::format("'{}': only rules that look at one event are understood", key);
        }
    }
    const Yaml* detection = document.find("detection");
    if (detection != nullptr && detection->find("timeframe") != nullptr) {
        return "'timeframe': only rules that look at one event are understood";
    }
    return std::nullopt;
}

}  // namespace

std::string_view name_of(SigmaLevel level) {
    return kLevelNames[static_cast<std::size_t>(level)];
}

bool SigmaItem::holds(const SigmaRecord& record) const {
    const auto value_holds = [&](const std::vector<SigmaTest>& ways, const SigmaField* value) {
        return std::ranges::any_of(ways, [&](const SigmaTest& each) {
            return each.holds(value, record);
        });
    };
    const auto all_of = [&](const SigmaField* value) {
        const auto holds_here = [&](const auto& ways) { return value_holds(ways, value); };
        return all ? std::ranges::all_of(values, holds_here)
                   : std::ranges::any_of(values, holds_here);
    };
    if (field.empty()) {
        return all_of(&record.line) != is_negated;
    }
    // A field may stand there several times, as the members of a list: one of them is enough.
    bool is_there = false;
    bool found = false;
    for (const SigmaField& each : record.fields) {
        if (each.name == field) {
            is_there = true;
            found = found || all_of(&each);
        }
    }
    return (is_there ? found : all_of(nullptr)) != is_negated;
}

bool SigmaSelection::holds(const SigmaRecord& record) const {
    return std::ranges::any_of(alternatives, [&](const std::vector<SigmaItem>& items) {
        return std::ranges::all_of(items, [&](const SigmaItem& item) {
            return item.holds(record);
        });
    });
}

OrFlaw<SigmaRule> SigmaRule::build(const Yaml& document) {
    if (document.kind != Yaml::Kind::kMap) {
        return flawed("no rule", document.line);
    }
    if (const auto why = unsupported(document)) {
        return flawed(*why, document.line);
    }
    SigmaRule rule;
    rule.title = document.text_of("title");
    rule.id = document.text_of("id");
    rule.author = document.text_of("author");
    rule.tags = texts_of(document.find("tags"));
    rule.level = PM_TRY_FLAW(level_called(document.text_of("level"), document.line));
    const Yaml* source = document.find("logsource");
    const Yaml* detection = document.find("detection");
    if (rule.title.empty() || source == nullptr || detection == nullptr) {
        return flawed("a rule needs title, logsource and detection", document.line);
    }
    rule.source = {
        .category = source->text_of("category"),
        .product = source->text_of("product"),
        .service = source->text_of("service"),
    };
    PM_TRY_FLAW(rule.read_detection(*detection));
    return rule;
}

OrFlaw<void> SigmaRule::read_detection(const Yaml& detection) {
    SigmaSelectionReader reader;
    std::vector<std::string> names;
    for (const Yaml& each : detection.items) {
        if (each.key == "condition") {
            continue;
        }
        if (names.size() == kSigmaSelectionsMax) {
            return flawed("too many selections", each.line);
        }
        names.push_back(each.key);
        selections_.push_back(PM_TRY_FLAW(at_line(reader.read(each), each.line)));
    }
    const Yaml* condition = detection.find("condition");
    for (const std::string& text : texts_of(condition)) {
        conditions_.push_back(
            PM_TRY_FLAW(at_line(SigmaCondition::parse(text, names), condition->line))
        );
    }
    if (conditions_.empty()) {
        return flawed("a rule needs a condition", detection.line);
    }
    return {};
}

bool SigmaRule::holds(const SigmaRecord& record) const {
    enum class Known : std::uint8_t { kNot, kHolds, kFails };
    std::array<Known, kSigmaSelectionsMax> known{};
    const auto selected = [&](std::size_t number) {
        if (known[number] == Known::kNot) {
            known[number] = selections_[number].holds(record) ? Known::kHolds : Known::kFails;
        }
        return known[number] == Known::kHolds;
    };
    return std::ranges::any_of(conditions_, [&](const SigmaCondition& condition) {
        return condition.holds(selected);
    });
}

std::string SigmaRule::technique() const {
    for (const std::string& tag : tags) {
        constexpr std::string_view kPrefix = "attack.t";
        if (tag.starts_with(kPrefix) && tag.size() > kPrefix.size() && tag[kPrefix.size()] >= '0' &&
            tag[kPrefix.size()] <= '9') {
            std::string name = tag.substr(kPrefix.size() - 1);
            name.front() = 'T';
            return name;
        }
    }
    return "";
}

}  // namespace phantom::scenario
