#include "intel/snapshot.h"

#include <map>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "intel/intel_fixture.h"
#include "intel/snapshot_box.h"

namespace phantom::intel::test {
namespace {

using namespace std::chrono_literals;

std::string names(const HitList& hits) {
    std::string text;
    for (const Hit& hit : hits) {
        text += (text.empty() ? "" : " ") + hit.feed->about.name;
    }
    return text;
}

TEST(BlockFilter, has_all_that_was_added_and_little_else) {
    SeededRandom random(3);
    BlockFilter filter(100'000);
    std::vector<std::uint64_t> keys;
    for (int count = 0; count < 100'000; ++count) {
        keys.push_back(random.next_u64());
        filter.add(keys.back());
    }
    for (const std::uint64_t key : keys) {
        ASSERT_TRUE(filter.may_have(key));
    }
    int wrong = 0;
    for (int count = 0; count < 1'000'000; ++count) {
        wrong += filter.may_have(random.next_u64()) ? 1 : 0;
    }
    EXPECT_LT(wrong, 3'000);
    EXPECT_EQ(filter.size_bytes(), 200'000U);
}

TEST(Snapshot, finds_hosts_networks_and_names_below_a_domain) {
    const auto snapshot = snapshot_of(
        input_of(
            feed_of(FeedFormat::kPlain, "one"),
            "192.0.2.1\n198.51.100.0/24\n2001:db8::/32\nevil.example\n"
        ),
        input_of(
            feed_of(FeedFormat::kPlain, "two"), "192.0.2.1\n198.51.0.0/16\nhttp://evil.example/a\n"
        )
    );
    const auto found = [&](std::string_view text) {
        return names(snapshot->find(address_of(text), kTestNow));
    };
    EXPECT_EQ(found("192.0.2.1"), "one two");
    EXPECT_EQ(found("192.0.2.2"), "");
    EXPECT_EQ(found("198.51.100.7"), "one two");
    EXPECT_EQ(found("198.51.7.7"), "two");
    EXPECT_EQ(found("2001:db8:1::1"), "one");
    EXPECT_EQ(found("2001:db9::1"), "");
    const auto name = [&](std::string_view text) {
        return names(snapshot->find_name(text, kTestNow));
    };
    EXPECT_EQ(name("evil.example"), "one");
    EXPECT_EQ(name("WWW.Evil.Example."), "one");
    EXPECT_EQ(name("notevil.example"), "");
    EXPECT_EQ(name("example"), "");
    EXPECT_EQ(name(""), "");
    EXPECT_EQ(
        names(snapshot->find_exact(TextKind::kUrl, "http://evil.example/a", kTestNow)), "two"
    );
    EXPECT_EQ(names(snapshot->find_exact(TextKind::kUrl, "http://evil.example/A", kTestNow)), "");
}

TEST(Snapshot, agrees_with_a_search_through_all_networks) {
    rc::check([] {
        const auto byte = [](int bound) {
            return static_cast<std::uint8_t>(*rc::gen::inRange(0, bound));
        };
        std::vector<NetworkTable::Record> records;
        for (std::uint16_t feed = 0; feed < 40; ++feed) {
            wire::Address address;
            address.family = *rc::gen::arbitrary<bool>() ? wire::Family::kV4 : wire::Family::kV6;
            address.bytes[0] = byte(2);
            address.bytes[1] = byte(3);
            address.bytes[3] = byte(2);
            const auto length = *rc::gen::inRange(0, 33);
            records.push_back(
                {wire::Prefix::of(address, static_cast<std::uint8_t>(length)), feed, {}}
            );
        }
        SeededRandom random(11);
        const NetworkTable table(records, HashKey(random));
        wire::Address asked;
        asked.family = *rc::gen::arbitrary<bool>() ? wire::Family::kV4 : wire::Family::kV6;
        asked.bytes[0] = byte(2);
        asked.bytes[1] = byte(3);
        asked.bytes[3] = byte(2);
        std::set<std::uint16_t> expected;
        for (const auto& record : records) {
            if (record.network.contains(asked)) {
                expected.insert(record.feed);
            }
        }
        std::set<std::uint16_t> found;
        unsigned last = 128;
        table.each(asked, [&](const NetworkTable::Record& record) {
            RC_ASSERT(record.network.length <= last);
            last = record.network.length;
            RC_ASSERT(found.insert(record.feed).second);
            return true;
        });
        RC_ASSERT(found == expected);
        for (const auto& record : records) {
            RC_ASSERT(table.covers(record.network));
        }
    });
}

TEST(Snapshot, names_nobody_whom_a_guard_list_or_this_node_has) {
    std::vector<Snapshot::Input> inputs;
    inputs.push_back(input_of(
        feed_of(FeedFormat::kPlain, "poison"),
        "8.8.8.8\n8.8.0.0/16\n10.0.0.0/"
        "9\n192.0.2.7\n203.0.113.5\ngood.example\na.good.example\nbad.example\n"
    ));
    inputs.push_back(input_of(
        feed_of(FeedFormat::kMisp, "resolvers"),
        R"({"type": "cidr", "list": ["8.8.8.8", "10.0.0.0/8"]})"
    ));
    inputs.push_back(input_of(
        feed_of(FeedFormat::kMisp, "hosts"), R"({"type": "hostname", "list": ["good.example"]})"
    ));
    SeededRandom random(5);
    const std::vector<wire::Prefix> own{*wire::Prefix::parse("192.0.2.7")};
    const auto snapshot =
        Snapshot::build(std::move(inputs), {.guarded = own, .members = {}}, random);
    const FeedInfo& poison = snapshot->feeds().front();
    EXPECT_EQ(poison.guarded, 5U);
    EXPECT_EQ(poison.entries, 3U);
    EXPECT_TRUE(snapshot->find(address_of("8.8.8.8"), kTestNow).empty());
    // Larger than what is guarded: the rest of it stands.
    EXPECT_EQ(names(snapshot->find(address_of("8.8.4.4"), kTestNow)), "poison");
    EXPECT_TRUE(snapshot->find(address_of("192.0.2.7"), kTestNow).empty());
    EXPECT_EQ(names(snapshot->find(address_of("203.0.113.5"), kTestNow)), "poison");
    EXPECT_TRUE(snapshot->find_name("a.good.example", kTestNow).empty());
    EXPECT_EQ(snapshot->guard_of(address_of("8.8.8.8")), "resolvers");
    EXPECT_EQ(snapshot->guard_of(address_of("192.0.2.7")), "this node");
    EXPECT_EQ(snapshot->guard_of(address_of("8.8.4.4")), "");
    EXPECT_EQ(snapshot->guard_of_name("x.good.example"), "hosts");
}

TEST(Snapshot, gives_confidence_and_age) {
    FeedDescription feed = feed_of(FeedFormat::kIpsum, "ipsum");
    feed.confidence = 0.5;
    const auto snapshot = snapshot_of(input_of(
        feed, "192.0.2.1\t1\n192.0.2.2\t3\n192.0.2.3\t200\n",
        {kTestNow.ns - std::chrono::nanoseconds(48h).count()}
    ));
    const auto hit = [&](std::string_view text) {
        return *snapshot->find(address_of(text), kTestNow).begin();
    };
    EXPECT_DOUBLE_EQ(confidence_of(hit("192.0.2.1")), 0.5);
    EXPECT_DOUBLE_EQ(confidence_of(hit("192.0.2.2")), 0.875);
    EXPECT_DOUBLE_EQ(confidence_of(hit("192.0.2.3")), kConfidenceMax);
    EXPECT_EQ(age_of(hit("192.0.2.1"), kTestNow), 48h);
    EXPECT_EQ(age_of(hit("192.0.2.1"), {0}), 0h);
}

TEST(Snapshot, forgets_an_indicator_when_its_time_is_over) {
    const auto snapshot = snapshot_of(input_of(
        feed_of(FeedFormat::kStix, "stix"),
        R"({"type": "bundle", "objects": [{"type": "indicator", "pattern": "[ipv4-addr:value = '192.0.2.1']",
            "valid_until": "2027-01-01T00:00:00Z"}]})"
    ));
    EXPECT_EQ(snapshot->find(address_of("192.0.2.1"), kTestNow).size(), 1U);
    EXPECT_TRUE(snapshot->find(address_of("192.0.2.1"), {1'798'761'600'000'000'000}).empty());
}

TEST(Snapshot, leaves_feeds_out_for_which_there_is_no_room) {
    auto large = [](const char* name) {
        Snapshot::Input input = input_of(feed_of(FeedFormat::kPlain, name), "192.0.2.1\n");
        input.version.content.networks.resize(
            kEntriesMax / 2 + 1, input.version.content.networks[0]
        );
        return input;
    };
    const auto snapshot = snapshot_of(large("first"), large("second"));
    EXPECT_FALSE(snapshot->feeds()[0].left_out);
    EXPECT_TRUE(snapshot->feeds()[1].left_out);
    EXPECT_EQ(names(snapshot->find(address_of("192.0.2.1"), kTestNow)), "first");
}

TEST(Snapshot, counts_what_was_hit_across_snapshots) {
    auto input = input_of(feed_of(FeedFormat::kPlain, "one"), "192.0.2.1\n");
    const HitCounter counter = input.hits;
    snapshot_of(input)->find(address_of("192.0.2.1"), kTestNow).count();
    snapshot_of(input)->find(address_of("192.0.2.1"), kTestNow).count();
    EXPECT_EQ(counter->load(), 2U);
}

// Every version of the feed has 192.0.2.1, and one host by which it is told from the others.
// MISP's list of shared address space has all IPv4 addresses of a mesh in it.
TEST(Snapshot, a_guard_list_shields_no_member) {
    std::vector<Snapshot::Input> inputs;
    inputs.push_back(input_of(
        feed_of(FeedFormat::kPlain, "block"),
        "100.100.0.7\n100.100.0.8\n100.100.0.9\n100.64.0.0/12\nfd5e::7\n"
    ));
    inputs.push_back(input_of(
        feed_of(FeedFormat::kMisp, "rfc6598"),
        R"({"type": "cidr", "list": ["100.64.0.0/10", "fd00::/8"]})"
    ));
    const std::vector<wire::Prefix> members{
        wire::Prefix::parse("100.100.0.7").value(), wire::Prefix::parse("100.100.0.9").value(),
        wire::Prefix::parse("fd5e::7").value()
    };
    const std::vector<wire::Prefix> own{wire::Prefix::parse("100.100.0.9").value()};
    SeededRandom random(5);
    const auto snapshot =
        Snapshot::build(std::move(inputs), {.guarded = own, .members = members}, random);
    const auto at = [](const char* text) { return address_of(text); };
    EXPECT_EQ(snapshot->guard_of(at("100.100.0.7")), "") << "a member";
    EXPECT_EQ(snapshot->guard_of(at("fd5e::7")), "");
    EXPECT_EQ(snapshot->find(at("100.100.0.7"), kTestNow).size(), 1U) << "and may be listed";
    EXPECT_EQ(snapshot->find(at("fd5e::7"), kTestNow).size(), 1U);
    EXPECT_EQ(snapshot->guard_of(at("100.100.0.8")), "rfc6598") << "nobody of the mesh";
    EXPECT_TRUE(snapshot->find(at("100.100.0.8"), kTestNow).empty());
    EXPECT_EQ(snapshot->guard_of(at("100.100.0.9")), "this node") << "who must not be cut off";
    EXPECT_TRUE(snapshot->find(at("100.100.0.9"), kTestNow).empty());
    EXPECT_EQ(snapshot->feeds()[0].guarded, 3U);
}

TEST(SnapshotBox, never_shows_an_empty_or_a_mixed_set) {
    constexpr int kVersions = 40;
    SnapshotBox box;
    const auto version = [](int number) {
        const std::string host = "203.0.113." + std::to_string(number);
        return snapshot_of(
            input_of(
                feed_of(FeedFormat::kPlain, "a" + std::to_string(number)),
                "192.0.2.1\n" + host + "\n"
            ),
            input_of(
                feed_of(FeedFormat::kPlain, "b" + std::to_string(number)),
                "192.0.2.1\n" + host + "\n"
            )
        );
    };
    box.publish(version(0));
    std::atomic<bool> done{false};
    std::atomic<std::uint64_t> looks{0};
    std::atomic<std::uint64_t> wrong{0};
    std::vector<std::jthread> readers;
    for (int count = 0; count < 2; ++count) {
        readers.emplace_back([&] {
            SnapshotReader reader(box);
            while (!done.load()) {
                const Snapshot* const seen = reader.get();
                const HitList hits = seen->find(address_of("192.0.2.1"), kTestNow);
                const std::string number =
                    hits.size() == 2 ? hits.begin()->feed->about.name.substr(1) : "";
                const bool is_whole =
                    !number.empty() && names(hits) == "a" + number + " b" + number &&
                    seen->find(address_of("203.0.113." + number), kTestNow).size() == 2;
                wrong += is_whole ? 0 : 1;
                ++looks;
            }
        });
    }
    for (int number = 1; number < kVersions; ++number) {
        const std::uint64_t before = looks.load();
        box.publish(version(number));
        while (looks.load() < before + 10) {
            std::this_thread::yield();
        }
    }
    done = true;
    readers.clear();
    EXPECT_EQ(wrong.load(), 0U);
    EXPECT_GE(looks.load(), 10U * (kVersions - 1));
}

TEST(RealFeeds, become_a_snapshot_that_finds_each_of_them) {
    const auto ipsum = threat_text("blocklists/ipsum.txt");
    const auto resolvers = threat_text("warninglists/public-dns-v4/list.json");
    if (!ipsum || !resolvers) {
        GTEST_SKIP() << "no threat data in $PHANTOM_DATA";
    }
    const auto snapshot = snapshot_of(
        input_of(feed_of(FeedFormat::kIpsum, "ipsum"), *ipsum),
        input_of(feed_of(FeedFormat::kMisp, "resolvers"), *resolvers)
    );
    const FeedInfo& info = snapshot->feeds().front();
    EXPECT_EQ(info.entries + info.guarded, 120'430U);
    EXPECT_GT(info.guarded, 0U);
    const auto content = read_feed(feed_of(FeedFormat::kIpsum), *ipsum, kTestNow);
    for (const NetworkEntry& each : content->networks) {
        const wire::Address& address = each.network.address;
        ASSERT_EQ(snapshot->find(address, kTestNow).empty(), !snapshot->guard_of(address).empty());
    }
}

}  // namespace
}  // namespace phantom::intel::test
