#include "remedy/record.h"

#include <gtest/gtest.h>

#include "remedy/remedy_fixture.h"

namespace phantom::remedy {
namespace {

std::vector<Record> some_records() {
    return {
        {.kind = RecordKind::kIntent,
         .at = kEpoch,
         .action = {1},
         .target = against("192.0.2.7"),
         .terms = {.duration = 1h, .confirm_within = 60s, .renews = true},
         .until = after(kEpoch, 1h),
         .before = {true, after(kEpoch, 5s)},
         .reason = "scans"},
        {.kind = RecordKind::kDone, .at = kEpoch, .action = {1}},
        {.kind = RecordKind::kIntent,
         .at = kEpoch,
         .action = {2},
         .target = against("2001:db8::7"),
         .until = after(kEpoch, 1h)},
        {.kind = RecordKind::kRenewed, .at = kEpoch, .action = {1}, .until = after(kEpoch, 2h)},
        {.kind = RecordKind::kRevert, .at = kEpoch, .action = {1}},
        {.kind = RecordKind::kStuck, .at = kEpoch, .action = {1}},
        {.kind = RecordKind::kReverted, .at = kEpoch, .action = {1}},
        {.kind = RecordKind::kConfirmed, .at = kEpoch, .action = {2}},
        {.kind = RecordKind::kDenied, .at = kEpoch, .action = {3}},
        {.kind = RecordKind::kNumbered, .action = {2}},
    };
}

std::vector<std::uint8_t> file_of(const std::vector<Record>& records) {
    std::vector<std::uint8_t> file;
    RecordHash hash{};
    for (const Record& record : records) {
        const auto framed = encode_record(record, hash);
        EXPECT_LE(framed.size(), kRecordSizeMax);
        file.insert(file.end(), framed.begin(), framed.end());
    }
    return file;
}

TEST(JournalRecord, comes_back_as_it_was) {
    const auto file = file_of(some_records());
    const auto content = decode_journal(file);
    ASSERT_TRUE(content);
    EXPECT_EQ(content->records, some_records());
    EXPECT_EQ(content->whole_size, file.size());
}

TEST(JournalRecord, each_kind_of_target_comes_back) {
    std::vector<Record> records;
    for (const Target& target : all_kinds()) {
        records.push_back({
            .kind = RecordKind::kProposed,
            .at = kEpoch,
            .action = {records.size() + 1},
            .target = target,
            .terms = {.duration = 1h, .depends_on = std::vector<ActionId>(kDependsMax, {77})},
            .until = after(kEpoch, 1h),
            .reason = std::string(kReasonSizeMax, 'x'),
        });
    }
    const auto content = decode_journal(file_of(records));
    ASSERT_TRUE(content);
    EXPECT_EQ(content->records, records);
}

// Written by the program before there was a version in a record: a block, done, made longer, taken back.
constexpr std::string_view kFirstVersion =
    "0000004f0118fae27693b4000000000000000000010104c000020718fae5bcc46ca0000118fae277bdb9f200"
    "00057363616e732a8b054b42d66b86458c34819375221e48629e5968feaa4f285a3528d22a472e0000003102"
    "18fae27693b400000000000000000001d5a535445fc1e863fcc1519fd82c1e0bfd3a0454f1d1cf4c58873fe3"
    "0469d04a000000560118fae27693b400000000000000000002010620010db800000000000000000000000718"
    "fae5bcc46ca00000ffffffffffffffff0000f9b7ae03a3fd9d663becc0b164283e9d605252a52a30dcb764c7"
    "824a340215d8000000390318fae27693b40000000000000000000118fae902f525400070288bf7c573cd1178"
    "0147c35b8a120cc7508e259ae9a6ef77c68897ee2fae7a000000310418fae27693b400000000000000000001"
    "892ed08ada9b8656b2913b32f08ad96c2e9032d279694c83722478b8c812e0d7000000310618fae27693b400"
    "00000000000000000125b0cb4ce27fa116ebc2e4c6171870e35162c8be7a456a1d245f28af665f1a1c000000"
    "310518fae27693b4000000000000000000016d3a523a1a9e8b20078a81249e5edecb816fbd07ccd5282c0949"
    "9defb8868bd00000003107000000000000000000000000000000024a7ad89907c0477cc79c047eff5dc58f30"
    "26974972fb1c67691aead70b26f3a6";

std::vector<std::uint8_t> bytes_of(std::string_view hexadecimal) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t at = 0; at + 2 <= hexadecimal.size(); at += 2) {
        bytes.push_back(static_cast<std::uint8_t>(
            std::stoul(std::string(hexadecimal.substr(at, 2)), nullptr, 16)
        ));
    }
    return bytes;
}

