#include "telling/teller.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include "alert/config_reader.h"

namespace phantom::telling {
namespace {

using namespace std::chrono_literals;
using alert::later;

constexpr WallTime kNoon{1'790'000'000'000'000'000};

// Nobody listens at port 1, so that nothing ever arrives.
constexpr const char* kTree = R"(
route: {receiver: first, group_by: [alertname], escalation: ladder}
receivers:
  - {name: first, webhook_configs: [{url: 'http://127.0.0.1:1/first'}]}
  - {name: second, webhook_configs: [{url: 'http://127.0.0.1:1/second'}]}
  - {name: mute}
rotas:
  - {name: ops, people: [second, first], starts: 2026-09-21, handover: '00:00', shift: 1d}
escalations:
  - name: ladder
    levels:
      - {after: 0s}
      - {after: 5m, targets: [mute, 'rota:ops']}
      - {after: 15m, targets: [first]}
)";

alert::Alert alert_named(const std::string& name, alert::Priority priority = alert::Priority::kP1) {
    auto made = alert::make_alert(
        {.labels = {{"alertname", name}},
         .annotations = {{"summary", "a scan"}},
         .priority = priority,
         .starts_at = kNoon,
         .ends_at = {}}
    );
    EXPECT_TRUE(made.has_value());
    return std::move(*made);
}

class TellerTest : public testing::Test {
  protected:
    TellerTest() {
        std::string name = (std::filesystem::temp_directory_path() / "telling_XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        start();
    }
    ~TellerTest() override {
        teller_.reset();
        std::filesystem::remove_all(folder_);
    }
    TellerTest(const TellerTest&) = delete;
    TellerTest& operator=(const TellerTest&) = delete;

    // As after kill -9: nothing is said to the one before.
    void start(
        WallTime now = kNoon, const char* tree = kTree, const courier::OutgoingOptions& options = {}
    ) {
        teller_.reset();
        auto opened = Teller::open(path(), options, random_);
        ASSERT_TRUE(opened.has_value()) << opened.error().message();
        teller_ = std::move(*opened);
        configure(tree, now);
    }
    void configure(const char* tree, WallTime now) {
        auto config = alert::read_config(tree);
        ASSERT_TRUE(config.has_value());
        auto shared = std::make_shared<const alert::Config>(std::move(*config));
        const Receivers receivers = shared->receivers;
        ASSERT_TRUE(teller_->configure(std::move(shared), receivers, now).has_value());
    }
    void observe(const alert::Alert& alert, WallTime now) {
        ASSERT_TRUE(teller_->observe(alert, now).has_value());
        ASSERT_TRUE(teller_->run_once(now).has_value());
    }
    Teller& teller() { return *teller_; }
    [[nodiscard]] std::string path() const { return (folder_ / "alerts.db").string(); }
    // Time goes on to whatever is due, and answers come as they do, until `holds` or `end`; the time then.
    template <class Holds>
    WallTime run_until(Holds holds, WallTime now, WallTime end) {
        while (!holds() && now < end) {
            pollfd answers{.fd = teller().answers_fd(), .events = POLLIN, .revents = 0};
            const bool has_answer = poll(&answers, 1, 50) > 0;
            now = has_answer ? now : std::min(std::max(now, teller().next_due()), end);
            EXPECT_TRUE(teller().run_once(now).has_value());
        }
        return now;
    }
    // "first/0" for each that was told, with its level.
    std::vector<std::string> told() {
        std::vector<std::string> list;
        for (const Told* each : teller_->told().all()) {
            list.push_back(each->receiver + "/" + std::to_string(each->level));
        }
        std::ranges::sort(list);
        return list;
    }

    // Of the first delivery that waits, or of that with `key`; empty where it has none.
    std::string link_in_outbox(const std::string& before = "--link ", const std::string& key = "") {
        auto store = store::Store::open(path());
        EXPECT_TRUE(store.has_value());
        const auto pending = store::Outbox(*store).pending();
        EXPECT_TRUE(pending.has_value());
        const auto found = std::ranges::find_if(*pending, [&](const store::OutboxEntry& each) {
            return key.empty() || each.key == key;
        });
        const std::string request = found == pending->end() ? "" : found->request;
        const std::size_t at = request.find(before);
        if (at == std::string::npos) {
            return "";
        }
        const std::size_t begin = at + before.size();
        const std::size_t end = request.find_first_of("\\\" ", begin);
        return request.substr(begin, end - begin);
    }

  private:
    std::filesystem::path folder_;
    SystemRandom random_;
    std::unique_ptr<Teller> teller_;
};

using Names = std::vector<std::string>;

TEST_F(TellerTest, nobody_answers_so_the_next_levels_are_told) {
    const alert::Alert scan = alert_named("scan");
    observe(scan, kNoon);
    EXPECT_EQ(told(), (Names{"first/0"}));
    observe(scan, later(kNoon, 4min));
    EXPECT_EQ(told(), (Names{"first/0"}));
    observe(scan, later(kNoon, 5min));
    EXPECT_EQ(told(), (Names{"first/0", "second/2"}));
    observe(scan, later(kNoon, 9min));
    observe(scan, later(kNoon, 15min));
    EXPECT_EQ(told(), (Names{"first/0", "first/3", "second/2"}));
    EXPECT_TRUE(teller().escalations().all().empty());
}

TEST_F(TellerTest, acknowledged_nobody_else_is_told) {
    const alert::Alert scan = alert_named("scan");
    observe(scan, kNoon);
    EXPECT_EQ(teller().escalations().all().size(), 1U);
    ASSERT_TRUE(teller().acknowledge(scan.fingerprint, "ann", later(kNoon, 1min)).has_value());
    EXPECT_TRUE(teller().escalations().all().empty());
    observe(scan, later(kNoon, 4min));
    observe(scan, later(kNoon, 6min));
    EXPECT_EQ(told(), (Names{"first/0"}));
}

TEST_F(TellerTest, what_is_not_urgent_does_not_escalate) {
    observe(alert_named("scan", alert::Priority::kP2), kNoon);
    EXPECT_EQ(told(), (Names{"first/0"}));
    EXPECT_TRUE(teller().escalations().all().empty());
}

TEST_F(TellerTest, killed_it_knows_what_was_told_and_tells_nothing_twice) {
    const alert::Alert scan = alert_named("scan");
    observe(scan, kNoon);
    const std::vector<const Told*> before = teller().told().all();
    const std::string key = before.front()->key;
    start(later(kNoon, 1min));
    ASSERT_NE(teller().dispatcher().find(scan.fingerprint), nullptr);
    observe(scan, later(kNoon, 2min));
    EXPECT_EQ(told(), (Names{"first/0"}));
    EXPECT_EQ(teller().told().all().front()->key, key);
    EXPECT_EQ(teller().pending_count(), 1U);
    // And goes on with the escalation where it was.
    observe(scan, later(kNoon, 5min));
    EXPECT_EQ(told(), (Names{"first/0", "second/2"}));
}

TEST_F(TellerTest, killed_it_tells_the_end_of_what_it_told) {
    const alert::Alert scan = alert_named("scan");
    observe(scan, kNoon);
    start(later(kNoon, 1min));
    ASSERT_TRUE(teller().run_once(later(kNoon, 7min)).has_value());
    ASSERT_TRUE(teller().run_once(later(kNoon, 12min)).has_value());
    const std::vector<const Told*> all = teller().told().all();
    ASSERT_FALSE(all.empty());
    EXPECT_TRUE(all.back()->is_resolved);
}

TEST_F(TellerTest, what_waits_for_its_group_survives) {
    observe(alert_named("scan", alert::Priority::kP3), kNoon);
    EXPECT_TRUE(told().empty());
    start(later(kNoon, 1s));
    ASSERT_TRUE(teller().run_once(later(kNoon, 31s)).has_value());
    EXPECT_EQ(told(), (Names{"first/0"}));
}

TEST_F(TellerTest, silences_and_acknowledgements_survive) {
    const alert::Alert scan = alert_named("scan");
    const auto id = teller().add_silence(
        {.matchers = *alert::parse_matchers("alertname=\"a \\\"b\\\"\""),
         .starts_at = kNoon,
         .ends_at = later(kNoon, 1h),
         .author = "ann",
         .comment = "a test"},
        kNoon
    );
    ASSERT_TRUE(id.has_value());
    observe(scan, kNoon);
    ASSERT_TRUE(teller().acknowledge(scan.fingerprint, "ann", kNoon).has_value());
    start(later(kNoon, 1min));
    ASSERT_EQ(teller().dispatcher().silences().all().size(), 1U);
    const alert::Silence& silence = teller().dispatcher().silences().all().begin()->second;
    EXPECT_EQ(silence.author, "ann");
    EXPECT_TRUE(teller().dispatcher().silences().is_silenced(
        alert_named("a \"b\"").labels, later(kNoon, 1min)
    ));
    const alert::Entry* entry = teller().dispatcher().find(scan.fingerprint);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->state, alert::AlertState::kAcked);
    EXPECT_EQ(entry->acked_by, "ann");
    ASSERT_TRUE(teller().expire_silence(*id, later(kNoon, 1min)).has_value());
    start(later(kNoon, 2min));
    EXPECT_TRUE(teller().dispatcher().silences().all().empty());
}

TEST_F(TellerTest, a_rota_can_be_overridden_and_remembers_it) {
    std::vector<OnCall> now = teller().on_call(kNoon);
    ASSERT_EQ(now.size(), 1U);
    EXPECT_EQ(now[0].now.who, "second");
    EXPECT_EQ(now[0].next.who, "first");
    ASSERT_TRUE(
        teller()
            .add_override("ops", {.from = kNoon, .until = later(kNoon, 1h), .who = "first"}, kNoon)
            .has_value()
    );
    EXPECT_TRUE(
        teller()
            .add_override("none", {.from = kNoon, .until = later(kNoon, 1h), .who = "first"}, kNoon)
            .error()
            .is(alert::AlertError::kUnknownRota)
    );
    start(kNoon);
    now = teller().on_call(kNoon);
    EXPECT_EQ(now[0].now.who, "first");
    EXPECT_TRUE(now[0].now.is_override);
    EXPECT_EQ(now[0].next.who, "second");
}

TEST_F(TellerTest, whom_nobody_can_reach_is_passed_over_at_once) {
    constexpr const char* kDeaf = R"(
route: {receiver: mute, group_by: [alertname], escalation: ladder}
receivers:
  - {name: mute}
  - {name: second, webhook_configs: [{url: 'http://127.0.0.1:1/second'}]}
escalations:
  - {name: ladder, levels: [{after: 0s}, {after: 5m, targets: [second]}]}
)";
    start(kNoon, kDeaf);
    observe(alert_named("scan"), kNoon);
    ASSERT_TRUE(teller().run_once(kNoon).has_value());
    EXPECT_EQ(told(), (Names{"second/2"}));
}

