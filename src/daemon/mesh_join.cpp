#include "daemon/mesh_join.h"

#include <fmt/format.h>

#include "base/log.h"
#include "daemon/client_routes.h"
#include "daemon/own_endpoints.h"
#include "wire/carried.h"

namespace phantom::daemon {

MeshJoin::MeshJoin(
    const identity::JoinToken& token, const identity::NodeKeys& keys, identity::Label name,
    dataplane::Tunnel& tunnel
)
    : token_(token),
      keys_(keys),
      name_(std::move(name)),
      tunnel_(tunnel),
      guest_(token.guest_keys()) {}

MeshJoin::~MeshJoin() {
    tunnel_.set_listener(nullptr);
}

std::optional<std::string> MeshJoin::start(std::uint16_t listen_port) {
    for (const identity::TokenEndpoint& each : token_.endpoints) {
        if (const auto* address = std::get_if<wire::Address>(&each.host)) {
            endpoints_.push_back({.address = *address, .port = each.port});
        } else {
            const auto found = look_up(std::get<std::string>(each.host), each.port);
            endpoints_.insert(endpoints_.end(), found.begin(), found.end());
        }
    }
    if (endpoints_.empty()) {
        return "the token names " + token_.endpoints.front().to_string() +
               ", which the resolver does not know";
    }
    tunnel_.set_listener(this);
    wireguard::DeviceUpdate update;
    update.private_key = guest_.private_key;
    update.listen_port = listen_port;
    update.replace_peers = true;
    wireguard::PeerUpdate& peer = update.peers.emplace_back();
    peer.public_key = token_.introducer;
    peer.preshared_keys = {{guest_.preshared_key, true, 0}};
    if (const Status applied = tunnel_.apply(update); !applied) {
        return fmt::format("UDP port {}: {}", listen_port, applied.error().message());
    }
    listen_port_ = listen_port;
    deadline_ = monotonic_now() + kJoinTimeout;
    if (token_.carrier_port != 0) {
        next_carrier_ = monotonic_now() + kJoinUdpPatience;
    }
    call_introducer();
    return std::nullopt;
}

void MeshJoin::call_introducer() {
    wireguard::DeviceUpdate update;
    wireguard::PeerUpdate& peer = update.peers.emplace_back();
    peer.public_key = token_.introducer;
    peer.endpoint = endpoints_[endpoint_index_++ % endpoints_.size()];
    peer.handshake_now = true;
    (void)tunnel_.apply(update);
    // The first may go out before the link is up, and so not at all.
    const bool first = endpoint_index_ == 1;
    next_ = monotonic_now() + (first ? kJoinSecondCall : kJoinNextEndpoint);
}

void MeshJoin::dial_introducer() {
    auto started = carrier::Carrier::start({.tunnel_port = listen_port_, .mark = kTunnelMark});
    if (!started) {
        log::warning("no way through TCP: {}", started.error().message());
        next_carrier_ = kFarFuture;
        return;
    }
    carrier_ = std::move(*started);
    std::vector<wire::SocketAddress> places;
    for (wire::SocketAddress each : endpoints_) {
        each.port = token_.carrier_port;
        if (std::ranges::find(places, each) == places.end() && places.size() < kJoinDialsMax) {
            places.push_back(each);
            (void)carrier_->dial(each);
        }
    }
}

// A place through TCP is one more endpoint, and the next to be called.
void MeshJoin::tick_carrier(Instant now) {
    if (now < next_carrier_ || (in_session_ && carrier_ == nullptr)) {
        return;
    }
    next_carrier_ = now + kJoinNewsInterval;
    if (carrier_ == nullptr) {
        log::debug("no answer over UDP: the introducer is called by TCP");
        dial_introducer();
        return;
    }
    for (const carrier::News& news : carrier_->take_news()) {
        if (!news.place.address.is_none()) {
            endpoints_.push_back(news.place);
            endpoint_index_ = endpoints_.size() - 1;
            next_ = in_session_ ? next_ : now;
        }
    }
}

bool MeshJoin::is_carried() const {
    const auto endpoint = tunnel_.endpoint_of(token_.introducer);
    return endpoint && wire::is_carried(*endpoint);
}

std::string MeshJoin::sentence_of_silence() const {
    std::string tried;
    for (const wire::SocketAddress& each : endpoints_) {
        if (!wire::is_carried(each)) {
            tried += (tried.empty() ? "" : ", ") + each.to_string();
        }
    }
    return fmt::format(
        "no answer from the introducer at {} within {} s{}. Is its UDP port open, and was the "
        "token "
        "made by this mesh and not withdrawn?",
        tried, kJoinTimeout / std::chrono::seconds(1),
        carrier_ == nullptr ? std::string()
                            : fmt::format(", nor at TCP port {}", token_.carrier_port)
    );
}

void MeshJoin::tick() {
    const Instant now = monotonic_now();
    if (!failure_ && !done_) {
        tick_carrier(now);
    }
    if (failure_ || done_ || now < next_) {
        return;
    }
    if (now >= deadline_) {
        failure_ = in_session_ ? "the introducer answers, but does not finish; try again"
                               : sentence_of_silence();
        return;
    }
    if (!in_session_) {
        call_introducer();
        return;
    }
    next_ = now + kJoinRepeat;
    if (granted_) {
        if (const auto record = granted_->self.encode()) {
            say(mesh::Record{*record});
        }
        return;
    }
    auto descriptor = first_descriptor(token_.mesh, keys_, name_, unix_now());
    if (!descriptor.sign(keys_.signing())) {
        failure_ = "this node's own descriptor cannot be signed";
        return;
    }
    const auto encoded = descriptor.encode();
    if (encoded) {
        mesh::JoinRequest request;
        request.descriptor = *encoded;
        request.proof = crypto::blake2s_mac(guest_.proof_key.view(), *encoded);
        say(request);
    }
}

void MeshJoin::say(const mesh::AnyMessage& message) {
    for (const mesh::Message& fragment : mesh::cut(mesh::encode(message))) {
        (void)tunnel_.send_control(token_.introducer, wire::ControlKind::kMesh, fragment);
    }
}

void MeshJoin::on_session(const wireguard::SessionBegan& /*began*/) {
    in_session_ = true;
    next_ = monotonic_now();
    tick();
}

void MeshJoin::on_control(
    const crypto::PublicKey& /*peer*/, const wire::SocketAddress& /*from*/,
    wire::ControlKind /*kind*/, ByteView payload
) {
    const auto message = assembler_.add(payload, monotonic_now());
    if (!message) {
        return;
    }
    const auto decoded = mesh::decode(*message);
    if (!decoded || failure_ || done_) {
        return;
    }
    if (const auto* refusal = std::get_if<mesh::JoinRefusal>(&*decoded)) {
        failure_ = mesh::describe(refusal->reason);
    } else if (const auto* grant = std::get_if<mesh::JoinGrant>(&*decoded)) {
        take_grant(*grant);
    } else if (std::holds_alternative<mesh::Summary>(*decoded) && granted_) {
        done_ = granted_;
    }
}

void MeshJoin::take_grant(const mesh::JoinGrant& grant) {
    if (granted_) {
        return;
    }
    if (const Status accepted = accept(grant); !accepted) {
        failure_ = fmt::format("what the introducer granted is wrong: {}", accepted.error().what());
        return;
    }
    next_ = monotonic_now();
    tick();
}

// Nothing of it is believed because the introducer says so: the token holds the hash of the root's
// key, and the root signed the rest.
Status MeshJoin::accept(const mesh::JoinGrant& grant) {
    if (identity::mesh_id_of(grant.root) != token_.mesh) {
        return fail(identity::IdentityError::kWrongMesh);
    }
    const identity::UnixTime now = unix_now();
    Admission admission{.root = grant.root, .self = {}, .introducer = {}};
    admission.introducer = PM_TRY(identity::MemberRecord::decode(grant.introducer));
    PM_TRY(admission.introducer.verify(grant.root, now, {}));
    identity::MemberRecord& self = admission.self;
    self.certificate = PM_TRY(identity::Certificate::decode(grant.certificate));
    self.descriptor = first_descriptor(token_.mesh, keys_, self.certificate.name, now);
    self.descriptor.overlay_v4 = self.certificate.overlay_v4;
    self.descriptor.tags = self.certificate.tags;
    PM_TRY(self.descriptor.sign(keys_.signing()));
    PM_TRY(self.verify(grant.root, now, {}));
    granted_ = std::move(admission);
    return {};
}

}  // namespace phantom::daemon
