#include "assess/technique.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "assess/errors.h"
#include "base/assert.h"

namespace phantom::assess {

namespace {

constexpr std::size_t kTechniqueDigits = 4;
constexpr std::size_t kSubDigits = 3;

std::optional<std::uint16_t> number_of(std::string_view digits, std::size_t count) {
    if (digits.size() != count) {
        return std::nullopt;
    }
    unsigned number = 0;
    for (const char digit : digits) {
        if (digit < '0' || digit > '9') {
            return std::nullopt;
        }
        number = (10 * number) + static_cast<unsigned>(digit - '0');
    }
    return static_cast<std::uint16_t>(number);
}

std::optional<TacticSet> set_of(
    std::span<const std::string_view> order, std::span<const std::string_view> tactics
) {
    TacticSet set = 0;
    for (const std::string_view tactic : tactics) {
        const auto at = std::ranges::find(order, tactic);
        if (at == order.end()) {
            return std::nullopt;
        }
        set |= TacticSet{1} << static_cast<unsigned>(at - order.begin());
    }
    return set;
}

}  // namespace

std::optional<TechniqueId> TechniqueId::parse(std::string_view text) {
    if (!text.starts_with('T')) {
        return std::nullopt;
    }
    const std::size_t dot = std::min(text.find('.'), text.size());
    const auto technique = number_of(text.substr(1, dot - 1), kTechniqueDigits);
    if (!technique || *technique == 0) {
        return std::nullopt;
    }
    if (dot == text.size()) {
        return TechniqueId{*technique, 0};
    }
    const auto sub = number_of(text.substr(dot + 1), kSubDigits);
    return sub && *sub != 0 ? std::optional(TechniqueId{*technique, *sub}) : std::nullopt;
}

std::string TechniqueId::to_string() const {
    return sub == 0 ? fmt::format("T{:04}", technique)
                    : fmt::format("T{:04}.{:03}", technique, sub);
}

Result<TechniqueTable> TechniqueTable::make(
    std::span<const std::string_view> tactic_order, std::span<const TechniqueEntry> entries
) {
    if (tactic_order.size() > kTacticsMax || entries.size() > kTechniquesMax) {
        return fail(AssessError::kTooManyTechniques);
    }
    TechniqueTable table;
    table.order_.assign(tactic_order.begin(), tactic_order.end());
    for (std::uint32_t index = 0; index < entries.size(); ++index) {
        const auto id = TechniqueId::parse(entries[index].id);
        if (!id) {
            return fail(AssessError::kBadTechnique, index);
        }
        const auto tactics = set_of(tactic_order, entries[index].tactics);
        if (!tactics) {
            return fail(AssessError::kUnknownTactic, index);
        }
        table.rows_.push_back({*id, *tactics});
    }
    std::ranges::sort(table.rows_, {}, &Row::id);
    const auto twice = std::ranges::adjacent_find(table.rows_, {}, &Row::id);
    if (twice != table.rows_.end()) {
        return fail(AssessError::kTechniqueTwice, twice->id.technique);
    }
    return table;
}

TacticSet TechniqueTable::tactics_of(TechniqueId id) const {
    const auto row = std::ranges::lower_bound(rows_, id, {}, &Row::id);
    if (row != rows_.end() && row->id == id) {
        return row->tactics;
    }
    return id.sub == 0 ? 0 : tactics_of({id.technique, 0});
}

bool TechniqueTable::is_successor(TechniqueId first, TechniqueId next) const {
    const TacticSet before = tactics_of(first);
    const TacticSet after = tactics_of(next);
    if (before == 0 || after == 0) {
        return false;
    }
    const int latest = static_cast<int>(std::bit_width(after)) - 1;
    return latest > std::countr_zero(before);
}

std::string_view TechniqueTable::first_of(TacticSet tactics) const {
    PM_ASSERT(tactics != 0);
    const auto index = static_cast<std::size_t>(std::countr_zero(tactics));
    PM_ASSERT(index < order_.size());
    return order_[index];
}

}  // namespace phantom::assess
