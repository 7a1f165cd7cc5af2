#include "cli/packets_of.h"

#include <cstdio>
#include <optional>

#include <fmt/format.h>

#include "detect/decoder.h"

namespace phantom::cli {

bool each_ip_packet(
    detect::CaptureReader& capture,
    const std::function<void(ByteView packet, std::int64_t time_us)>& sink
) {
    detect::Decoder decoder({.check_checksums = false});
    std::uint64_t count = 0;
    while (true) {
        const auto next = capture.next();
        if (!next) {
            const std::string text = fmt::format(
                "phantom: after {} packets, at byte {}: {}\n", count, capture.offset(),
                next.error().message()
            );
            std::fputs(text.c_str(), stderr);
            return false;
        }
        const std::optional<detect::CapturedPacket>& packet = *next;
        if (!packet) {
            return true;
        }
        ++count;
        detect::Packet frame;
        frame.time_us = packet->time_us;
        frame.link_type = packet->link_type;
        frame.frame = packet->bytes;
        decoder.decode(frame, [&](const detect::Packet& each) {
            if (each.is_ip() && !each.is_fragment) {
                sink(each.ip, static_cast<std::int64_t>(each.time_us));
            }
        });
    }
}

}  // namespace phantom::cli
