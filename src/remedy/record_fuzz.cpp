// Whatever stands in the file: no crash, and what comes out is what would be written again.

#include <algorithm>
#include <cstdlib>

#include "remedy/ledger.h"

namespace {

using namespace phantom::remedy;

// Each kind of target, by a number.
Target target_of(std::uint8_t number) {
    MemberId member;
    member.bytes[0] = number / 16;
    phantom::wire::Address address;
    address.family = number % 2 == 0 ? phantom::wire::Family::kV4 : phantom::wire::Family::kV6;
    address.bytes[0] = number / 16;
    const auto prefix = phantom::wire::Prefix::of(address, 8);
    switch (number / 2 % 8) {
        case 0:
            return {Executor::kIsolation, member};
        case 1:
            return {Executor::kIsolation, Host{}};
        case 2:
            return {Executor::kRateLimit, member, kRates[number % 3]};
        case 3:
            return {Executor::kTunnel, member, number % 2U};
        case 4:
            return {Executor::kRoute, prefix};
        case 5:
            return {Executor::kRoute, MemberRoute{prefix, member}};
        case 6:
            return {Executor::kCredential, member};
        default:
            return {Executor::kFirewall, address};
    }
}

Record record_of(const std::uint8_t* data) {
    Record record;
    record.kind = static_cast<RecordKind>(1 + data[0] % static_cast<int>(kRecordKindLast));
    record.action.number = data[1] % 8;
    record.at.ns = data[2];
    record.until.ns = record.begins() || record.kind == RecordKind::kRenewed ? data[5] : 0;
    if (!record.begins()) {
        return record;
    }
    record.target = target_of(data[3]);
    record.before.in_force = data[6] % 2 == 0;
    record.terms.duration = phantom::Duration(data[7]);
    record.terms.confirm_within = phantom::Duration(data[8] % 4 * 32);
    record.terms.renews = data[9] % 2 == 0;
    for (std::uint8_t count = 0; count < data[10] % 3; ++count) {
        record.terms.depends_on.push_back({data[11 + count] % 8U});
    }
    return record;
}

void expect(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void expect_same(const Ledger& ledger) {
    // The shortest way leads to the same, but for proposals whose ground is gone.
    Ledger again;
    for (const Record& record : ledger.as_records()) {
        expect(again.take(record).has_value());
    }
    expect(again.next_id() == ledger.next_id() && again.targets() == ledger.targets());
    for (const auto& [id, action] : ledger.actions()) {
        const Action* other = again.find(id);
        if (other == nullptr) {
            expect(action.is_proposed());
            continue;
        }
        expect(
            other->state == action.state || (action.state == ActionState::kCompensating &&
                                             other->state == ActionState::kCompensating)
        );
    }
    for (const Target& target : ledger.targets()) {
        for (const std::int64_t now : {0, 17, 100, 200, 300}) {
            expect(again.wanted(target, {now}) == ledger.wanted(target, {now}));
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)decode_journal({data, size});
    // The fuzzer cannot make hashes: each record is framed for it, as bytes of its own and as ours.
    constexpr std::size_t kStep = 20;
    std::vector<std::uint8_t> file;
    RecordHash hash{};
    Ledger ledger;
    for (std::size_t at = 0; at + kStep <= size; at += kStep) {
        const Record record = record_of(data + at);
        const auto framed = encode_record(record, hash);
        file.insert(file.end(), framed.begin(), framed.end());
        (void)ledger.take(record);
    }
    const auto content = decode_journal(file);
    expect(content.has_value() && content->whole_size == file.size());
    RecordHash again{};
    std::vector<std::uint8_t> rewritten;
    for (const Record& record : content->records) {
        const auto framed = encode_record(record, again);
        rewritten.insert(rewritten.end(), framed.begin(), framed.end());
    }
    expect(rewritten == file);
    expect_same(ledger);
    // A record of the fuzzer's own bytes, of any version.
    if (const auto decoded = decode_record({data, size})) {
        RecordHash own{};
        const auto framed = encode_record(*decoded, own);
        const auto back = decode_journal(framed);
        expect(back.has_value() && back->records.size() == 1 && back->records[0] == *decoded);
    }
    return 0;
}
