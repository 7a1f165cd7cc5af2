#pragma once

// A Device with the smallest possible packet path around it, for tests: seals and opens with the
// sessions the Device publishes, as a packet shard does, and carries out its Actions at once.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/random.h"
#include "crypto/noise.h"
#include "wireguard/device.h"

namespace phantom::wireguard::test {

struct Datagram {
    wire::Endpoint from;
    wire::Endpoint to;
    std::vector<std::uint8_t> bytes;
};

// One for all hosts of a test.
struct Clock {
    Instant now{1'000'000'000'000};
    WallTime wall{1'700'000'000'000'000'000};

    void advance(Duration by) {
        now = now + by;
        wall.ns += by.count();
    }
};

inline wire::SocketAddress socket_address(const std::string& text) {
    return *wire::SocketAddress::parse(text);
}

// An inner packet: destination and source (IPv4), then a number that makes it unique.
struct Inner {
    wire::Address destination;
    wire::Address source;
    std::uint64_t number = 0;

    friend auto operator<=>(const Inner&, const Inner&) = default;
    static constexpr std::size_t kSize = 16;

    [[nodiscard]] std::vector<std::uint8_t> encode() const {
        std::vector<std::uint8_t> bytes(kSize);
        std::copy_n(destination.bytes.begin(), 4, bytes.begin());
        std::copy_n(source.bytes.begin(), 4, bytes.begin() + 4);
        store_le(bytes.data() + 8, number);
        return bytes;
    }
    static Inner decode(ByteView bytes) {
        return {
            wire::Address::v4(bytes.data()), wire::Address::v4(bytes.data() + 4),
            load_le<std::uint64_t>(bytes.data() + 8)
        };
    }
};

class Host {
  public:
    // Host `number` listens at 192.0.2.number:51820 and is 10.0.0.number inside.
    Host(Clock& clock, std::uint64_t seed, unsigned number, std::uint32_t shards = 1)
        : inner(*wire::Address::parse("10.0.0." + std::to_string(number))),
          address(socket_address("192.0.2." + std::to_string(number) + ":51820")),
          random(seed),
          device({.shard_count = shards}, random),
          clock_(clock) {
        private_key = crypto::generate_private_key(random);
        public_key = crypto::public_key_of(private_key);
        DeviceUpdate update;
        update.private_key = private_key;
        apply(update);
    }

    // Takes the place of another host after a crash: its key, and nothing it remembered.
    void succeed(const Host& before) {
        private_key = before.private_key;
        public_key = before.public_key;
        DeviceUpdate update;
        update.private_key = private_key;
        apply(update);
    }

    void apply(const DeviceUpdate& update) {
        const Status applied = device.apply(update, clock_.now, actions_);
        if (!applied) {
            throw std::runtime_error(applied.error().message());
        }
        perform();
    }
    void up() {
        device.up(clock_.now, actions_);
        perform();
        tick();
    }
    void down() {
        device.down(actions_);
        perform();
    }

    // `other` as a peer: its inner address as the only allowed IP, its outer one as the endpoint.
    [[nodiscard]] static PeerUpdate peer_update(const Host& other) {
        PeerUpdate peer;
        peer.public_key = other.public_key;
        peer.allowed_ips.push_back({wire::Prefix::of(other.inner, 32), false});
        peer.endpoint = other.address;
        return peer;
    }
    void apply_peer(const PeerUpdate& peer) {
        DeviceUpdate update;
        update.peers.push_back(peer);
        apply(update);
    }
    void add_peer(const Host& other) { apply_peer(peer_update(other)); }
    [[nodiscard]] PeerPath& path_to(const Host& other) const {
        return *device.forwarding().allowed_ips->find(other.inner);
    }

    // ---- The packet path ----

    void send_to(const Host& other) { send({other.inner, inner, ++numbered_}); }
    void send(const Inner& packet) {
        PeerPath* path = device.forwarding().allowed_ips->find(packet.destination);
        if (path == nullptr) {
            return;
        }
        if (!seal(*path, packet.encode())) {
            auto& queue = staged_[path->id];
            if (queue.size() == kStagedPacketsMax) {
                queue.pop_front();
                ++staged_overflow;
            }
            queue.push_back(packet.encode());
            post(*path, {path->id, PathEvent::kWantsHandshake, 0, {}});
        }
    }

    void receive(const Datagram& datagram) {
        const auto type = wire::classify(datagram.bytes);
        if (!type) {
            return;
        }
        const wire::Endpoint from{datagram.from.remote, datagram.to.remote.address, 1};
        if (*type == wire::MessageType::kTransport) {
            open(datagram.bytes, from);
        } else {
            device.receive(datagram.bytes, from, queue_depth, clock_.now, clock_.wall, actions_);
            perform();
        }
    }

    void tick() {
        while (device.deadline() <= clock_.now) {
            device.tick(clock_.now, clock_.wall, actions_);
            perform();
        }
    }

    // Handed to whoever plays the network.
    std::deque<Datagram> sent;
    std::vector<Inner> received;
    std::vector<SessionBegan> began;
    std::uint64_t keepalives_sent = 0;
    std::uint64_t keepalives_received = 0;
    std::uint64_t rejected = 0;  // transport packets that were dropped, for whatever reason
    std::uint64_t staged_overflow = 0;
    std::uint64_t staged_dropped = 0;
    std::size_t queue_depth = 0;

    const wire::Address inner;
    wire::SocketAddress address;
    SeededRandom random;
    crypto::PrivateKey private_key;
    crypto::PublicKey public_key{};
    Device device;

