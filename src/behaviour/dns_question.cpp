#include "behaviour/dns_question.h"

#include <array>
#include <cmath>
#include <vector>

namespace phantom::behaviour {

namespace {

constexpr std::size_t kDnsHeaderSize = 12;
constexpr std::size_t kDnsLabelMax = 63;  // RFC 1035 2.3.4
constexpr std::size_t kDnsLabelsMax = 127;
constexpr std::uint8_t kIsResponse = 0x80;

char low_letter(std::uint8_t byte) {
    return static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
}

}  // namespace

std::optional<DnsQuestion> read_dns_question(ByteView datagram) {
    if (datagram.size() < kDnsHeaderSize || (datagram[2] & kIsResponse) != 0 ||
        load_be<std::uint16_t>(datagram.data() + 4) != 1) {
        return std::nullopt;
    }
    std::vector<std::string> labels;
    std::size_t at = kDnsHeaderSize;
    while (at < datagram.size() && datagram[at] != 0) {
        const std::size_t size = datagram[at];
        // A pointer has no place in the first name of a message.
        if (size > kDnsLabelMax || at + 1 + size > datagram.size() ||
            labels.size() == kDnsLabelsMax) {
            return std::nullopt;
        }
        std::string& label = labels.emplace_back();
        for (const std::uint8_t byte : datagram.subspan(at + 1, size)) {
            label += low_letter(byte);
        }
        at += 1 + size;
    }
    if (at >= datagram.size() || labels.size() < 3) {
        return std::nullopt;
    }
    DnsQuestion question;
    question.domain = labels[labels.size() - 2] + "." + labels.back();
    for (std::size_t index = 0; index + 2 < labels.size(); ++index) {
        question.below += labels[index];
    }
    return question;
}

double entropy_of(std::string_view text) {
    std::array<std::size_t, 256> counts{};
    for (const char each : text) {
        ++counts[static_cast<unsigned char>(each)];
    }
    double bits = 0;
    for (const std::size_t count : counts) {
        if (count > 0) {
            const double part = static_cast<double>(count) / static_cast<double>(text.size());
            bits -= part * std::log2(part);
        }
    }
    return bits;
}

}  // namespace phantom::behaviour
