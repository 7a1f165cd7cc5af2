#pragma once

// Against whom or what, and by what. Values only; the numbers stand in journals.

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <variant>

#include "remedy/errors.h"
#include "wire/address.h"

namespace phantom::remedy {

enum class Executor : std::uint8_t {
    kFirewall = 1,   // packets from an address are dropped
    kIsolation = 2,  // a member's packets are dropped, or all of this machine's, but for management
    kRateLimit = 3,  // no more than so many bytes a second come in from an address or a member
    kTunnel = 4,     // a member's sessions are ended and it is not answered, or they are made anew
    kRoute = 5,      // packets to a prefix are dropped, or do not go by a member
    kCredential = 6,  // a member's certificate counts for nothing here
};
inline constexpr std::size_t kExecutorCount = 6;

// A member's node id.
struct MemberId {
    std::array<std::uint8_t, 32> bytes{};
    friend auto operator<=>(const MemberId&, const MemberId&) = default;
};
// This machine.
struct Host {
    friend auto operator<=>(const Host&, const Host&) = default;
};
// A route as this node takes it: to a prefix, by a member.
struct MemberRoute {
    wire::Prefix prefix;
    MemberId via;
    friend auto operator<=>(const MemberRoute&, const MemberRoute&) = default;
};

using Key = std::variant<wire::Address, wire::Prefix, MemberId, Host, MemberRoute>;
// In the variant's order.
enum class KeyKind : std::uint8_t { kAddress, kPrefix, kMember, kHost, kMemberRoute };
inline constexpr std::size_t kKeyKindCount = std::variant_size_v<Key>;

// What `Target::option` says of kTunnel.
inline constexpr std::uint32_t kBar = 0;
inline constexpr std::uint32_t kRekey = 1;
// Of kRateLimit: bytes a second. The kernel has a set for each.
inline constexpr std::array<std::uint32_t, 3> kRates{100'000, 1'000'000, 10'000'000};

// Two actions with one target overlap. A limit of another rate is another target: both hold then, and
// the lower one is felt.
struct Target {
    Executor executor = Executor::kFirewall;
    Key key;
    std::uint32_t option = 0;
    friend auto operator<=>(const Target&, const Target&) = default;

    [[nodiscard]] KeyKind kind() const { return static_cast<KeyKind>(key.index()); }
};

// What nothing can be done about, whoever asks: kBadTarget.
[[nodiscard]] Status check_shape(const Target& target);

[[nodiscard]] const char* name_of(Executor executor);
// Whom a target is about; null: no member.
[[nodiscard]] const MemberId* member_of(const Target& target);

}  // namespace phantom::remedy
