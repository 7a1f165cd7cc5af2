#pragma once

// An open-addressed table of positions, built once, at most half full. What the positions mean its owner knows.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace phantom::intel {

class Slots {
  public:
    explicit Slots(std::size_t keys = 0) : slots_(std::bit_ceil(2 * keys + 1), kEmpty) {}

    void add(std::uint64_t hash, std::uint32_t position) {
        std::size_t at = hash & (slots_.size() - 1);
        while (slots_[at] != kEmpty) {
            at = (at + 1) & (slots_.size() - 1);
        }
        slots_[at] = position;
    }
    // The first position for which `is_it` holds; kEmpty: none.
    template <class IsIt>
    [[nodiscard]] std::uint32_t find(std::uint64_t hash, IsIt is_it) const {
        for (std::size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
            if (slots_[at] == kEmpty || is_it(slots_[at])) {
                return slots_[at];
            }
        }
    }
    [[nodiscard]] std::size_t size_bytes() const { return slots_.size() * sizeof(std::uint32_t); }

    static constexpr std::uint32_t kEmpty = UINT32_MAX;

  private:
    std::vector<std::uint32_t> slots_;
};

}  // namespace phantom::intel
