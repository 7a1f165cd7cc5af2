#include "io/offload_probe.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/log.h"

namespace phantom::io {
namespace {

class OffloadProbe : public testing::Test {
  protected:
    void SetUp() override {
        if (geteuid() != 0) {
            GTEST_SKIP() << "needs root to make a network namespace";
        }
        log::configure(log::Level::kWarning, "probe");
        usable_ = prove_offloads({});
    }
    Offloads usable_;
};

TEST_F(OffloadProbe, proves_the_same_twice) {
    EXPECT_EQ(prove_offloads({}), usable_);
}

TEST_F(OffloadProbe, never_adds_what_was_not_wanted) {
    const Offloads none{.tso = false, .uso = false, .gso = false, .gro = false};
    EXPECT_EQ(prove_offloads(none), none);
}

TEST_F(OffloadProbe, notices_a_kernel_that_mangles_tcp_super_packets) {
    Offloads expected = usable_;
    expected.tso = false;
    EXPECT_EQ(prove_offloads({}, {.tso = true}), expected);
}

TEST_F(OffloadProbe, notices_a_kernel_that_mangles_udp_super_packets) {
    Offloads expected = usable_;
    expected.uso = false;
    EXPECT_EQ(prove_offloads({}, {.uso = true}), expected);
}

TEST_F(OffloadProbe, notices_sends_that_arrive_changed) {
    EXPECT_FALSE(prove_offloads({}, {.gso = true}).gso);
}

TEST_F(OffloadProbe, notices_merged_receives_that_arrive_changed) {
    Offloads expected = usable_;
    expected.gro = false;
    EXPECT_EQ(prove_offloads({}, {.gro = true}), expected);
}

}  // namespace
}  // namespace phantom::io
