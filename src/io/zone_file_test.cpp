#include "io/zone_file.h"

#include <gtest/gtest.h>

namespace phantom::io {
namespace {

TEST(ZoneFile, a_name_leads_to_no_other_folder) {
    for (const char* const name : {"Europe/Berlin", "Etc/GMT+3", "UTC", "America/Port-au-Prince"}) {
        EXPECT_TRUE(is_zone_name(name)) << name;
    }
    for (const char* const name :
         {"", "../../etc/shadow", "/etc/passwd", "a//b", "a.b", "Europe/"}) {
        EXPECT_FALSE(is_zone_name(name)) << name;
        EXPECT_TRUE(read_zone_file(name).empty()) << name;
    }
}

TEST(ZoneFile, a_zone_is_read_and_one_that_is_not_there_is_empty) {
    EXPECT_TRUE(read_zone_file("Nowhere/Atlantis").empty());
    if (read_zone_file("Europe/Berlin").empty()) {
        GTEST_SKIP() << "tzdata is not installed";
    }
    const std::vector<std::uint8_t> file = read_zone_file("Europe/Berlin");
    EXPECT_EQ(std::string(file.begin(), file.begin() + 4), "TZif");
}

}  // namespace
}  // namespace phantom::io
