#include "scenario/sigma.h"

#include <algorithm>
#include <set>

#include <boost/json.hpp>

namespace phantom::scenario {

namespace {

// What a record is asked for may be said by a rule, and what it does not say holds for all.
bool is_meant(const LogSource& rule, const LogSource& record) {
    const auto agree = [](const std::string& asked, const std::string& is) {
        return asked.empty() || asked == is;
    };
    const bool knows_nothing =
        record.category.empty() && record.product.empty() && record.service.empty();
    return knows_nothing ||
           (agree(rule.category, record.category) && agree(rule.product, record.product) &&
            agree(rule.service, record.service));
}

}  // namespace

void SigmaRules::add(const std::string& file, std::string_view text) {
    const auto documents = read_yaml(text);
    if (!documents) {
        unusable_.push_back(
            {.file = file,
             .line = documents.error().line,
             .name = "",
             .reason = documents.error().reason}
        );
        return;
    }
    by_source_.clear();
    for (const Yaml& each : *documents) {
        if (each.kind == Yaml::Kind::kNull) {
            continue;
        }
        auto built = SigmaRule::build(each);
        if (built && entries_.size() == kSigmaRulesMax) {
            built = flawed("too many rules");
        }
        if (built) {
            entries_.push_back({.file = file, .rule = *std::move(built)});
            continue;
        }
        unusable_.push_back(
            {.file = file,
             .line = built.error().line != 0 ? built.error().line : each.line,
             .name = each.text_of("title"),
             .reason = built.error().reason}
        );
    }
}

const std::vector<std::size_t>& SigmaRules::meant_for(const LogSource& source) {
    if (const auto found = by_source_.find(source); found != by_source_.end()) {
        return found->second;
    }
    if (by_source_.size() == kSigmaSourcesMax) {
        by_source_.clear();  // a log chooses the names of its services
    }
    std::vector<std::size_t>& meant = by_source_[source];
    for (std::size_t index = 0; index < entries_.size(); ++index) {
        if (is_meant(entries_[index].rule.source, source)) {
            meant.push_back(index);
        }
    }
    return meant;
}

std::vector<const SigmaRules::Entry*> SigmaRules::held_against(const SigmaRecord& record) {
    std::set<std::size_t> meant;
    for (const LogSource& source : record.sources) {
        const std::vector<std::size_t>& some = meant_for(source);
        meant.insert(some.begin(), some.end());
    }
    std::vector<const Entry*> held;
    for (const std::size_t index : meant) {
        if (entries_[index].rule.holds(record)) {
            held.push_back(&entries_[index]);
        }
    }
    return held;
}

std::string sigma_json(const SigmaRules::Entry& entry, const SigmaRecord& record) {
    namespace json = boost::json;
    const SigmaRule& rule = entry.rule;
    json::array tags;
    for (const std::string& tag : rule.tags) {
        tags.emplace_back(printable(tag));
    }
    const wire::Address subject = record.subject();
    const json::object all{
        {"schema", "phantom.sigma/1"},
        {"title", printable(rule.title)},
        {"id", printable(rule.id)},
        {"level", name_of(rule.level)},
        {"author", printable(rule.author)},  // its licence asks for it
        {"technique", rule.technique()},
        {"tags", std::move(tags)},
        {"file", printable(entry.file)},
        {"source", subject.is_none() ? "" : subject.to_string()},
        {"line", printable(record.line.value)},
    };
    return json::serialize(all) + "\n";
}

}  // namespace phantom::scenario
