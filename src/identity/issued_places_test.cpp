#include "identity/issued_places.h"

#include <gtest/gtest.h>

#include "identity/identity_fixture.h"

namespace phantom::identity {
namespace {

Certificate place_of(std::uint8_t node, std::string_view name, std::uint64_t days) {
    Certificate certificate;
    certificate.node = NodeId{{node}};
    certificate.name = label(name);
    const std::array<std::uint8_t, 4> address{100, 64, 0, node};
    certificate.overlay_v4 = wire::Address::v4(address.data());
    certificate.expiry = kNow.plus(days * kDay);
    return certificate;
}

IssuedPlaces two_places() {
    IssuedPlaces issued;
    EXPECT_TRUE(issued.note(place_of(1, "amber", 10)).has_value());
    EXPECT_TRUE(issued.note(place_of(2, "birch", 20)).has_value());
    return issued;
}

TEST(IssuedPlaces, know_a_node_by_its_name) {
    const IssuedPlaces issued = two_places();
    EXPECT_EQ(issued.find_name("birch"), NodeId{{2}});
    EXPECT_EQ(issued.find_name("cedar"), std::nullopt);
}

TEST(IssuedPlaces, a_name_and_an_address_are_one_nodes) {
    const IssuedPlaces issued = two_places();
    const wire::Address ambers = place_of(1, "amber", 1).overlay_v4;
    EXPECT_TRUE(issued.name_is_taken(label("amber"), NodeId{{2}}));
    EXPECT_FALSE(issued.name_is_taken(label("amber"), NodeId{{1}}));
    EXPECT_FALSE(issued.name_is_taken(label("cedar"), NodeId{{3}}));
    EXPECT_TRUE(issued.address_is_taken(ambers, NodeId{{3}}));
    EXPECT_FALSE(issued.address_is_taken(ambers, NodeId{{1}}));
}

TEST(IssuedPlaces, end_with_the_last_certificate) {
    IssuedPlaces issued = two_places();
    ASSERT_TRUE(issued.note(place_of(1, "amber", 30)).has_value()) << "renewed";
    ASSERT_TRUE(issued.note(place_of(1, "old", 5)).has_value()) << "of an older date";
    EXPECT_FALSE(issued.prune(kNow.plus(20 * kDay - 1)));
    EXPECT_TRUE(issued.prune(kNow.plus(20 * kDay)));
    EXPECT_EQ(issued.find_name("amber"), NodeId{{1}});
    EXPECT_FALSE(issued.contains(NodeId{{2}}));
}

TEST(IssuedPlaces, no_two_keys_of_a_node_have_one_generation) {
    IssuedPlaces issued = two_places();
    const NodeId amber{{1}};
    const KeysHash first;
    const KeysHash second{{2}};
    EXPECT_EQ(issued.generation_of(NodeId{{3}}, second), 0U) << "a node without a place";
    EXPECT_EQ(issued.generation_of(amber, first), 0U);
    EXPECT_EQ(issued.generation_of(amber, second), 1U);
    Certificate rotated = place_of(1, "amber", 5);
    rotated.keys = second;
    rotated.generation = 1;
    ASSERT_TRUE(issued.note(rotated).has_value());
    EXPECT_EQ(issued.generation_of(amber, second), 1U) << "asked for again";
    EXPECT_EQ(issued.generation_of(amber, first), 2U);
    ASSERT_TRUE(issued.note(place_of(1, "amber", 300)).has_value()) << "of a generation before";
    EXPECT_EQ(issued.generation_of(amber, second), 1U);
}

TEST(IssuedPlaces, are_forgotten_when_taken_back) {
    IssuedPlaces issued = two_places();
    issued.forget(NodeId{{1}});
    EXPECT_FALSE(issued.name_is_taken(label("amber"), NodeId{{3}}));
}

TEST(IssuedPlaces, come_back_as_they_were) {
    const IssuedPlaces issued = two_places();
    const auto payload = encode_state(issued).value();
    EXPECT_EQ(decode_issued_places(payload.view()).value(), issued);
    for (std::size_t size = 0; size < payload.view().size(); ++size) {
        ASSERT_FALSE(decode_issued_places(payload.view().first(size)).has_value()) << size;
    }
    Bytes twice = bytes_of(payload.view());
    twice[4] = 2;
    EXPECT_TRUE(decode_issued_places(twice).error().is(IdentityError::kStateDamaged));
}

}  // namespace
}  // namespace phantom::identity
