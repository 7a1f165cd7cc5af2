#include "wireguard/uapi_framer.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace phantom::wireguard {

TEST(UapiFramer, gives_operations_whatever_the_cuts) {
    const std::string text = "get=1\n\nset=1\nlisten_port=1\n\nget=1\n\n";
    for (std::size_t step = 1; step <= text.size(); ++step) {
        UapiFramer framer(Instant{1});
        std::string seen;
        for (std::size_t start = 0; start < text.size(); start += step) {
            framer.feed(std::string_view(text).substr(start, step), Instant{1});
            for (auto next = framer.next(); next && *next; next = framer.next()) {
                seen += (*next)->text;
            }
        }
        EXPECT_EQ(seen, text) << step;
        EXPECT_EQ(framer.buffered_bytes(), 0) << step;
    }
}

TEST(UapiFramer, tells_get_from_set) {
    UapiFramer framer(Instant{1});
    framer.feed("set=1\n\r\nget=1\n\n", Instant{1});
    const auto set = framer.next();
    ASSERT_TRUE(set && *set);
    EXPECT_EQ((*set)->kind, UapiOperation::Kind::kSet);
    EXPECT_EQ((*set)->text, "set=1\n\r\n");
    const auto get = framer.next();
    ASSERT_TRUE(get && *get);
    EXPECT_EQ((*get)->kind, UapiOperation::Kind::kGet);
    const auto none = framer.next();
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
}

TEST(UapiFramer, waits_for_the_blank_line) {
    UapiFramer framer(Instant{1});
    framer.feed("set=1\nlisten_port=1\n", Instant{1});
    const auto operation = framer.next();
    ASSERT_TRUE(operation);
    EXPECT_FALSE(*operation);
    EXPECT_EQ(framer.buffered_bytes(), 20);
}

TEST(UapiFramer, closes_without_a_word_on_an_unknown_operation) {
    for (const char* text : {"\n", "get=2\n", "set=1 \n", "set=1\r\n", "list=1\n", "GET=1\n"}) {
        UapiFramer framer(Instant{1});
        framer.feed(text, Instant{1});
        const auto operation = framer.next();
        ASSERT_FALSE(operation) << text;
        EXPECT_TRUE(operation.error().is(UapiError::kUnknownOperation)) << text;
        EXPECT_EQ(format_framing_error(operation.error()), "") << text;
    }
}

TEST(UapiFramer, refuses_text_after_get) {
    UapiFramer framer(Instant{1});
    framer.feed("get=1\nx\n", Instant{1});
    const auto operation = framer.next();
    ASSERT_FALSE(operation);
    EXPECT_EQ(format_framing_error(operation.error()), "errno=-22\n\n");
}

TEST(UapiFramer, refuses_an_operation_beyond_the_bound_and_takes_one_at_it) {
    constexpr std::string_view kHead = "set=1\n";
    for (const std::size_t extra : {0U, 1U}) {
        std::string text(kUapiOperationSizeMax + extra, 'x');
        text.replace(0, kHead.size(), kHead);
        text.replace(text.size() - 2, 2, "\n\n");
        UapiFramer framer(Instant{1});
        framer.feed(text, Instant{1});
        const auto operation = framer.next();
        EXPECT_EQ(operation.has_value(), extra == 0);
        if (!operation) {
            EXPECT_EQ(format_framing_error(operation.error()), "errno=-5\n\n");
        }
    }
}

TEST(UapiFramer, refuses_an_endless_line) {
    UapiFramer framer(Instant{1});
    const std::string chunk(std::size_t{1} << 20U, 'x');
    std::size_t fed = 0;
    while (fed <= kUapiOperationSizeMax) {
        EXPECT_TRUE(framer.next());
        framer.feed(chunk, Instant{1});
        fed += chunk.size();
    }
    const auto operation = framer.next();
    ASSERT_FALSE(operation);
    EXPECT_TRUE(operation.error().is(UapiError::kOperationTooLarge));
}

TEST(UapiFramer, expires_when_nothing_is_said_for_long) {
    const Instant start{1};
    UapiFramer framer(start);
    EXPECT_FALSE(framer.is_expired(start + kUapiIdleTimeMax));
    EXPECT_TRUE(framer.is_expired(start + kUapiIdleTimeMax + Duration(1)));
    framer.feed("get", start + kUapiIdleTimeMax);
    EXPECT_FALSE(framer.is_expired(start + kUapiIdleTimeMax + Duration(1)));
}

}  // namespace phantom::wireguard
