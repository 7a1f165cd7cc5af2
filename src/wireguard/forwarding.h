#pragma once

// Immutable tables the shards look things up in. The Device builds a new one and publishes it; the
// old one is retired (Actions::retired).

#include <atomic>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "wire/address.h"
#include "wire/relay_frame.h"
#include "wireguard/path.h"
#include "wireguard/prefix_trie.h"

namespace phantom::wireguard {

// Longest prefix, one owner per prefix.
class AllowedIps {
  public:
    struct Entry {
        wire::Prefix prefix;
        PeerPath* path;
    };
    // Later entries of the same prefix win.
    explicit AllowedIps(const std::vector<Entry>& entries);

    // Null: nobody.
    [[nodiscard]] PeerPath* find(const wire::Address& address) const;

  private:
    PrefixTrie<std::uint32_t> v4_;
    PrefixTrie<Uint128> v6_;
};

// Receiver index -> session. Direct mapped: the low bits of a session's random local index are its
// slot, and the Device draws indices until the slot is free; a lookup is one load and one compare.
class SessionTable {
  public:
    // `slot_count` is a power of two.
    explicit SessionTable(std::size_t slot_count);

    [[nodiscard]] Session* find(std::uint32_t local_index) const {
        Session* session = slots_[local_index & mask_].load(std::memory_order_acquire);
        return session != nullptr && session->local_index() == local_index ? session : nullptr;
    }

    // Control thread.
    [[nodiscard]] bool slot_free(std::uint32_t local_index) const;
    void insert(Session* session);
    void erase(const Session* session);
    [[nodiscard]] std::size_t slot_count() const { return slots_.size(); }

  private:
    std::vector<std::atomic<Session*>> slots_;
    std::uint32_t mask_;
};

// Who is who on the way over relays.
struct RelayTable {
    wire::HopId self = 0;  // 0: no relaying at all
    bool willing = false;  // to carry frames between others
    std::unordered_map<wire::HopId, PeerPath*> hops;

    // Null: unknown.
    [[nodiscard]] PeerPath* find(wire::HopId hop) const {
        const auto at = hops.find(hop);
        return at == hops.end() ? nullptr : at->second;
    }
};

// What a shard loads once per batch.
struct Forwarding {
    std::shared_ptr<const AllowedIps> allowed_ips;
    std::shared_ptr<SessionTable> sessions;
    std::shared_ptr<const RelayTable> relays;
};

}  // namespace phantom::wireguard
