#include "respond/asked_name.h"

#include <algorithm>

#include "detect/byte_reader.h"
#include "detect/http_message.h"
#include "wire/dns.h"
#include "wire/transport.h"

namespace phantom::respond {

namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr std::size_t kTcpOffsetAt = 12;  // the header's size in words, in the upper four bits
// RFC 8446 sections 5.1 and 4.1.2; the extension is RFC 6066's, section 3.
constexpr std::uint8_t kHandshakeRecordType = 22;
constexpr std::uint8_t kClientHelloType = 1;
constexpr std::size_t kHelloRandomSize = 32;
constexpr std::uint16_t kServerNameExtension = 0;

ByteView tcp_payload_of(ByteView segment) {
    if (segment.size() < wire::kTcpHeaderSizeMin) {
        return {};
    }
    const std::size_t header = (segment[kTcpOffsetAt] >> 4U) * std::size_t{4};
    return header > segment.size() ? ByteView{} : segment.subspan(header);
}

// As field names are compared (RFC 9110 section 5.1).
bool is_host_field(std::string_view name) {
    constexpr std::string_view kHost = "host";
    return std::ranges::equal(name, kHost, [](char each, char wanted) {
        return each == wanted || (each >= 'A' && each <= 'Z' && each - 'A' + 'a' == wanted);
    });
}

// Without a port; an address in brackets without those.
std::string_view host_in(std::string_view value) {
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    if (value.starts_with('[')) {
        return value.substr(1, value.find(']') - 1);
    }
    return value.substr(0, value.find_first_of(": \t\r"));
}

}  // namespace

AskedName::AskedName(ByteView packet, const policy::Flow& flow) {
    const auto ip = wire::parse_ip(packet);
    if (!ip || ip->protocol != flow.protocol) {
        return;
    }
    const ByteView payload = packet.subspan(ip->header_size, ip->total_size - ip->header_size);
    if (flow.protocol == wire::kProtocolUdp && flow.destination_port == kDnsPort &&
        payload.size() > wire::kUdpHeaderSize) {
        read_query(payload.subspan(wire::kUdpHeaderSize));
    } else if (flow.protocol == wire::kProtocolTcp) {
        const ByteView segment = tcp_payload_of(payload);
        read_hello(segment);
        read_host(detect::as_text(segment));
    }
}

void AskedName::append(std::string_view text) {
    const std::size_t size = std::min(text.size(), text_.size() - size_);
    std::ranges::copy(text.substr(0, size), text_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += size;
}

void AskedName::read_query(ByteView message) {
    const auto query = wire::parse_dns_query(message);
    if (!query) {
        return;
    }
    const auto& question = query->question;
    if (!question) {
        return;
    }
    const wire::DnsName& name = question->name;
    for (std::size_t label = 0; label < name.label_count(); ++label) {
        append(label == 0 ? "" : ".");
        append(name.label(label));
    }
}

// Not by the lengths of record, message and extensions as a whole: they reach into segments to come.
void AskedName::read_hello(ByteView segment) {
    detect::ByteReader reader(segment);
    if (reader.u8() != kHandshakeRecordType || reader.u8() != 3) {
        return;
    }
    reader.bytes(3);
    if (reader.u8() != kClientHelloType) {
        return;
    }
    reader.bytes(3 + 2 + kHelloRandomSize);
    reader.inner8();
    reader.inner16();
    reader.inner8();
    reader.u16();
    while (reader.left() >= 4) {
        const std::uint16_t type = reader.u16();
        detect::ByteReader extension = reader.inner16();
        if (type == kServerNameExtension) {
            detect::ByteReader names = extension.inner16();
            if (names.u8() == 0) {
                append(detect::as_text(names.inner16().rest()));
            }
            return;
        }
    }
}

void AskedName::read_host(std::string_view segment) {
    if (!detect::is_http_method(segment.substr(0, segment.find(' ')))) {
        return;
    }
    // The request line, then a field on each line, then an empty one.
    for (std::size_t end = segment.find('\n'); end != std::string_view::npos;
         end = segment.find('\n')) {
        segment.remove_prefix(end + 1);
        const std::string_view line = segment.substr(0, segment.find('\n'));
        if (line.empty() || line == "\r" || line.size() == segment.size()) {
            return;
        }
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos && is_host_field(line.substr(0, colon))) {
            append(host_in(line.substr(colon + 1)));
            return;
        }
    }
}

}  // namespace phantom::respond
