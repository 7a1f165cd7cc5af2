#include "mesh/messages.h"

#include <algorithm>

#include "base/assert.h"
#include "identity/codec.h"
#include "identity/member.h"
#include "identity/policy_record.h"

namespace phantom::mesh {

namespace {

static_assert(identity::kMemberRecordSizeMax + 3 <= kMessageSizeMax);
static_assert(identity::kPolicyRecordSizeMax + 3 <= kMessageSizeMax);
static_assert(5 + kPrefixDigitsMax / 2 + kSummaryEntriesMax * 40 <= kMessageSizeMax);
static_assert(
    1 + identity::kVerifyKeyRecordMax + 2 + identity::kCertificateSizeMax + 2 +
        identity::kMemberRecordSizeMax <=
    kMessageSizeMax
);

static_assert(
    1 + 2 + identity::kDescriptorSizeMax + identity::kSignatureRecordMax <= kMessageSizeMax
);
static_assert(1 + 2 + identity::kCertificateSizeMax <= kMessageSizeMax);
static_assert(1 + 2 + kReportsMax * (17 + 8 + 1 + 2 + kReportRuleMax) <= kMessageSizeMax);

using wire::RecordReader;
using wire::RecordWriter;

void write_endpoint(RecordWriter& writer, const wire::SocketAddress& endpoint) {
    identity::write_address(writer, endpoint.address);
    writer.u16(endpoint.port);
}

wire::SocketAddress read_endpoint(RecordReader& reader) {
    wire::SocketAddress endpoint;
    endpoint.address = identity::read_address(reader);
    endpoint.port = reader.u16();
    return endpoint;
}

std::size_t read_count(RecordReader& reader, std::size_t count_max) {
    const std::size_t count = reader.u16();
    if (count > count_max) {
        reader.reject();
        return 0;
    }
    return count;
}

identity::NodeId read_node(RecordReader& reader) {
    return identity::read_id<identity::NodeId>(reader);
}

Bytes read_bytes(RecordReader& reader) {
    const ByteView bytes = reader.sized_bytes();
    return {bytes.begin(), bytes.end()};
}

void write_flag(RecordWriter& writer, bool flag) {
    writer.u8(flag ? 1 : 0);
}
bool read_flag(RecordReader& reader) {
    const std::uint8_t flag = reader.u8();
    if (flag > 1) {
        reader.reject();
    }
    return flag == 1;
}

void write_prefix(RecordWriter& writer, const Prefix& prefix) {
    writer.u8(prefix.size);
    writer.bytes(ByteView(prefix.digits).first((prefix.size + 1U) / 2));
}
Prefix read_prefix(RecordReader& reader) {
    Prefix prefix;
    const std::uint8_t size = reader.u8();
    if (size > kPrefixDigitsMax) {
        reader.reject();
        return prefix;
    }
    prefix.size = size;
    const std::size_t byte_count = (size + 1U) / 2;
    for (std::size_t at = 0; at < byte_count; ++at) {
        prefix.digits[at] = reader.u8();
    }
    if (size % 2 == 1 && (prefix.digits[byte_count - 1] & 0x0fU) != 0) {
        reader.reject();
    }
    return prefix;
}

void write(RecordWriter& writer, const Summary& message) {
    write_flag(writer, message.full);
    write_prefix(writer, message.prefix);
    writer.u16(static_cast<std::uint16_t>(message.entries.size()));
    for (const Summary::Entry& entry : message.entries) {
        identity::write_id(writer, entry.node);
        writer.u64(entry.sequence);
    }
}
void read(RecordReader& reader, Summary& message) {
    message.full = read_flag(reader);
    message.prefix = read_prefix(reader);
    message.entries.resize(read_count(reader, kSummaryEntriesMax));
    for (Summary::Entry& entry : message.entries) {
        entry.node = read_node(reader);
        entry.sequence = reader.u64();
    }
}

void write(RecordWriter& writer, const Want& message) {
    writer.u16(static_cast<std::uint16_t>(message.nodes.size()));
    for (const identity::NodeId& node : message.nodes) {
        identity::write_id(writer, node);
    }
}
void read(RecordReader& reader, Want& message) {
    message.nodes.resize(read_count(reader, kWantedMax));
    for (identity::NodeId& node : message.nodes) {
        node = read_node(reader);
    }
}

void write(RecordWriter& writer, const Record& message) {
    writer.sized_bytes(message.member);
}
void read(RecordReader& reader, Record& message) {
    message.member = read_bytes(reader);
}

void write(RecordWriter& writer, const Revoke& message) {
    writer.sized_bytes(message.revocation);
}
void read(RecordReader& reader, Revoke& message) {
    message.revocation = read_bytes(reader);
}

void write(RecordWriter& writer, const Ping& message) {
    writer.u64(message.nonce);
}
void read(RecordReader& reader, Ping& message) {
    message.nonce = reader.u64();
}

void write(RecordWriter& writer, const Pong& message) {
    writer.u64(message.nonce);
    write_endpoint(writer, message.observed);
}
void read(RecordReader& reader, Pong& message) {
    message.nonce = reader.u64();
    message.observed = read_endpoint(reader);
}

void write(RecordWriter& writer, const Seen& message) {
    writer.u16(static_cast<std::uint16_t>(message.entries.size()));
    for (const Seen::Entry& entry : message.entries) {
        identity::write_id(writer, entry.node);
        write_endpoint(writer, entry.endpoint);
    }
}
void read(RecordReader& reader, Seen& message) {
    message.entries.resize(read_count(reader, kSeenMax));
    for (Seen::Entry& entry : message.entries) {
        entry.node = read_node(reader);
        entry.endpoint = read_endpoint(reader);
    }
}

void write(RecordWriter& writer, const JoinRequest& message) {
    writer.sized_bytes(message.descriptor);
    writer.bytes(message.proof);
}
void read(RecordReader& reader, JoinRequest& message) {
    message.descriptor = read_bytes(reader);
    message.proof = reader.array<sizeof(Proof)>();
}

void write(RecordWriter& writer, const JoinGrant& message) {
    identity::write_verify_key(writer, message.root);
    writer.sized_bytes(message.certificate);
    writer.sized_bytes(message.introducer);
}
void read(RecordReader& reader, JoinGrant& message) {
    message.root = identity::read_verify_key(reader);
    message.certificate = read_bytes(reader);
    message.introducer = read_bytes(reader);
}

void write(RecordWriter& writer, const JoinRefusal& message) {
    writer.u8(static_cast<std::uint8_t>(message.reason));
}
void read(RecordReader& reader, JoinRefusal& message) {
    const std::uint8_t reason = reader.u8();
    if (reason < 1 || reason > static_cast<std::uint8_t>(Refusal::kSealed)) {
        reader.reject();
        return;
    }
    message.reason = static_cast<Refusal>(reason);
}

void write(RecordWriter& writer, const Policy& message) {
    writer.sized_bytes(message.record);
}
void read(RecordReader& reader, Policy& message) {
    message.record = read_bytes(reader);
}

void write(RecordWriter& writer, const PolicyVersion& message) {
    writer.u64(message.sequence);
}
void read(RecordReader& reader, PolicyVersion& message) {
    message.sequence = reader.u64();
}

void write(RecordWriter& writer, const Digest& message) {
    write_prefix(writer, message.prefix);
    for (const std::uint64_t hash : message.children) {
        writer.u64(hash);
    }
}
void read(RecordReader& reader, Digest& message) {
    message.prefix = read_prefix(reader);
    if (message.prefix.size == kPrefixDigitsMax) {
        reader.reject();  // there is nothing below
    }
    for (std::uint64_t& hash : message.children) {
        hash = reader.u64();
    }
}

void write(RecordWriter& writer, const Meet& message) {
    identity::write_id(writer, message.node);
}
void read(RecordReader& reader, Meet& message) {
    message.node = read_node(reader);
}

void write(RecordWriter& writer, const Probe& message) {
    writer.u64(message.nonce);
    identity::write_id(writer, message.node);
}
void read(RecordReader& reader, Probe& message) {
    message.nonce = reader.u64();
    message.node = read_node(reader);
}

void write(RecordWriter& writer, const ProbeAnswer& message) {
    writer.u64(message.nonce);
    write_flag(writer, message.reached);
}
void read(RecordReader& reader, ProbeAnswer& message) {
    message.nonce = reader.u64();
    message.reached = read_flag(reader);
}

void write(RecordWriter& writer, const Rumours& message) {
    writer.u16(static_cast<std::uint16_t>(message.entries.size()));
    for (const Rumours::Rumour& each : message.entries) {
        identity::write_id(writer, each.node);
        writer.u64(each.incarnation);
        writer.u8(static_cast<std::uint8_t>(each.state));
        identity::write_id(writer, each.source);
    }
}
void read(RecordReader& reader, Rumours& message) {
    message.entries.resize(read_count(reader, kRumoursMax));
    for (Rumours::Rumour& each : message.entries) {
        each.node = read_node(reader);
        each.incarnation = reader.u64();
        const std::uint8_t state = reader.u8();
        if (state > static_cast<std::uint8_t>(MemberState::kDead)) {
            reader.reject();
            return;
        }
        each.state = static_cast<MemberState>(state);
        each.source = read_node(reader);
    }
}

void write(RecordWriter& writer, const RenewRequest& message) {
    writer.sized_bytes(message.descriptor);
    identity::write_signature(writer, message.signature);
}
void read(RecordReader& reader, RenewRequest& message) {
    message.descriptor = read_bytes(reader);
    message.signature = identity::read_signature(reader);
}

void write(RecordWriter& writer, const RenewGrant& message) {
    writer.sized_bytes(message.certificate);
}
void read(RecordReader& reader, RenewGrant& message) {
    message.certificate = read_bytes(reader);
}

void write(RecordWriter& writer, const Reports& message) {
    writer.u16(static_cast<std::uint16_t>(message.entries.size()));
    for (const Reports::Report& each : message.entries) {
        identity::write_address(writer, each.subject);
        writer.u64(each.until.s);
        writer.u8(each.confidence);
        writer.text(each.rule);
    }
}
void read(RecordReader& reader, Reports& message) {
    constexpr std::uint8_t kPercentMax = 100;
    message.entries.resize(read_count(reader, kReportsMax));
    for (Reports::Report& each : message.entries) {
        each.subject = identity::read_address(reader);
        each.until = {reader.u64()};
        each.confidence = reader.u8();
        each.rule = reader.text(kReportRuleMax);
        const bool is_printable = std::ranges::all_of(each.rule, [](char letter) {
            return letter >= ' ' && letter <= '~';
        });
        if (each.subject.is_none() || each.confidence > kPercentMax || !is_printable) {
            reader.reject();
            return;
        }
    }
}

// The kind on the wire is the place in AnyMessage, from 1.
template <std::size_t Index>
Result<AnyMessage> decode_as(std::size_t index, RecordReader& reader) {
    if constexpr (Index == std::variant_size_v<AnyMessage>) {
        return fail(MeshError::kUnknownMessage);
    } else {
        if (index != Index) {
            return decode_as<Index + 1>(index, reader);
        }
        std::variant_alternative_t<Index, AnyMessage> message;
        read(reader, message);
        if (!reader.finish()) {
            return fail(MeshError::kMalformed);
        }
        return AnyMessage(std::move(message));
    }
}

}  // namespace

const char* describe(Refusal reason) {
    switch (reason) {
        case Refusal::kTokenSpent:
            return "this token has been used, or was withdrawn; ask for a new one ('phantom token "
                   "create')";
        case Refusal::kTokenExpired:
            return "this token has expired; ask for a new one ('phantom token create')";
        case Refusal::kNameTaken:
            return "another node of the mesh has this name; choose one with --name, or have that "
                   "one "
                   "put out ('phantom revoke')";
        case Refusal::kBadRequest:
            return "the introducer could not read the request; do both run the same version?";
        case Refusal::kRevoked:
            return "this node was put out of the mesh; remove its state folder to join anew";
        case Refusal::kSealed:
            return "the node that made this token does not hold the mesh's root now; ask for a "
                   "token "
                   "of one that does ('phantom root status' in the mesh says which)";
    }
    return "refused";
}

const char* name_of(MemberState state) {
    switch (state) {
        case MemberState::kAlive:
            return "alive";
        case MemberState::kSuspect:
            return "suspect";
        case MemberState::kDead:
            return "dead";
    }
    return "unknown";
}

Message encode(const AnyMessage& message) {
    // Not cleared: most messages have a few dozen bytes.
    std::array<std::uint8_t, kMessageSizeMax>
        bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    RecordWriter writer(bytes);
    writer.u8(static_cast<std::uint8_t>(message.index() + 1));
    std::visit([&](const auto& each) { write(writer, each); }, message);
    const auto written = writer.finish();
    PM_ASSERT(written.has_value());
    return {written->begin(), written->end()};
}

Result<AnyMessage> decode(ByteView message) {
    if (message.size() > kMessageSizeMax) {
        return fail(MeshError::kMalformed);
    }
    RecordReader reader(message);
    const std::size_t kind = reader.u8();
    return kind == 0 ? fail(MeshError::kUnknownMessage) : decode_as<0>(kind - 1, reader);
}

}  // namespace phantom::mesh
