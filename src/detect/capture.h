#pragma once

// Captured packets, one at a time, from a pcap or pcapng file. The bytes come from a function, so
// that a file, a pipe or a test may stand behind it; no more than one block is held.
//
// A capture may be cut off, or lie about its lengths: what came before counts, and the error says
// at which byte it stopped.
//
// Source: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "detect/errors.h"

namespace phantom::detect {

// More than a jumbo frame or a segmented super-packet.
inline constexpr std::size_t kCapturedSizeMax = 262'144;
// pcapng: interfaces of one section.
inline constexpr std::size_t kCaptureInterfacesMax = 256;

struct CapturedPacket {
    std::uint64_t time_us = 0;  // since 1970
    std::uint32_t link_type = 0;
    // Until the next call.
    ByteView bytes;
};

class CaptureReader {
  public:
    // Fills as much as there is; fewer bytes than asked for mean the end.
    using Source = std::function<std::size_t(MutableBytes)>;

    [[nodiscard]] static Result<CaptureReader> open(Source source);

    // None at the end. After an error there is nothing more to read. The error's detail is the
    // offset of the record, as far as 32 bits go.
    [[nodiscard]] Result<std::optional<CapturedPacket>> next();

    [[nodiscard]] std::uint64_t offset() const { return offset_; }

  private:
    struct Interface {
        std::uint32_t link_type = 0;
        std::uint64_t ticks_per_second = 1'000'000;
    };
    enum class Format : std::uint8_t { kPcap, kPcapng };

    explicit CaptureReader(Source source) : source_(std::move(source)) {}

    [[nodiscard]] std::size_t fill(std::size_t size);
    [[nodiscard]] std::uint32_t u32(std::size_t at) const;
    [[nodiscard]] std::uint16_t u16(std::size_t at) const;
    [[nodiscard]] std::unexpected<Error> stopped(DetectError code) const;
    [[nodiscard]] Result<std::optional<CapturedPacket>> next_pcap();
    [[nodiscard]] Result<std::optional<CapturedPacket>> next_pcapng();
    [[nodiscard]] Result<bool> read_block();
    [[nodiscard]] Status begin_section();
    void add_interface();
    [[nodiscard]] std::optional<CapturedPacket> packet_of_block(std::uint32_t type) const;

    Source source_;
    std::vector<std::uint8_t> block_;
    std::uint64_t offset_ = 0;
    Format format_ = Format::kPcap;
    bool swapped_ = false;
    std::uint32_t link_type_ = 0;
    bool nanoseconds_ = false;
    std::vector<Interface> interfaces_;
};

}  // namespace phantom::detect