TEST_F(TellerTest, a_link_acknowledges_once_also_after_a_kill) {
    const alert::Alert scan = alert_named("scan");
    observe(scan, kNoon);
    const std::string token = link_in_outbox();
    ASSERT_FALSE(token.empty());
    start(later(kNoon, 1min));
    const auto refused = teller().acknowledge_by_link(token + "A", later(kNoon, 2min));
    ASSERT_FALSE(refused.has_value());
    const auto done = teller().acknowledge_by_link(token, later(kNoon, 2min));
    ASSERT_TRUE(done.has_value()) << done.error().message();
    EXPECT_EQ(done->alerts, (std::vector<alert::Fingerprint>{scan.fingerprint}));
    EXPECT_EQ(done->by, "first");
    EXPECT_TRUE(teller().escalations().all().empty());
    start(later(kNoon, 3min));
    const auto again = teller().acknowledge_by_link(token, later(kNoon, 3min));
    ASSERT_FALSE(again.has_value());
    EXPECT_TRUE(again.error().is(alert::AlertError::kLinkUsed));
    EXPECT_TRUE(teller()
                    .acknowledge_by_link(token, later(kNoon, 25h))
                    .error()
                    .is(alert::AlertError::kLinkExpired));
}

TEST_F(TellerTest, a_link_can_be_looked_at_without_changing_anything) {
    const alert::Alert scan = alert_named("scan");
    observe(scan, kNoon);
    const std::string token = link_in_outbox();
    for (int look = 0; look < 2; ++look) {
        const auto offer = teller().look_at_link(token, later(kNoon, 1min));
        ASSERT_TRUE(offer.has_value());
        EXPECT_EQ(offer->would.alerts, (std::vector<alert::Fingerprint>{scan.fingerprint}));
        EXPECT_EQ(offer->would.by, "first");
        EXPECT_EQ(offer->expires_at, later(kNoon, 24h));
    }
    EXPECT_FALSE(teller().look_at_link(token + "A", kNoon).has_value());
    ASSERT_TRUE(teller().acknowledge_by_link(token, later(kNoon, 2min)).has_value());
    EXPECT_TRUE(
        teller().look_at_link(token, later(kNoon, 3min)).error().is(alert::AlertError::kLinkUsed)
    );
}

