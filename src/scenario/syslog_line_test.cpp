#include "scenario/syslog_line.h"

#include <gtest/gtest.h>

namespace phantom::scenario {
namespace {

// RFC 3164 section 5.4, example 1.
TEST(SyslogLineTest, rfc_3164) {
    const SyslogLine line =
        read_syslog("<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8");
    EXPECT_EQ(line.priority, 34U);
    EXPECT_EQ(line.time, "Oct 11 22:14:15");
    EXPECT_EQ(line.host, "mymachine");
    EXPECT_EQ(line.program, "su");
    EXPECT_EQ(line.message, "'su root' failed for lonvick on /dev/pts/8");
}

// RFC 5424 section 6.5, examples 1 and 3.
TEST(SyslogLineTest, rfc_5424) {
    const SyslogLine one = read_syslog(
        "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - "
        "ID47 - \xef\xbb\xbf'su root' failed"
    );
    EXPECT_EQ(one.host, "mymachine.example.com");
    EXPECT_EQ(one.program, "su");
    EXPECT_EQ(one.process, "");
    EXPECT_EQ(one.message, "'su root' failed");
    const SyslogLine three = read_syslog(
        "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog "
        "- ID47 [exampleSDID@32473 iut=\"3\" x=\"a]\\\"b\"][b c=\"d\"] text"
    );
    EXPECT_EQ(three.program, "evntslog");
    EXPECT_EQ(three.message, "text");
}

TEST(SyslogLineTest, a_file_has_no_priority_and_a_daemon_no_host) {
    const SyslogLine file =
        read_syslog("2026-11-09T10:00:00.1+01:00 amber sshd[77]: Failed password: no");
    EXPECT_FALSE(file.priority.has_value());
    EXPECT_EQ(file.host, "amber");
    EXPECT_EQ(file.program, "sshd");
    EXPECT_EQ(file.process, "77");
    EXPECT_EQ(file.message, "Failed password: no");
    const SyslogLine local = read_syslog("<38>Nov  9 10:00:00 sshd[77]: hello");
    EXPECT_EQ(local.host, "");
    EXPECT_EQ(local.program, "sshd");
}

TEST(SyslogLineTest, what_is_no_header_is_message) {
    EXPECT_EQ(read_syslog("").message, "");
    EXPECT_EQ(read_syslog("<999>x").message, "<999>x");
    EXPECT_EQ(read_syslog("<3").message, "<3");
    EXPECT_EQ(read_syslog("just words here").message, "just words here");
    EXPECT_EQ(read_syslog("<13>1 ").message, "");
    EXPECT_EQ(read_syslog("<13>1 a b c d e [x").message, "");
}

}  // namespace
}  // namespace phantom::scenario
