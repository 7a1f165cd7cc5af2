#pragma once

// What stands in a state file: its kind, a version, the payload, and a hash of all that, because a
// key with one bit rotten would silently be another identity. Payloads are the functions below.
// Inside this component only.

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

#include "crypto/secret_bytes.h"
#include "identity/issued_token.h"
#include "identity/key_ring.h"
#include "identity/member.h"
#include "identity/policy_record.h"

namespace phantom::identity {

inline constexpr std::size_t kStateMembersMax = 65'536;
inline constexpr std::size_t kStateTokensMax = 1'024;

// kind, version, hash.
inline constexpr std::size_t kStateFrameSizeMax = 2 + 16 + 1 + 32;

// `kind` is at most 16 characters.
[[nodiscard]] crypto::SecretBytes frame_state(std::string_view kind, ByteView payload);
// A view into `file`. kStateDamaged, kUnsupportedVersion.
[[nodiscard]] Result<ByteView> unframe_state(std::string_view kind, ByteView file);

template <std::size_t Size>
void read_secret(wire::RecordReader& reader, crypto::Secret<Size>& out) {
    std::ranges::copy(reader.bytes(Size), out.bytes().begin());
}

// kTooMany; and what encoding one of them says.
[[nodiscard]] Result<crypto::SecretBytes> encode_state(std::span<const MemberRecord> members);
[[nodiscard]] Result<crypto::SecretBytes> encode_state(std::span<const IssuedToken> tokens);
[[nodiscard]] Result<crypto::SecretBytes> encode_state(std::span<const Revocation> revocations);
[[nodiscard]] Result<crypto::SecretBytes> encode_state(const PolicyRecord& policy);

// kStateDamaged for all that encode_state would not have written.
[[nodiscard]] Result<std::vector<MemberRecord>> decode_members(ByteView payload);
[[nodiscard]] Result<std::vector<IssuedToken>> decode_tokens(ByteView payload);
[[nodiscard]] Result<std::optional<PolicyRecord>> decode_policy(ByteView payload);
[[nodiscard]] Result<std::vector<Revocation>> decode_revocations(ByteView payload);

}  // namespace phantom::identity
