#include "remedy/record.h"

#include <algorithm>

#include "base/assert.h"
#include "crypto/blake2s.h"
#include "wire/record.h"

namespace phantom::remedy {

namespace {

constexpr std::size_t kLengthSize = 4;

RecordHash chain(const RecordHash& before, ByteView record) {
    crypto::Blake2s hasher;
    hasher.update(before);
    hasher.update(record);
    RecordHash hash;
    hasher.finish(hash);
    return hash;
}

// No time is the largest number: no clock says it.
constexpr std::uint64_t kNoTime = UINT64_MAX;

void write_wall_time(wire::RecordWriter& writer, WallTime time) {
    writer.u64(static_cast<std::uint64_t>(time.ns));
}
WallTime read_wall_time(wire::RecordReader& reader) {
    return {static_cast<std::int64_t>(reader.u64())};
}

void write_condition(wire::RecordWriter& writer, const Condition& condition) {
    writer.u8(condition.in_force ? 1 : 0);
    writer.u64(condition.until ? static_cast<std::uint64_t>(condition.until->ns) : kNoTime);
}
Condition read_condition(wire::RecordReader& reader) {
    const std::uint8_t in_force = reader.u8();
    const std::uint64_t until = reader.u64();
    if (in_force > 1 || (in_force == 0 && until != kNoTime)) {
        reader.reject();
    }
    Condition condition{.in_force = in_force == 1, .until = {}};
    if (until != kNoTime) {
        condition.until = WallTime{static_cast<std::int64_t>(until)};
    }
    return condition;
}

void write_address(wire::RecordWriter& writer, const wire::Address& address) {
    writer.u8(static_cast<std::uint8_t>(address.family));
    writer.bytes(ByteView(address.bytes).first(address.size_bytes()));
}
wire::Address read_address(wire::RecordReader& reader) {
    wire::Address address;
    const std::uint8_t family = reader.u8();
    if (family != static_cast<std::uint8_t>(wire::Family::kV4) &&
        family != static_cast<std::uint8_t>(wire::Family::kV6)) {
        reader.reject();
        return address;
    }
    address.family = static_cast<wire::Family>(family);
    std::ranges::copy(reader.bytes(address.size_bytes()), address.bytes.begin());
    return address;
}

void write_prefix(wire::RecordWriter& writer, const wire::Prefix& prefix) {
    write_address(writer, prefix.address);
    writer.u8(prefix.length);
}
wire::Prefix read_prefix(wire::RecordReader& reader) {
    const wire::Address address = read_address(reader);
    const std::uint8_t length = reader.u8();
    if (!reader.ok() || length > address.bit_count()) {
        reader.reject();
        return {};
    }
    const wire::Prefix prefix = wire::Prefix::of(address, length);
    if (prefix.address != address) {
        reader.reject();  // bits beyond the length: another way to write the same
    }
    return prefix;
}

void write_key(wire::RecordWriter& writer, const Target& target) {
    switch (target.kind()) {
        case KeyKind::kAddress:
            write_address(writer, std::get<wire::Address>(target.key));
            break;
        case KeyKind::kPrefix:
            write_prefix(writer, std::get<wire::Prefix>(target.key));
            break;
        case KeyKind::kMember:
            writer.bytes(std::get<MemberId>(target.key).bytes);
            break;
        case KeyKind::kHost:
            break;
        case KeyKind::kMemberRoute: {
            const auto& route = std::get<MemberRoute>(target.key);
            write_prefix(writer, route.prefix);
            writer.bytes(route.via.bytes);
            break;
        }
    }
}
Key read_key(wire::RecordReader& reader, KeyKind kind) {
    switch (kind) {
        case KeyKind::kAddress:
            return read_address(reader);
        case KeyKind::kPrefix:
            return read_prefix(reader);
        case KeyKind::kMember:
            return MemberId{reader.array<32>()};
        case KeyKind::kHost:
            return Host{};
        case KeyKind::kMemberRoute: {
            const wire::Prefix prefix = read_prefix(reader);
            return MemberRoute{.prefix = prefix, .via = {reader.array<32>()}};
        }
    }
    return {};
}

void write_target(wire::RecordWriter& writer, const Target& target) {
    writer.u8(static_cast<std::uint8_t>(target.executor));
    writer.u8(static_cast<std::uint8_t>(target.kind()));
    writer.u32(target.option);
    write_key(writer, target);
}
Target read_target(wire::RecordReader& reader) {
    Target target;
    const std::uint8_t executor = reader.u8();
    if (executor < 1 || executor > kExecutorCount) {
        reader.reject();
        return target;
    }
    target.executor = static_cast<Executor>(executor);
    const std::uint8_t kind = reader.u8();
    target.option = reader.u32();
    if (kind >= kKeyKindCount) {
        reader.reject();
        return target;
    }
    target.key = read_key(reader, static_cast<KeyKind>(kind));
    if (!check_shape(target)) {
        reader.reject();
    }
    return target;
}
// Of the first version: addresses, and the firewall.
Target read_first_target(wire::RecordReader& reader) {
    if (reader.u8() != static_cast<std::uint8_t>(Executor::kFirewall)) {
        reader.reject();
    }
    return {.executor = Executor::kFirewall, .key = read_address(reader)};
}

bool is_duration(Duration duration) {
    return duration >= Duration(0) && duration <= kActionLongest;
}

void write_terms(wire::RecordWriter& writer, const Terms& terms) {
    writer.u64(static_cast<std::uint64_t>(terms.duration.count()));
    writer.u64(static_cast<std::uint64_t>(terms.confirm_within.count()));
    writer.u8(terms.renews ? 1 : 0);
    writer.u8(static_cast<std::uint8_t>(terms.depends_on.size()));
    for (const ActionId& id : terms.depends_on) {
        writer.u64(id.number);
    }
}
Terms read_terms(wire::RecordReader& reader) {
    Terms terms;
    terms.duration = Duration(static_cast<std::int64_t>(reader.u64()));
    terms.confirm_within = Duration(static_cast<std::int64_t>(reader.u64()));
    const std::uint8_t renews = reader.u8();
    const std::uint8_t count = reader.u8();
    if (!is_duration(terms.duration) || !is_duration(terms.confirm_within) || renews > 1 ||
        count > kDependsMax) {
        reader.reject();
        return terms;
    }
    terms.renews = renews == 1;
    for (std::uint8_t index = 0; index < count; ++index) {
        terms.depends_on.push_back({reader.u64()});
    }
    return terms;
}

// What the first version left unsaid. A clock may have been anywhere.
Duration duration_between(WallTime begun, WallTime until) {
    if (begun.ns < 0 || until.ns < begun.ns || !is_duration(Duration(until.ns - begun.ns))) {
        return kActionShortest;
    }
    return Duration(until.ns - begun.ns);
}

void read_begin(wire::RecordReader& reader, Record& record, bool is_first_version) {
    record.target = is_first_version ? read_first_target(reader) : read_target(reader);
    if (!is_first_version) {
        record.terms = read_terms(reader);
    }
    record.until = read_wall_time(reader);
    record.before = read_condition(reader);
    record.reason = reader.text(kReasonSizeMax);
    if (is_first_version) {
        record.terms.duration = duration_between(record.at, record.until);
    }
}

}  // namespace

Result<Record> decode_record(ByteView bytes) {
    wire::RecordReader reader(bytes);
    Record record;
    std::uint8_t kind = reader.u8();
    const bool is_first_version = kind != kRecordMark;
    if (!is_first_version) {
        kind = reader.u8();
    }
    const RecordKind last = is_first_version ? RecordKind::kNumbered : kRecordKindLast;
    if (kind < static_cast<std::uint8_t>(RecordKind::kIntent) ||
        kind > static_cast<std::uint8_t>(last)) {
        return fail(RemedyError::kBadRecord);
    }
    record.kind = static_cast<RecordKind>(kind);
    record.at = read_wall_time(reader);
    record.action.number = reader.u64();
    if (record.begins()) {
        read_begin(reader, record, is_first_version);
    } else if (record.kind == RecordKind::kRenewed) {
        record.until = read_wall_time(reader);
    }
    if (!reader.finish()) {
        return fail(RemedyError::kBadRecord);
    }
    return record;
}

std::vector<std::uint8_t> encode_record(const Record& record, RecordHash& hash) {
    std::array<std::uint8_t, kRecordSizeMax> buffer;
    wire::RecordWriter writer(buffer);
    writer.u8(kRecordMark);
    writer.u8(static_cast<std::uint8_t>(record.kind));
    write_wall_time(writer, record.at);
    writer.u64(record.action.number);
    if (record.begins()) {
        write_target(writer, record.target);
        write_terms(writer, record.terms);
        write_wall_time(writer, record.until);
        write_condition(writer, record.before);
        writer.text(std::string_view(record.reason).substr(0, kReasonSizeMax));
    } else if (record.kind == RecordKind::kRenewed) {
        write_wall_time(writer, record.until);
    }
    PM_ASSERT(writer.ok());
    const ByteView body = writer.written();
    hash = chain(hash, body);
    std::vector<std::uint8_t> framed(kLengthSize + body.size() + hash.size());
    store_be<std::uint32_t>(framed.data(), static_cast<std::uint32_t>(body.size() + hash.size()));
    std::ranges::copy(body, framed.begin() + kLengthSize);
    std::ranges::copy(hash, framed.end() - kRecordHashSize);
    return framed;
}

Result<JournalContent> decode_journal(ByteView file) {
    JournalContent content;
    while (content.whole_size < file.size()) {
        const ByteView rest = file.subspan(content.whole_size);
        const std::size_t size =
            rest.size() < kLengthSize ? 0 : load_be<std::uint32_t>(rest.data());
        const bool fits = size > kRecordHashSize && kLengthSize + size <= rest.size() &&
                          kLengthSize + size <= kRecordSizeMax;
        const ByteView body = fits ? rest.subspan(kLengthSize, size - kRecordHashSize) : ByteView{};
        const RecordHash hash = fits ? chain(content.hash, body) : RecordHash{};
        const bool verifies =
            fits && std::ranges::equal(hash, rest.subspan(kLengthSize + body.size(), hash.size()));
        if (!verifies) {
            // One write that did not get to its end: shorter than any record may be, nothing behind it.
            const bool is_last =
                fits ? rest.size() == kLengthSize + size : rest.size() < kRecordSizeMax;
            return is_last ? Result<JournalContent>(std::move(content))
                           : fail(
                                 RemedyError::kJournalDamaged,
                                 static_cast<std::uint32_t>(content.whole_size)
                             );
        }
        content.records.push_back(PM_TRY(decode_record(body)));
        content.hash = hash;
        content.whole_size += kLengthSize + size;
    }
    return content;
}

}  // namespace phantom::remedy
