#include "detect/decoder.h"

#include "detect/decoder_work.h"

namespace phantom::detect {

namespace {

constexpr std::size_t kEthernetHeaderSize = 14;
constexpr std::size_t kVlanTagSize = 4;
constexpr std::uint32_t kMplsBottom = 0x100;
constexpr std::uint16_t kPppIpv4 = 0x0021;
constexpr std::uint16_t kPppIpv6 = 0x0057;

}  // namespace

void Decoder::decode(const Packet& frame, const Sink& sink) {
    Work work{.packet = frame, .sink = sink};
    link(work, frame.frame);
}

void Decoder::link(Work& work, ByteView bytes) {
    switch (work.packet.link_type) {
        case kLinkEthernet:
            ethernet(work, bytes);
            return;
        case kLinkNull:
        case kLinkLoop:
            bytes.size() < 4 ? work.sink(work.packet) : any_ip(work, bytes.subspan(4));
            return;
        case kLinkRaw:
        case kLinkRawOld:
        case kLinkIpv4:
        case kLinkIpv6:
            any_ip(work, bytes);
            return;
        case kLinkPpp:
            ppp(work, bytes);
            return;
        case kLinkCiscoHdlc:
            linux_cooked(work, bytes, 2, 4);
            return;
        case kLinkLinuxCooked:
            linux_cooked(work, bytes, 14, 16);
            return;
        case kLinkLinuxCooked2:
            linux_cooked(work, bytes, 0, 20);
            return;
        default:
            work.sink(work.packet);
    }
}

// A header of `size` bytes with an EtherType somewhere in it.
void Decoder::linux_cooked(Work& work, ByteView bytes, std::size_t type_at, std::size_t size) {
    if (bytes.size() < size) {
        work.sink(work.packet);
        return;
    }
    ether_type(work, load_be<std::uint16_t>(bytes.data() + type_at), bytes.subspan(size));
}

void Decoder::ethernet(Work& work, ByteView bytes) {
    if (bytes.size() < kEthernetHeaderSize) {
        work.stop(Event::kEthernetTooSmall);
        return;
    }
    ether_type(work, load_be<std::uint16_t>(bytes.data() + 12), bytes.subspan(kEthernetHeaderSize));
}

void Decoder::ether_type(Work& work, std::uint16_t type, ByteView bytes) {
    if (!work.enter()) {
        return;
    }
    switch (type) {
        case kEtherVlan:
        case kEtherQinQ:
        case kEtherQinQOld:
            if (bytes.size() < kVlanTagSize || work.packet.vlans.size() >= kVlansMax) {
                work.sink(work.packet);
                return;
            }
            work.packet.vlans.push_back(load_be<std::uint16_t>(bytes.data()) & 0x0fffU);
            ether_type(work, load_be<std::uint16_t>(bytes.data() + 2), bytes.subspan(kVlanTagSize));
            return;
        case kEtherIpv4:
            ipv4(work, bytes);
            return;
        case kEtherIpv6:
            ipv6(work, bytes);
            return;
        case kEtherArp:
            arp(work, bytes);
            return;
        case kEtherMpls:
            mpls(work, bytes);
            return;
        case kEtherPppoeSession:
            bytes.size() < 6 ? work.sink(work.packet) : ppp(work, bytes.subspan(6));
            return;
        case kEtherBridge:
            ethernet(work, bytes);
            return;
        case kEtherNsh:
            nsh(work, bytes);
            return;
        default:
            work.sink(work.packet);
    }
}

// With or without address and control bytes; the protocol in one byte or two (RFC 1661 section 6.5).
void Decoder::ppp(Work& work, ByteView bytes) {
    if (bytes.size() >= 2 && bytes[0] == 0xff && bytes[1] == 0x03) {
        bytes = bytes.subspan(2);
    }
    if (bytes.size() < 2) {
        work.sink(work.packet);
        return;
    }
    const bool is_short = (bytes[0] & 1U) != 0;
    const std::uint16_t type = is_short ? bytes[0] : load_be<std::uint16_t>(bytes.data());
    const ByteView rest = bytes.subspan(is_short ? 1 : 2);
    if (type == kPppIpv4) {
        ipv4(work, rest);
        return;
    }
    type == kPppIpv6 ? ipv6(work, rest) : work.sink(work.packet);
}

void Decoder::mpls(Work& work, ByteView bytes) {
    for (unsigned labels = 0; bytes.size() >= 4 && labels < kLayersMax; ++labels) {
        const auto label = load_be<std::uint32_t>(bytes.data());
        bytes = bytes.subspan(4);
        if ((label & kMplsBottom) != 0) {
            any_ip(work, bytes);
            return;
        }
    }
    work.sink(work.packet);
}

void Decoder::any_ip(Work& work, ByteView bytes) {
    const unsigned version = bytes.empty() ? 0 : bytes[0] >> 4U;
    if (version == 6) {
        ipv6(work, bytes);
        return;
    }
    ipv4(work, bytes);
}

void Decoder::arp(Work& work, ByteView bytes) {
    work.packet.network = Packet::Network::kArp;
    work.packet.ip = bytes;
    work.sink(work.packet);
}

// RFC 8300: a base header, then what its "next protocol" says.
void Decoder::nsh(Work& work, ByteView bytes) {
    if (bytes.size() < 8) {
        work.sink(work.packet);
        return;
    }
    const std::size_t size = std::size_t{4} * (bytes[1] & 0x3fU);
    if (size < 8 || size > bytes.size()) {
        work.sink(work.packet);
        return;
    }
    switch (bytes[3]) {
        case 1:
            inner(work, kEtherIpv4, bytes.subspan(size));
            return;
        case 2:
            inner(work, kEtherIpv6, bytes.subspan(size));
            return;
        case 3:
            inner(work, kEtherBridge, bytes.subspan(size));
            return;
        default:
            work.sink(work.packet);
    }
}

// The tunnel's packet is one of its own; what it carries follows.
void Decoder::inner(Work& work, std::uint16_t type, ByteView bytes) {
    if (work.packet.is_ip()) {
        work.sink(work.packet);
    }
    Work next{
        .packet =
            {.time_us = work.packet.time_us,
             .number = work.packet.number,
             .link_type = work.packet.link_type,
             .origin = Packet::Origin::kTunnel,
             .frame = bytes,
             .vlans = work.packet.vlans},
        .sink = work.sink,
        .layers = work.layers
    };
    ether_type(next, type, bytes);
}

}  // namespace phantom::detect
