// What ApiService does for members of the mesh that show their keys, and for this node's owner who asks another node.

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "daemon/api_service.h"
#include "daemon/control_server.h"
#include "fields/fields.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr const char* kMemberRoleFile = "api_members";
constexpr std::size_t kMemberRoleSizeMax = 32;
constexpr std::string_view kNobody = "off";
constexpr std::size_t kNodePathMax = 2'048;
constexpr std::size_t kMemberIdSize = 8;

// The Ed25519 half of what a member signs with (crypto/signature.h): behind the byte of the algorithm.
api::MemberKey member_key_in(const identity::MemberRecord& member) {
    api::MemberKey key{};
    const ByteView encoded = member.descriptor.keys.verify.encoded();
    std::ranges::copy(encoded.subspan(1, key.size()), key.begin());
    return key;
}

std::string role_text(const std::optional<api::Role>& role) {
    return std::string(role ? api::name_of(*role) : kNobody);
}

bool is_api_path(const std::string& path) {
    return path.starts_with("/api/v1/") && path.size() <= kNodePathMax &&
           std::ranges::all_of(path, [](char each) { return each > ' ' && each <= '~'; });
}

}  // namespace

void ApiService::read_member_role() {
    if (!node_.files().has(kMemberRoleFile)) {
        return;
    }
    const auto text = node_.files().read(kMemberRoleFile, kMemberRoleSizeMax);
    const auto role = text ? api::role_of(text->text()) : Result<api::Role>(api::Role::kViewer);
    if (!text || (!role && text->text() != kNobody)) {
        log::error(
            "api: '{}' says nothing that is understood; members need tokens", kMemberRoleFile
        );
        member_role_.reset();
        return;
    }
    member_role_ = role ? std::optional(*role) : std::nullopt;
}

// Who was put out is none from the next turn on, a few tenths of a second at most.
void ApiService::publish_members() {
    const mesh::Directory& directory = node_.mesh().directory();
    const std::uint64_t hash = directory.tree().hash(mesh::Prefix());
    if (server_ == nullptr || members_published_ == hash) {
        return;
    }
    api::MemberTable::Members members;
    for (const auto& [node, record] : directory.members()) {
        if (!member_role_) {
            break;
        }
        api::Token& token = members[member_key_in(record)];
        token.id = 'm';
        token.id += node.to_string().substr(0, kMemberIdSize);
        token.name = record.certificate.name.text();
        token.role = *member_role_;
    }
    server_->set_members(std::make_shared<const api::MemberTable>(std::move(members)));
    members_published_ = hash;
}

json::object ApiService::change_members(const json::object& request) {
    if (const std::string wanted = fields::text_at(request, "role"); !wanted.empty()) {
        const auto role = api::role_of(wanted);
        if (!role && wanted != kNobody) {
            return control_error(
                "bad_request", "\"role\" is off, viewer, responder or administrator"
            );
        }
        const Status kept = node_.files().write(
            kMemberRoleFile, {reinterpret_cast<const std::uint8_t*>(wanted.data()), wanted.size()}
        );
        if (!kept) {
            return control_error("refused", kept.error().message());
        }
        member_role_ = role ? std::optional(*role) : std::nullopt;
        members_published_.reset();
        publish_members();
    }
    return {{"schema", "phantom.api_members/1"}, {"role", role_text(member_role_)}};
}

json::object ApiService::ask_node(const json::object& request) {
    const std::string name = fields::text_at(request, "node");
    const std::string path = fields::text_at(request, "path");
    const std::int64_t port = fields::number_at(request, "port", kApiPort);
    const identity::MemberRecord* member = node_.mesh().directory().find_name(name);
    if (member == nullptr || member->descriptor.node == node_.mesh().self().descriptor.node) {
        return control_error(
            "not_found", "there is no other member of that name; 'phantom peers' lists them"
        );
    }
    if (!is_api_path(path) || port < 1 || port > UINT16_MAX) {
        return control_error("bad_request", "\"path\" begins with /api/v1/; \"port\" is one");
    }
    if (node_client_ == nullptr) {
        node_client_ = std::make_unique<NodeClient>();
    }
    NodeQuestion question{
        .place =
            {.address = member->descriptor.overlay_v6(),
             .port = static_cast<std::uint16_t>(port),
             .scope = 0},
        .interface = node_.state().membership.interface,
        .path = path,
        .seed = node_.state().keys->seeds().signing.ed25519,
    };
    const auto number = node_client_->begin(std::move(question));
    if (!number) {
        return control_error("unavailable", "too much is asked of other nodes; try again");
    }
    return {{"schema", "phantom.node_question/1"}, {"number", *number}};
}

json::object ApiService::answer_of_node(const json::object& request) {
    const auto number = static_cast<std::uint64_t>(fields::number_at(request, "number", 0));
    const auto answer =
        node_client_ == nullptr ? std::optional<NodeAnswer>() : node_client_->take(number);
    if (!answer) {
        return control_error("not_found", "there is no such question");
    }
    json::object out{{"schema", "phantom.node_answer/1"}, {"is_there", answer->is_there}};
    if (!answer->is_there) {
        return out;
    }
    if (!answer->problem.empty()) {
        return control_error("refused", answer->problem);
    }
    out["status"] = answer->status;
    boost::system::error_code bad;
    json::value body = json::parse(answer->body, bad);
    out["body"] = bad ? json::value(nullptr) : std::move(body);
    return out;
}

}  // namespace phantom::daemon
