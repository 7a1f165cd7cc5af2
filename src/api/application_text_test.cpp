// Answers that are no JSON, and traces of callers.

#include <algorithm>

#include <gtest/gtest.h>

#include "api/application_fixture.h"

namespace phantom::api {
namespace {

class TextAndTraceTest : public ::testing::Test {
  protected:
    TextAndTraceTest() : application_(fixture_application()) {
        viewer_ = *book_.create(
            {.name = "viewer",
             .role = Role::kViewer,
             .scopes = {},
             .requests_per_minute = 0,
             .lifetime = {}},
            kAtWall, random_
        );
        application_.set_tokens(book_.table());
    }

    static Request get_of(const char* target, const std::string& token = {}) {
        Request made;
        made.method = Method::kGet;
        made.target = target;
        made.authorization = token.empty() ? "" : "Bearer " + token;
        made.caller = {.address = "192.0.2.7", .is_owner = false};
        return made;
    }
    Application::Asked asked_by(const Request& request) {
        return std::get<Application::Asked>(application_.decide(request, kAt, kAtWall));
    }
    Response answer_to(const Request& request) {
        return std::get<Response>(application_.decide(request, kAt, kAtWall));
    }
    static boost::json::object body_in(const Response& response) {
        return boost::json::parse(*response.body).as_object();
    }
    static bool has_etag(const Response& response) {
        return std::ranges::any_of(response.headers, [](const auto& each) {
            return each.first == "ETag";
        });
    }

    static constexpr Instant kAt{1'000'000'000'000};
    static constexpr WallTime kAtWall{1'768'478'400'000'000'000};
    Application application_;
    SeededRandom random_{1};
    TokenBook book_ = *TokenBook::read("");
    std::string viewer_;
};

TEST_F(TextAndTraceTest, a_text_is_what_the_node_says_it_is) {
    Request wanted = get_of("/numbers", viewer_);
    wanted.accept = "text/plain";
    wanted.if_none_match = "*";
    const Application::Asked plain = asked_by(wanted);
    EXPECT_EQ(plain.question.request.at("accept"), "text/plain");
    wanted.accept = "application/json";
    EXPECT_NE(asked_by(wanted).question.key, plain.question.key) << "they may not share an answer";
    const auto rendered = application_.render(
        plain, {{"content_type", "text/plain; version=0.0.4"}, {"text", "a_total 1\n"}}
    );
    const Response response = application_.finish(plain, rendered);
    EXPECT_EQ(response.status, 200U);
    EXPECT_EQ(response.content_type, "text/plain; version=0.0.4");
    EXPECT_EQ(*response.body, "a_total 1\n");
    EXPECT_EQ(has_etag(response), false);
}

TEST_F(TextAndTraceTest, a_refusal_names_the_callers_trace) {
    constexpr const char* kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
    Request traced = get_of("/api/v1/things", viewer_);
    traced.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    EXPECT_EQ(asked_by(traced).trace_id, kTrace);
    EXPECT_EQ(asked_by(traced).question.traceparent, traced.traceparent);
    traced.target = "/api/v1/nothing";
    const Response refusal = Application::with_trace(answer_to(traced), kTrace);
    EXPECT_EQ(body_in(refusal).at("trace_id"), kTrace);
    EXPECT_EQ(body_in(refusal).at("status"), 404);
    EXPECT_FALSE(body_in(Application::with_trace(answer_to(traced), "")).contains("trace_id"));
    traced.target = "/api/v1/things";
    traced.traceparent = "00-no-trace-01";
    EXPECT_EQ(asked_by(traced).trace_id, "");
}

TEST_F(TextAndTraceTest, tokens_that_are_none_are_counted) {
    EXPECT_EQ(answer_to(get_of("/api/v1/things", "pm_none")).status, 401U);
    (void)asked_by(get_of("/api/v1/things", viewer_));
    EXPECT_EQ(answer_to(get_of("/api/v1/things")).status, 401U);
    EXPECT_EQ(application_.rejected_tokens(), 1U);
}

}  // namespace
}  // namespace phantom::api
