#pragma once

// A map by 32 bytes that look random, as a tree of their hexadecimal digits. A copy shares all of it,
// and a change copies only the way to what changed. Each range has a hash, so that two nodes find where
// they differ by comparing few of them (Merkle 1987); it follows from the entries alone, however they came.
//
// Entry: `const IdBytes& key() const`; `void hash_into(crypto::Blake2s&) const` where hashes are asked for.
// One thread: copies share the hashes that were worked out.

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "base/assert.h"
#include "crypto/blake2s.h"
#include "mesh/prefix.h"

namespace phantom::mesh {

template <class Entry>
class HashTree {
  public:
    // A range of so many is not divided further.
    static constexpr std::size_t kLeafMax = 16;

    [[nodiscard]] std::size_t count() const { return root_ ? root_->count : 0; }

    [[nodiscard]] const Entry* find(const IdBytes& key) const {
        const Branch* at = root_.get();
        for (std::size_t depth = 0; at != nullptr && !at->is_leaf(); ++depth) {
            at = at->children[digit_of(key, depth)].get();
        }
        if (at == nullptr) {
            return nullptr;
        }
        const auto found = lower_bound(*at, key);
        return found != at->entries.end() && found->key() == key ? &*found : nullptr;
    }
    // In place of what has the same key.
    void set(Entry entry) { (void)set(root_, std::move(entry), 0); }
    void erase(const IdBytes& key) {
        if (find(key) != nullptr) {
            erase(root_, key, 0);
        }
    }

    // In ascending order; null: there is none.
    [[nodiscard]] const Entry* first() const { return root_ ? first(*root_) : nullptr; }
    [[nodiscard]] const Entry* last() const { return root_ ? last(*root_) : nullptr; }
    // The first whose key is not less, or greater.
    [[nodiscard]] const Entry* from(const IdBytes& key) const {
        return root_ ? next(*root_, key, 0, true) : nullptr;
    }
    [[nodiscard]] const Entry* after(const IdBytes& key) const {
        return root_ ? next(*root_, key, 0, false) : nullptr;
    }
    [[nodiscard]] const Entry* before(const IdBytes& key) const {
        return root_ ? previous(*root_, key, 0) : nullptr;
    }

    // Zero: nothing is there. Otherwise equal only for equal entries.
    [[nodiscard]] std::uint64_t hash(const Prefix& prefix) const {
        const Range range = range_of(prefix);
        return range.whole ? hash(*range.branch) : hash_of(entries(prefix));
    }
    [[nodiscard]] std::size_t count(const Prefix& prefix) const {
        const Range range = range_of(prefix);
        return range.whole ? range.branch->count : entries(prefix).size();
    }
    // The first `count_max` of a range.
    [[nodiscard]] std::vector<const Entry*> entries(
        const Prefix& prefix, std::size_t count_max = SIZE_MAX
    ) const {
        std::vector<const Entry*> found;
        if (const Range range = range_of(prefix); range.branch != nullptr) {
            collect(*range.branch, prefix, count_max, found);
        }
        return found;
    }

  private:
    struct Branch;
    using Pointer = std::shared_ptr<Branch>;
    struct Branch {
        std::size_t count = 0;
        std::vector<Entry> entries;  // of a leaf, ascending
        std::vector<Pointer>
            children;  // empty: a leaf; otherwise one for each digit, null for none
        mutable std::optional<std::uint64_t> hash;

        [[nodiscard]] bool is_leaf() const { return children.empty(); }
    };
    struct Range {
        const Branch* branch = nullptr;
        bool whole = false;  // the branch has nothing beside the range
    };

    static auto lower_bound(const Branch& leaf, const IdBytes& key) {
        return std::ranges::lower_bound(leaf.entries, key, {}, &Entry::key);
    }

    // Ours alone, to be changed.
    static Branch& own(Pointer& at) {
        if (at == nullptr) {
            at = std::make_shared<Branch>();
        } else if (at.use_count() > 1) {
            at = std::make_shared<Branch>(*at);
        }
        at->hash.reset();
        return *at;
    }

    // True when there is one more.
    static bool set(Pointer& at, Entry entry, std::size_t depth) {
        Branch& branch = own(at);
        if (!branch.is_leaf()) {
            const std::size_t digit = digit_of(entry.key(), depth);
            const bool more = set(branch.children[digit], std::move(entry), depth + 1);
            branch.count += more ? 1 : 0;
            return more;
        }
        const auto place = lower_bound(branch, entry.key());
        const auto index = place - branch.entries.begin();
        if (place != branch.entries.end() && place->key() == entry.key()) {
            branch.entries[static_cast<std::size_t>(index)] = std::move(entry);
            return false;
        }
        branch.entries.insert(branch.entries.begin() + index, std::move(entry));
        ++branch.count;
        if (branch.count > kLeafMax) {
            split(branch, depth);
        }
        return true;
    }
    static void split(Branch& branch, std::size_t depth) {
        PM_ASSERT(depth < 2 * identity::kIdSize);
        branch.children.resize(kDigitValues);
        for (Entry& each : branch.entries) {
            const std::size_t digit = digit_of(each.key(), depth);
            (void)set(branch.children[digit], std::move(each), depth + 1);
        }
        branch.entries = {};
    }

