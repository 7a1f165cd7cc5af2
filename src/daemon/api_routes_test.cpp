#include "daemon/api_routes.h"

#include <gtest/gtest.h>

#include "api/openapi.h"
#include "api/reference.h"
#include "base/document_fixture.h"

namespace phantom::daemon {
namespace {

TEST(ApiRoutes, fit_together_and_each_says_what_it_is) {
    const api::RouteTable table = api_routes();
    EXPECT_GT(table.routes().size(), 70U);
    for (const api::Route& route : table.routes()) {
        const bool is_told =
            route.does == api::Route::Does::kEvents || route.does == api::Route::Does::kAckPage ||
            route.does == api::Route::Does::kText || route.status == 204 || route.status == 303;
        EXPECT_NE(std::string_view(route.summary), "") << route.operation;
        EXPECT_TRUE(is_told || !route.answer.empty()) << route.operation;
        EXPECT_EQ(route.items.empty(), route.key.empty()) << route.operation;
        // A list takes what leads through it.
        EXPECT_TRUE(route.items.empty() || table.shapes().find(route.query)->find("cursor"))
            << route.operation;
        if (route.does == api::Route::Does::kAsk) {
            EXPECT_NE(std::string_view(route.verb), "") << route.operation;
        }
    }
    EXPECT_EQ(api::openapi_of(table, "0").at("openapi"), "3.1.0");
}

TEST(ApiRoutes, nothing_that_changes_something_is_open_to_strangers) {
    const api::RouteTable table = api_routes();
    for (const api::Route& route : table.routes()) {
        const bool is_link = route.does == api::Route::Does::kAckPage;
        EXPECT_TRUE(route.is_read() || is_link || !route.is_public) << route.operation;
    }
}

TEST(ApiRoutes, the_document_has_them_as_they_are) {
    expect_made(
        PM_SOURCE_DIR "/docs/reference/api.md", "<!-- made from the table that is served -->\n",
        api::reference_text(api_routes())
    );
}

}  // namespace
}  // namespace phantom::daemon
