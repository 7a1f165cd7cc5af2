#pragma once

// Which grants of a policy: a bit for each, so that "covers source, destination and service" is three
// sets and two ANDs whatever the policy's size.

#include <array>
#include <bit>
#include <cstdint>
#include <optional>

#include "policy/document.h"

namespace phantom::policy {

class GrantSet {
  public:
    void add(std::size_t grant) { words_[grant / kBits] |= std::uint64_t{1} << grant % kBits; }
    [[nodiscard]] bool has(std::size_t grant) const {
        return (words_[grant / kBits] >> grant % kBits & 1U) != 0;
    }
    GrantSet& operator|=(const GrantSet& other) {
        for (std::size_t index = 0; index < words_.size(); ++index) {
            words_[index] |= other.words_[index];
        }
        return *this;
    }
    friend GrantSet operator&(GrantSet a, const GrantSet& b) {
        for (std::size_t index = 0; index < a.words_.size(); ++index) {
            a.words_[index] &= b.words_[index];
        }
        return a;
    }
    // The grant that stands first in the policy.
    [[nodiscard]] std::optional<std::size_t> first() const {
        for (std::size_t index = 0; index < words_.size(); ++index) {
            if (words_[index] != 0) {
                return index * kBits + static_cast<std::size_t>(std::countr_zero(words_[index]));
            }
        }
        return std::nullopt;
    }
    friend bool operator==(const GrantSet&, const GrantSet&) = default;

  private:
    static constexpr std::size_t kBits = 64;
    static_assert(kGrantsMax % kBits == 0);
    std::array<std::uint64_t, kGrantsMax / kBits> words_{};
};

}  // namespace phantom::policy
