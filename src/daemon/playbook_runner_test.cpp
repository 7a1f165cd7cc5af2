#include "daemon/playbook_runner.h"

#include <gtest/gtest.h>

namespace phantom::daemon {
namespace {

namespace json = boost::json;

TEST(OwnCommand, what_acts_is_the_incident_s) {
    const auto block = own_command("block 10.0.0.7 600", 7);
    ASSERT_TRUE(block);
    EXPECT_EQ(block->at("verb"), "block");
    EXPECT_EQ(block->at("address"), "10.0.0.7");
    EXPECT_EQ(block->at("for_s"), 600);
    EXPECT_EQ(block->at("incident").to_number<int>(), 7);
    const auto act = own_command("act isolation birch", 8);
    ASSERT_TRUE(act);
    EXPECT_EQ(act->at("verb"), "act");
    EXPECT_EQ(act->at("executor"), "isolation");
    EXPECT_EQ(act->at("target"), "birch");
    EXPECT_EQ(act->at("for_s"), 3'600);
    EXPECT_EQ(act->at("incident").to_number<int>(), 8);
}

TEST(OwnCommand, what_is_none_is_refused) {
    for (const char* text :
         {"", "block", "block 10.0.0.7 x", "block 10.0.0.7 0", "block 10.0.0.7 -5",
          "block 10.0.0.7 5 6", "act", "act isolation", "act isolation birch 1 2", "undo", "undo x",
          "undo 1 2", "note", "defence", "actions now", "reboot"}) {
        EXPECT_FALSE(own_command(text, 1)) << text;
    }
    EXPECT_EQ(own_command("undo 3", 1)->at("number"), 3);
    EXPECT_EQ(own_command("note the intern did it", 1)->at("text"), "the intern did it");
}

}  // namespace
}  // namespace phantom::daemon
