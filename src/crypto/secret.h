#pragma once

// Secrets: wiped when they go, compared in constant time, never printed.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace phantom::crypto {

// Not removed by the optimiser (OPENSSL_cleanse).
void wipe(std::span<std::uint8_t> memory) noexcept;

// Same time for equal and unequal input of one size; false at once when the sizes differ.
[[nodiscard]] bool equal_constant_time(
    std::span<const std::uint8_t> a, std::span<const std::uint8_t> b
) noexcept;

// A fixed-size secret. Copies are wiped too; there is no operator==.
template <std::size_t Size>
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::span<const std::uint8_t, Size> from) {
        std::copy(from.begin(), from.end(), bytes_.begin());
    }
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    ~Secret() { wipe(bytes_); }

    [[nodiscard]] std::span<const std::uint8_t, Size> view() const { return bytes_; }
    [[nodiscard]] std::span<std::uint8_t, Size> bytes() { return bytes_; }
    [[nodiscard]] bool is_zero() const {
        std::uint8_t any = 0;
        for (const std::uint8_t byte : bytes_) {
            any = static_cast<std::uint8_t>(any | byte);
        }
        return any == 0;
    }

  private:
    std::array<std::uint8_t, Size> bytes_{};
};

using Key = Secret<32>;

}  // namespace phantom::crypto