TEST(JournalRecord, a_journal_of_the_first_version_is_read) {
    const auto content = decode_journal(bytes_of(kFirstVersion));
    ASSERT_TRUE(content) << content.error().message();
    ASSERT_EQ(content->records.size(), 8U);
    Record first = some_records().front();
    first.terms = {.duration = 1h};
    EXPECT_EQ(content->records.front(), first);
    // What comes after it is of this version, in the same chain.
    auto file = bytes_of(kFirstVersion);
    RecordHash hash = content->hash;
    const auto next = encode_record({.kind = RecordKind::kNumbered, .action = {9}}, hash);
    file.insert(file.end(), next.begin(), next.end());
    const auto longer = decode_journal(file);
    ASSERT_TRUE(longer);
    EXPECT_EQ(longer->records.size(), 9U);
}

TEST(JournalRecord, the_longest_reason_fits_and_a_longer_one_is_cut) {
    Record record = some_records().front();
    record.reason = std::string(10'000, 'x');
    const auto file = file_of({record});
    const auto content = decode_journal(file);
    ASSERT_TRUE(content);
    EXPECT_EQ(content->records.at(0).reason, std::string(kReasonSizeMax, 'x'));
}

// A write that was cut anywhere leaves all that was before it.
TEST(JournalRecord, cut_anywhere_it_ends_with_the_last_whole_one) {
    const auto records = some_records();
    const auto file = file_of(records);
    std::vector<std::size_t> ends{0};
    for (std::size_t count = 1; count <= records.size(); ++count) {
        ends.push_back(
            file_of({records.begin(), records.begin() + static_cast<std::ptrdiff_t>(count)}).size()
        );
    }
    for (std::size_t size = 0; size <= file.size(); ++size) {
        const auto content = decode_journal(ByteView(file).first(size));
        ASSERT_TRUE(content) << size;
        const auto whole = std::ranges::upper_bound(ends, size) - ends.begin() - 1;
        EXPECT_EQ(content->records.size(), static_cast<std::size_t>(whole)) << size;
        EXPECT_EQ(content->whole_size, ends[static_cast<std::size_t>(whole)]) << size;
    }
}

TEST(JournalRecord, a_write_whose_bytes_never_came_is_none) {
    auto file = file_of(some_records());
    const std::size_t whole = file.size();
    file.resize(whole + 100);  // the size was on the disk, the bytes were not
    const auto content = decode_journal(file);
    ASSERT_TRUE(content);
    EXPECT_EQ(content->whole_size, whole);
}

// Whatever bit is turned: nothing that was not written comes out.
TEST(JournalRecord, a_turned_bit_is_found) {
    const auto records = some_records();
    const auto file = file_of(records);
    std::size_t said = 0;
    for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
        auto turned = file;
        turned[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        const auto content = decode_journal(turned);
        if (!content) {
            ++said;
            continue;
        }
        ASSERT_LT(content->records.size(), records.size()) << bit;
        for (std::size_t index = 0; index < content->records.size(); ++index) {
            EXPECT_EQ(content->records[index], records[index]) << bit;
        }
    }
    EXPECT_GT(said, 0U);
}

TEST(JournalRecord, damage_in_the_middle_of_a_long_file_is_said_with_its_place) {
    std::vector<Record> records;
    for (std::uint64_t number = 1; number <= 100; ++number) {
        records.push_back({.kind = RecordKind::kNumbered, .action = {number}});
    }
    const auto whole = file_of(records);
    auto file = whole;
    const std::size_t each = file.size() / records.size();
    file[10 * each + 2] ^= 1U;
    const auto content = decode_journal(file);
    ASSERT_FALSE(content);
    EXPECT_TRUE(content.error().is(RemedyError::kJournalDamaged));
    EXPECT_EQ(content.error().detail(), 10 * each);
    // Records that are left out, or change places, are damage too.
    auto without = whole;
    without.erase(
        without.begin() + static_cast<std::ptrdiff_t>(10 * each),
        without.begin() + static_cast<std::ptrdiff_t>(11 * each)
    );
    EXPECT_FALSE(decode_journal(without));
}

}  // namespace
}  // namespace phantom::remedy
