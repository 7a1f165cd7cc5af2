#pragma once

// Domains, URLs and hashes by what they are. Domains are found by every name below them too. Immutable once made;
// asking allocates nothing.

#include "intel/block_filter.h"
#include "intel/hash_key.h"
#include "intel/indicator.h"
#include "intel/slots.h"

namespace phantom::intel {

class TextTable {
  public:
    struct Record {
        TextKind kind = TextKind::kDomain;
        std::string text;
        std::uint16_t feed = 0;
        Detail detail;
    };

    explicit TextTable(const HashKey& key) : key_(key) {}
    TextTable(std::vector<Record> records, const HashKey& key);

    // Each record of exactly this text. `take` says whether to go on.
    template <class Take>
    void each(TextKind kind, std::string_view text, Take take) const {
        std::uint64_t hash = 0;
        for (std::size_t at = text.size(); at-- > 0;) {
            hash = key_.step(hash, text[at]);
        }
        (void)each_at(kind, text, hash, take);
    }
    // Each record of the name's domains, from the shortest on. The name is compared without regard to case.
    template <class Take>
    void each_domain_of(std::string_view name, Take take) const {
        std::uint64_t hash = 0;
        for (std::size_t at = name.size(); at-- > 0;) {
            hash = key_.step(hash, lowered(name[at]));
            const bool is_whole = at == 0 || name[at - 1] == '.';
            if (is_whole && !each_at(TextKind::kDomain, name.substr(at), hash, take)) {
                return;
            }
        }
    }
    [[nodiscard]] std::size_t size() const { return records_.size(); }
    [[nodiscard]] std::size_t size_bytes() const;

  private:
    [[nodiscard]] static char lowered(char each) {
        return each >= 'A' && each <= 'Z' ? static_cast<char>(each + ('a' - 'A')) : each;
    }
    // URLs' paths have a case, domains and hashes none.
    [[nodiscard]] static bool same(TextKind kind, std::string_view record, std::string_view asked);

    template <class Take>
    bool each_at(TextKind kind, std::string_view text, std::uint64_t so_far, Take& take) const {
        const std::uint64_t hash = key_.finished(so_far, static_cast<std::uint64_t>(kind));
        if (!filter_.may_have(hash)) {
            return true;
        }
        const auto is_it = [&](std::uint32_t at) {
            return records_[at].kind == kind && same(kind, records_[at].text, text);
        };
        for (std::size_t at = slots_.find(hash, is_it);
             at < records_.size() && is_it(static_cast<std::uint32_t>(at)); ++at) {
            if (!take(records_[at])) {
                return false;
            }
        }
        return true;
    }

    HashKey key_;
    std::vector<Record> records_;  // sorted by kind and text
    Slots slots_;
    BlockFilter filter_;
};

}  // namespace phantom::intel
