#include "carrier/framing.h"

#include <algorithm>

#include "base/assert.h"
#include "wire/message.h"

namespace phantom::carrier {

namespace {

// Of the datagram at the beginning of a frame, whose header is there.
Result<std::size_t> datagram_size(ByteView frame) {
    const std::size_t size = load_be<std::uint16_t>(frame.data());
    if (size == 0 || size > kCarriedSizeMax) {
        return fail(CarrierError::kFrameSize, static_cast<std::uint32_t>(size));
    }
    return size;
}

Status give(ByteView datagram, const FrameReader::Take& take) {
    if (!wire::classify(datagram)) {
        return fail(CarrierError::kNotWireguard, static_cast<std::uint32_t>(datagram.size()));
    }
    take(datagram);
    return {};
}

}  // namespace

Status FrameReader::read(ByteView bytes, const Take& take) {
    const auto keep = [&](std::size_t count) {
        count = std::min(count, bytes.size());
        std::ranges::copy(bytes.first(count), begun_.begin() + begun_size_);
        begun_size_ += count;
        bytes = bytes.subspan(count);
    };
    // First the frame that was begun, then whole ones where they lie.
    while (begun_size_ > 0) {
        if (begun_size_ < kFrameHeaderSize) {
            keep(kFrameHeaderSize - begun_size_);
            if (begun_size_ < kFrameHeaderSize) {
                return {};
            }
        }
        const std::size_t whole = kFrameHeaderSize + PM_TRY(datagram_size(begun_));
        keep(whole - begun_size_);
        if (begun_size_ < whole) {
            return {};
        }
        begun_size_ = 0;
        PM_TRY(give(ByteView(begun_).subspan(kFrameHeaderSize, whole - kFrameHeaderSize), take));
    }
    while (bytes.size() >= kFrameHeaderSize) {
        const std::size_t size = PM_TRY(datagram_size(bytes));
        if (bytes.size() < kFrameHeaderSize + size) {
            break;
        }
        PM_TRY(give(bytes.subspan(kFrameHeaderSize, size), take));
        bytes = bytes.subspan(kFrameHeaderSize + size);
    }
    keep(bytes.size());
    return {};
}

bool FrameQueue::add(ByteView datagram) {
    const std::size_t waiting = bytes_.size() - begin_;
    if (datagram.empty() || datagram.size() > kCarriedSizeMax ||
        waiting + kFrameHeaderSize + datagram.size() > kBytesMax) {
        return false;
    }
    // Moved to the front only now and then: as often as what was sent outweighs what waits.
    if (begin_ > waiting) {
        bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(begin_));
        begin_ = 0;
    }
    std::array<std::uint8_t, kFrameHeaderSize> header;
    store_be(header.data(), static_cast<std::uint16_t>(datagram.size()));
    bytes_.insert(bytes_.end(), header.begin(), header.end());
    bytes_.insert(bytes_.end(), datagram.begin(), datagram.end());
    return true;
}

void FrameQueue::pop(std::size_t count) {
    PM_ASSERT(count <= bytes_.size() - begin_);
    begin_ += count;
    if (begin_ == bytes_.size()) {
        bytes_.clear();
        begin_ = 0;
    }
}

}  // namespace phantom::carrier