TEST_F(TellerTest, a_message_has_the_page_where_there_is_one) {
    const std::string page = "https://192.0.2.1:8443/ack?token=";
    teller().set_ack_base(page);
    observe(alert_named("scan"), kNoon);
    EXPECT_EQ(link_in_outbox(page), link_in_outbox());
    EXPECT_FALSE(link_in_outbox().empty());
}

TEST_F(TellerTest, a_test_goes_to_its_receiver_and_carries_no_link) {
    const auto keys = teller().test("second", kNoon);
    ASSERT_TRUE(keys.has_value());
    ASSERT_EQ(keys->size(), 1U);
    EXPECT_EQ(told(), (Names{"second/0"}));
    EXPECT_TRUE(link_in_outbox().empty());
}

TEST_F(TellerTest, another_tree_takes_over_what_is_known) {
    const alert::Alert scan = alert_named("scan");
    observe(scan, kNoon);
    configure(kTree, later(kNoon, 1min));
    observe(scan, later(kNoon, 1min));
    EXPECT_EQ(told(), (Names{"first/0"}));
    EXPECT_EQ(teller().escalations().all().size(), 1U);
}

TEST_F(TellerTest, the_callers_records_are_kept_with_the_rest) {
    teller().keep("mine", "7", "seven");
    teller().keep("mine", "8", "eight");
    observe(alert_named("scan"), kNoon);
    teller().keep("mine", "8", std::nullopt);
    ASSERT_TRUE(teller().run_once(kNoon).has_value());
    start(kNoon);
    const auto kept = teller().kept("mine");
    ASSERT_TRUE(kept.has_value());
    ASSERT_EQ(kept->size(), 1U);
    EXPECT_EQ(kept->front().value, "seven");
}

