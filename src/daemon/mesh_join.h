#pragma once

// The joiner's side of an admission: until it is a member the tunnel has one peer, the introducer,
// and speaks to it under the guest key that follows from the token. Thread: control.
//
//   request (own descriptor) -> grant (root, certificate, introducer) -> own record -> summary: done

#include <optional>
#include <vector>

#include "daemon/mesh_state.h"
#include "dataplane/tunnel.h"
#include "mesh/fragments.h"

namespace phantom::daemon {

inline constexpr Duration kJoinTimeout = std::chrono::seconds(20);
inline constexpr Duration kJoinRepeat = std::chrono::milliseconds(400);
inline constexpr Duration kJoinSecondCall = std::chrono::milliseconds(100);
inline constexpr Duration kJoinNextEndpoint = std::chrono::milliseconds(1500);

class MeshJoin final : public dataplane::TunnelListener {
  public:
    MeshJoin(
        const identity::JoinToken& token, const identity::NodeKeys& keys, identity::Label name,
        dataplane::Tunnel& tunnel
    );
    ~MeshJoin() override;

    // A sentence where it cannot even be tried.
    [[nodiscard]] std::optional<std::string> start(std::uint16_t listen_port);
    void tick();
    [[nodiscard]] Instant deadline() const { return next_; }

    void on_session(const wireguard::SessionBegan& began) override;
    void on_control(
        const crypto::PublicKey& peer, const wire::SocketAddress& from, wire::ControlKind kind,
        ByteView payload
    ) override;

    struct Admission {
        crypto::VerifyKey root;
        identity::MemberRecord self;
        identity::MemberRecord introducer;
    };
    // Set once the introducer has said that it knows us.
    [[nodiscard]] const std::optional<Admission>& admission() const { return done_; }
    // Set when it is of no use to go on.
    [[nodiscard]] const std::optional<std::string>& failure() const { return failure_; }

  private:
    void take_grant(const mesh::JoinGrant& grant);
    [[nodiscard]] Status accept(const mesh::JoinGrant& grant);
    void say(const mesh::AnyMessage& message);
    void call_introducer();

    const identity::JoinToken& token_;
    const identity::NodeKeys& keys_;
    identity::Label name_;
    dataplane::Tunnel& tunnel_;
    identity::GuestKeys guest_;
    std::vector<wire::SocketAddress> endpoints_;
    std::size_t endpoint_index_ = 0;
    bool in_session_ = false;
    mesh::Assembler assembler_;
    Instant deadline_;
    Instant next_;
    std::optional<Admission> granted_;
    std::optional<Admission> done_;
    std::optional<std::string> failure_;
};

}  // namespace phantom::daemon
