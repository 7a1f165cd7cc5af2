#include "detect/capture.h"

#include <algorithm>

namespace phantom::detect {

namespace {

constexpr std::uint32_t kPcapMagic = 0xa1b2c3d4;
constexpr std::uint32_t kPcapNanosecondMagic = 0xa1b23c4d;
constexpr std::uint32_t kPcapModifiedMagic = 0xa1b2cd34;
constexpr std::uint32_t kSectionBlock = 0x0a0d0d0a;
constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr std::uint32_t kInterfaceBlock = 1;
constexpr std::uint32_t kSimplePacketBlock = 3;
constexpr std::uint32_t kEnhancedPacketBlock = 6;
constexpr std::uint16_t kTimeResolutionOption = 9;

constexpr std::size_t kPcapHeaderSize = 24;
constexpr std::size_t kPcapRecordSize = 16;
constexpr std::size_t kBlockOverhead = 12;
constexpr std::size_t kEnhancedHeaderSize = 20;
constexpr std::size_t kSimpleHeaderSize = 4;
constexpr std::uint64_t kMicroseconds = 1'000'000;

// The high bit asks for a power of two, otherwise of ten.
std::uint64_t ticks_per_second(std::uint8_t resolution) {
    const unsigned exponent = resolution & 0x7fU;
    if ((resolution & 0x80U) != 0) {
        return 1ULL << std::min(exponent, 40U);
    }
    std::uint64_t ticks = 1;
    for (unsigned power = 0; power < std::min(exponent, 12U); ++power) {
        ticks *= 10;
    }
    return ticks;
}

}  // namespace

Result<CaptureReader> CaptureReader::open(Source source) {
    CaptureReader reader(std::move(source));
    if (reader.fill(kPcapHeaderSize) < kPcapHeaderSize) {
        return fail(DetectError::kNotACapture);
    }
    const std::uint32_t magic = reader.u32(0);
    if (magic == kSectionBlock) {
        reader.format_ = Format::kPcapng;
        PM_TRY(reader.begin_section());
        return reader;
    }
    const std::uint32_t other = std::byteswap(magic);
    const auto is = [&](std::uint32_t wanted) { return magic == wanted || other == wanted; };
    if (is(kPcapModifiedMagic) || !(is(kPcapMagic) || is(kPcapNanosecondMagic))) {
        return fail(DetectError::kNotACapture);
    }
    reader.swapped_ = other == kPcapMagic || other == kPcapNanosecondMagic;
    reader.nanoseconds_ = is(kPcapNanosecondMagic);
    reader.link_type_ = reader.u32(20) & 0x0fff'ffffU;
    reader.offset_ = kPcapHeaderSize;
    return reader;
}

std::size_t CaptureReader::fill(std::size_t size) {
    block_.resize(size);
    return source_(block_);
}

std::uint32_t CaptureReader::u32(std::size_t at) const {
    const auto value = load_le<std::uint32_t>(block_.data() + at);
    return swapped_ ? std::byteswap(value) : value;
}

std::uint16_t CaptureReader::u16(std::size_t at) const {
    const auto value = load_le<std::uint16_t>(block_.data() + at);
    return swapped_ ? std::byteswap(value) : value;
}

std::unexpected<Error> CaptureReader::stopped(DetectError code) const {
    return fail(code, static_cast<std::uint32_t>(offset_));
}

Result<std::optional<CapturedPacket>> CaptureReader::next() {
    return format_ == Format::kPcap ? next_pcap() : next_pcapng();
}

Result<std::optional<CapturedPacket>> CaptureReader::next_pcap() {
    const std::size_t head = fill(kPcapRecordSize);
    if (head == 0) {
        return std::nullopt;
    }
    if (head < kPcapRecordSize) {
        return stopped(DetectError::kCaptureCut);
    }
    const std::uint64_t seconds = u32(0);
    const std::uint64_t fraction = u32(4);
    const std::uint32_t size = u32(8);
    if (size > kCapturedSizeMax) {
        return stopped(DetectError::kBadRecordLength);
    }
    if (fill(size) < size) {
        return stopped(DetectError::kCaptureCut);
    }
    offset_ += kPcapRecordSize + size;
    return CapturedPacket{
        .time_us = seconds * kMicroseconds + (nanoseconds_ ? fraction / 1000 : fraction),
        .link_type = link_type_,
        .bytes = block_
    };
}

// The first 24 bytes are there: at least the fixed part of the block, and its byte order.
Status CaptureReader::begin_section() {
    swapped_ = load_le<std::uint32_t>(block_.data() + 8) == std::byteswap(kByteOrderMagic);
    if (u32(8) != kByteOrderMagic) {
        return fail(DetectError::kNotACapture);
    }
    const std::uint32_t size = u32(4);
    if (size < 28 || size > kCapturedSizeMax || size % 4 != 0) {
        return stopped(DetectError::kBadBlockLength);
    }
    interfaces_.clear();
    if (fill(size - kPcapHeaderSize) < size - kPcapHeaderSize) {
        return stopped(DetectError::kCaptureCut);
    }
    offset_ += size;
    return {};
}

// False at the end of the file. Afterwards block_ begins with the type, and ends with the length.
Result<bool> CaptureReader::read_block() {
    const std::size_t head = fill(8);
    if (head == 0) {
        return false;
    }
    if (head < 8) {
        return stopped(DetectError::kCaptureCut);
    }
    if (load_le<std::uint32_t>(block_.data()) == kSectionBlock) {
        std::vector<std::uint8_t> begin = block_;
        if (fill(kPcapHeaderSize - 8) < kPcapHeaderSize - 8) {
            return stopped(DetectError::kCaptureCut);
        }
        begin.insert(begin.end(), block_.begin(), block_.end());
        block_ = std::move(begin);
        PM_TRY(begin_section());
        block_.assign(kBlockOverhead, 0);
        return true;
    }
    const std::uint32_t size = u32(4);
    if (size < kBlockOverhead || size > kCapturedSizeMax + 1024 || size % 4 != 0) {
        return stopped(DetectError::kBadBlockLength);
    }
    block_.resize(size);
    if (source_(MutableBytes(block_).subspan(8)) < size - 8) {
        return stopped(DetectError::kCaptureCut);
    }
    offset_ += size;
    return true;
}

Result<std::optional<CapturedPacket>> CaptureReader::next_pcapng() {
    while (PM_TRY(read_block())) {
        const std::uint32_t type = u32(0);
        if (type == kInterfaceBlock && interfaces_.size() < kCaptureInterfacesMax) {
            add_interface();
        } else if (const auto packet = packet_of_block(type)) {
            return packet;
        }
    }
    return std::nullopt;
}

void CaptureReader::add_interface() {
    if (block_.size() < kBlockOverhead + 8) {
        return;
    }
    Interface added{.link_type = u16(8)};
    std::size_t at = 16;
    while (at + 4 <= block_.size() - 4) {
        const std::uint16_t code = u16(at);
        const std::uint16_t size = u16(at + 2);
        if (code == 0 || at + 4 + size > block_.size() - 4) {
            break;
        }
        if (code == kTimeResolutionOption && size == 1) {
            added.ticks_per_second = ticks_per_second(block_[at + 4]);
        }
        at += 4 + ((size + 3U) & ~3U);
    }
    interfaces_.push_back(added);
}

std::optional<CapturedPacket> CaptureReader::packet_of_block(std::uint32_t type) const {
    const std::size_t body = block_.size() - kBlockOverhead;
    const std::span<const std::uint8_t> bytes(block_);
    if (type == kEnhancedPacketBlock && body >= kEnhancedHeaderSize) {
        const std::uint32_t index = u32(8);
        const std::uint32_t size = u32(20);
        if (index >= interfaces_.size() || size > body - kEnhancedHeaderSize) {
            return std::nullopt;
        }
        const Interface& from = interfaces_[index];
        const std::uint64_t ticks = static_cast<std::uint64_t>(u32(12)) << 32U | u32(16);
        const std::uint64_t whole = ticks / from.ticks_per_second;
        const std::uint64_t part = ticks % from.ticks_per_second;
        return CapturedPacket{
            .time_us = whole * kMicroseconds + part * kMicroseconds / from.ticks_per_second,
            .link_type = from.link_type,
            .bytes = bytes.subspan(8 + kEnhancedHeaderSize, size)
        };
    }
    if (type == kSimplePacketBlock && body >= kSimpleHeaderSize && !interfaces_.empty()) {
        const std::size_t size = std::min<std::size_t>(u32(8), body - kSimpleHeaderSize);
        return CapturedPacket{
            .time_us = 0,
            .link_type = interfaces_.front().link_type,
            .bytes = bytes.subspan(8 + kSimpleHeaderSize, size)
        };
    }
    return std::nullopt;
}

}  // namespace phantom::detect
