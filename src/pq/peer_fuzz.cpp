// A script of what an owner, a network and a forger may do to two peers. Nothing may crash them or
// make them respond with what the other cannot open; damaged frames never confirm anything.

#include <algorithm>
#include <cstdint>

#include "base/assert.h"
#include "pq/test_pair.h"

namespace {

using namespace phantom;
using namespace phantom::pq;
using namespace phantom::pq::test;

constexpr std::size_t kStepsMax = 300;
constexpr std::size_t kFlyingMax = 64;

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
    void play(Script& script) {
        const std::size_t self = script.byte() % 2;
        PqPeer& peer = *peers_[self];
        switch (script.byte() % 8) {
            case 0:
                (void)peer.start(now_, random_, actions_);
                break;
            case 1:
                deliver(self, script);
                break;
            case 2:
                damage(self, script);
                break;
            case 3:
                (void)peer.receive(script.take(script.byte()), now_, random_, actions_);
                break;
            case 4:
                now_ = now_ + std::chrono::milliseconds(script.byte() * 100);
                peer.tick(now_, actions_);
                break;
            case 5:
                handshake(self);
                break;
            case 6:
                restart(self);
                break;
            default:
                drop(self, script);
                break;
        }
        collect(self);
        PM_ASSERT(is_candidate(*peers_[0], peers_[1]->respond_with()));
        PM_ASSERT(is_candidate(*peers_[1], peers_[0]->respond_with()));
    }

  private:
    // Keeps it in flight: it may come again.
    void deliver(std::size_t to, Script& script) {
        const auto& flying = flying_[to];
        if (!flying.empty()) {
            const Frame& frame = flying[script.byte() % flying.size()];
            (void)peers_[to]->receive(frame.view(), now_, random_, actions_);
        }
    }
    void damage(std::size_t to, Script& script) {
        const auto& flying = flying_[to];
        const std::uint8_t change = script.byte();
        if (flying.empty() || change == 0) {
            return;
        }
        Frame frame = flying[script.byte() % flying.size()];
        const auto at = static_cast<std::size_t>(script.byte() << 8U | script.byte()) % frame.size;
        frame.bytes[at] = static_cast<std::uint8_t>(frame.bytes[at] ^ change);
        (void)peers_[to]->receive(frame.view(), now_, random_, actions_);
        const auto is_confirmation = [](const Event& event) {
            return event.kind == EventKind::kConfirmed;
        };
        PM_ASSERT(std::ranges::none_of(actions_.events, is_confirmation));
    }
    void handshake(std::size_t initiator) {
        ++handshakes_;
        const PskId used = peers_[1 - initiator]->respond_with().id;
        for (const std::size_t side : {initiator, 1 - initiator}) {
            peers_[side]->psk_used(used, now_, actions_);
            collect(side);
            const Hash hash = session_hash(handshakes_);
            peers_[side]->wireguard_handshake_done(hash, now_, random_, actions_);
            collect(side);
        }
    }
    void restart(std::size_t self) {
        const SnapshotRecord record = peers_[self]->snapshot(now_);
        peers_[self] = make(self);
        PM_ASSERT(peers_[self]->restore(record, now_).has_value());
    }
    void drop(std::size_t self, Script& script) {
        auto& flying = flying_[self];
        if (!flying.empty()) {
            flying.erase(flying.begin() + script.byte() % static_cast<int>(flying.size()));
        }
    }
    void collect(std::size_t from) {
        auto& flying = flying_[1 - from];
        flying.insert(flying.end(), actions_.sends.begin(), actions_.sends.end());
        while (flying.size() > kFlyingMax) {
            flying.pop_front();
        }
        actions_.clear();
    }
    std::unique_ptr<PqPeer> make(std::size_t self) {
        return std::make_unique<PqPeer>(options_of(nodes_[self], nodes_[1 - self], quick_kem()));
    }

    SeededRandom random_{1};
    Instant now_{1'000'000'000};
    std::array<Node, 2> nodes_{Node(quick_kem(), 1, random_), Node(quick_kem(), 2, random_)};
    std::array<std::unique_ptr<PqPeer>, 2> peers_{make(0), make(1)};
    std::array<std::deque<Frame>, 2> flying_;
    std::uint64_t handshakes_ = 0;
    Actions actions_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Script script({data, size});
    Game game;
    for (std::size_t step = 0; step < kStepsMax && !script.done(); ++step) {
        game.play(script);
    }
    return 0;
}
