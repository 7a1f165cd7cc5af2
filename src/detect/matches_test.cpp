#include "detect/matches.h"

#include <gtest/gtest.h>

#include "detect/detect_fixture.h"

namespace phantom::detect {
namespace {

struct Case {
    const char* options;
    const char* payload;
    bool holds;
};

bool speaks(const Case& test) {
    const std::string rule =
        std::string("alert udp any any -> any any (") + test.options + " sid:1;)";
    return !sids_of(rule, {udp(true, 9, bytes_of(test.payload))}).empty();
}

class PayloadMatch : public testing::TestWithParam<Case> {};

TEST_P(PayloadMatch, holds_where_it_should) {
    EXPECT_EQ(speaks(GetParam()), GetParam().holds) << GetParam().options;
}

INSTANTIATE_TEST_SUITE_P(
    Content, PayloadMatch,
    testing::Values(
        Case{"content:\"abc\";", "xxabcxx", true}, Case{"content:\"abc\";", "xxABCxx", false},
        Case{"content:\"aBc\"; nocase;", "xxABcxx", true},
        Case{"content:\"|61 62|c\";", "abc", true}, Case{"content:\"a\\;b\";", "a;b", true},
        Case{"content:!\"abc\";", "xyz", true}, Case{"content:!\"abc\";", "abc", false},
        Case{"content:\"b\"; offset:2;", "ab", false}, Case{"content:\"b\"; depth:2;", "ab", true},
        Case{"content:\"b\"; depth:2;", "xxb", false},
        Case{"content:\"b\"; offset:1; depth:2;", "xxb", true},
        Case{"content:\"ab\"; startswith;", "abc", true},
        Case{"content:\"ab\"; startswith;", "cab", false},
        Case{"content:\"ab\"; endswith;", "abcab", true},
        Case{"content:\"ab\"; endswith;", "abc", false}
    )
);

INSTANTIATE_TEST_SUITE_P(
    Relative, PayloadMatch,
    testing::Values(
        Case{"content:\"a\"; content:\"b\"; distance:1;", "axb", true},
        Case{"content:\"a\"; content:\"b\"; distance:2;", "axb", false},
        Case{"content:\"a\"; content:\"b\"; within:1;", "ab", true},
        Case{"content:\"a\"; content:\"b\"; within:1;", "axb", false},
        // The first "a" leads nowhere; the second does.
        Case{"content:\"a\"; content:\"b\"; within:1;", "axab", true},
        Case{"content:\"ab\"; content:\"a\"; distance:-2; within:2;", "xab", true},
        Case{"content:\"a\"; content:!\"b\"; within:2;", "axb", false},
        Case{"content:\"a\"; content:!\"b\"; within:1;", "axb", true},
        Case{"content:\"a\"; isdataat:1,relative;", "ab", true},
        Case{"content:\"b\"; isdataat:!1,relative;", "ab", true},
        Case{"content:\"a\"; pcre:\"/^b+$/R\";", "abb", true},
        Case{"pcre:\"/a(b+)c/i\";", "xABBC", true}, Case{"pcre:!\"/z/\";", "abc", true},
        Case{"pcre:\"/a/\"; content:\"b\"; distance:0; within:1;", "aab", true},
        Case{"dsize:3;", "abc", true}, Case{"dsize:<3;", "abc", false},
        Case{"dsize:1<>3;", "ab", true}
    )
);

INSTANTIATE_TEST_SUITE_P(
    Bytes, PayloadMatch,
    testing::Values(
        Case{"byte_test:2,=,24930,0;", "ab", true},  // 0x6162
        Case{"byte_test:2,=,25185,0,little;", "ab", true},
        Case{"byte_test:2,!=,24930,0;", "ab", false}, Case{"byte_test:2,>,1,1;", "ab", false},
        Case{"byte_test:3,=,123,1,string,dec;", "x123", true},
        Case{"byte_test:1,&,1,0;", "a", true}, Case{"byte_test:1,=,6,0,bitmask 0xf0;", "a", true},
        Case{"content:\"x\"; byte_test:1,=,50,0,relative;", "ax2", true},
        Case{"byte_jump:1,0,string,dec; content:\"b\"; distance:0; within:1;", "2xxb", true},
        Case{"byte_jump:1,0,string,dec,from_beginning; isdataat:!1,relative;", "3xx", true},
        Case{"byte_jump:1,0,string,dec,multiplier 2; isdataat:!1,relative;", "1ab", true},
        Case{"byte_extract:1,0,n,string,dec; content:\"b\"; offset:n;", "2ab", true},
        Case{"byte_extract:1,0,n,string,dec; content:\"b\"; offset:n;", "3ab", false},
        Case{
            "byte_math:bytes 1, offset 0, oper +, rvalue 1, result r, string dec;"
            "content:\"b\"; offset:r;",
            "1ab", true
        },
        Case{"base64_decode:bytes 8, offset 1; base64_data; content:\"attack\";", "xYXR0YWNr", true}
    )
);

// A search that would go on for ages gives up.
TEST(PayloadMatches, are_bounded) {
    std::string options;
    for (unsigned count = 0; count < 12; ++count) {
        options += "content:\"a\"; distance:0; ";
    }
    options += "content:\"b\"; distance:0;";
    EXPECT_FALSE(speaks({options.c_str(), std::string(1200, 'a').c_str(), false}));
    EXPECT_FALSE(speaks({"pcre:\"/(a+)+$/\";", (std::string(60, 'a') + "!").c_str(), false}));
}

}  // namespace
}  // namespace phantom::detect
