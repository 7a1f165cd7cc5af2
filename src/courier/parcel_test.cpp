#include "courier/parcel.h"

#include <gtest/gtest.h>

#include "courier/signature.h"

namespace phantom::courier {
namespace {

Parcel http_parcel() {
    HttpRequest request;
    request.url = "https://user:pass@hooks.example.org/secret?token=1";
    request.headers = {{"A", "b"}, {"C", "d"}};
    request.body = "{\"\u00e4\": \"\\n\"}";
    request.signing_key = "key";
    return {
        .key = "k",
        .thread = "t",
        .lane = "l",
        .lane_gap = std::chrono::seconds(1),
        .priority = 1,
        .request = request
    };
}

TEST(Parcel, is_read_as_it_was_written) {
    const Parcel http = http_parcel();
    EXPECT_EQ(*from_record(to_record(http)), http);
    Mail mail;
    mail.server = "localhost:25";
    mail.text = "Subject: x\r\n\r\n.\r\n";
    mail.require_tls = false;
    Parcel other = http;
    other.request = mail;
    EXPECT_EQ(*from_record(to_record(other)), other);
}

TEST(Parcel, what_is_none_is_refused) {
    for (const char* const text :
         {"", "[]", "{}",
          R"({"key":"k","thread":"t","lane":"l","lane_gap_ns":0,"priority":9,"http":{}})"}) {
        EXPECT_FALSE(from_record(text).has_value()) << text;
    }
    std::string record = to_record(http_parcel());
    record.replace(record.find("\"body\""), 6, "\"bodi\"");
    EXPECT_FALSE(from_record(record).has_value());
}

TEST(Parcel, its_destination_says_nothing_secret) {
    EXPECT_EQ(destination_of(http_parcel().request), "https://hooks.example.org");
}

// echo -n '1790000000.{}' | openssl dgst -sha256 -hmac key
TEST(Signature, is_of_time_and_body) {
    const auto headers = signature_headers("key", "{}", WallTime{1'790'000'000'999'999'999});
    EXPECT_EQ(headers[0].value, "1790000000");
    EXPECT_EQ(
        headers[1].value, "sha256=099d33989336226b12c85da813adf6100e1bbab1e91bede9a41ddeb7882d66b8"
    );
}

}  // namespace
}  // namespace phantom::courier
