#include "base/log.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/json_text.h"

namespace phantom::log {
namespace {

constexpr WallTime kAt{1'795'397'547'000'042'000};

TEST(JsonLine, says_who_when_and_what) {
    EXPECT_EQ(
        json_line(Level::kWarning, kAt, "phantom0", "api: 127.0.0.1:8443: in use", ""),
        "{\"time\":\"2026-11-23T01:32:27.000042Z\",\"level\":\"warning\",\"node\":\"phantom0\","
        "\"component\":\"api\",\"text\":\"api: 127.0.0.1:8443: in use\"}"
    );
}

TEST(JsonLine, has_the_trace_and_escapes_what_others_say) {
    const std::string line = json_line(
        Level::kInfo, kAt, "wg0", "alert 7: P1 \"x\"\n\\", "5b8aa5a2d2c872e8321cf37308d69df2"
    );
    EXPECT_TRUE(
        line.ends_with("\"component\":\"alert\",\"text\":\"alert 7: P1 \\\"x\\\"\\u000a\\\\\","
                       "\"trace_id\":\"5b8aa5a2d2c872e8321cf37308d69df2\"}")
    ) << line;
}

// Labels are few: the name of a peer is none.
TEST(JsonLine, a_component_is_one_of_ours) {
    EXPECT_NE(
        json_line(Level::kInfo, kAt, "", "birch: post-quantum keys agreed", "")
            .find("\"component\":\"node\""),
        std::string::npos
    );
    EXPECT_NE(
        json_line(Level::kInfo, kAt, "", "ready", "").find("\"node\",\"text\""), std::string::npos
    );
}

TEST(JsonText, what_is_no_UTF8_is_replaced) {
    std::string out;
    append_json_text(out, "a\xff\xc3\xa9\xed\xa0\x80z");
    // A surrogate is three bytes of which none begins a character.
    EXPECT_EQ(out, "\"a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\"");
}

RC_GTEST_PROP(JsonText, never_ends_before_its_end, (const std::string& text)) {
    std::string out;
    append_json_text(out, text);
    RC_ASSERT(out.size() >= 2 && out.front() == '"' && out.back() == '"');
    for (std::size_t at = 1; at + 1 < out.size(); ++at) {
        RC_ASSERT(static_cast<std::uint8_t>(out[at]) >= 0x20);
        RC_ASSERT(out[at] != '"');
        at += out[at] == '\\' ? 1 : 0;
    }
}

}  // namespace
}  // namespace phantom::log