    [[nodiscard]] std::size_t staged_count() const {
        std::size_t count = 0;
        for (const auto& [id, queue] : staged_) {
            count += queue.size();
        }
        return count;
    }

  private:
    void post(PeerPath& path, const PathReport& report) {
        if (path.claim(report.event)) {
            device.report(report, clock_.now, clock_.wall, actions_);
            perform();
        }
    }

    bool seal(PeerPath& path, ByteView plaintext) {
        Session* session = path.sending.load();
        const wire::Endpoint* endpoint = path.endpoint.load();
        if (session == nullptr || endpoint == nullptr || session->expired(clock_.now)) {
            return false;
        }
        const auto counter = session->reserve_counters(1);
        if (!counter) {
            return false;
        }
        Datagram datagram{{address, {}, 0}, *endpoint, {}};
        datagram.bytes.resize(sizeof(wire::TransportHeader) + plaintext.size() + wire::kTagSize);
        const wire::TransportHeader header{4, session->remote_index(), *counter};
        std::memcpy(datagram.bytes.data(), &header, sizeof header);
        crypto::aead_seal(
            session->send_key(), *counter, plaintext, {},
            MutableBytes(datagram.bytes).subspan(sizeof header)
        );
        path.sent_bytes += datagram.bytes.size();
        sent.push_back(std::move(datagram));
        const bool data = !plaintext.empty();
        const bool active = path.activity.on_sent(clock_.now, data);
        const bool stale = session->wants_rekey_after_send(clock_.now);
        if (active) {
            post(path, {path.id, PathEvent::kActive, 0, {}});
        }
        if (stale) {
            post(path, {path.id, PathEvent::kWantsHandshake, 0, {}});
        }
        return true;
    }

    void open(ByteView datagram, const wire::Endpoint& from) {
        ++rejected;
        const auto index = load_le<std::uint32_t>(datagram.data() + 4);
        const auto counter = load_le<std::uint64_t>(datagram.data() + 8);
        Session* session = device.forwarding().sessions->find(index);
        if (session == nullptr || session->expired(clock_.now)) {
            return;
        }
        const ByteView ciphertext = datagram.subspan(sizeof(wire::TransportHeader));
        std::vector<std::uint8_t> plaintext(ciphertext.size() - wire::kTagSize);
        if (!crypto::aead_open(session->receive_key(), counter, ciphertext, {}, plaintext) ||
            !session->accept_counter(counter)) {
            return;
        }
        --rejected;
        PeerPath& path = session->path();
        path.received_bytes += datagram.size();
        deliver(path, plaintext);
        const bool fresh = session->wants_rekey_after_receive(clock_.now);
        const bool active = path.activity.on_received(clock_.now, !plaintext.empty());
        const bool first = !session->confirmed.load();
        session->confirmed = true;
        // From here on the session may be retired by what a report does.
        if (first) {
            post(path, {path.id, PathEvent::kConfirmed, index, {}});
        }
        if (const auto* known = path.endpoint.load(); known == nullptr || *known != from) {
            post(path, {path.id, PathEvent::kRoamed, 0, from});
        }
        if (active) {
            post(path, {path.id, PathEvent::kActive, 0, {}});
        }
        if (fresh) {
            post(path, {path.id, PathEvent::kWantsHandshake, 0, {}});
        }
    }

    void deliver(const PeerPath& path, ByteView plaintext) {
        if (plaintext.empty()) {
            ++keepalives_received;
            return;
        }
        const Inner packet = Inner::decode(plaintext);
        if (device.forwarding().allowed_ips->find(packet.source) == &path) {
            received.push_back(packet);
        }
    }

    void perform() {
        Actions now;
        std::swap(now, actions_);
        for (const SendMessage& message : now.sends) {
            sent.push_back(
                {{address, {}, 0},
                 message.to,
                 {message.bytes.begin(),
                  message.bytes.begin() + static_cast<std::ptrdiff_t>(message.size)}}
            );
        }
        for (const PeerId id : now.keepalives) {
            if (PeerPath* path = device.find_path(id); path != nullptr && seal(*path, {})) {
                ++keepalives_sent;
            }
        }
        for (const PeerId id : now.flush_staged) {
            flush(id);
        }
        for (const PeerId id : now.drop_staged) {
            staged_dropped += staged_[id].size();
            staged_[id].clear();
        }
        began.insert(began.end(), now.began.begin(), now.began.end());
        // Nobody holds a pointer across this line: a quiescent point.
        now.retired.clear();
    }

    void flush(PeerId id) {
        PeerPath* path = device.find_path(id);
        if (path == nullptr) {
            return;
        }
        auto& queue = staged_[id];
        while (!queue.empty()) {
            // Taken out first: what sealing reports may come back here.
            std::vector<std::uint8_t> packet = std::move(queue.front());
            queue.pop_front();
            if (!seal(*path, packet)) {
                queue.push_front(std::move(packet));
                return;
            }
        }
    }

    Clock& clock_;
    std::uint64_t numbered_ = 0;
    Actions actions_;
    std::map<PeerId, std::deque<std::vector<std::uint8_t>>> staged_;
};

// A perfect wire between hosts: carries everything until nobody has anything left to say.
inline void exchange(std::initializer_list<Host*> hosts) {
    bool busy = true;
    while (busy) {
        busy = false;
        for (Host* from : hosts) {
            while (!from->sent.empty()) {
                const Datagram datagram = std::move(from->sent.front());
                from->sent.pop_front();
                busy = true;
                for (Host* to : hosts) {
                    if (to->address == datagram.to.remote) {
                        to->receive(datagram);
                    }
                }
            }
        }
    }
}

}  // namespace phantom::wireguard::test
