#include "base/random.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <sys/random.h>

#include "base/assert.h"

namespace phantom {

std::uint32_t Random::next_u32() {
    std::uint8_t bytes[4];
    fill(bytes);
    std::uint32_t value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

std::uint64_t Random::next_u64() {
    std::uint8_t bytes[8];
    fill(bytes);
    std::uint64_t value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

std::uint64_t Random::below(std::uint64_t bound) {
    PM_ASSERT(bound > 0);
    // Values under the threshold would make small results more likely: draw again.
    const std::uint64_t threshold = (0 - bound) % bound;
    std::uint64_t value = next_u64();
    while (value < threshold) {
        value = next_u64();
    }
    return value % bound;
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const ssize_t got = getrandom(out.data(), out.size(), 0);
        if (got < 0) {
            PM_ASSERT(errno == EINTR);
            continue;
        }
        out = out.subspan(static_cast<std::size_t>(got));
    }
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
        mixed ^= mixed >> 31U;
        const std::size_t size = std::min(out.size(), sizeof mixed);
        std::memcpy(out.data(), &mixed, size);
        out = out.subspan(size);
    }
}

}  // namespace phantom
