#pragma once

// Datagrams that came in pieces, joined. Bounded: the oldest unfinished one gives way.

#include <cstdint>
#include <list>
#include <optional>
#include <vector>

#include "detect/packet.h"

namespace phantom::detect {

inline constexpr std::size_t kUnfinishedDatagramsMax = 1024;
inline constexpr std::size_t kDatagramSizeMax = 65'535;
inline constexpr std::size_t kFragmentsMax = 1024;
inline constexpr std::uint64_t kFragmentLifetimeUs = 60'000'000;

struct Fragment {
    wire::Address source;
    wire::Address destination;
    std::uint32_t id = 0;
    std::uint8_t protocol = 0;
    bool more = false;
    std::size_t offset = 0;  // in bytes
    std::uint64_t time_us = 0;
    // In front of the fragmented part; the first fragment's is the joined datagram's.
    ByteView header;
    ByteView bytes;
};

class FragmentTable {
  public:
    struct Joined {
        std::vector<std::uint8_t> header;
        std::vector<std::uint8_t> bytes;
    };
    struct Outcome {
        std::optional<Joined> joined;
        bool overlap = false;
        bool too_large = false;
    };

    [[nodiscard]] Outcome add(const Fragment& fragment);
    [[nodiscard]] std::size_t unfinished() const { return datagrams_.size(); }

  private:
    struct Piece {
        std::size_t offset;
        std::vector<std::uint8_t> bytes;
    };
    struct Datagram {
        wire::Address source;
        wire::Address destination;
        std::uint32_t id;
        std::uint8_t protocol;
        std::uint64_t begun_us;
        std::vector<std::uint8_t> header;
        std::vector<Piece> pieces;  // by offset
        std::size_t size = 0;       // known with the last piece
        bool has_end = false;
    };

    [[nodiscard]] std::list<Datagram>::iterator find(const Fragment& fragment);
    [[nodiscard]] static bool insert(Datagram& datagram, const Fragment& fragment);
    [[nodiscard]] static bool is_complete(const Datagram& datagram);
    [[nodiscard]] static Joined join(const Datagram& datagram);

    std::list<Datagram> datagrams_;
};

}  // namespace phantom::detect
