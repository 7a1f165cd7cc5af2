#include "wireguard/tai64n.h"

#include "base/bytes.h"

namespace phantom::wireguard {

namespace {

// 1970-01-01 00:00:00 UTC is 10 s behind TAI; leap seconds since are not counted, as in every other
// implementation: the two ends need an order, not astronomy.
constexpr std::uint64_t kTaiAtUnixEpoch = 0x400000000000000aU;
constexpr std::uint32_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::uint32_t kMaskedStep = std::uint32_t{1} << 24U;

Tai64n make(std::uint64_t seconds, std::uint32_t nanoseconds) {
    Tai64n made;
    store_be<std::uint64_t>(made.bytes.data(), seconds);
    store_be<std::uint32_t>(made.bytes.data() + 8, nanoseconds & ~(kMaskedStep - 1));
    return made;
}

}  // namespace

Tai64n Tai64n::at(WallTime wall) {
    const auto ns = static_cast<std::uint64_t>(wall.ns > 0 ? wall.ns : 0);
    return make(
        kTaiAtUnixEpoch + ns / kNanosecondsPerSecond,
        static_cast<std::uint32_t>(ns % kNanosecondsPerSecond)
    );
}

Tai64n Tai64n::marked() const {
    Tai64n made = *this;
    made.bytes.back() |= 1U;
    return made;
}

Tai64n Tai64n::next() const {
    const auto seconds = load_be<std::uint64_t>(bytes.data());
    const std::uint32_t stepped = load_be<std::uint32_t>(bytes.data() + 8) + kMaskedStep;
    return stepped < kNanosecondsPerSecond ? make(seconds, stepped) : make(seconds + 1, 0);
}

}  // namespace phantom::wireguard
