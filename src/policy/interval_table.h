#pragma once

// Ranges of keys, each for a grant -> the grants of all ranges that a key lies in. Built once; a look-up
// is a binary search.

#include <algorithm>
#include <vector>

#include "policy/grant_set.h"

namespace phantom::policy {

template <class Key>
class IntervalTable {
  public:
    struct Range {
        Key first;
        Key end;  // the first key behind it
        std::size_t grant;
    };

    IntervalTable() = default;
    explicit IntervalTable(const std::vector<Range>& ranges) {
        for (const Range& range : ranges) {
            begins_.push_back(range.first);
            begins_.push_back(range.end);
        }
        std::ranges::sort(begins_);
        const auto repeated = std::ranges::unique(begins_);
        begins_.erase(repeated.begin(), repeated.end());
        sets_.resize(begins_.size());
        for (const Range& range : ranges) {
            const auto end = std::ranges::lower_bound(begins_, range.end);
            for (auto at = std::ranges::lower_bound(begins_, range.first); at != end; ++at) {
                sets_[static_cast<std::size_t>(at - begins_.begin())].add(range.grant);
            }
        }
    }

    [[nodiscard]] GrantSet find(const Key& key) const {
        const auto behind = std::ranges::upper_bound(begins_, key);
        return behind == begins_.begin()
                   ? GrantSet{}
                   : sets_[static_cast<std::size_t>(behind - begins_.begin()) - 1];
    }

  private:
    std::vector<Key> begins_;
    std::vector<GrantSet> sets_;
};

}  // namespace phantom::policy
