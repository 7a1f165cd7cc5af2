// Shard threads read what the control thread publishes, renews and retires: run under tsan and
// asan, this is what the memory orders and the retirement are for.

#include <atomic>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "wireguard/device_fixture.h"

namespace phantom::wireguard::test {

namespace {

// As the data plane does it: a shard counts its quiescent points, and what was retired is freed
// when every shard has passed one since.
struct Shard {
    alignas(64) std::atomic<std::uint64_t> quiescent{0};
    std::uint64_t sealed = 0;
    std::uint64_t found = 0;
};

struct Shared {
    std::atomic<const Forwarding*> forwarding{nullptr};
    std::atomic<std::int64_t> now_ns{0};
    std::atomic<bool> stop{false};
    std::mutex mutex;
    std::deque<PathReport> reports;

    void post(PeerPath& path, PathEvent event) {
        if (path.claim(event)) {
            const std::scoped_lock lock(mutex);
            reports.push_back({path.id, event, 0, *path.endpoint.load()});
        }
    }
};

// One turn of a shard without the cipher, which has its own tests.
void turn(Shared& shared, Shard& shard, const wire::Address& destination) {
    const Instant now{shared.now_ns.load()};
    const Forwarding* forwarding = shared.forwarding.load(std::memory_order_acquire);
    PeerPath* path = forwarding->allowed_ips->find(destination);
    if (path == nullptr) {
        return;
    }
    Session* session = path->sending.load(std::memory_order_acquire);
    const wire::Endpoint* endpoint = path->endpoint.load(std::memory_order_acquire);
    if (session == nullptr || endpoint == nullptr || session->expired(now)) {
        shared.post(*path, PathEvent::kWantsHandshake);
        return;
    }
    if (session->reserve_counters(4)) {
        shard.sealed += endpoint->remote.port != 0 && !session->send_key().is_zero() ? 1U : 0U;
    }
    if (path->activity.on_sent(now, true)) {
        shared.post(*path, PathEvent::kActive);
    }
    if (path->activity.on_received(now, true)) {
        shared.post(*path, PathEvent::kActive);
    }
    if (session->wants_rekey_after_send(now)) {
        shared.post(*path, PathEvent::kWantsHandshake);
    }
    Session* received = forwarding->sessions->find(session->local_index());
    shard.found += received != nullptr && !received->receive_key().is_zero() ? 1U : 0U;
}

}  // namespace

class DeviceThreadsTest : public DeviceTest {
  protected:
    // Carries out `actions` for `a` as far as this test needs, and waits for the shards.
    void perform(Actions& actions) {
        shared.forwarding.store(&a.device.forwarding(), std::memory_order_release);
        for (const SendMessage& message : actions.sends) {
            const auto size = static_cast<std::ptrdiff_t>(message.size);
            b.receive(
                {{a.address, {}, 0},
                 message.to,
                 {message.bytes.begin(), message.bytes.begin() + size}}
            );
        }
        for (Shard& shard : shards) {
            const std::uint64_t seen = shard.quiescent.load();
            while (!actions.retired.empty() && shard.quiescent.load() < seen + 2) {
                std::this_thread::yield();
            }
        }
        actions.clear();
    }
    void control(Actions& actions) {
        std::deque<PathReport> reports;
        {
            const std::scoped_lock lock(shared.mutex);
            reports.swap(shared.reports);
        }
        for (const PathReport& report : reports) {
            a.device.report(report, clock.now, clock.wall, actions);
        }
        a.device.tick(clock.now, clock.wall, actions);
        perform(actions);
        for (const Datagram& answer : b.sent) {
            if (answer.bytes[0] == 2) {
                a.device.receive(
                    answer.bytes, {b.address, a.address.address, ++interface_}, 0, clock.now,
                    clock.wall, actions
                );
            }
        }
        b.sent.clear();
        perform(actions);
    }

    Shared shared;
    std::vector<Shard> shards = std::vector<Shard>(2);
    std::uint32_t interface_ = 0;  // another one each time, so that endpoints are replaced too
};

TEST_F(DeviceThreadsTest, shards_never_see_what_was_freed_nor_half_of_what_is_new) {
    shared.forwarding = &a.device.forwarding();
    shared.now_ns = clock.now.ns;
    std::vector<std::jthread> threads;
    for (Shard& shard : shards) {
        threads.emplace_back([&] {
            while (!shared.stop.load()) {
                turn(shared, shard, b.inner);
                shard.quiescent.fetch_add(1);
            }
        });
    }
    Actions actions;
    for (int round = 0; round < 400; ++round) {
        clock.advance(6s);
        shared.now_ns = clock.now.ns;
        if (round % 40 == 39) {
            DeviceUpdate update;
            update.peers.push_back(Host::peer_update(b));
            update.peers[0].allowed_ips.push_back(
                {wire::Prefix::of(b.inner, static_cast<std::uint8_t>(8 + round / 40)), false}
            );
            ASSERT_TRUE(a.device.apply(update, clock.now, actions));
            perform(actions);
        }
        control(actions);
    }
    shared.stop = true;
    threads.clear();
    EXPECT_GE(a.device.counters().handshakes_completed, 10U);
    EXPECT_GT(shards[0].sealed + shards[1].sealed, 0U);
    EXPECT_GT(shards[0].found + shards[1].found, 0U);
}

}  // namespace phantom::wireguard::test
