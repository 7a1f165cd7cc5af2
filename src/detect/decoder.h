#pragma once

// From a frame to packets: the link layer, tunnels, IP, fragments, the transport header. One frame
// may hold several packets (a tunnel's outer and inner one), and complete a fragmented one.

#include <functional>
#include <list>

#include "detect/fragments.h"

namespace phantom::detect {

// tcpdump's numbers (LINKTYPE_*).
inline constexpr std::uint32_t kLinkNull = 0;
inline constexpr std::uint32_t kLinkEthernet = 1;
inline constexpr std::uint32_t kLinkPpp = 9;
inline constexpr std::uint32_t kLinkRawOld = 12;
inline constexpr std::uint32_t kLinkRaw = 101;
inline constexpr std::uint32_t kLinkCiscoHdlc = 104;
inline constexpr std::uint32_t kLinkLoop = 108;
inline constexpr std::uint32_t kLinkLinuxCooked = 113;
inline constexpr std::uint32_t kLinkIpv4 = 228;
inline constexpr std::uint32_t kLinkIpv6 = 229;
inline constexpr std::uint32_t kLinkLinuxCooked2 = 276;

// Headers inside headers, whatever they are.
inline constexpr unsigned kLayersMax = 16;
inline constexpr unsigned kVlansMax = 3;

class Decoder {
  public:
    using Sink = std::function<void(const Packet&)>;
    struct Options {
        bool check_checksums = true;
    };

    explicit Decoder(Options options) : options_(options) {}

    // The packet at `sink` is for the time of the call.
    void decode(const Packet& frame, const Sink& sink);

  private:
    struct Work;
    void link(Work& work, ByteView bytes);
    void linux_cooked(Work& work, ByteView bytes, std::size_t type_at, std::size_t size);
    void ethernet(Work& work, ByteView bytes);
    void ether_type(Work& work, std::uint16_t type, ByteView bytes);
    void ppp(Work& work, ByteView bytes);
    void any_ip(Work& work, ByteView bytes);
    void arp(Work& work, ByteView bytes);
    void ipv4(Work& work, ByteView bytes);
    void ipv6(Work& work, ByteView bytes);
    [[nodiscard]] bool ipv6_fragment(Work& work, std::size_t at, std::size_t next_at);
    void fragment(Work& work, const Fragment& fragment);
    void joined(Work& work, const Fragment& fragment, FragmentTable::Joined joined);
    void transport(Work& work);
    void tcp(Work& work);
    void udp(Work& work);
    void icmp(Work& work);
    void gre(Work& work);
    void nsh(Work& work, ByteView bytes);
    void mpls(Work& work, ByteView bytes);
    void inner(Work& work, std::uint16_t type, ByteView bytes);

    Options options_;
    FragmentTable fragments_;
};

}  // namespace phantom::detect