    static void erase(Pointer& at, const IdBytes& key, std::size_t depth) {
        Branch& branch = own(at);
        --branch.count;
        if (branch.count == 0) {
            at.reset();
        } else if (branch.is_leaf()) {
            branch.entries.erase(
                branch.entries.begin() + (lower_bound(branch, key) - branch.entries.begin())
            );
        } else {
            erase(branch.children[digit_of(key, depth)], key, depth + 1);
            if (branch.count <= kLeafMax) {
                join(branch);
            }
        }
    }
    static void join(Branch& branch) {
        std::vector<const Entry*> found;
        collect(branch, {}, SIZE_MAX, found);
        std::vector<Entry> entries;
        entries.reserve(found.size());
        for (const Entry* each : found) {
            entries.push_back(*each);
        }
        branch.entries = std::move(entries);
        branch.children = {};
    }

    static const Entry* first(const Branch& branch) {
        if (branch.is_leaf()) {
            return branch.entries.data();
        }
        const auto child = std::ranges::find_if(branch.children, [](const Pointer& each) {
            return each != nullptr;
        });
        return first(**child);
    }
    static const Entry* last(const Branch& branch) {
        if (branch.is_leaf()) {
            return &branch.entries.back();
        }
        std::size_t digit = kDigitValues - 1;
        while (branch.children[digit] == nullptr) {
            --digit;
        }
        return last(*branch.children[digit]);
    }
    static const Entry* next(
        const Branch& branch, const IdBytes& key, std::size_t depth, bool or_equal
    ) {
        if (branch.is_leaf()) {
            auto at = lower_bound(branch, key);
            if (!or_equal && at != branch.entries.end() && at->key() == key) {
                ++at;
            }
            return at == branch.entries.end() ? nullptr : &*at;
        }
        std::size_t digit = digit_of(key, depth);
        if (const auto& child = branch.children[digit]) {
            if (const Entry* found = next(*child, key, depth + 1, or_equal)) {
                return found;
            }
        }
        while (++digit < kDigitValues) {
            if (branch.children[digit] != nullptr) {
                return first(*branch.children[digit]);
            }
        }
        return nullptr;
    }
    static const Entry* previous(const Branch& branch, const IdBytes& key, std::size_t depth) {
        if (branch.is_leaf()) {
            const auto at = lower_bound(branch, key);
            return at == branch.entries.begin() ? nullptr : &*std::prev(at);
        }
        std::size_t digit = digit_of(key, depth);
        if (const auto& child = branch.children[digit]) {
            if (const Entry* found = previous(*child, key, depth + 1)) {
                return found;
            }
        }
        while (digit-- > 0) {
            if (branch.children[digit] != nullptr) {
                return last(*branch.children[digit]);
            }
        }
        return nullptr;
    }

    [[nodiscard]] Range range_of(const Prefix& prefix) const {
        const Branch* at = root_.get();
        std::size_t depth = 0;
        while (at != nullptr && !at->is_leaf() && depth < prefix.size) {
            at = at->children[digit_of(prefix.digits, depth)].get();
            ++depth;
        }
        return {at, at != nullptr && depth == prefix.size};
    }
    static void collect(
        const Branch& branch, const Prefix& prefix, std::size_t count_max,
        std::vector<const Entry*>& found
    ) {
        for (const Entry& each : branch.entries) {
            if (found.size() < count_max && prefix.covers(each.key())) {
                found.push_back(&each);
            }
        }
        for (const Pointer& child : branch.children) {
            if (child != nullptr && found.size() < count_max) {
                collect(*child, prefix, count_max, found);
            }
        }
    }

    static std::uint64_t finish(crypto::Blake2s& hasher) {
        std::array<std::uint8_t, sizeof(std::uint64_t)> digest;
        hasher.finish(digest);
        return std::max<std::uint64_t>(load_be<std::uint64_t>(digest.data()), 1);
    }
    static std::uint64_t hash_of(const std::vector<const Entry*>& entries) {
        if (entries.empty()) {
            return 0;
        }
        crypto::Blake2s hasher(sizeof(std::uint64_t));
        for (const Entry* each : entries) {
            each->hash_into(hasher);
        }
        return finish(hasher);
    }
    static std::uint64_t hash(const Branch& branch) {
        if (!branch.hash) {
            branch.hash = branch.is_leaf() ? hash_of(pointers(branch)) : hash_of_children(branch);
        }
        return *branch.hash;
    }
    static std::vector<const Entry*> pointers(const Branch& leaf) {
        std::vector<const Entry*> found;
        collect(leaf, {}, SIZE_MAX, found);
        return found;
    }
    static std::uint64_t hash_of_children(const Branch& branch) {
        crypto::Blake2s hasher(sizeof(std::uint64_t));
        for (const Pointer& child : branch.children) {
            std::array<std::uint8_t, sizeof(std::uint64_t)> bytes;
            store_be<std::uint64_t>(bytes.data(), child ? hash(*child) : 0);
            hasher.update(bytes);
        }
        return finish(hasher);
    }

    Pointer root_;
};

}  // namespace phantom::mesh
