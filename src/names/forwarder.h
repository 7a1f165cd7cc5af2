#pragma once

// Queries that are passed on to the servers this machine asked before, until each is answered or
// given up. A state machine: the caller owns the sockets, one for each attempt, connected to the
// server that is asked, so that the port is new and the kernel takes nothing from anybody else.
//
// Against answers of somebody else (RFC 5452 section 9): a new id and a new port for each attempt,
// the id and the question of a reply compared.

#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "wire/dns.h"

namespace phantom::names {

inline constexpr std::size_t kForwardPendingMax = 128;
inline constexpr std::size_t kUpstreamsMax = 3;  // as many as resolv.conf(5) has
inline constexpr Duration kForwardPatience = std::chrono::milliseconds(1500);
// The servers in turn; a C library gives up after about ten seconds.
inline constexpr unsigned kForwardAttemptsMax = 4;
// Before each message over a stream (RFC 1035, 4.2.2).
inline constexpr std::size_t kStreamLengthSize = 2;
inline constexpr std::size_t kForwardQuerySizeMax = 4096;

class Forwarder {
  public:
    using Slot = std::size_t;

    struct Attempt {
        Slot slot;
        wire::SocketAddress server;
        ByteView query;  // until the next call
        bool stream;
    };
    struct Pending {
        wire::DnsQuery query;
        bool stream = false;  // the client asked by TCP, so the server is asked by TCP
    };

    void set_servers(std::vector<wire::SocketAddress> servers);
    [[nodiscard]] const std::vector<wire::SocketAddress>& servers() const { return servers_; }

    // None: the table is full, or the message too large.
    [[nodiscard]] std::optional<Attempt> begin(
        ByteView message, const Pending& pending, Instant now, Random& random
    );
    // `reply` came from the server that the slot asks. True: it is the answer, now with the client's
    // id; the slot is free.
    [[nodiscard]] bool accept(Slot slot, MutableBytes reply);
    [[nodiscard]] const Pending& pending(Slot slot) const { return entries_[slot].pending; }
    void drop(Slot slot) { entries_[slot].used = false; }

    // Those that have waited long enough.
    [[nodiscard]] std::vector<Slot> due(Instant now) const;
    // Asks the next server. None: that was the last attempt; the slot is free, and what was pending
    // there stays to be read until the next begin().
    [[nodiscard]] std::optional<Attempt> retry(Slot slot, Instant now, Random& random);
    [[nodiscard]] std::size_t pending_count() const;

  private:
    struct Entry;
    [[nodiscard]] Attempt attempt(Slot slot, Instant now, Random& random);

    struct Entry {
        bool used = false;
        Pending pending;
        std::vector<std::uint8_t> message;
        std::uint16_t id = 0;
        unsigned attempts = 0;
        Instant deadline;
    };

    std::vector<wire::SocketAddress> servers_;
    std::vector<Entry> entries_ = std::vector<Entry>(kForwardPendingMax);
};

}  // namespace phantom::names
