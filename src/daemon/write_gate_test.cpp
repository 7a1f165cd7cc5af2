#include "daemon/write_gate.h"

#include <gtest/gtest.h>

namespace phantom::daemon {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart{1'000'000'000'000};

TEST(WriteGate, a_change_is_written_at_once) {
    WriteGate gate;
    EXPECT_FALSE(gate.due(kStart));
    EXPECT_EQ(gate.deadline(), kFarFuture);
    gate.changed(kStart);
    EXPECT_TRUE(gate.due(kStart));
    gate.written(200, kStart);
    EXPECT_FALSE(gate.due(kStart + 1h));
    gate.changed(kStart + 1ms);
    EXPECT_TRUE(gate.due(kStart + 1ms)) << "and so is the next one";
}

TEST(WriteGate, a_little_change_waits_for_another) {
    WriteGate gate;
    gate.changed_a_little(kStart);
    EXPECT_FALSE(gate.due(kStart + 999ms));
    EXPECT_TRUE(gate.due(kStart + 1s)) << "but not for ever";
    gate.changed(kStart + 1ms);
    EXPECT_TRUE(gate.due(kStart + 1ms));
}

// A minute of changes, one each millisecond.
int writes_in_a_minute(std::size_t size_bytes) {
    WriteGate gate;
    int writes = 0;
    for (Instant now = kStart; now < kStart + 60s; now = now + 1ms) {
        gate.changed(now);
        if (gate.due(now)) {
            gate.written(size_bytes, now);
            ++writes;
        }
    }
    EXPECT_TRUE(gate.has_changed()) << "the last ones are not forgotten";
    return writes;
}

TEST(WriteGate, bounds_the_writes_of_any_burst) {
    EXPECT_LE(writes_in_a_minute(1'000), 68);
    EXPECT_GE(writes_in_a_minute(1'000), 60);
}

TEST(WriteGate, a_large_file_is_written_less_often) {
    EXPECT_LE(writes_in_a_minute(10 * kWriteBytesPerSecond), 8);
    EXPECT_GE(writes_in_a_minute(10 * kWriteBytesPerSecond), 6);
}

TEST(WriteGate, a_failed_write_is_tried_again_later) {
    WriteGate gate;
    gate.changed(kStart);
    gate.failed(kStart);
    EXPECT_FALSE(gate.due(kStart));
    EXPECT_TRUE(gate.due(kStart + 1s));
}

}  // namespace
}  // namespace phantom::daemon
