#include "mesh/peer_table.h"

#include <map>

#include <gtest/gtest.h>

#include "base/random.h"

namespace phantom::mesh {
namespace {

struct Watched {
    Watched(const identity::NodeId& node, Instant at) : id(node), due(at) {}
    const identity::NodeId id;
    Instant due;
};

identity::NodeId watched_node(std::uint8_t number) {
    identity::NodeId node{};
    node.bytes[0] = number;
    return node;
}

Instant at_second(int second) {
    return Instant{} + std::chrono::seconds(second);
}

class PeerTableTest : public testing::Test {
  protected:
    PeerTableTest() {
        for (const int number : {5, 1, 9}) {
            (void)table_.add(watched_node(static_cast<std::uint8_t>(number)), at_second(number));
        }
        (void)deadline();
        (void)table_.take_due({});
        (void)deadline();
    }
    Instant deadline() {
        return table_.deadline([&](const Watched& each) {
            ++asked_;
            return each.due;
        });
    }
    std::vector<int> taken(int second) {
        std::vector<int> found;
        for (const Watched* each : table_.take_due(at_second(second))) {
            found.push_back(each->id.bytes[0]);
        }
        return found;
    }

    PeerTable<Watched> table_;
    int asked_ = 0;
};

TEST_F(PeerTableTest, keeps_them_by_id) {
    std::vector<int> found;
    for (const Watched& each : table_.all()) {
        found.push_back(each.id.bytes[0]);
    }
    EXPECT_EQ(found, (std::vector<int>{1, 5, 9}));
    EXPECT_EQ(table_.find(watched_node(5))->due, at_second(5));
    EXPECT_EQ(table_.find(watched_node(4)), nullptr);
    EXPECT_EQ(table_.change(watched_node(10)), nullptr);
}

TEST_F(PeerTableTest, add_returns_what_is_there) {
    const Watched& known = table_.add(watched_node(5), at_second(77));
    EXPECT_EQ(known.due, at_second(5));
    EXPECT_EQ(table_.size(), 3U);
}

TEST_F(PeerTableTest, one_stays_where_it_is_while_others_come_and_go) {
    const Watched* fifth = table_.find(watched_node(5));
    for (std::uint8_t number = 100; number < 200; ++number) {
        (void)table_.add(watched_node(number), at_second(number));
    }
    table_.erase(watched_node(1));
    table_.erase(watched_node(2));
    EXPECT_EQ(table_.find(watched_node(5)), fifth);
    EXPECT_EQ(table_.size(), 102U);
}

TEST_F(PeerTableTest, asks_anew_only_whom_was_changed) {
    asked_ = 0;
    EXPECT_EQ(deadline(), at_second(1));
    EXPECT_EQ(asked_, 0);
    table_.change(watched_node(1))->due = at_second(7);
    EXPECT_EQ(deadline(), at_second(5));
    EXPECT_EQ(asked_, 1);
}

TEST_F(PeerTableTest, without_anybody_nothing_is_due) {
    PeerTable<Watched> empty;
    EXPECT_EQ(empty.deadline([](const Watched& each) { return each.due; }), kFarFuture);
    EXPECT_TRUE(empty.take_due(at_second(1)).empty());
}

TEST_F(PeerTableTest, takes_who_is_due_and_who_was_changed) {
    EXPECT_EQ(taken(0), std::vector<int>{});
    EXPECT_EQ(taken(5), (std::vector<int>{1, 5}));
    (void)table_.change(watched_node(9));
    (void)deadline();
    EXPECT_EQ(taken(0), std::vector<int>{9});
}

TEST_F(PeerTableTest, who_was_taken_is_asked_anew) {
    for (Watched* each : table_.take_due(at_second(1))) {
        each->due = at_second(20);
    }
    EXPECT_EQ(deadline(), at_second(5));
    EXPECT_EQ(taken(1), std::vector<int>{});
}

TEST_F(PeerTableTest, changes_those_that_are_asked_for) {
    const auto late = [](const Watched& each) { return each.due > at_second(3); };
    for (Watched* each : table_.change_those(late)) {
        each->due = at_second(2);
    }
    EXPECT_EQ(deadline(), at_second(1));
    EXPECT_EQ(taken(2), (std::vector<int>{1, 5, 9}));
    EXPECT_EQ(table_.change_all().size(), 3U);
}

// Against a list that is walked through.
TEST(PeerTableModel, says_what_a_walk_over_all_would_say) {
    SeededRandom random(1);
    PeerTable<Watched> table;
    std::map<std::uint8_t, Instant> model;
    const auto due_of = [](const Watched& each) { return each.due; };
    for (int step = 0; step < 20'000; ++step) {
        const auto number = static_cast<std::uint8_t>(random.below(60));
        const Instant due = at_second(static_cast<int>(random.below(40)));
        const std::uint64_t what = random.below(4);
        if (what == 0) {
            table.erase(watched_node(number));
            model.erase(number);
        } else if (what == 1) {
            model.emplace(number, due);
            (void)table.add(watched_node(number), due);
        } else if (Watched* known = table.change(watched_node(number))) {
            known->due = due;
            model.at(number) = due;
        }
        Instant earliest = kFarFuture;
        std::ranges::for_each(model, [&](const auto& each) {
            earliest = std::min(earliest, each.second);
        });
        ASSERT_EQ(table.deadline(due_of), earliest) << step;
        ASSERT_EQ(table.size(), model.size());
        if (what == 3) {
            (void)table.take_due({});  // those that were changed
            (void)table.deadline(due_of);
            const Instant now = at_second(static_cast<int>(random.below(40)));
            std::vector<std::uint8_t> expected;
            for (const auto& [node, at] : model) {
                if (at <= now) {
                    expected.push_back(node);
                }
            }
            std::vector<std::uint8_t> taken;
            for (const Watched* each : table.take_due(now)) {
                taken.push_back(each->id.bytes[0]);
            }
            ASSERT_EQ(taken, expected) << step;
        }
    }
}

}  // namespace
}  // namespace phantom::mesh
