#pragma once

// Who is meant: a mesh, a node, a name, a moment.

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "crypto/signature.h"
#include "identity/errors.h"
#include "wire/address.h"

namespace phantom::identity {

inline constexpr std::size_t kIdSize = 32;

// 32 bytes that follow from keys, so nobody can choose one. Three kinds that do not mix.
template <class Kind>
struct Id {
    std::array<std::uint8_t, kIdSize> bytes{};

    friend auto operator<=>(const Id&, const Id&) = default;

    // 64 hexadecimal digits: where a machine will read it.
    [[nodiscard]] std::string to_string() const;
    // The first 16 of them, for people. Never compare by it: 64 bits can be searched for.
    [[nodiscard]] std::string short_text() const;
    // The 64-digit form only. kBadId.
    [[nodiscard]] static Result<Id> parse(std::string_view text);
};

struct MeshKind {};
struct NodeKind {};
struct KeysKind {};
using MeshId = Id<MeshKind>;
using NodeId = Id<NodeKind>;
// Of a node's public keys. A node changes them and keeps its id, which is the hash of its first ones.
using KeysHash = Id<KeysKind>;
extern template struct Id<MeshKind>;
extern template struct Id<NodeKind>;
extern template struct Id<KeysKind>;

// BLAKE2s of a label and the root's key.
[[nodiscard]] MeshId mesh_id_of(const crypto::VerifyKey& root);

// A DNS label (RFC 1123 section 2.1), lower case, so that a name has one form: the name of a node,
// or a tag. Default-constructed ones are empty and belong in no signed value.
class Label {
  public:
    static constexpr std::size_t kSizeMax = 63;

    Label() = default;
    [[nodiscard]] static Result<Label> parse(std::string_view text);

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool empty() const { return text_.empty(); }
    friend auto operator<=>(const Label&, const Label&) = default;

  private:
    std::string text_;
};

inline constexpr std::size_t kTagsMax = 16;
// Strictly ascending: kTooMany, kNotCanonical, kBadLabel for an empty one.
[[nodiscard]] Status check_tags(std::span<const Label> tags);

// Seconds since 1970-01-01 UTC: what is signed has no use for a finer clock.
struct UnixTime {
    std::uint64_t s = 0;

    friend auto operator<=>(UnixTime, UnixTime) = default;
    [[nodiscard]] static UnixTime of(WallTime time);
    // Saturates.
    [[nodiscard]] UnixTime plus(std::uint64_t seconds) const;
};

// How far two honest clocks may be apart.
inline constexpr std::uint64_t kClockSkewMaxSeconds = 300;

// Whether `now` lies in [begin - kClockSkewMaxSeconds, end). kBadLifetime where the span is empty or
// above `lifetime_max_s`, kNotYetValid, kExpired.
[[nodiscard]] Status check_lifetime(
    UnixTime begin, UnixTime end, std::uint64_t lifetime_max_s, UnixTime now
);

// RFC 4193: fd, then 40 bits of the mesh's id: a /48. Subnet 0 is the nodes'.
[[nodiscard]] wire::Prefix overlay_prefix(const MeshId& mesh);
inline constexpr std::uint8_t kOverlayV6PrefixLength = 64;
// In subnet 0; the interface identifier is the first 8 bytes of the node's id.
[[nodiscard]] wire::Address overlay_address(const MeshId& mesh, const NodeId& node);
// An IPv4 address of 10/8, 172.16/12, 192.168/16 or 100.64/10 (RFC 1918, RFC 6598).
[[nodiscard]] bool is_overlay_v4(const wire::Address& address);

}  // namespace phantom::identity
