#pragma once

// Networks by address: which of them an address is in. Immutable once made; asking allocates nothing.
//
// One hash table for all lengths, asked once for each length that there is, the longest first (a host is a
// network of 32 or 128 bits; the usual list has nothing else). The filter answers for most of those that are not
// there. Source: Waldvogel et al., "Scalable High Speed IP Routing Lookups", 1997, without its binary search.

#include <array>
#include <bitset>

#include "intel/block_filter.h"
#include "intel/hash_key.h"
#include "intel/indicator.h"
#include "intel/slots.h"

namespace phantom::intel {

class NetworkTable {
  public:
    struct Record {
        wire::Prefix network;
        std::uint16_t feed = 0;
        Detail detail;
    };

    explicit NetworkTable(const HashKey& key) : key_(key) {}
    NetworkTable(std::vector<Record> records, const HashKey& key);

    // Each record whose network has the address, the longest network first. `take` says whether to go on.
    template <class Take>
    void each(const wire::Address& address, Take take) const {
        each_of(address, address.bit_count(), take);
    }
    // Whether one network has all of this one.
    [[nodiscard]] bool covers(const wire::Prefix& network) const;
    [[nodiscard]] std::size_t size() const { return records_.size(); }
    [[nodiscard]] std::size_t size_bytes() const;

  private:
    // Both halves of an address, as numbers.
    struct Halves {
        std::uint64_t high = 0;
        std::uint64_t low = 0;
        friend bool operator==(const Halves&, const Halves&) = default;
    };
    static constexpr unsigned kHalfBits = 64;

    [[nodiscard]] static Halves halves_of(const wire::Address& address) {
        return {
            load_be<std::uint64_t>(address.bytes.data()),
            load_be<std::uint64_t>(address.bytes.data() + 8)
        };
    }
    [[nodiscard]] static std::uint64_t upper_bits(unsigned count) {
        return count == 0 ? 0 : ~std::uint64_t{0} << (kHalfBits - count);
    }
    [[nodiscard]] static Halves cut(const Halves& address, unsigned length) {
        return length >= kHalfBits
                   ? Halves{address.high, address.low & upper_bits(length - kHalfBits)}
                   : Halves{address.high & upper_bits(length), 0};
    }
    [[nodiscard]] std::uint64_t hash_of(const Halves& network, unsigned length, wire::Family family)
        const {
        return key_.of(network.high, network.low, (length << 8U) | static_cast<unsigned>(family));
    }
    [[nodiscard]] const std::vector<std::uint8_t>& lengths_of(wire::Family family) const {
        return family == wire::Family::kV4 ? lengths_v4_ : lengths_v6_;
    }

    template <class Take>
    void each_of(const wire::Address& address, unsigned length_max, Take take) const {
        const Halves whole = halves_of(address);
        for (const std::uint8_t length : lengths_of(address.family)) {
            if (length > length_max) {
                continue;
            }
            const Halves network = cut(whole, length);
            const std::uint64_t hash = hash_of(network, length, address.family);
            if (!filter_.may_have(hash)) {
                continue;
            }
            const auto is_it = [&](std::uint32_t at) {
                const wire::Prefix& there = records_[at].network;
                return there.length == length && there.address.family == address.family &&
                       halves_of(there.address) == network;
            };
            for (std::size_t at = slots_.find(hash, is_it);
                 at < records_.size() && is_it(static_cast<std::uint32_t>(at)); ++at) {
                if (!take(records_[at])) {
                    return;
                }
            }
        }
    }

    HashKey key_;
    std::vector<Record> records_;  // sorted by network; the slots have the first of each
    Slots slots_;
    BlockFilter filter_;
    std::vector<std::uint8_t> lengths_v4_;  // that there are, the longest first
    std::vector<std::uint8_t> lengths_v6_;
};

}  // namespace phantom::intel
