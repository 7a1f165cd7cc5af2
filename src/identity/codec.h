#pragma once

// How the values of this component stand in a record. Each read_ takes what the write_ of its name
// wrote; what is impossible rejects the record (RecordReader::reject) and gives an empty value.

#include <span>
#include <vector>

#include "crypto/signature.h"
#include "identity/types.h"
#include "wire/record.h"

namespace phantom::identity {

using Bytes = std::vector<std::uint8_t>;

inline constexpr std::size_t kLabelRecordMax = 2 + Label::kSizeMax;
inline constexpr std::size_t kTagsRecordMax = 1 + kTagsMax * kLabelRecordMax;
inline constexpr std::size_t kAddressRecordMax = 1 + 16;
inline constexpr std::size_t kVerifyKeyRecordMax = 2 + crypto::kVerifyKeySizeMax;
inline constexpr std::size_t kSignatureRecordMax = 2 + crypto::kSignatureSizeMax;

template <class Kind>
void write_id(wire::RecordWriter& writer, const Id<Kind>& id) {
    writer.bytes(id.bytes);
}
template <class AnyId>
[[nodiscard]] AnyId read_id(wire::RecordReader& reader) {
    return {reader.array<kIdSize>()};
}

void write_label(wire::RecordWriter& writer, const Label& label);
[[nodiscard]] Label read_label(wire::RecordReader& reader);

// The order is for check_tags to judge.
void write_tags(wire::RecordWriter& writer, std::span<const Label> tags);
[[nodiscard]] std::vector<Label> read_tags(wire::RecordReader& reader);

void write_time(wire::RecordWriter& writer, UnixTime time);
[[nodiscard]] UnixTime read_time(wire::RecordReader& reader);

// 4 bytes; none is 0.0.0.0.
void write_v4(wire::RecordWriter& writer, const wire::Address& address);
[[nodiscard]] wire::Address read_v4(wire::RecordReader& reader);

// The family, 4 or 6, then the address.
void write_address(wire::RecordWriter& writer, const wire::Address& address);
[[nodiscard]] wire::Address read_address(wire::RecordReader& reader);

void write_verify_key(wire::RecordWriter& writer, const crypto::VerifyKey& key);
[[nodiscard]] crypto::VerifyKey read_verify_key(wire::RecordReader& reader);
void write_signature(wire::RecordWriter& writer, const crypto::Signature& signature);
[[nodiscard]] crypto::Signature read_signature(wire::RecordReader& reader);

// Whether a datagram could be sent there: unicast, with a port, no IPv4 in IPv6 clothes (which would
// be a second form of the same), and no scope, which means nothing on another machine.
[[nodiscard]] bool is_reachable_form(const wire::SocketAddress& endpoint);

// kTooLarge, kUnsupportedVersion: what every decode asks first. The version is the first byte.
[[nodiscard]] Status check_record(ByteView record, std::size_t size_max, std::uint8_t version);

}  // namespace phantom::identity
