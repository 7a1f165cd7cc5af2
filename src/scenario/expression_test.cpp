#include "scenario/expression.h"

#include <gtest/gtest.h>

#include "scenario/data_files.h"
#include "scenario/event.h"

using namespace phantom::scenario;

namespace {

Value sample_event() {
    Value event =
        new_event("raw line", {.path = "a.log", .module = "file", .type = "nginx", .labels = {}});
    (void)set_event_text(event, EventMap::kMeta, "service", "http");
    (void)set_event_text(event, EventMap::kMeta, "source_ip", "192.0.2.7");
    (void)set_event_text(event, EventMap::kParsed, "verb", "GET");
    (void)set_event_text(event, EventMap::kParsed, "json", R"({"a":{"b":[1,"x\"y"]},"n":2.5})");
    set_event_time(event, {.ns = 1'700'000'000'000'000'000});
    return event;
}

// What an expression says; its flaw or error as a text.
std::string said(std::string_view text) {
    DataFiles files;
    EXPECT_TRUE(files.add("words.txt", "# none\nadmin\n/etc/passwd\n").has_value());
    const auto expression = Expression::compile(text, files);
    if (!expression) {
        return "flaw: " + expression.error().reason;
    }
    Value event = sample_event();
    const auto value = expression->evaluate({.event = &event});
    return value ? formatted(*value) : "error";
}

TEST(Expression, asks_about_the_event) {
    EXPECT_EQ(said("evt.Meta.service == 'http' && evt.Parsed.verb in ['GET', 'HEAD']"), "true");
    EXPECT_EQ(said("evt.Meta.service != \"http\""), "false");
    EXPECT_EQ(said("evt.Meta.nothing == ''"), "true");
    EXPECT_EQ(said("evt.Meta[\"service\"]"), "http");
    EXPECT_EQ(said("'source_ip' in evt.Meta"), "true");
    EXPECT_EQ(said("evt.Line.Labels.type not in ['syslog', 'unifi']"), "true");
    EXPECT_EQ(said("evt.GetType()"), "log");
    EXPECT_EQ(said("evt.Time.Hour() >= 22 and evt.Time.Weekday().String() == 'Tuesday'"), "true");
}

TEST(Expression, strength_of_signs_is_that_of_the_language) {
    EXPECT_EQ(said("1 + 2 * 3"), "7");
    EXPECT_EQ(said("(1 + 2) * 3"), "9");
    EXPECT_EQ(said("true || false && false"), "true");
    EXPECT_EQ(said("nil ?? 'a' == 'a'"), "true");
    EXPECT_EQ(said("1 < 2 ? 'yes' : 'no'"), "yes");
    EXPECT_EQ(said("not ('a' == 'b')"), "true");
    EXPECT_EQ(said("'abc' not startsWith 'b'"), "true");
    EXPECT_EQ(said("-3 + 5"), "2");
    EXPECT_EQ(said("7 % 4"), "3");
}

TEST(Expression, texts_have_their_functions) {
    EXPECT_EQ(said("Upper('aZ') + Lower('Bc')"), "AZbc");
    EXPECT_EQ(said("TrimSpace('  x ')"), "x");
    EXPECT_EQ(said("Split('1.2.3.4, 5.6.7.8', ',')[-1]"), " 5.6.7.8");
    EXPECT_EQ(said("trimSuffix('a,', ',')"), "a");
    EXPECT_EQ(said("len('abc')"), "3");
    EXPECT_EQ(said("'abcdef'[1:3]"), "bc");
    EXPECT_EQ(said("'abcdef'[-2:]"), "ef");
    EXPECT_EQ(said("PathUnescape('%2e%2E/a')"), "../a");
    EXPECT_EQ(said("PathUnescape('100%')"), "100%");
    EXPECT_EQ(said("QueryUnescape('a+b%20c')"), "a b c");
    EXPECT_EQ(said("'/a/b.SQL' matches '(?i)\\\\.sql$'"), "true");
    EXPECT_EQ(said("'x' matches Upper('.*x.*')"), "false");
    EXPECT_EQ(said("Sprintf('%v-%s', 5, 'a')"), "5-a");
    EXPECT_EQ(said("int('12') + int(1.9)"), "13");
    EXPECT_EQ(said("Match('a*c?', 'abbcd')"), "true");
    EXPECT_EQ(said("Match('a*c?', 'abbc')"), "false");
    EXPECT_EQ(said("lastIndexOf('a:b:c', ':')"), "3");
}

TEST(Expression, json_and_pairs_are_taken_apart) {
    EXPECT_EQ(said("JsonExtract(evt.Parsed.json, 'a.b.[1]')"), "x\\\"y");
    EXPECT_EQ(said("JsonExtractUnescape(evt.Parsed.json, 'a.b.[1]')"), "x\"y");
    EXPECT_EQ(said("JsonExtract(evt.Parsed.json, 'a.c')"), "");
    EXPECT_EQ(said("JsonExtract('no json', 'a')"), "");
    EXPECT_EQ(
        said("UnmarshalJSON(evt.Parsed.json, evt.Unmarshaled, 'j') in ['', nil] && "
             "evt.Unmarshaled.j.a.b[0] == 1 && evt.Unmarshaled.j.n == 2.5"),
        "true"
    );
    EXPECT_EQ(
        said("ParseKV('a=1 b=\"two words\" c=', evt.Unmarshaled, 'kv') == nil && "
             "evt.Unmarshaled.kv.a + evt.Unmarshaled.kv.b + evt.Unmarshaled.kv.c"),
        "error"
    );  // && wants truth on both sides
    EXPECT_EQ(
        said("ParseKV('a=1 b=\"two words\"', evt.Unmarshaled, 'kv') == nil ? "
             "evt.Unmarshaled.kv.b : ''"),
        "two words"
    );
    EXPECT_EQ(
        said("ParseKVLax('msg=a b c dst=1', evt.Unmarshaled, 'kv') == nil ? "
             "evt.Unmarshaled.kv.msg : ''"),
        "a b c"
    );
}

