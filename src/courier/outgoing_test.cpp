// Real sockets on loopback: a server of the test's own that answers as it is told.

#include "courier/outgoing.h"

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "courier/server_fixture.h"

namespace phantom::courier {
namespace {

class OutgoingTest : public testing::Test {
  protected:
    OutgoingTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "outgoingXXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        options_.limits.first_backoff = std::chrono::milliseconds(10);
        options_.sender.timeout = std::chrono::milliseconds(5000);
    }
    ~OutgoingTest() override { std::filesystem::remove_all(folder_); }
    OutgoingTest(const OutgoingTest&) = delete;
    OutgoingTest& operator=(const OutgoingTest&) = delete;

    [[nodiscard]] std::unique_ptr<Outgoing> open() {
        auto outgoing = Outgoing::open(folder_ + "/outbox.db", options_, random_);
        EXPECT_TRUE(outgoing.has_value());
        return std::move(*outgoing);
    }
    static Parcel parcel_to(const std::string& url, const std::string& key) {
        HttpRequest request;
        request.url = url;
        request.headers = {{"Idempotency-Key", key}};
        request.body = "END";
        request.signing_key = "k";
        return {.key = key, .thread = key, .lane = "l", .priority = 3, .request = request};
    }
    static void run_until_done(Outgoing& outgoing) {
        for (int turn = 0; turn < 2000 && outgoing.pending_count() > 0; ++turn) {
            ASSERT_TRUE(outgoing.run_once(wall_now()).has_value());
            ::pollfd answers{.fd = outgoing.answers_fd(), .events = POLLIN, .revents = 0};
            ::poll(&answers, 1, 5);
        }
        EXPECT_EQ(outgoing.pending_count(), 0U);
    }
    OutgoingOptions& options() { return options_; }

  private:
    std::string folder_;
    OutgoingOptions options_;
    SystemRandom random_;
};

TEST_F(OutgoingTest, tries_again_after_a_fault_a_reset_and_too_many_requests_with_the_same_key) {
    OneByOneServer server([](std::size_t count) {
        const std::array answers{
            response(500), std::string(), response(429, "Retry-After: 1\r\n"),
            response(200, "", "ok")
        };
        return answers.at(std::min<std::size_t>(count, 3));
    });
    const auto outgoing = open();
    const std::array parcels{parcel_to(server.url(), "the-key")};
    const WallTime begin = wall_now();
    ASSERT_TRUE(outgoing->put(parcels, begin).has_value());
    run_until_done(*outgoing);
    EXPECT_GE(wall_now().ns - begin.ns, Duration(std::chrono::seconds(1)).count());
    ASSERT_EQ(server.requests().size(), 4U);
    for (const std::string& request : server.requests()) {
        EXPECT_TRUE(request.contains("Idempotency-Key: the-key\r\n")) << request;
        EXPECT_TRUE(request.contains("X-PhantomMesh-Signature: sha256=")) << request;
    }
    EXPECT_EQ(outgoing->counters().delivered_total, 1U);
    EXPECT_EQ(outgoing->counters().retries_total, 3U);
}

TEST_F(OutgoingTest, follows_no_redirect_and_believes_no_yes_that_says_no) {
    OneByOneServer server([](std::size_t count) {
        return count == 0 ? response(302, "Location: http://127.0.0.1:9/\r\n")
                          : response(200, "", R"({"ok":false})");
    });
    const auto outgoing = open();
    std::array parcels{parcel_to(server.url(), "a"), parcel_to(server.url(), "b")};
    parcels[1].thread = "a";  // one after the other
    std::get<HttpRequest>(parcels[1].request).expected = R"("ok":true)";
    ASSERT_TRUE(outgoing->put(parcels, wall_now()).has_value());
    run_until_done(*outgoing);
    EXPECT_EQ(outgoing->counters().dead_letters_total, 2U);
    EXPECT_EQ(server.requests().size(), 2U);
    EXPECT_EQ(outgoing->outbox().dead_letters(10)->size(), 2U);
}

TEST_F(
    OutgoingTest, what_one_process_left_the_next_takes_up_and_what_arrived_it_does_not_send_again
) {
    OneByOneServer server([](std::size_t /*count*/) { return response(200); });
    const std::array parcels{parcel_to(server.url(), "a")};
    {
        const auto first = open();
        ASSERT_TRUE(first->put(parcels, wall_now()).has_value());
    }
    {
        const auto second = open();
        EXPECT_EQ(second->pending_count(), 1U);
        run_until_done(*second);
    }
    const auto third = open();
    ASSERT_TRUE(third->put(parcels, wall_now()).has_value());
    EXPECT_EQ(third->pending_count(), 0U);
    EXPECT_EQ(third->counters().known_total, 1U);
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(OutgoingTest, with_no_room_what_matters_less_gives_way_and_what_does_not_is_refused) {
    options().pending_max = 2;
    const auto outgoing = open();
    std::array low{parcel_to("http://127.0.0.1:1/", "a"), parcel_to("http://127.0.0.1:1/", "b")};
    low[0].priority = low[1].priority = 4;
    ASSERT_TRUE(outgoing->put(low, wall_now()).has_value());
    std::array high{parcel_to("http://127.0.0.1:1/", "c")};
    high[0].priority = 1;
    ASSERT_TRUE(outgoing->put(high, wall_now()).has_value());
    EXPECT_EQ(outgoing->counters().shed_total, 1U);
    EXPECT_EQ(outgoing->outbox().counts()->dead_letters, 1U);
    std::array same{parcel_to("http://127.0.0.1:1/", "d")};
    same[0].priority = 4;
    const Status refused = outgoing->put(same, wall_now());
    ASSERT_FALSE(refused.has_value());
    EXPECT_TRUE(refused.error().is(store::StoreError::kFull));
    EXPECT_EQ(outgoing->pending_count(), 2U);
}

TEST_F(OutgoingTest, speaks_no_other_protocol_and_sends_no_header_of_two_lines) {
    const auto outgoing = open();
    const std::array parcels{parcel_to("file:///etc/passwd", "a")};
    ASSERT_TRUE(outgoing->put(parcels, wall_now()).has_value());
    run_until_done(*outgoing);
    EXPECT_EQ(outgoing->counters().dead_letters_total, 1U);

    OneByOneServer server([](std::size_t /*count*/) { return response(200); });
    options().limits.attempts_max = 1;
    std::array split{parcel_to(server.url(), "b")};
    std::get<HttpRequest>(split[0].request).headers.push_back({"A", "b\r\nC: d"});
    const auto second = open();
    ASSERT_TRUE(second->put(split, wall_now()).has_value());
    run_until_done(*second);
    EXPECT_EQ(second->counters().dead_letters_total, 1U);
    EXPECT_TRUE(server.requests().empty());
}

}  // namespace
}  // namespace phantom::courier
