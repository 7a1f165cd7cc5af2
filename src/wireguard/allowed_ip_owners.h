#pragma once

// Which peer owns which prefix: the settings behind AllowedIps. One owner per prefix; adding it to
// another peer moves it (paper 2, cryptokey routing).

#include <cstdint>
#include <map>
#include <vector>

#include "wire/address.h"
#include "wireguard/forwarding.h"

namespace phantom::wireguard {

class AllowedIpOwners {
  public:
    // Each is true when something changed. An owner is known by its path.
    bool add(const wire::Prefix& prefix, PeerPath& owner);
    bool remove(const wire::Prefix& prefix, const PeerPath& owner);  // only if it is the owner
    bool remove_all(const PeerPath& owner);

    [[nodiscard]] std::size_t size() const { return owners_.size(); }
    [[nodiscard]] std::vector<AllowedIps::Entry> entries() const;
    // In the order they were added, which is the order people expect to read them in.
    [[nodiscard]] std::vector<wire::Prefix> of(const PeerPath& owner) const;

  private:
    struct Owner {
        PeerPath* path;
        std::uint64_t added;
    };
    std::map<wire::Prefix, Owner> owners_;
    std::map<PeerId, std::map<std::uint64_t, wire::Prefix>> prefixes_;
    std::uint64_t added_count_ = 0;
};

}  // namespace phantom::wireguard
