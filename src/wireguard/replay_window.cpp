#include "wireguard/replay_window.h"

#include <algorithm>

namespace phantom::wireguard {

namespace {
constexpr std::uint64_t kBitsPerWord = 64;
}

// RFC 6479 section 3: a word is cleared when the window moves onto it, so nothing is ever shifted.
// One word more than the window is kept, because the newest word is only partly used.
bool ReplayWindow::accept(std::uint64_t counter) {
    const std::uint64_t word = counter / kBitsPerWord;
    if (counter > last_) {
        const std::uint64_t last_word = last_ / kBitsPerWord;
        const std::uint64_t entered = std::min<std::uint64_t>(word - last_word, kWords);
        for (std::uint64_t step = 1; step <= entered; ++step) {
            ring_[(last_word + step) % kWords] = 0;
        }
        last_ = counter;
    } else if (last_ - counter > kReplayWindowSize) {
        return false;
    }
    const std::uint64_t bit = std::uint64_t{1} << (counter % kBitsPerWord);
    std::uint64_t& seen = ring_[word % kWords];
    if ((seen & bit) != 0) {
        return false;
    }
    seen |= bit;
    return true;
}

}  // namespace phantom::wireguard
