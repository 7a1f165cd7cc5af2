#include "api/browser.h"

#include <gtest/gtest.h>

namespace phantom::api {
namespace {

TEST(Cookies, are_found_by_their_whole_name) {
    EXPECT_EQ(cookie_in("__Host-a=1; __Host-ab=2", "__Host-ab"), "2");
    EXPECT_EQ(cookie_in("x__Host-a=1;\t__Host-a=2 ;__Host-a=3", "__Host-a"), "2");
    EXPECT_EQ(cookie_in("__Host-a=b=c", "__Host-a"), "b=c");
    EXPECT_EQ(cookie_in("__Host-a", "__Host-a"), "");
    EXPECT_EQ(cookie_in("", "__Host-a"), "");
    EXPECT_EQ(cookie_in(";;; =", "__Host-a"), "");
    EXPECT_EQ(cookie_in("__host-a=1", "__Host-a"), "") << "names of cookies have a case";
}

TEST(HostNames, are_addresses_and_those_that_are_known) {
    const HostNames names({"amber.mesh", "localhost", "*.example.org"});
    for (const char* known :
         {"127.0.0.1:8443", "127.0.0.1", "[::1]:8443", "[fd5e::1]", "localhost:8443", "AMBER.mesh",
          "amber.mesh.", "a.example.org"}) {
        EXPECT_TRUE(names.knows(known)) << known;
    }
    for (const char* foreign :
         {"", "evil.example", "amber.mesh.evil.example", "xamber.mesh", "example.org",
          "a.b.example.org", ".example.org", "localhost:x", "localhost:8443:1", "[::1", "[evil]",
          "amber.mesh:123456", "amber mesh", "amber.mesh/", "user@localhost"}) {
        EXPECT_FALSE(names.knows(foreign)) << foreign;
    }
}

TEST(Provenance, is_the_own_page_or_none_that_a_browser_knows_of) {
    EXPECT_TRUE(is_from_own_page({.host = "127.0.0.1:8443", .origin = "", .sec_fetch_site = ""}));
    EXPECT_TRUE(is_from_own_page(
        {.host = "a:8443", .origin = "https://A:8443", .sec_fetch_site = "same-origin"}
    ));
    EXPECT_TRUE(is_from_own_page({.host = "a", .origin = "", .sec_fetch_site = "none"}));
    for (const char* origin :
         {"https://a", "http://a:8443", "https://a:8443.evil", "https://evil", "null", "a:8443"}) {
        EXPECT_FALSE(
            is_from_own_page({.host = "a:8443", .origin = origin, .sec_fetch_site = "same-origin"})
        ) << origin;
    }
    for (const char* site : {"cross-site", "same-site", "x"}) {
        EXPECT_FALSE(is_from_own_page({.host = "a", .origin = "https://a", .sec_fetch_site = site}))
            << site;
    }
}

}  // namespace
}  // namespace phantom::api
