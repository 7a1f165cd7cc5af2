// Arbitrary datagrams, whole and damaged handshakes, reports and time into a pair of Devices.
//
// The input is a script of operations; nothing a script can do may crash a Device, make it answer a
// message whose mac1 is wrong, or accept a handshake from somebody who is not the peer.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

#include "base/assert.h"
#include "wireguard/cookie.h"
#include "wireguard/test_host.h"

namespace phantom::wireguard::test {

namespace {

class Script {
  public:
    explicit Script(ByteView bytes) : bytes_(bytes) {}

    [[nodiscard]] bool done() const { return bytes_.empty(); }
    std::uint8_t byte() {
        if (bytes_.empty()) {
            return 0;
        }
        const std::uint8_t first = bytes_.front();
        bytes_ = bytes_.subspan(1);
        return first;
    }
    std::uint16_t word() { return static_cast<std::uint16_t>(byte() | byte() << 8U); }
    ByteView take(std::size_t size) {
        const ByteView taken = bytes_.first(std::min(size, bytes_.size()));
        bytes_ = bytes_.subspan(taken.size());
        return taken;
    }

  private:
    ByteView bytes_;
};

class Game {
  public:
    Game() {
        a_.add_peer(b_);
        b_.add_peer(a_);
        a_.up();
        b_.up();
    }

    void play(Script& script) {
        Host& host = script.byte() % 2 == 0 ? a_ : b_;
        Host& other = &host == &a_ ? b_ : a_;
        switch (script.byte() % 9) {
            case 0:
                raw(host, script);
                break;
            case 1:
                deliver(host, other);
                break;
            case 2:
                damage(host, other, script);
                break;
            case 3:
                host.send_to(other);
                break;
            case 4:
                clock_.advance(std::chrono::milliseconds(script.word()));
                a_.tick();
                b_.tick();
                break;
            case 5:
                report(host, script);
                break;
            case 6:
                host.queue_depth = script.word();
                break;
            case 7:
                if (!host.sent.empty()) {
                    host.sent.pop_front();
                }
                break;
            default:
                settings(host, other, script);
                break;
        }
        while (host.sent.size() > kSentMax) {
            host.sent.pop_front();
        }
    }

  private:
    static constexpr std::size_t kSentMax = 64;

    // Any bytes as a datagram; half of the time with macs that are right.
    void raw(Host& host, Script& script) {
        const bool sign = script.byte() % 2 == 0;
        const ByteView taken = script.take(script.byte());
        Datagram datagram{{address_, {}, 0}, {host.address, {}, 0}, {taken.begin(), taken.end()}};
        const auto type = wire::classify(datagram.bytes);
        const bool has_macs = type && (*type == wire::MessageType::kInitiation ||
                                       *type == wire::MessageType::kResponse);
        if (sign && has_macs) {
            CookieGenerator(host.public_key).add_macs(datagram.bytes, clock_.now);
        }
        unauthentic(host, datagram, sign && has_macs);
    }

    // What `from` said, to `to`.
    void deliver(Host& to, Host& from) {
        if (!from.sent.empty()) {
            last_ = from.sent.front();
            from.sent.pop_front();
            to.receive(*last_);
        }
    }

    // The last real message with one byte changed, signed anew or not.
    void damage(Host& to, Host& from, Script& script) {
        const std::size_t at = script.byte();
        const std::uint8_t change = script.byte();
        if (from.sent.empty() || change == 0) {
            return;
        }
        Datagram datagram = from.sent.front();
        datagram.from.remote = address_;
        datagram.bytes[at % datagram.bytes.size()] ^= change;
        const auto type = wire::classify(datagram.bytes);
        const bool has_macs = type && (*type == wire::MessageType::kInitiation ||
                                       *type == wire::MessageType::kResponse);
        const bool inside = at % datagram.bytes.size() < datagram.bytes.size() - 32;
        // The sender's index is covered by the macs alone: with those made anew it is a new
        // message.
        const bool sign = change % 2 == 0 && has_macs && inside && at % datagram.bytes.size() >= 8;
        if (sign) {
            CookieGenerator(to.public_key).add_macs(datagram.bytes, clock_.now);
        } else if (has_macs && !inside &&
                   at % datagram.bytes.size() >= datagram.bytes.size() - 16) {
            return;  // mac2 is not looked at without load: the message is still a good one
        }
        unauthentic(to, datagram, sign);
    }

    static void unauthentic(Host& host, const Datagram& datagram, bool signed_well) {
        const std::uint64_t completed = host.device.counters().handshakes_completed;
        const std::size_t answers = host.sent.size();
        const std::size_t received = host.received.size();
        host.receive(datagram);
        PM_ASSERT(host.device.counters().handshakes_completed == completed);
        PM_ASSERT(host.received.size() == received);
        if (!signed_well) {
            PM_ASSERT(host.sent.size() == answers);
        }
    }

    void report(Host& host, Script& script) {
        Actions actions;
        const PathReport report{
            script.byte() % 3U,
            static_cast<PathEvent>(script.byte() % 4),
            script.word(),
            {address_, {}, 0}
        };
        host.device.report(report, clock_.now, clock_.wall, actions);
    }

    void settings(Host& host, Host& other, Script& script) {
        DeviceUpdate update;
        const std::uint8_t what = script.byte();
        update.replace_peers = what % 16 == 0;
        if (what % 8 == 1) {
            update.private_key = host.private_key;
            update.private_key->bytes()[8] ^= 1;
        }
        if (what % 8 == 2) {
            update.private_key = host.private_key;
        }
        PeerUpdate& peer = update.peers.emplace_back(Host::peer_update(other));
        peer.remove = what % 32 == 3;
        peer.update_only = what % 4 == 0;
        peer.replace_allowed_ips = what % 5 == 0;
        peer.persistent_keepalive_s = script.byte();
        host.apply(update);
    }

    Clock clock_;
    Host a_{clock_, 1, 1};
    Host b_{clock_, 2, 2};
    const wire::SocketAddress address_ = socket_address("203.0.113.66:666");
    std::optional<Datagram> last_;
};

}  // namespace

}  // namespace phantom::wireguard::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace phantom::wireguard::test;
    constexpr std::size_t kStepsMax = 400;
    Script script({data, size});
    Game game;
    for (std::size_t step = 0; step < kStepsMax && !script.done(); ++step) {
        game.play(script);
    }
    return 0;
}
