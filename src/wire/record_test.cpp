#include "wire/record.h"

#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace phantom::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(ByteView view) {
    return {view.begin(), view.end()};
}

TEST(Record, numbers_are_big_endian_and_lengths_stand_in_front) {
    std::array<std::uint8_t, 64> buffer{};
    RecordWriter writer(buffer);
    writer.u8(0x01);
    writer.u16(0x0203);
    writer.u32(0x04050607);
    writer.u64(0x08090a0b0c0d0e0f);
    writer.bytes(Bytes{0x10, 0x11});
    writer.sized_bytes(Bytes{0x12});
    writer.text("ab");
    ASSERT_TRUE(writer.finish().has_value());
    EXPECT_EQ(bytes_of(*writer.finish()), (Bytes{1,  2,  3,  4,  5,  6, 7, 8,  9, 10, 11,  12,
                                                 13, 14, 15, 16, 17, 0, 1, 18, 0, 2,  'a', 'b'}));
}

RC_GTEST_PROP(
    Record, what_was_written_is_read,
    (std::uint8_t a, std::uint16_t b, std::uint32_t c, std::uint64_t d, const Bytes& e,
     const std::string& f)
) {
    std::vector<std::uint8_t> buffer(64 + e.size() + f.size());
    RecordWriter writer(buffer);
    writer.u8(a);
    writer.u16(b);
    writer.u32(c);
    writer.u64(d);
    writer.sized_bytes(e);
    writer.text(f);
    writer.bytes(Bytes{1, 2, 3});
    RecordReader reader(writer.finish().value());
    RC_ASSERT(reader.u8() == a);
    RC_ASSERT(reader.u16() == b);
    RC_ASSERT(reader.u32() == c);
    RC_ASSERT(reader.u64() == d);
    RC_ASSERT(bytes_of(reader.sized_bytes()) == e);
    RC_ASSERT(reader.text() == f);
    RC_ASSERT((reader.array<3>() == std::array<std::uint8_t, 3>{1, 2, 3}));
    RC_ASSERT(reader.finish().has_value());
}

TEST(RecordWriter, a_record_may_fill_its_maximum_and_no_more) {
    std::array<std::uint8_t, 4> buffer{};
    RecordWriter writer(buffer);
    writer.u32(1);
    EXPECT_TRUE(writer.ok());
    writer.bytes({});
    EXPECT_TRUE(writer.ok());
    writer.u8(2);
    EXPECT_FALSE(writer.ok());
    EXPECT_TRUE(writer.finish().error().is(WireError::kTooLong));
}

TEST(RecordWriter, writes_nothing_more_after_what_did_not_fit) {
    std::array<std::uint8_t, 4> buffer{};
    RecordWriter writer(buffer);
    writer.u8(7);
    writer.u32(1);
    writer.u8(8);
    EXPECT_EQ(bytes_of(writer.written()), Bytes{7});
    EXPECT_EQ(buffer[1], 0);
}

TEST(RecordWriter, refuses_a_field_longer_than_its_length_can_say) {
    std::vector<std::uint8_t> buffer(kSizedFieldMax + 100);
    RecordWriter fits(buffer);
    fits.sized_bytes(Bytes(kSizedFieldMax));
    EXPECT_TRUE(fits.ok());
    RecordWriter writer(buffer);
    writer.sized_bytes(Bytes(kSizedFieldMax + 1));
    EXPECT_FALSE(writer.ok());
    EXPECT_TRUE(writer.written().empty());
}

TEST(RecordReader, gives_nothing_past_the_end_and_remembers_it) {
    const Bytes record = {1, 2, 3};
    RecordReader reader(record);
    EXPECT_EQ(reader.u16(), 0x0102);
    EXPECT_EQ(reader.u16(), 0);
    EXPECT_FALSE(reader.ok());
    EXPECT_EQ(reader.u8(), 0);
    EXPECT_TRUE(reader.bytes(1).empty());
    EXPECT_EQ(reader.array<2>(), (std::array<std::uint8_t, 2>{}));
    EXPECT_TRUE(reader.text().empty());
    EXPECT_TRUE(reader.finish().error().is(WireError::kBadRecord));
}

TEST(RecordReader, refuses_what_is_left) {
    const Bytes record = {1, 2, 3};
    RecordReader reader(record);
    EXPECT_EQ(reader.u8(), 1);
    EXPECT_TRUE(reader.finish().error().is(WireError::kTrailingBytes));
    EXPECT_EQ(reader.finish().error().detail(), 2U);
}

TEST(RecordReader, refuses_a_length_above_the_field_s_maximum_or_what_is_left) {
    const Bytes record = {0, 2, 'a', 'b'};
    RecordReader fits(record);
    EXPECT_EQ(fits.text(2), "ab");
    RecordReader bounded(record);
    EXPECT_EQ(bounded.text(1), "");
    EXPECT_FALSE(bounded.ok());
    RecordReader cut(ByteView(record).first(3));
    EXPECT_TRUE(cut.sized_bytes().empty());
    EXPECT_FALSE(cut.ok());
}

}  // namespace
}  // namespace phantom::wire
