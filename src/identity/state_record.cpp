#include "identity/state_record.h"

#include <algorithm>

#include "base/assert.h"
#include "identity/labels.h"

namespace phantom::identity {

namespace {

constexpr std::uint8_t kStateRecordVersion = 1;
constexpr std::size_t kHashSize = 32;

// Lists of signed values: a count, then each with its size in front.
template <class Value>
Result<crypto::SecretBytes> encode_list(std::span<const Value> values, std::size_t count_max) {
    if (values.size() > count_max) {
        return fail(IdentityError::kTooMany, static_cast<std::uint32_t>(values.size()));
    }
    std::vector<Bytes> encoded;
    encoded.reserve(values.size());
    std::size_t size = 4;
    for (const Value& value : values) {
        encoded.push_back(PM_TRY(value.encode()));
        size += 2 + encoded.back().size();
    }
    crypto::SecretBytes payload(size);
    wire::RecordWriter writer(payload.bytes());
    writer.u32(static_cast<std::uint32_t>(values.size()));
    for (const Bytes& record : encoded) {
        writer.sized_bytes(record);
    }
    PM_TRY(writer.finish());
    return payload;
}

template <class Value>
Result<std::vector<Value>> decode_list(ByteView payload, std::size_t count_max) {
    wire::RecordReader reader(payload);
    const std::size_t count = reader.u32();
    if (count > count_max) {
        return fail(IdentityError::kStateDamaged);
    }
    std::vector<Value> values;
    for (std::size_t index = 0; index < count && reader.ok(); ++index) {
        auto value = Value::decode(reader.sized_bytes());
        if (!value) {
            return fail(IdentityError::kStateDamaged);
        }
        values.push_back(std::move(*value));
    }
    if (!reader.finish()) {
        return fail(IdentityError::kStateDamaged);
    }
    return values;
}

std::size_t record_size(const IssuedToken& token) {
    std::size_t size = std::size_t{4} * 32 + 8 + 1 + 1 + 1 + token.used_by.size() * kIdSize;
    for (const Label& tag : token.tags) {
        size += 2 + tag.text().size();
    }
    return size;
}

void write_token(wire::RecordWriter& writer, const IssuedToken& token) {
    writer.bytes(token.secret_hash);
    writer.bytes(token.guest_public_key);
    writer.bytes(token.preshared_key.view());
    writer.bytes(token.proof_key.view());
    write_time(writer, token.expiry);
    writer.u8(token.uses_left);
    write_tags(writer, token.tags);
    writer.u8(static_cast<std::uint8_t>(token.used_by.size()));
    for (const NodeId& node : token.used_by) {
        write_id(writer, node);
    }
}

IssuedToken read_issued_token(wire::RecordReader& reader) {
    IssuedToken token;
    token.secret_hash = reader.array<32>();
    token.guest_public_key = reader.array<32>();
    read_secret(reader, token.preshared_key);
    read_secret(reader, token.proof_key);
    token.expiry = read_time(reader);
    token.uses_left = reader.u8();
    token.tags = read_tags(reader);
    if (!check_tags(token.tags)) {
        reader.reject();
    }
    const std::size_t count = reader.u8();
    for (std::size_t index = 0; index < count && reader.ok(); ++index) {
        token.used_by.push_back(read_id<NodeId>(reader));
    }
    return token;
}

}  // namespace

crypto::SecretBytes frame_state(std::string_view kind, ByteView payload) {
    crypto::SecretBytes file(2 + kind.size() + 1 + payload.size() + kHashSize);
    PM_ASSERT(file.view().size() <= kStateFrameSizeMax + payload.size());
    wire::RecordWriter writer(file.bytes());
    writer.text(kind);
    writer.u8(kStateRecordVersion);
    writer.bytes(payload);
    writer.bytes(labelled_hash(kStateFileLabel, writer.written()));
    PM_ASSERT(writer.ok());
    return file;
}

Result<ByteView> unframe_state(std::string_view kind, ByteView file) {
    if (file.size() < kHashSize) {
        return fail(IdentityError::kStateDamaged);
    }
    const ByteView framed = file.first(file.size() - kHashSize);
    wire::RecordReader reader(framed);
    const std::string_view found = reader.text();
    const std::uint8_t version = reader.u8();
    if (!std::ranges::equal(labelled_hash(kStateFileLabel, framed), file.last(kHashSize)) ||
        found != kind || !reader.ok()) {
        return fail(IdentityError::kStateDamaged);
    }
    if (version != kStateRecordVersion) {
        return fail(IdentityError::kUnsupportedVersion, version);
    }
    return reader.bytes(reader.size_left());
}

Result<crypto::SecretBytes> encode_state(std::span<const MemberRecord> members) {
    return encode_list(members, kStateMembersMax);
}

Result<crypto::SecretBytes> encode_state(std::span<const Revocation> revocations) {
    return encode_list(revocations, kRevocationsMax);
}

Result<crypto::SecretBytes> encode_state(std::span<const IssuedToken> tokens) {
    if (tokens.size() > kStateTokensMax) {
        return fail(IdentityError::kTooMany, static_cast<std::uint32_t>(tokens.size()));
    }
    std::size_t size = 4;
    for (const IssuedToken& token : tokens) {
        PM_TRY(check_tags(token.tags));
        PM_ASSERT(token.used_by.size() <= UINT8_MAX);
        size += record_size(token);
    }
    crypto::SecretBytes payload(size);
    wire::RecordWriter writer(payload.bytes());
    writer.u32(static_cast<std::uint32_t>(tokens.size()));
    for (const IssuedToken& token : tokens) {
        write_token(writer, token);
    }
    PM_ASSERT(writer.ok());
    PM_ASSERT(writer.written().size() == size);
    return payload;
}

Result<crypto::SecretBytes> encode_state(const PolicyRecord& policy) {
    const Bytes encoded = PM_TRY(policy.encode());
    crypto::SecretBytes payload(encoded.size());
    std::ranges::copy(encoded, payload.bytes().begin());
    return payload;
}

Result<std::optional<PolicyRecord>> decode_policy(ByteView payload) {
    auto policy = PolicyRecord::decode(payload);
    if (!policy) {
        return fail(IdentityError::kStateDamaged);
    }
    return std::optional(std::move(*policy));
}

Result<std::vector<MemberRecord>> decode_members(ByteView payload) {
    return decode_list<MemberRecord>(payload, kStateMembersMax);
}

Result<std::vector<Revocation>> decode_revocations(ByteView payload) {
    return decode_list<Revocation>(payload, kRevocationsMax);
}

Result<std::vector<IssuedToken>> decode_tokens(ByteView payload) {
    wire::RecordReader reader(payload);
    const std::size_t count = reader.u32();
    if (count > kStateTokensMax) {
        return fail(IdentityError::kStateDamaged);
    }
    std::vector<IssuedToken> tokens;
    for (std::size_t index = 0; index < count && reader.ok(); ++index) {
        tokens.push_back(read_issued_token(reader));
    }
    if (!reader.finish()) {
        return fail(IdentityError::kStateDamaged);
    }
    return tokens;
}

}  // namespace phantom::identity
