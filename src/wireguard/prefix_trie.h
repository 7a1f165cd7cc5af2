#pragma once

// A path-compressed binary trie in one array: prefix -> PeerPath, longest match. `Bits` is the
// address as an unsigned integer, most significant bit first. Built once, then only read.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace phantom::wireguard {

class PeerPath;

__extension__ using Uint128 = unsigned __int128;

template <class Bits>
class PrefixTrie {
  public:
    static constexpr unsigned kWidth = sizeof(Bits) * 8;

    // Bits beyond `length` are zero. A later insertion of the same prefix wins.
    void insert(Bits bits, unsigned length, PeerPath* path) {
        Link link{0, 0};
        while (nodes_[link.parent].child[link.side] != 0) {
            const std::uint32_t at = nodes_[link.parent].child[link.side];
            Node& node = nodes_[at];
            const unsigned common = std::min({common_length(bits, node.bits), length, node.length});
            if (common < node.length) {
                split(link, at, common);
                continue;
            }
            if (length == node.length) {
                node.path = path;
                return;
            }
            link = {at, bit_at(bits, node.length)};
        }
        const std::uint32_t leaf = append(bits, length);
        nodes_[leaf].path = path;
        nodes_[link.parent].child[link.side] = leaf;
    }

    [[nodiscard]] PeerPath* find(Bits address) const {
        PeerPath* best = nullptr;
        std::uint32_t at = nodes_[0].child[0];
        while (at != 0) {
            const Node& node = nodes_[at];
            if (((address ^ node.bits) & node.mask) != 0) {
                break;
            }
            if (node.path != nullptr) {
                best = node.path;
            }
            if (node.length == kWidth) {
                break;
            }
            at = node.child[bit_at(address, node.length)];
        }
        return best;
    }

    void reserve(std::size_t prefix_count) { nodes_.reserve(2 * prefix_count + 1); }

  private:
    struct Node {
        Bits bits = 0;
        Bits mask = 0;
        PeerPath* path = nullptr;         // null: only a fork
        std::uint32_t child[2] = {0, 0};  // 0: none, for the root is nobody's child
        unsigned length = 0;
    };
    struct Link {
        std::uint32_t parent;
        unsigned side;
    };

    static Bits mask_of(unsigned length) {
        return length == 0 ? Bits{0} : static_cast<Bits>(~Bits{0} << (kWidth - length));
    }
    static unsigned bit_at(Bits bits, unsigned position) {
        return static_cast<unsigned>(bits >> (kWidth - 1 - position)) & 1U;
    }
    static unsigned common_length(Bits a, Bits b) {
        const Bits differing = a ^ b;
        if constexpr (kWidth == 128) {
            const auto high = static_cast<std::uint64_t>(differing >> 64U);
            const auto low = static_cast<std::uint64_t>(differing);
            return static_cast<unsigned>(
                high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(low)
            );
        } else {
            return static_cast<unsigned>(std::countl_zero(differing));
        }
    }

    std::uint32_t append(Bits bits, unsigned length) {
        Node node;
        node.bits = bits;
        node.mask = mask_of(length);
        node.length = length;
        nodes_.push_back(node);
        return static_cast<std::uint32_t>(nodes_.size() - 1);
    }

    // Puts a fork of `length` bits between `link` and the node `below`.
    void split(Link link, std::uint32_t below, unsigned length) {
        const Bits bits = nodes_[below].bits;
        const std::uint32_t fork = append(bits & mask_of(length), length);
        nodes_[fork].child[bit_at(bits, length)] = below;
        nodes_[link.parent].child[link.side] = fork;
    }

    // nodes_[0] only holds the link to the top node in child[0].
    std::vector<Node> nodes_{Node{}};
};

}  // namespace phantom::wireguard
