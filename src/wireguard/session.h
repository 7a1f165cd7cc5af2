#pragma once

// One transport session: two keys, a sending counter, a replay window. Made by the handshake
// (control thread); sealed with by any shard, opened only by its owner shard.

#include <atomic>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "crypto/noise.h"
#include "crypto/secret.h"
#include "wireguard/constants.h"
#include "wireguard/replay_window.h"

namespace phantom::wireguard {

class PeerPath;

class Session {
  public:
    struct Options {
        PeerPath* path;
        std::uint32_t local_index;
        std::uint32_t remote_index;
        std::uint32_t owner_shard;
        bool initiator;
        Instant created;
        bool control_only = false;  // made with a bootstrap key: see preshared_keys.h
        std::uint64_t preshared_key_label = 0;
        crypto::Hash handshake_hash{};  // of the handshake that made it
    };
    Session(const Options& options, const crypto::Key& send_key, const crypto::Key& receive_key);

    [[nodiscard]] PeerPath& path() const { return *options_.path; }
    [[nodiscard]] std::uint32_t local_index() const { return options_.local_index; }
    [[nodiscard]] std::uint32_t remote_index() const { return options_.remote_index; }
    [[nodiscard]] std::uint32_t owner_shard() const { return options_.owner_shard; }
    [[nodiscard]] bool initiator() const { return options_.initiator; }
    [[nodiscard]] bool control_only() const { return options_.control_only; }
    [[nodiscard]] std::uint64_t preshared_key_label() const { return options_.preshared_key_label; }
    [[nodiscard]] const crypto::Hash& handshake_hash() const { return options_.handshake_hash; }
    [[nodiscard]] Instant created() const { return options_.created; }
    [[nodiscard]] const crypto::Key& send_key() const { return send_key_; }
    [[nodiscard]] const crypto::Key& receive_key() const { return receive_key_; }

    // Paper 6.2: neither send nor receive past kRejectAfterTime or kRejectAfterMessages.
    [[nodiscard]] bool expired(Instant now) const {
        return now - options_.created >= kRejectAfterTime;
    }
    // Neither too old nor out of counters: what reserve_counters and expired would say.
    [[nodiscard]] bool usable(Instant now) const {
        return !expired(now) &&
               send_counter_.load(std::memory_order_relaxed) < kRejectAfterMessages;
    }
    // The first of `count` consecutive counters; none once the message limit is reached.
    [[nodiscard]] std::optional<std::uint64_t> reserve_counters(std::uint32_t count);

    // After sending: the initiator renews at 120 s, either side after 2^60 messages.
    [[nodiscard]] bool wants_rekey_after_send(Instant now) const;
    // After receiving: the initiator renews once at 165 s.
    [[nodiscard]] bool wants_rekey_after_receive(Instant now) const;

    // Owner shard only, after the tag verified. False: replayed, too old, or past the limit.
    [[nodiscard]] bool accept_counter(std::uint64_t counter);

    // False on the responder until the first authentic packet arrived (paper 5.4.5, last
    // paragraph): until then it must not send on this session. Set by the owner shard.
    std::atomic<bool> confirmed{false};
    // 1,000-rekey and counter tests start near the limits.
    void set_send_counter_for_test(std::uint64_t counter) { send_counter_ = counter; }

  private:
    Options options_;
    crypto::Key send_key_;
    crypto::Key receive_key_;
    std::atomic<std::uint64_t> send_counter_{0};
    ReplayWindow replay_window_;
};

}  // namespace phantom::wireguard
