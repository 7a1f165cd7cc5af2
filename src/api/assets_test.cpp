#include "api/assets.h"

#include <array>

#include <gtest/gtest.h>

namespace phantom::api {

namespace {

constexpr std::array kFiles{
    Asset{
        .path = "/",
        .type = "text/html; charset=utf-8",
        .etag = "\"one\"",
        .plain = "<!doctype html>",
        .gzip = "gzipped",
        .brotli = "brotlied",
    },
    Asset{
        .path = "/assets/icon-1.svg",
        .type = "image/svg+xml",
        .etag = "\"two\"",
        .plain = "<svg/>",
        .gzip = {},
        .brotli = {},
    },
};

Request get(std::string encodings = {}) {
    Request request;
    request.method = Method::kGet;
    request.accept_encoding = std::move(encodings);
    return request;
}

std::string asset_header(const Response& response, std::string_view name) {
    for (const auto& [field, value] : response.headers) {
        if (field == name) {
            return value;
        }
    }
    return "";
}

}  // namespace

TEST(Assets, answers_with_what_the_browser_can_unpack) {
    Assets assets(kFiles);
    const auto brotli = assets.answer(get("gzip, deflate, br, zstd"), "/");
    ASSERT_TRUE(brotli.has_value());
    EXPECT_EQ(*brotli->body, "brotlied");
    EXPECT_EQ(asset_header(*brotli, "Content-Encoding"), "br");
    EXPECT_EQ(brotli->content_type, "text/html; charset=utf-8");
    const auto gzip = assets.answer(get("gzip;q=1.0, br;q=0"), "/");
    EXPECT_EQ(*gzip->body, "gzipped");
    const auto plain = assets.answer(get(), "/");
    EXPECT_EQ(*plain->body, "<!doctype html>");
    EXPECT_EQ(asset_header(*plain, "Content-Encoding"), "");
    EXPECT_EQ(*assets.answer(get("br"), "/assets/icon-1.svg")->body, "<svg/>");
}

TEST(Assets, are_kept_for_good_where_the_name_has_the_hash_and_asked_for_else) {
    Assets assets(kFiles);
    EXPECT_EQ(asset_header(*assets.answer(get(), "/"), "Cache-Control"), "no-cache");
    EXPECT_NE(
        asset_header(*assets.answer(get(), "/assets/icon-1.svg"), "Cache-Control")
            .find("immutable"),
        std::string::npos
    );
}

TEST(Assets, are_not_sent_again_to_who_has_them) {
    Assets assets(kFiles);
    Request request = get("br");
    request.if_none_match = "\"one\"";
    const auto same = assets.answer(request, "/");
    EXPECT_EQ(same->status, 304);
    EXPECT_EQ(same->body, nullptr);
    EXPECT_EQ(asset_header(*same, "ETag"), "\"one\"");
    request.if_none_match = "\"older\"";
    EXPECT_EQ(assets.answer(request, "/")->status, 200);
}

TEST(Assets, let_the_page_do_nothing_but_ask_its_node) {
    Assets assets(kFiles);
    const std::string policy = asset_header(*assets.answer(get(), "/"), "Content-Security-Policy");
    EXPECT_TRUE(policy.starts_with("default-src 'none'; "));
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    EXPECT_EQ(policy.find("http"), std::string::npos);
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
}

TEST(Assets, are_read_only_and_nothing_else_is_one) {
    Assets assets(kFiles);
    Request request = get();
    request.method = Method::kPost;
    EXPECT_FALSE(assets.answer(request, "/").has_value());
    request.method = Method::kHead;
    EXPECT_TRUE(assets.answer(request, "/").has_value());
    EXPECT_FALSE(assets.answer(get(), "/assets/").has_value());
    EXPECT_FALSE(assets.answer(get(), "/assets/../etc/passwd").has_value());
    EXPECT_FALSE(assets.answer(get(), "").has_value());
    EXPECT_FALSE(Assets().answer(get(), "/").has_value());
}

TEST(Assets, codings_are_read_as_rfc_9110_has_them) {
    EXPECT_TRUE(accepts_coding("br", "br"));
    EXPECT_TRUE(accepts_coding("gzip , BR ; q=0.5", "br"));
    EXPECT_FALSE(accepts_coding("gzip, br;q=0", "br"));
    EXPECT_FALSE(accepts_coding("br;Q=0.000", "br"));
    EXPECT_TRUE(accepts_coding("br;q=0.001", "br"));
    EXPECT_FALSE(accepts_coding("brotli, xbr", "br"));
    EXPECT_FALSE(accepts_coding("", "br"));
    EXPECT_FALSE(accepts_coding(",;,q=1", "br"));
}

}  // namespace phantom::api
