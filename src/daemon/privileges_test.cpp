#include "daemon/privileges.h"

#include <cstdint>
#include <fstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <unistd.h>

namespace phantom::daemon {
namespace {

std::uint64_t capabilities(const std::string& set) {
    std::ifstream status("/proc/thread-self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(set + ":")) {
            return std::stoull(line.substr(set.size() + 1), nullptr, 16);
        }
    }
    return UINT64_MAX;
}

// On a thread of its own: capabilities belong to a thread.
TEST(Privileges, keeps_only_what_the_daemon_needs) {
    if (geteuid() != 0) {
        GTEST_SKIP() << "needs root to have something to give up";
    }
    constexpr std::uint64_t kKept =
        (1ULL << CAP_NET_ADMIN) | (1ULL << CAP_NET_BIND_SERVICE) | (1ULL << CAP_SYS_ADMIN);
    std::thread([] {
        drop_privileges();
        for (const char* set : {"CapPrm", "CapEff", "CapBnd"}) {
            EXPECT_EQ(capabilities(set) & ~kKept, 0U) << set;
        }
        EXPECT_EQ(capabilities("CapInh"), 0U);
        EXPECT_EQ(capabilities("CapAmb"), 0U);
    }).join();
}

}  // namespace
}  // namespace phantom::daemon
