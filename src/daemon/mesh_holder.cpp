// Whether this node holds the mesh's root: it may be cut into shares, erased here, and brought back on
// any member by enough of them. Who holds it says so to all, and what it may do then is mesh_root.cpp's.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"
#include "daemon/mesh_node.h"
#include "daemon/root_restore.h"

namespace phantom::daemon {

std::vector<std::string> MeshNode::holders() const {
    std::vector<std::string> names;
    for (const auto& [node, member] : mesh_.directory().members()) {
        if (member.descriptor.has(identity::Capability::kIntroducer)) {
            names.push_back(member.certificate.name.text());
        }
    }
    return names;
}

std::string MeshNode::sentence_without_root(std::string_view what) const {
    const std::vector<std::string> names = holders();
    if (names.empty()) {
        const std::string enough =
            state_.split ? fmt::format("{} of its {}", state_.split->threshold, state_.split->count)
                         : "enough of its";
        return fmt::format(
            "nobody is known to hold the mesh's root, which it takes to {}: 'phantom root unseal' "
            "brings it back on any member, with {} shares",
            what, enough
        );
    }
    return fmt::format(
        "it takes the mesh's root to {}: run this on {}, or here after 'phantom root unseal'", what,
        fmt::join(names, " or ")
    );
}

// To all members, and to the part of the protocol that renews certificates.
void MeshNode::tell_holding() {
    mesh::Actions actions;
    const bool holds = static_cast<bool>(state_.root);
    if (const Status told = mesh_.set_grants(holds, unix_now(), actions); !told) {
        log::error("what this node offers: {}", told.error().message());
    }
    carry_out(actions);
}

void MeshNode::let_go_of_root(const char* why) {
    state_.root = {};
    tell_holding();
    log::info("the root is not held here any more: {}", why);
}

void MeshNode::end_hold_when_over(Instant now) {
    if (state_.root.is_over(now)) {
        let_go_of_root("its time is over");
    }
}

// It says how many shares it takes, no more: a node goes on without it.
void MeshNode::remember_split(const identity::RootSplit& split) {
    state_.split = split;
    if (const auto saved = state_.store.save_root_split(split); !saved) {
        log::error("{}", saved.error().message());
    }
}

OrSentence<std::vector<identity::RootShare>> MeshNode::split_root(
    std::uint8_t threshold, std::uint8_t count
) {
    if (!state_.root) {
        return std::unexpected(sentence_without_root("split it"));
    }
    if (const Status allowed = identity::check_split(threshold, count); !allowed) {
        return std::unexpected(std::string(allowed.error().what()));
    }
    const auto split = identity::new_split(threshold, count, unix_now(), random_);
    auto shares = identity::split_root(state_.root.seeds(), split);
    remember_split(split);
    log::info("the root was split: {} of {} shares restore it", +threshold, +count);
    return shares;
}

std::optional<std::string> MeshNode::unseal_root(
    std::span<const std::string_view> shares, const Unsealing& unsealing
) {
    if (state_.root.is_for_good()) {
        return "this node holds the root already, for good";
    }
    const auto restored = restore_root(shares, mesh_.self().descriptor.mesh);
    if (!restored) {
        return restored.error();
    }
    if (unsealing.keep) {
        if (const auto saved = state_.store.save_root_seeds(restored->seeds); !saved) {
            return saved.error().message();
        }
        state_.root = RootHold::for_good(restored->seeds);
    } else {
        state_.root = RootHold::until(
            restored->seeds, monotonic_now() + std::chrono::seconds(unsealing.for_s),
            unix_now().plus(unsealing.for_s)
        );
    }
    remember_split(restored->split);
    recall_issued();
    tell_holding();
    log::info(
        "the root is held here {}",
        unsealing.keep ? std::string("for good") : fmt::format("for {} s", unsealing.for_s)
    );
    return std::nullopt;
}

// What was restored in memory can be restored again; a file may be the last there is.
std::optional<std::string> MeshNode::seal_root(
    std::span<const std::string_view> shares, bool force
) {
    if (!state_.root) {
        return "this node does not hold the root: there is nothing to seal";
    }
    if (state_.root.is_for_good()) {
        if (!force) {
            const auto restored = restore_root(shares, mesh_.self().descriptor.mesh);
            if (!restored) {
                return restored.error();
            }
        }
        if (const auto erased = state_.store.erase_root_seeds(); !erased) {
            return erased.error().message();
        }
    }
    let_go_of_root("it was sealed");
    return std::nullopt;
}

}  // namespace phantom::daemon
