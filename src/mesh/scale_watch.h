#pragma once

// For tests only: what must hold in a mesh at every moment, whatever the network does and whoever lies.
// Each look takes the next nodes in turn, and says what it found wrong.

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

#include "mesh/scale_fixture.h"

namespace phantom::mesh::scale {

class Watch {
  public:
    explicit Watch(World& world) : world_(&world), seen_(world.count()) {
        for (Index index = 0; index < world.count(); ++index) {
            expect(*world.shared().directory.find(world.id_of(index)));
        }
    }
    // World::join was called.
    void expect_newcomer() {
        expect(world_->shared().newcomer);
        seen_.emplace_back();
    }

    void look(Index nodes) {
        for (Index each = 0; each < nodes; ++each) {
            look_at(next_);
            next_ = (next_ + 1) % world_->count();
        }
        if (world_->loops() > 0) {
            report("a way with a loop");
        }
    }
    // Empty: all of it held. The first few are enough.
    [[nodiscard]] const std::vector<std::string>& broken() const { return broken_; }
    [[nodiscard]] std::uint64_t records_seen() const { return records_seen_; }

  private:
    static constexpr std::size_t kReportsMax = 10;

    static std::uint32_t number_of(const wire::Address& v4) {
        return load_be<std::uint32_t>(v4.bytes.data());
    }
    void expect(const identity::MemberRecord& member) {
        certificates_.push_back(member.certificate);
        first_.push_back(member.descriptor.sequence);
    }
    void report(std::string what) {
        if (broken_.size() < kReportsMax) {
            broken_.push_back(std::move(what));
        }
    }

    [[nodiscard]] std::uint64_t newest(
        const std::unordered_map<Index, std::uint64_t>& seen, Index member
    ) const {
        const auto at = seen.find(member);
        return at == seen.end() ? first_[member] : at->second;
    }

    // Of a record that was looked at before, the same is true still: verified ones are never freed.
    std::optional<Index> owner_of(
        const identity::NodeId& id, const identity::MemberRecord& member
    ) {
        if (const auto at = known_.find(&member); at != known_.end()) {
            return at->second;
        }
        const auto index = world_->index_of(id);
        if (!index) {
            return std::nullopt;
        }
        const auto& words = world_->host(*index).own_words;
        const auto word = words.find(member.descriptor.sequence);
        if (word == words.end() || word->second != member.descriptor.signature ||
            member.certificate != certificates_[*index]) {
            return std::nullopt;
        }
        known_.emplace(&member, *index);
        return index;
    }

    void look_at(Index holder) {
        const Directory& directory = world_->node(holder).directory();
        std::unordered_set<std::uint32_t> addresses;
        auto& seen = seen_[holder];
        for (const auto& [id, member] : directory.members()) {
            ++records_seen_;
            // The IPv6 address is a part of the id.
            if (!addresses.insert(number_of(member.certificate.overlay_v4)).second) {
                report(fmt::format("{} knows two owners of an address", holder));
            }
            const auto index = owner_of(id, member);
            if (!index) {
                report(fmt::format("{} holds a record that nobody made", holder));
                continue;
            }
            const std::uint64_t sequence = member.descriptor.sequence;
            if (sequence < newest(seen, *index)) {
                report(fmt::format("{} went back to an old record of {}", holder, *index));
            } else if (sequence > first_[*index]) {
                seen[*index] = sequence;
            }
        }
        for (const auto& [id, revocation] : directory.revocations().entries()) {
            const auto index = world_->index_of(id);
            if (directory.find(id) != nullptr ||
                (index && *index != holder && world_->host(holder).sessions.contains(*index))) {
                report(fmt::format("{} talks with a revoked node", holder));
            }
        }
    }

    World* world_;
    std::vector<identity::Certificate> certificates_;
    std::unordered_map<const identity::MemberRecord*, Index> known_;  // that it is genuine
    // The newest sequence of each member, by who holds it; none: what all began with.
    std::vector<std::unordered_map<Index, std::uint64_t>> seen_;
    std::vector<std::uint64_t> first_;
    std::vector<std::string> broken_;
    std::uint64_t records_seen_ = 0;
    Index next_ = 0;
};

}  // namespace phantom::mesh::scale