TEST(Expression, addresses_times_and_files) {
    EXPECT_EQ(said("IpInRange(evt.Meta.source_ip, '192.0.2.0/24')"), "true");
    EXPECT_EQ(said("IsIPV6('2001:db8::1') && !IsIPV6('1.2.3.4') && IsIP('1.2.3.4')"), "true");
    EXPECT_EQ(said("duration('20m') > duration('1m30s')"), "true");
    EXPECT_EQ(said("MedianInterval([0, 10, 30]) "), "15");
    EXPECT_EQ(said("any(File('words.txt'), {'/x/etc/passwd' endsWith #})"), "true");
    EXPECT_EQ(said("RegexpInFile('an admin', 'words.txt')"), "true");
    EXPECT_EQ(
        said("Distance(48.85, 2.35, 51.5, -0.12) > 300 && "
             "Distance(48.85, 2.35, 51.5, -0.12) < 400"),
        "true"
    );
}

TEST(Expression, lists_are_asked_item_by_item) {
    EXPECT_EQ(said("count([1, 2, 3], # > 1)"), "2");
    EXPECT_EQ(said("map(filter([1, 2, 3], {# > 1}), {# * 2})[1]"), "6");
    EXPECT_EQ(said("let x = 'a'; let y = x + 'b'; y"), "ab");
    EXPECT_EQ(
        said("all([1, 2], {# > 0}) and none([1, 2], {# > 2}) and one([1, 2], {# == 2})"), "true"
    );
    EXPECT_EQ(said("[1, 2][-1]"), "2");
}

TEST(Expression, what_cannot_be_said_is_an_error_and_holds_not) {
    EXPECT_EQ(said("evt.Unmarshaled.nobody.name"), "error");
    EXPECT_EQ(said("evt.Unmarshaled.nobody?.name == nil"), "true");
    EXPECT_EQ(said("'a' + 1"), "error");
    EXPECT_EQ(said("[1][5]"), "error");
    EXPECT_EQ(said("5 % 0"), "error");
    EXPECT_EQ(said("int('x')"), "error");
    EXPECT_EQ(said("9223372036854775807 + 1"), "error");
    const DataFiles files;
    Value event = sample_event();
    const auto wrong = Expression::compile("evt.Meta.service", files);
    ASSERT_TRUE(wrong.has_value());
    EXPECT_FALSE(wrong->holds({.event = &event}));
}

TEST(Expression, says_what_it_does_not_understand) {
    EXPECT_EQ(said("Nobody(1)"), "flaw: the function Nobody is not known");
    EXPECT_EQ(said("evt.Appsec.X"), "flaw: evt.Appsec is not known");
    EXPECT_EQ(said("evt.SetMeta('a', 'b')"), "flaw: evt.SetMeta is not known");
    EXPECT_EQ(
        said("any(File('other.txt'), {# == 'a'})"), "flaw: the data file other.txt is not there"
    );
    EXPECT_TRUE(said("'unfinished").starts_with("flaw: a text without an end"));
    EXPECT_TRUE(said("1 +").starts_with("flaw: \"the end\" is not expected"));
    EXPECT_TRUE(said("'a' matches '('").starts_with("flaw: the expression is wrong"));
    EXPECT_TRUE(said("# == 1").starts_with("flaw: # stands for nothing"));
    EXPECT_TRUE(said("Lower()").starts_with("flaw: Lower has a wrong number"));
}

TEST(Expression, neither_depth_nor_length_nor_work_is_without_bound) {
    EXPECT_TRUE(said(std::string(5000, '(') + "1" + std::string(5000, ')')).starts_with("flaw"));
    EXPECT_TRUE(said(std::string(5000, '!') + "true").starts_with("flaw"));
    std::string chain = "1";
    for (int count = 0; count < 3000; ++count) {
        chain += "+1";
    }
    EXPECT_TRUE(said(chain).starts_with("flaw"));
    std::string choices = "false";
    for (int count = 0; count < 3000; ++count) {
        choices += " or evt.Meta.service == 'x'";
    }
    EXPECT_EQ(said(choices), "false");
    // Each level asks the one below it forty times.
    std::string work = "true";
    for (int depth = 0; depth < 6; ++depth) {
        work = "all([1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1], {" + work + "})";
    }
    EXPECT_EQ(said(work), "error");
    std::string doubled = "let a = 'aaaaaaaaaaaaaaaa'; ";
    for (int depth = 0; depth < 24; ++depth) {
        doubled += "let a = a + a; ";
    }
    EXPECT_EQ(said(doubled + "len(a)"), "error");
}

TEST(Expression, what_was_read_outlives_what_replaces_it) {
    EXPECT_EQ(
        said("UnmarshalJSON('{\"a\":\"a long text that lies on the heap\"}', evt.Unmarshaled, "
             "'j') == nil ? evt.Unmarshaled.j.a + (UnmarshalJSON('{}', evt.Unmarshaled, 'j') == "
             "nil ? '!' : '') : ''"),
        "a long text that lies on the heap!"
    );
}

}  // namespace
