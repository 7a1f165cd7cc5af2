#include "detect/transforms.h"

#include <gtest/gtest.h>

#include "detect/base64.h"
#include "detect/byte_reader.h"
#include "detect/detect_fixture.h"
#include "detect/digest.h"

namespace phantom::detect {
namespace {

std::string applied_to(const char* name, const char* value, std::string_view text) {
    const auto transform = parse_transform(name, value);
    EXPECT_TRUE(transform.has_value()) << name;
    const Bytes out = apply({*transform}, bytes_of(text));
    return std::string(as_text(out));
}

TEST(Transforms, change_the_bytes_as_their_names_say) {
    EXPECT_EQ(applied_to("dotprefix", "", "a.b"), ".a.b");
    EXPECT_EQ(applied_to("to_lowercase", "", "A.b"), "a.b");
    EXPECT_EQ(applied_to("to_uppercase", "", "A.b"), "A.B");
    EXPECT_EQ(applied_to("strip_whitespace", "", " a\t\nb "), "ab");
    EXPECT_EQ(applied_to("compress_whitespace", "", "a \t b"), "a b");
    EXPECT_EQ(applied_to("url_decode", "", "a%20b+c%zz%4"), "a b c%zz%4");
    EXPECT_EQ(applied_to("strip_pseudo_headers", "", ":a: b\r\nC: d\r\n"), "C: d\r\n");
    EXPECT_EQ(applied_to("header_lowercase", "", "Ab: Cd\r\nE\r\n"), "ab: Cd\r\ne\r\n");
    EXPECT_EQ(applied_to("pcrexform", "a(.*)c", "xabbcx"), "bb");
    EXPECT_EQ(applied_to("pcrexform", "a(.*)c", "none"), "none");
    EXPECT_EQ(applied_to("from_base64", "offset 1, bytes 4", "xYWJjZGVm"), "abc");
    EXPECT_EQ(applied_to("xor", "0102", "a"), "`");
    EXPECT_EQ(applied_to("xor", "offset 1,extract 1 0", std::string("\1`", 2)), "\1a");
    EXPECT_EQ(applied_to("xor", "extract 9 0", "short"), "short");
    EXPECT_EQ(applied_to("to_sha256", "", "abc").size(), 32U);
}

TEST(Transforms, refuse_what_they_do_not_understand) {
    for (const auto& [name, value] :
         {std::pair{"xor", ""},
          {"xor", "0"},
          {"xor", "zz"},
          {"xor", "extract 0 0"},
          {"from_base64", "size 4"},
          {"gunzip", "max-size x"},
          {"pcrexform", "("},
          {"to_rot13", ""}}) {
        EXPECT_FALSE(parse_transform(name, value)) << name << " " << value;
    }
}

// RFC 4648 section 10.
TEST(Base64, is_that_of_its_standard) {
    for (const auto& [plain, coded] :
         {std::pair{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}
         }) {
        EXPECT_EQ(encode_base64(bytes_of(plain)), coded);
        EXPECT_EQ(decode_base64(bytes_of(coded)), bytes_of(plain));
    }
    EXPECT_EQ(decode_base64(bytes_of("Zm\r\n9v!")), bytes_of("foo"));
}

}  // namespace
}  // namespace phantom::detect
