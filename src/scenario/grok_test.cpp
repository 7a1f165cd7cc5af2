#include "scenario/grok.h"

#include <chrono>

#include <gtest/gtest.h>

using namespace phantom::scenario;

namespace {

std::map<std::string, std::string> taken(const std::string& pattern, std::string_view line) {
    const GrokLibrary library;
    const auto grok = Grok::compile(pattern, library);
    EXPECT_TRUE(grok.has_value()) << (grok ? "" : grok.error().reason);
    Grok::Fields fields;
    if (!grok || grok->parse(line, fields) != Pattern::Outcome::kMatch) {
        return {};
    }
    return {fields.begin(), fields.end()};
}

TEST(Grok, a_syslog_line_has_its_parts) {
    auto fields = taken(
        "^%{SYSLOGLINE}", "Feb 12 14:10:21 sd-126005 sshd[16378]: Invalid user x from 1.2.3.4"
    );
    EXPECT_EQ(fields["timestamp"], "Feb 12 14:10:21");
    EXPECT_EQ(fields["logsource"], "sd-126005");
    EXPECT_EQ(fields["program"], "sshd");
    EXPECT_EQ(fields["pid"], "16378");
    EXPECT_EQ(fields["message"], "Invalid user x from 1.2.3.4");
    EXPECT_EQ(fields["timestamp8601"], "");
}

TEST(Grok, an_address_is_taken_whole_and_only_when_it_is_one) {
    for (const char* address :
         {"1.2.3.4", "255.255.255.255", "10.0.0.240", "::1", "::", "fe80::1", "2001:db8::b6d3:95d7",
          "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4"}) {
        EXPECT_EQ(taken("^%{IP:ip}$", address)["ip"], address);
    }
    for (const char* other : {"1.2.3", "256.1.1.1", "1.2.3.4.5", "1:2:3:4:5:6:7:8:9", "12345::"}) {
        EXPECT_TRUE(taken("^%{IP:ip}$", other).empty()) << other;
    }
}

TEST(Grok, dates_of_servers_are_understood) {
    EXPECT_EQ(
        taken("%{HTTPDATE:t}", "[29/Jul/2023:10:26:06 -0700]")["t"], "29/Jul/2023:10:26:06 -0700"
    );
    EXPECT_EQ(
        taken("%{TIMESTAMP_ISO8601:t}", "2022-01-19T14:23:55+00:00 x")["t"],
        "2022-01-19T14:23:55+00:00"
    );
    EXPECT_EQ(
        taken("%{NGINXERRTIME:t}", "2023/07/29 10:26:06 [error]")["t"], "2023/07/29 10:26:06"
    );
}

TEST(Grok, every_standard_name_can_be_compiled) {
    const GrokLibrary library;
    for (const char* name :
         {"DATA",
          "QS",
          "UUID",
          "LOGLEVEL",
          "NUMBER",
          "BASE16NUM",
          "IPORHOST",
          "HOSTPORT",
          "MAC",
          "URI",
          "URIPATHPARAM",
          "EMAILADDRESS",
          "DATESTAMP",
          "RFC3339",
          "HAPROXYDATE",
          "COMMONAPACHELOG",
          "HTTPD_ERRORLOG",
          "SSHD_FAIL",
          "SSHD_USER_FAIL",
          "SSHD_DISC_PREAUTH",
          "SSHD_BAD_VERSION",
          "SMB_AUTH_FAIL",
          "COWRIE_NEW_CO",
          "TCPDUMP_OUTPUT",
          "NAXSI_EXLOG"}) {
        const auto grok = Grok::compile("%{" + std::string(name) + ":x}", library);
        EXPECT_TRUE(grok.has_value()) << name << (grok ? "" : grok.error().reason);
    }
}

TEST(Grok, names_of_a_parser_hide_the_standard_ones) {
    GrokLibrary library;
    ASSERT_TRUE(library.add("WORD", "[0-9]+"));
    const GrokLibrary inner(&library);
    const auto grok = Grok::compile("%{WORD:x}", inner);
    ASSERT_TRUE(grok.has_value());
    Grok::Fields fields;
    ASSERT_EQ(grok->parse("ab 12", fields), Pattern::Outcome::kMatch);
    EXPECT_EQ(fields.front().second, "12");
}

TEST(Grok, a_field_of_several_groups_is_what_one_of_them_took) {
    EXPECT_EQ(taken("a(?:%{INT:x})|b(?:%{INT:x})", "a7")["x"], "7");
    EXPECT_EQ(taken("(?P<x>a)|(?P<x>b)", "b")["x"], "b");
}

TEST(Grok, says_what_it_does_not_know) {
    GrokLibrary library;
    ASSERT_TRUE(library.add("LOOP", "%{LOOP}"));
    EXPECT_NE(
        Grok::compile("%{NOBODY:x}", library).error().reason.find("NOBODY"), std::string::npos
    );
    EXPECT_FALSE(Grok::compile("%{LOOP:x}", library).has_value());
    EXPECT_FALSE(Grok::compile("(unclosed", library).has_value());
    EXPECT_FALSE(Grok::compile("(?<PmField9>x)", library).has_value());
    EXPECT_FALSE(Grok::compile("(?<PmField>x)", library).has_value());
}

TEST(Grok, a_pattern_that_backtracks_for_ever_is_given_up) {
    const GrokLibrary library;
    const auto grok = Grok::compile("^(?:(?:a+)+)+%{INT:x}$", library);
    ASSERT_TRUE(grok.has_value());
    Grok::Fields fields;
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_NE(grok->parse(std::string(5000, 'a') + "!", fields), Pattern::Outcome::kMatch);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Grok, bytes_that_are_no_utf8_hide_nothing) {
    EXPECT_EQ(taken("from %{IP:ip}", "user \xff\xfe\x80 from 192.0.2.7")["ip"], "192.0.2.7");
    EXPECT_EQ(taken("%{DATA:user} from %{IP:ip}$", "\xc3 from 192.0.2.7")["user"], "\xc3");
}

}  // namespace
