// What MeshNode does with the policy: reads and signs it where the root is, keeps it, compiles it for
// the tunnel whenever it or the members change.

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "daemon/mesh_node.h"

namespace phantom::daemon {

std::vector<policy::Member> MeshNode::policy_members() const {
    std::vector<policy::Member> members;
    for (const auto& [node, record] : mesh_.directory().members()) {
        policy::Member& member = members.emplace_back();
        member.name = record.certificate.name.text();
        for (const identity::Label& tag : record.certificate.tags) {
            member.tags.push_back(tag.text());
        }
        if (!record.certificate.overlay_v4.is_none()) {
            member.addresses.push_back(record.certificate.overlay_v4);
        }
        member.addresses.push_back(record.descriptor.overlay_v6());
    }
    return members;
}

void MeshNode::set_reports(std::vector<mesh::Reports::Report> reports) {
    mesh::Actions actions;
    mesh_.set_reports(std::move(reports), actions);
    carry_out(actions);
}

// News of the mesh: onto the disk, and into the tunnel.
void MeshNode::take_policy() {
    const identity::PolicyRecord& record = *mesh_.policy();
    if (state_.policy != record) {
        state_.policy = record;
        if (const auto saved = state_.store.save_policy(record); !saved) {
            log::error("{}", saved.error().message());
        }
    }
    policy_ = nullptr;
    compile_policy();
    log::info("policy {} holds", record.sequence);
}

void MeshNode::compile_policy() {
    policy_stale_ = false;
    const identity::PolicyRecord* record = mesh_.policy();
    if (record == nullptr || record->text.empty()) {
        policy_ = nullptr;
        tunnel_.set_policy(nullptr);
        return;
    }
    auto members = policy_members();
    if (policy_ != nullptr && policy_->members() == members) {
        return;
    }
    auto document = policy::parse_document(record->text);
    if (!document) {
        // Signed by the root, and newer than this program: what is not understood is not allowed.
        log::error(
            "the policy cannot be read, line {}: {}. Nothing is let in until it can",
            document.error().at.line, document.error().text
        );
        document = policy::Document{};
    }
    policy_ = std::make_shared<policy::CompiledPolicy>(std::move(*document), std::move(members));
    tunnel_.set_policy(policy_);
}

MeshNode::OrRefusal<policy::Document> MeshNode::check_policy(std::string_view text) const {
    const auto refuse = [](const policy::Problem& problem) {
        return std::unexpected(PolicyRefusal{problem.text, problem.at});
    };
    auto document = policy::parse_document(text);
    if (!document) {
        return refuse(document.error());
    }
    if (const auto problem = policy::run_tests(*document, policy_members())) {
        return refuse(*problem);
    }
    return std::move(*document);
}

MeshNode::OrRefusal<std::uint64_t> MeshNode::set_policy(std::string_view text) {
    if (!state_.root) {
        return std::unexpected(
            PolicyRefusal{sentence_without_root("change the policy"), std::nullopt}
        );
    }
    if (!text.empty()) {
        if (const auto document = check_policy(text); !document) {
            return std::unexpected(document.error());
        }
    }
    const identity::UnixTime now = unix_now();
    const std::uint64_t before = mesh_.policy() == nullptr ? 0 : mesh_.policy()->sequence;
    identity::PolicyRecord record;
    // The clock, so that a root that lost its state is still ahead of what others remember.
    record.sequence = std::max(before + 1, now.s);
    record.issued = now;
    record.text = text;
    mesh::Actions actions;
    Status done = record.issue(*state_.root);
    if (done) {
        done = mesh_.set_policy(record, actions);
    }
    if (!done) {
        return std::unexpected(PolicyRefusal{done.error().message(), std::nullopt});
    }
    carry_out(actions);
    return record.sequence;
}

}  // namespace phantom::daemon