TEST_F(TellerTest, a_channel_that_refuses_again_and_again_is_passed_over) {
    observe(alert_named("scan"), kNoon);
    const auto is_passed_over = [this] { return told().size() == 2; };
    const WallTime at = run_until(is_passed_over, kNoon, later(kNoon, 5min));
    EXPECT_EQ(told(), (Names{"first/0", "second/2"}));
    EXPECT_LT(at, later(kNoon, 5min)) << "its level was not due yet";
    const Told* first = teller().told().all().front();
    EXPECT_EQ(first->state, Told::State::kWaiting) << "it is tried on";
    EXPECT_EQ(first->attempts, kDeadChannelTries);
}

TEST_F(TellerTest, what_finds_no_room_is_a_dead_letter) {
    courier::OutgoingOptions options;
    options.pending_max = 1;
    start(kNoon, kTree, options);
    observe(alert_named("scan"), kNoon);
    ASSERT_TRUE(teller().test("second", kNoon).has_value());
    const auto all = teller().told().all();
    ASSERT_EQ(all.size(), 2U);
    for (const Told* each : all) {
        const bool has_room = each->receiver == "first";
        EXPECT_EQ(each->state, has_room ? Told::State::kWaiting : Told::State::kDeadLetter);
        EXPECT_EQ(each->answer.empty(), has_room);
    }
    start(kNoon, kTree, options);
    EXPECT_EQ(told(), (Names{"first/0", "second/0"})) << "that is on the disk, too";
}

