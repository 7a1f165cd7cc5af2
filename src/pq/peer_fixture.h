#pragma once

// For tests only: two ends of an exchange, and what passes between them.

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "pq/test_pair.h"

namespace phantom::pq::test {

// One end: a PqPeer and what it has done.
struct End {
    explicit End(const PqPeerOptions& options) : peer(std::make_unique<PqPeer>(options)) {}

    std::unique_ptr<PqPeer> peer;
    Actions actions;

    // Takes what is to be sent.
    std::vector<Frame> sent() { return std::exchange(actions.sends, {}); }
    [[nodiscard]] std::size_t count(EventKind kind) const {
        return static_cast<std::size_t>(
            std::ranges::count(actions.events, kind, [](const Event& event) { return event.kind; })
        );
    }
    [[nodiscard]] PskId current() const { return peer->respond_with().id; }
    [[nodiscard]] std::size_t candidate_count() const { return peer->candidates().count; }
};

class PqPeerTest : public testing::Test {
  protected:
    PqPeerTest() { handshake(1); }

    void handshake(std::uint64_t number) {
        for (End* const end : {&a_, &b_}) {
            end->peer->wireguard_handshake_done(session_hash(number), now_, random_, end->actions);
        }
    }
    Status start(End& end) { return end.peer->start(now_, random_, end.actions); }
    // The last frame's status; GoogleTest says which it should be.
    Status deliver(const std::vector<Frame>& frames, End& to) {
        Status last;
        for (const Frame& frame : frames) {
            last = to.peer->receive(frame.view(), now_, random_, to.actions);
        }
        return last;
    }
    void wait(Duration by) {
        now_ = now_ + by;
        for (End* const end : {&a_, &b_}) {
            if (end->peer->deadline() <= now_) {
                end->peer->tick(now_, end->actions);
            }
        }
    }
    // An exchange from `from` without a loss.
    void exchange(End& from, End& to) {
        wait(1s);
        ASSERT_TRUE(start(from).has_value());
        EXPECT_TRUE(deliver(from.sent(), to).has_value());
        EXPECT_TRUE(deliver(to.sent(), from).has_value());
        EXPECT_TRUE(deliver(from.sent(), to).has_value());
        EXPECT_TRUE(deliver(to.sent(), from).has_value());
        expect_agreement();
    }
    void expect_agreement() const {
        EXPECT_FALSE(a_.peer->respond_with().is_bootstrap());
        EXPECT_TRUE(same_key(a_.peer->respond_with(), b_.peer->respond_with()));
    }
    void expect_hitless() const {
        EXPECT_TRUE(is_candidate(*a_.peer, b_.peer->respond_with()));
        EXPECT_TRUE(is_candidate(*b_.peer, a_.peer->respond_with()));
    }
    static void expect_error(const Status& status, PqError code) {
        ASSERT_FALSE(status.has_value());
        EXPECT_TRUE(status.error().is(code)) << status.error().what();
    }

    Instant now_{1'000'000'000};
    SeededRandom random_{1};
    Node node_a_{real_kem(), 1, random_};
    Node node_b_{real_kem(), 2, random_};
    End a_{options_of(node_a_, node_b_, real_kem())};
    End b_{options_of(node_b_, node_a_, real_kem())};
};

}  // namespace phantom::pq::test
