#include "daemon/wiped_json.h"

#include <gtest/gtest.h>

namespace phantom::daemon {
namespace {

namespace json = boost::json;

TEST(WipedJson, reads_as_any_json) {
    const std::string text =
        R"({"verb":"x","shares":["a","b"],"deep":[[[{"n":1.5}]]],"flag":true})";
    EXPECT_EQ(parse_wiped(text), json::parse(text));
    const std::string large = R"({"text":")" + std::string(60'000, 'x') + R"("})";
    EXPECT_EQ(parse_wiped(large), json::parse(large)) << "more than is kept on the way";
}

TEST(WipedJson, what_is_no_json_is_null) {
    for (const char* text : {"", "{", "{}x", "{\"a\":}", "[1,", "\"\xff\""}) {
        EXPECT_TRUE(parse_wiped(text).is_null()) << text;
    }
}

TEST(WipedJson, stays_in_its_storage_when_it_is_moved) {
    const json::storage_ptr storage = wiped_storage();
    json::array shares(storage);
    shares.emplace_back("a share");
    json::object out(storage);
    out["shares"] = std::move(shares);
    const json::object moved = std::move(out);
    EXPECT_EQ(*moved.storage(), *storage);
    EXPECT_EQ(*moved.at("shares").as_array()[0].storage(), *storage);
    EXPECT_NE(*storage, *wiped_storage()) << "one does not free what is another's";
}

TEST(WipedJson, writes_as_any_json) {
    for (const std::size_t size : {0U, 10U, 5'000U, 100'000U}) {
        const json::object body{{"text", std::string(size, 'x')}, {"number", 7}};
        const wireguard::SecretText line = line_of(body);
        EXPECT_EQ(std::string(line.begin(), line.end()), json::serialize(body) + "\n") << size;
    }
}

}  // namespace
}  // namespace phantom::daemon