TEST_F(TellerTest, what_the_outbox_knows_better_holds_after_a_kill) {
    observe(alert_named("scan"), kNoon);
    ASSERT_TRUE(teller().test("second", kNoon).has_value());
    std::string delivered;
    std::string dead;
    for (const Told* each : teller().told().all()) {
        (each->receiver == "first" ? delivered : dead) = each->key;
    }
    {
        auto store = store::Store::open(path());
        ASSERT_TRUE(store.has_value());
        store::Outbox outbox(*store);
        ASSERT_TRUE(outbox.mark_delivered(delivered, later(kNoon, 1s), "200").has_value());
        ASSERT_TRUE(outbox.mark_dead(dead, later(kNoon, 2s), "410").has_value());
    }
    start(later(kNoon, 1min));
    EXPECT_EQ(teller().told().find(delivered)->state, Told::State::kDelivered);
    EXPECT_EQ(teller().told().find(delivered)->done_at, later(kNoon, 1s));
    EXPECT_EQ(teller().told().find(dead)->state, Told::State::kDeadLetter);
    EXPECT_EQ(teller().told().find(dead)->answer, "410");
}

TEST_F(TellerTest, what_cannot_be_read_is_left_and_the_rest_is_taken_up) {
    const alert::Alert scan = alert_named("scan");
    observe(scan, kNoon);
    {
        auto store = store::Store::open(path());
        ASSERT_TRUE(store.has_value());
        store::Records records(*store);
        for (const char* kind :
             {"telling.alert", "telling.group", "telling.escalation", "telling.silence",
              "telling.told", "telling.override"}) {
            ASSERT_TRUE(records.put(kind, {.key = "0", .value = R"({"half":)"}).has_value());
        }
    }
    start(later(kNoon, 1min));
    EXPECT_EQ(told(), (Names{"first/0"}));
    EXPECT_NE(teller().dispatcher().find(scan.fingerprint), nullptr);
    EXPECT_EQ(teller().escalations().all().size(), 1U);
    const auto kept = teller().kept("telling.alert");
    ASSERT_TRUE(kept.has_value());
    EXPECT_EQ(kept->size(), 2U) << "nothing is lost";
}

TEST_F(TellerTest, used_links_are_forgotten_when_they_have_expired) {
    const auto use = [this](const std::string& name, WallTime at) {
        const alert::Alert made = alert_named(name);
        observe(made, at);
        const std::string key = teller().told().about(made.fingerprint).back()->key;
        const auto done = teller().acknowledge_by_link(link_in_outbox("--link ", key), at);
        ASSERT_TRUE(done.has_value()) << done.error().message();
    };
    use("scan", kNoon);
    use("flood", later(kNoon, 25h));
    const auto kept = teller().kept("telling.used_link");
    ASSERT_TRUE(kept.has_value());
    EXPECT_EQ(kept->size(), 1U);
}

TEST_F(TellerTest, what_is_known_is_added_to_what_is_told) {
    teller().set_enrich([](alert::NotifiedAlert& notified) {
        notified.alert.annotations.set("owner", "enriched-by-birch");
    });
    observe(alert_named("scan"), kNoon);
    EXPECT_FALSE(link_in_outbox("enriched-by-").empty());
}

}  // namespace
}  // namespace phantom::telling
