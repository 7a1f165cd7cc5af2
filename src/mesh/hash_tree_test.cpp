#include "mesh/hash_tree.h"

#include <map>

#include <gtest/gtest.h>

#include "base/random.h"

namespace phantom::mesh {
namespace {

struct Leaf {
    IdBytes id{};
    std::uint64_t value = 0;

    [[nodiscard]] const IdBytes& key() const { return id; }
    void hash_into(crypto::Blake2s& hasher) const {
        hasher.update(id);
        hasher.update({reinterpret_cast<const std::uint8_t*>(&value), sizeof value});
    }
};
using Tree = HashTree<Leaf>;
using Model = std::map<IdBytes, std::uint64_t>;

IdBytes leaf_key(Random& random) {
    IdBytes id;
    random.fill(id);
    return id;
}

// Few first digits, so that ranges fill and empty.
void change(Tree& tree, Model& model, Random& random) {
    IdBytes id{};
    id[0] = static_cast<std::uint8_t>(random.below(4));
    id[1] = static_cast<std::uint8_t>(random.below(64));
    if (random.below(3) == 0) {
        tree.erase(id);
        model.erase(id);
    } else {
        const std::uint64_t value = random.below(5);
        tree.set({id, value});
        model[id] = value;
    }
}

void expect_same(const Tree& tree, const Model& model) {
    ASSERT_EQ(tree.count(), model.size());
    const Leaf* at = tree.first();
    for (const auto& [id, value] : model) {
        ASSERT_NE(at, nullptr);
        ASSERT_EQ(at->id, id);
        ASSERT_EQ(at->value, value);
        ASSERT_EQ(tree.find(id), at);
        ASSERT_EQ(tree.from(id), at);
        at = tree.after(id);
    }
    ASSERT_EQ(at, nullptr);
}

TEST(MeshHashTree, does_what_a_map_does) {
    SeededRandom random(1);
    Tree tree;
    Model model;
    for (int step = 0; step < 3'000; ++step) {
        change(tree, model, random);
        if (step % 50 == 0) {
            expect_same(tree, model);
        }
        const IdBytes asked = leaf_key(random);
        const auto above = model.upper_bound(asked);
        ASSERT_EQ(tree.after(asked) == nullptr, above == model.end());
        const Leaf* before = tree.before(asked);
        ASSERT_EQ(before == nullptr, above == model.begin());
        ASSERT_TRUE(before == nullptr || before->id == std::prev(above)->first);
    }
}

TEST(MeshHashTree, copy_keeps_what_was) {
    SeededRandom random(2);
    Tree tree;
    Model model;
    for (int step = 0; step < 200; ++step) {
        change(tree, model, random);
    }
    const Tree copy = tree;
    const Model then = model;
    for (int step = 0; step < 200; ++step) {
        change(tree, model, random);
    }
    expect_same(copy, then);
    expect_same(tree, model);
}

TEST(MeshHashTree, hash_follows_from_the_entries_however_they_came) {
    SeededRandom random(3);
    Tree tree;
    Model model;
    for (int step = 0; step < 2'000; ++step) {
        change(tree, model, random);
        (void)tree.hash(Prefix{});
    }
    Tree fresh;
    for (auto at = model.rbegin(); at != model.rend(); ++at) {
        fresh.set({at->first, at->second});
    }
    for (std::size_t digit = 0; digit < kDigitValues; ++digit) {
        const Prefix range = Prefix{}.with(0).with(digit);
        EXPECT_EQ(tree.hash(range), fresh.hash(range));
        EXPECT_EQ(tree.count(range), tree.entries(range).size());
        EXPECT_EQ(tree.hash(range) == 0, tree.count(range) == 0);
    }
    ASSERT_EQ(tree.hash(Prefix{}), fresh.hash(Prefix{}));
    const Leaf* any = fresh.first();
    fresh.set({any->id, any->value + 1});
    EXPECT_NE(tree.hash(Prefix{}), fresh.hash(Prefix{}));
}

TEST(MeshHashTree, range_deeper_than_a_leaf_has_a_hash_of_its_own) {
    Tree tree;
    IdBytes id{};
    for (std::uint8_t at = 0; at < 8; ++at) {
        id[0] = static_cast<std::uint8_t>(at << 4U);
        tree.set({id, at});
    }
    EXPECT_NE(tree.hash(Prefix{}.with(1)), tree.hash(Prefix{}.with(2)));
    EXPECT_EQ(tree.count(Prefix{}.with(1)), 1U);
    EXPECT_EQ(tree.hash(Prefix{}.with(9)), 0U);
}

}  // namespace
}  // namespace phantom::mesh
