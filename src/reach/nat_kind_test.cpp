#include "reach/nat_kind.h"

#include <gtest/gtest.h>

namespace phantom::reach {
namespace {

Observation seen(const char* by, const char* at) {
    return {*wire::Address::parse(by), *wire::SocketAddress::parse(at)};
}

NatKind kind_of(const std::vector<Observation>& observations) {
    const std::vector own{
        *wire::SocketAddress::parse("192.168.1.2:51820"),
        *wire::SocketAddress::parse("203.0.113.5:51820"),
    };
    return nat_kind(observations, own);
}

TEST(NatKind, takes_two_observers_to_tell) {
    const auto one = seen("198.51.100.1", "198.51.100.7:40000");
    EXPECT_EQ(kind_of({}), NatKind::kUnknown);
    EXPECT_EQ(kind_of({one}), NatKind::kTranslated);
    EXPECT_EQ(kind_of({one, one}), NatKind::kTranslated) << "the same observer";
    EXPECT_EQ(
        kind_of({one, seen("198.51.100.2", "198.51.100.7:40000")}), NatKind::kEndpointIndependent
    );
    EXPECT_EQ(kind_of({one, seen("198.51.100.2", "198.51.100.7:40001")}), NatKind::kSymmetric);
}

TEST(NatKind, is_none_where_we_are_seen_under_our_own_address) {
    EXPECT_EQ(kind_of({seen("198.51.100.1", "203.0.113.5:51820")}), NatKind::kNone);
    EXPECT_EQ(kind_of({seen("192.168.1.9", "192.168.1.2:51820")}), NatKind::kUnknown)
        << "a neighbour says nothing of the router";
    EXPECT_EQ(
        kind_of(
            {seen("192.168.1.9", "192.168.1.2:51820"), seen("198.51.100.1", "198.51.100.7:40000")}
        ),
        NatKind::kTranslated
    );
}

}  // namespace
}  // namespace phantom::reach
