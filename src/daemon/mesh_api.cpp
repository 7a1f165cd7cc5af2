#include "daemon/mesh_api.h"

#include "daemon/control_server.h"
#include "daemon/json_fields.h"
#include "daemon/policy_api.h"
#include "daemon/root_api.h"
#include "fields/fields.h"
#include "wire/carried.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

json::array addresses_of(const identity::MemberRecord& record) {
    json::array addresses;
    if (!record.certificate.overlay_v4.is_none()) {
        addresses.emplace_back(record.certificate.overlay_v4.to_string());
    }
    addresses.emplace_back(record.descriptor.overlay_v6().to_string());
    return addresses;
}

double milliseconds(Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

json::array names_of(const wire::RelayRoute& route, const mesh::Node& mesh) {
    json::array names;
    for (const wire::HopId hop : {route.first, route.second}) {
        for (const auto& [node, member] : mesh.directory().members()) {
            if (hop != 0 && wire::hop_id(node.bytes.data()) == hop) {
                names.emplace_back(member.certificate.name.text());
            }
        }
    }
    return names;
}

void describe_path(const MeshNode::PeerView& peer, const mesh::Node& mesh, json::object& out) {
    const wire::SocketAddress& over = peer.link->over;
    const bool relayed = wire::is_relay(over);
    out["path"] = !peer.linked             ? "none"
                  : relayed                ? "relay"
                  : wire::is_carried(over) ? "tcp"
                                           : "direct";
    out["endpoint"] = nullptr;
    out["relays"] = json::array();
    if (peer.linked && relayed) {
        out["relays"] = names_of(wire::relay_route(over.address), mesh);
    } else if (peer.linked && !over.address.is_none()) {
        out["endpoint"] = over.to_string();
    }
}

json::object describe(const MeshNode::PeerView& peer, const mesh::Node& mesh) {
    json::object out;
    out["name"] = peer.record->certificate.name.text();
    out["id"] = peer.record->certificate.node.to_string();
    out["addresses"] = addresses_of(*peer.record);
    describe_path(peer, mesh, out);
    out["rtt_ms"] = nullptr;
    if (peer.linked && peer.link->rtt) {
        out["rtt_ms"] = milliseconds(*peer.link->rtt);
    }
    out["state"] = mesh::name_of(peer.state.state);
    out["state_age_s"] = nullptr;
    if (!peer.state.since.is_never()) {
        out["state_age_s"] = milliseconds(monotonic_now() - peer.state.since) / 1'000;
    }
    out["neighbour"] = peer.neighbour;
    out["loss"] = peer.linked ? peer.link->loss : 0.0;
    json::object post_quantum;
    post_quantum["established"] = peer.post_quantum;
    post_quantum["since"] = nullptr;
    if (peer.post_quantum_since) {
        post_quantum["since"] = time_text(*peer.post_quantum_since);
    }
    post_quantum["kept"] = peer.keys_kept;
    post_quantum["control_only_sessions"] = peer.control_only_sessions;
    out["post_quantum"] = std::move(post_quantum);
    out["sent_bytes"] = peer.sent_bytes;
    out["received_bytes"] = peer.received_bytes;
    out["keys_since"] = time_text(peer.record->certificate.keys_since);
    out["expires"] = time_text(peer.record->certificate.expiry);
    return out;
}

const char* name_of(MeshNode::RotationView view) {
    switch (view) {
        case MeshNode::RotationView::kDone:
            return "done";
        case MeshNode::RotationView::kAsking:
            return "asking";
        case MeshNode::RotationView::kWaiting:
            return "waiting";
    }
    return "";
}

json::object status_of(const MeshNode& node) {
    const identity::MemberRecord& self = node.mesh().self();
    json::object own;
    own["name"] = self.certificate.name.text();
    own["id"] = self.certificate.node.to_string();
    own["addresses"] = addresses_of(self);
    own["listen_port"] = node.state().membership.listen_port;
    own["interface"] = node.state().membership.interface;
    json::array endpoints;
    for (const wire::SocketAddress& endpoint : self.descriptor.endpoints) {
        endpoints.emplace_back(endpoint.to_string());
    }
    own["endpoints"] = std::move(endpoints);
    own["keys_since"] = time_text(self.certificate.keys_since);
    own["keys_generation"] = self.certificate.generation;
    own["keys"] = self.certificate.keys.to_string();
    own["rotation"] = name_of(node.rotation());
    own["holds_root"] = static_cast<bool>(node.state().root);
    json::array peers;
    for (const MeshNode::PeerView& peer : node.peers()) {
        peers.push_back(describe(peer, node.mesh()));
    }
    return {
        {"schema", "phantom.status/1"}, {"mesh", self.descriptor.mesh.short_text()},
        {"ready", node.ready()},        {"self", std::move(own)},
        {"peers", std::move(peers)},
    };
}

OrSentence<std::vector<identity::Label>> tags_of(const json::object& request) {
    std::vector<identity::Label> tags;
    const auto* list = request.if_contains("tags");
    if (list == nullptr) {
        return tags;
    }
    if (!list->is_array() || list->get_array().size() > identity::kTagsMax) {
        return std::unexpected("tags is a list of at most 16 names");
    }
    for (const json::value& each : list->get_array()) {
        const auto tag = each.is_string()
                             ? identity::Label::parse(std::string_view(each.get_string()))
                             : identity::Label::parse("");
        if (!tag) {
            return std::unexpected(
                "a tag has 1 to 63 letters, digits and hyphens, in lower case, without 'tag:'"
            );
        }
        tags.push_back(*tag);
    }
    return tags;
}

json::object create_token(const json::object& request, MeshNode& node) {
    const std::int64_t uses = fields::number_at(request, "uses", 1);
    const std::int64_t lifetime_s = fields::number_at(request, "lifetime_s", 86'400);
    if (uses < 1 || uses > 255 || lifetime_s < 1 || lifetime_s > 31 * 86'400) {
        return control_error("bad_request", "uses is 1 to 255, lifetime_s 1 to 2678400");
    }
    const auto tags = tags_of(request);
    if (!tags) {
        return control_error("bad_request", tags.error());
    }
    const auto token = node.create_token({
        .uses = static_cast<std::uint8_t>(uses),
        .lifetime_s = static_cast<std::uint32_t>(lifetime_s),
        .tags = *tags,
    });
    if (!token) {
        return control_error("refused", token.error());
    }
    const auto text = token->text();
    if (!text) {
        return control_error("refused", text.error().what());
    }
    return {
        {"schema", "phantom.token/1"},
        {"token", std::string(text->text())},
        {"uses", uses},
        {"expires", time_text(token->expiry)},
    };
}

json::object list_tokens(const MeshNode& node) {
    json::array tokens;
    for (const identity::IssuedToken& token : node.state().tokens) {
        json::array tags;
        for (const identity::Label& tag : token.tags) {
            tags.emplace_back(tag.text());
        }
        std::string used_by;
        for (const identity::NodeId& each : token.used_by) {
            const auto* member = node.mesh().directory().find(each);
            used_by += (used_by.empty() ? "" : ", ") +
                       (member != nullptr ? member->certificate.name.text() : each.short_text());
        }
        tokens.push_back({
            {"id", token_id(token)},
            {"uses_left", token.uses_left},
            {"expires", time_text(token.expiry)},
            {"used_by", used_by},
            {"tags", std::move(tags)},
        });
    }
    return {{"schema", "phantom.tokens/1"}, {"tokens", std::move(tokens)}};
}

json::object one_peer(const json::object& request, const MeshNode& node) {
    const std::string name = fields::text_at(request, "name");
    for (const MeshNode::PeerView& peer : node.peers()) {
        if (peer.record->certificate.name.text() == name) {
            json::object out = describe(peer, node.mesh());
            out["schema"] = "phantom.peer/1";
            return out;
        }
    }
    return control_error("not_found", "no member is called " + name);
}

// With "begin": asks for it. Without: what has come of it.
json::object rotate(const json::object& request, MeshNode& node) {
    if (request.if_contains("begin") != nullptr) {
        if (const auto problem = node.rotate()) {
            return control_error("refused", *problem);
        }
    }
    const identity::Certificate& certificate = node.mesh().self().certificate;
    return {
        {"schema", "phantom.rotate/1"},
        {"state", name_of(node.rotation())},
        {"keys_since", time_text(certificate.keys_since)},
        {"keys_generation", certificate.generation},
        {"keys", certificate.keys.to_string()},
    };
}

// With "begin": asks the peer. Without: what has come of it.
json::object ping(const json::object& request, MeshNode& node) {
    const std::string name = fields::text_at(request, "peer");
    if (request.if_contains("begin") != nullptr && !node.ping(name)) {
        return control_error("not_found", "no member is called " + name);
    }
    for (const MeshNode::PeerView& peer : node.peers()) {
        if (peer.record->certificate.name.text() == name) {
            json::object out{{"schema", "phantom.ping/1"}, {"peer", name}};
            const json::object described = describe(peer, node.mesh());
            out["path"] = described.at("path");
            out["rtt_ms"] = nullptr;
            if (peer.link->latest) {
                out["rtt_ms"] = milliseconds(*peer.link->latest);
            }
            return out;
        }
    }
    return control_error("not_found", "no member is called " + name);
}

}  // namespace

std::string verb_of(const json::object& request) {
    return fields::text_at(request, "verb");
}

json::object answer_control(const json::object& request, MeshNode& node, bool& stop) {
    const std::string verb = verb_of(request);
    if (verb == "status") {
        return status_of(node);
    }
    if (verb == "peer") {
        return one_peer(request, node);
    }
    if (verb == "token.create") {
        return create_token(request, node);
    }
    if (verb == "token.list") {
        return list_tokens(node);
    }
    if (verb == "token.revoke") {
        if (const auto problem = node.revoke_token(fields::text_at(request, "id"))) {
            return control_error("refused", *problem);
        }
        return {{"schema", "phantom.token.revoke/1"}, {"revoked", fields::text_at(request, "id")}};
    }
    if (verb == "ping") {
        return ping(request, node);
    }
    if (verb == "rotate") {
        return rotate(request, node);
    }
    if (verb == "revoke") {
        if (const auto problem = node.revoke(fields::text_at(request, "peer"))) {
            return control_error("refused", *problem);
        }
        return {{"schema", "phantom.revoke/1"}, {"revoked", fields::text_at(request, "peer")}};
    }
    if (auto answer = answer_policy(verb, request, node)) {
        return std::move(*answer);
    }
    if (auto answer = answer_root(verb, request, node)) {
        return std::move(*answer);
    }
    if (verb == "down") {
        stop = true;
        return {{"schema", "phantom.down/1"}};
    }
    if (verb == "version") {
        return {{"schema", "phantom.version/1"}, {"version", PM_VERSION}};
    }
    return control_error("unknown_verb", "the daemon does not know '" + verb + "'; is it older?");
}

}  // namespace phantom::daemon
