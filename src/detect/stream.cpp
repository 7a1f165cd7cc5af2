#include "detect/stream.h"

#include <algorithm>

namespace phantom::detect {

void StreamSide::begin(std::uint32_t sequence) {
    first_ = sequence;
    has_begun_ = true;
}

// Sequence numbers wrap: the nearest to what is there already is meant.
std::uint64_t StreamSide::offset_of(std::uint32_t sequence) const {
    const std::uint64_t here = in_order();
    const auto difference =
        static_cast<std::int32_t>(sequence - (first_ + static_cast<std::uint32_t>(here)));
    const std::int64_t offset = static_cast<std::int64_t>(here) + difference;
    return offset < 0 ? 0 : static_cast<std::uint64_t>(offset);
}

bool StreamSide::add(std::uint32_t sequence, ByteView bytes) {
    const auto before =
        static_cast<std::int32_t>(first_ + static_cast<std::uint32_t>(in_order()) - sequence);
    std::uint64_t offset = offset_of(sequence);
    if (before > 0) {
        const std::size_t old =
            std::min<std::size_t>(static_cast<std::size_t>(before), bytes.size());
        bytes = bytes.subspan(old);
        offset = in_order();
    }
    if (bytes.empty() || offset >= kStreamDepthMax) {
        return false;
    }
    bytes = bytes.first(std::min<std::size_t>(bytes.size(), kStreamDepthMax - offset));
    highest_ = std::max(highest_, offset + bytes.size());
    if (offset > in_order()) {
        if (early_size_ + bytes.size() > kStreamEarlyBytesMax ||
            early_.size() >= kStreamEarlySegmentsMax) {
            return false;
        }
        std::vector<std::uint8_t>& kept = early_[offset];
        if (kept.size() < bytes.size()) {
            early_size_ += bytes.size() - kept.size();
            kept.insert(
                kept.end(), bytes.begin() + static_cast<std::ptrdiff_t>(kept.size()), bytes.end()
            );
        }
        return true;
    }
    // What came early came first, and stays.
    while (!bytes.empty()) {
        const auto next = early_.begin();
        const std::uint64_t room = next == early_.end() ? bytes.size() : next->first - in_order();
        const std::size_t size = std::min<std::size_t>(bytes.size(), room);
        bytes_.insert(
            bytes_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)
        );
        bytes = bytes.subspan(size);
        const std::uint64_t reached = in_order();
        take_early();
        const std::uint64_t covered = in_order() - reached;
        bytes = bytes.subspan(std::min<std::size_t>(bytes.size(), covered));
    }
    return true;
}

void StreamSide::take_early() {
    while (!early_.empty() && early_.begin()->first <= in_order()) {
        const auto& [offset, kept] = *early_.begin();
        const std::uint64_t old = in_order() - offset;
        if (old < kept.size()) {
            bytes_.insert(
                bytes_.end(), kept.begin() + static_cast<std::ptrdiff_t>(old), kept.end()
            );
        }
        early_size_ -= kept.size();
        early_.erase(early_.begin());
    }
}

void StreamSide::acknowledge(std::uint32_t sequence) {
    if (!has_begun_) {
        return;
    }
    const std::uint64_t offset = offset_of(sequence);
    // An acknowledgement of what was never seen may be a lie, or a loss of ours.
    if (offset <= in_order() + kStreamDepthMax) {
        acknowledged_ = std::max(acknowledged_, offset);
    }
}

void StreamSide::close(std::uint32_t sequence) {
    end_ = offset_of(sequence);
    has_end_ = true;
}

ByteView StreamSide::view(std::uint64_t from, std::uint64_t until) const {
    from = std::max(from, base_);
    until = std::min(until, in_order());
    return from >= until ? ByteView() : ByteView(bytes_).subspan(from - base_, until - from);
}

std::uint64_t StreamSide::skip_gap() {
    if (early_.empty()) {
        return 0;
    }
    const std::uint64_t missing = early_.begin()->first - in_order();
    had_gap_ = had_gap_ || missing > 0;
    // What is kept must be one piece: the part before the gap was used by now.
    base_ = early_.begin()->first;
    bytes_.clear();
    take_early();
    parsed = std::max(parsed, base_);
    inspected = std::max(inspected, base_);
    return missing;
}

void StreamSide::forget_before(std::uint64_t offset) {
    if (offset <= base_) {
        return;
    }
    const std::size_t size = std::min<std::size_t>(offset - base_, bytes_.size());
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(size));
    base_ += size;
}

}  // namespace phantom::detect
