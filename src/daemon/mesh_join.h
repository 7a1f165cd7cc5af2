#pragma once

// The joiner's side of an admission: until it is a member the tunnel has one peer, the introducer,
// and speaks to it under the guest key that follows from the token. Thread: control.
//
//   request (own descriptor) -> grant (root, certificate, introducer) -> own record -> summary: done

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "carrier/carrier.h"
#include "daemon/mesh_state.h"
#include "dataplane/tunnel.h"
#include "mesh/fragments.h"

namespace phantom::daemon {

inline constexpr Duration kJoinTimeout = std::chrono::seconds(20);
inline constexpr Duration kJoinRepeat = std::chrono::milliseconds(400);
inline constexpr Duration kJoinSecondCall = std::chrono::milliseconds(100);
inline constexpr Duration kJoinNextEndpoint = std::chrono::milliseconds(1500);
// Without an answer over UDP for so long the introducer is called by TCP as well, at all places that
// the token names, but no more than so many.
inline constexpr Duration kJoinUdpPatience = std::chrono::seconds(2);
inline constexpr std::size_t kJoinDialsMax = 8;
inline constexpr Duration kJoinNewsInterval = std::chrono::milliseconds(50);

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
    [[nodiscard]] Instant deadline() const { return std::min(next_, next_carrier_); }

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
    // The introducer answers over TCP, and not over UDP.
    [[nodiscard]] bool is_carried() const;
    // Set when it is of no use to go on.
    [[nodiscard]] const std::optional<std::string>& failure() const { return failure_; }

  private:
    void take_grant(const mesh::JoinGrant& grant);
    [[nodiscard]] Status accept(const mesh::JoinGrant& grant);
    void say(const mesh::AnyMessage& message);
    void call_introducer();
    void tick_carrier(Instant now);
    void dial_introducer();
    [[nodiscard]] std::string sentence_of_silence() const;

    const identity::JoinToken& token_;
    const identity::NodeKeys& keys_;
    identity::Label name_;
    dataplane::Tunnel& tunnel_;
    identity::GuestKeys guest_;
    std::vector<wire::SocketAddress> endpoints_;
    std::size_t endpoint_index_ = 0;
    std::uint16_t listen_port_ = 0;
    std::unique_ptr<carrier::Carrier> carrier_;
    Instant next_carrier_ = kFarFuture;
    bool in_session_ = false;
    mesh::Assembler assembler_;
    Instant deadline_;
    Instant next_;
    std::optional<Admission> granted_;
    std::optional<Admission> done_;
    std::optional<std::string> failure_;
};

}  // namespace phantom::daemon
