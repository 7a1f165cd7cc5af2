#include "api/application.h"

#include <gtest/gtest.h>

#include "api/application_fixture.h"
#include "api/openapi.h"

namespace phantom::api {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr Instant kNow{1'000'000'000'000};
constexpr WallTime kWall{1'768'478'400'000'000'000};

std::string header_of(const Response& response, std::string_view name) {
    for (const auto& [each, value] : response.headers) {
        if (each == name) {
            return value;
        }
    }
    return "";
}

class ApplicationTest : public ::testing::Test {
  protected:
    ApplicationTest() : application_(fixture_application()) {
        admin_ = make("admin", Role::kAdministrator);
        viewer_ = make("viewer", Role::kViewer);
        responder_ = make("responder", Role::kResponder);
        slow_ = make("slow", Role::kAdministrator, 20);
        application_.set_tokens(book_.table());
    }

    std::string make(const char* name, Role role, std::uint32_t rate = 60'000) {
        return *book_.create(
            {.name = name, .role = role, .scopes = {}, .requests_per_minute = rate, .lifetime = {}},
            kWall, random_
        );
    }

    static Request request(Method method, const char* target, const std::string& token = {}) {
        Request made;
        made.method = method;
        made.target = target;
        made.authorization = token.empty() ? "" : "Bearer " + token;
        made.caller = {.address = "192.0.2.7", .is_owner = false};
        return made;
    }
    Request post(const char* target, const char* body) const {
        Request made = request(Method::kPost, target, admin_);
        made.content_type = "application/json";
        made.body = body;
        return made;
    }

    Application::Decision decide(const Request& asked, Instant now = kNow) {
        return application_.decide(asked, now, kWall);
    }
    // Of what is answered without the node.
    Response refused(const Request& asked, Instant now = kNow) {
        auto decision = decide(asked, now);
        auto* response = std::get_if<Response>(&decision);
        EXPECT_NE(response, nullptr) << asked.target;
        return response == nullptr ? Response{} : *response;
    }
    static json::object body(const Response& response) {
        return json::parse(*response.body).as_object();
    }
    static std::string code(const Response& response) {
        const std::string type(body(response).at("type").as_string());
        return type.substr(std::string_view(kProblemsPath).size());
    }
    Application::Asked asked(const Request& request) {
        auto decision = decide(request);
        auto* waiting = std::get_if<Application::Asked>(&decision);
        EXPECT_NE(waiting, nullptr) << request.target;
        if (waiting == nullptr) {
            ADD_FAILURE() << *std::get<Response>(decision).body;
            return {};
        }
        return std::move(*waiting);
    }
    Response answered(const Request& request, json::object answer) {
        const auto waiting = asked(request);
        return application_.finish(waiting, application_.render(waiting, std::move(answer)));
    }

    SeededRandom random_{1};
    TokenBook book_;
    Application application_;
    std::string admin_;
    std::string viewer_;
    std::string responder_;
    std::string slow_;
};

json::object things(int count) {
    json::array list;
    for (int number = count; number >= 1; --number) {
        list.push_back(json::object{{"number", number}, {"state", number % 2 == 0 ? "on" : "off"}});
    }
    return {{"things", std::move(list)}};
}

// ---- Who --------------------------------------------------------------------------------------------

TEST_F(ApplicationTest, without_a_token_it_says_how_to_get_one) {
    const Response response = refused(request(Method::kGet, "/api/v1/things"));
    EXPECT_EQ(response.status, 401U);
    EXPECT_EQ(response.content_type, kProblemType);
    EXPECT_EQ(code(response), "unauthorized");
    EXPECT_EQ(header_of(response, "WWW-Authenticate"), "Bearer realm=\"phantommesh\"");
}

TEST_F(ApplicationTest, a_token_asks_the_node_in_its_own_name) {
    const auto waiting = asked(request(Method::kGet, "/api/v1/things/7", admin_));
    EXPECT_EQ(json::serialize(waiting.question.request), R"({"verb":"thing","number":7})");
    EXPECT_EQ(
        waiting.question.origin, "api token admin (" + book_.tokens().front().id + "), 192.0.2.7"
    );
    EXPECT_EQ(waiting.question.deadline, kNow + kQuestionPatience);
}

TEST_F(ApplicationTest, the_owner_needs_none) {
    Request owner = request(Method::kGet, "/api/v1/things/7");
    owner.caller = {.address = "local, uid 0", .is_owner = true};
    EXPECT_EQ(asked(owner).question.origin, "api, local, uid 0");
}

TEST_F(ApplicationTest, a_role_bounds_what_a_token_may) {
    EXPECT_EQ(
        asked(request(Method::kGet, "/api/v1/things/7", viewer_)).question.request.size(), 2U
    );
    Request wish = post("/api/v1/things", R"({"name":"a"})");
    wish.authorization = "Bearer " + viewer_;
    const Response response = refused(wish);
    EXPECT_EQ(response.status, 403U);
    EXPECT_NE(body(response).at("detail").as_string().find("things:write"), std::string::npos);
}

TEST_F(ApplicationTest, what_a_call_says_may_need_more) {
    Request plain = post("/api/v1/things/1/undo", "{}");
    EXPECT_EQ(asked(plain).call.path.at("number"), 1);
    TokenBook::Wish narrow{
        .name = "narrow",
        .role = Role::kAdministrator,
        .scopes = {"things:write"},
        .requests_per_minute = 0,
        .lifetime = {}
    };
    const std::string token = *book_.create(narrow, kWall, random_);
    application_.set_tokens(book_.table());
    plain.authorization = "Bearer " + token;
    EXPECT_EQ(asked(plain).route->status, 200U);
    plain.body = R"({"cascade":true})";
    EXPECT_EQ(refused(plain).status, 403U);
}

TEST_F(ApplicationTest, a_revoked_token_is_none) {
    ASSERT_TRUE(book_.revoke("viewer").has_value());
    application_.set_tokens(book_.table());
    const Response response = refused(request(Method::kGet, "/api/v1/things", viewer_));
    EXPECT_EQ(response.status, 401U);
    EXPECT_NE(header_of(response, "WWW-Authenticate").find("invalid_token"), std::string::npos);
}

TEST_F(ApplicationTest, who_guesses_waits_and_is_told_of_while_a_good_token_passes) {
    const Request guess = request(Method::kGet, "/api/v1/things", "pm_x");
    for (std::uint32_t index = 0; index <= kGuessesFree; ++index) {
        EXPECT_EQ(refused(guess).status, 401U);
    }
    const Response slowed = refused(guess);
    EXPECT_EQ(slowed.status, 429U);
    EXPECT_EQ(header_of(slowed, "Retry-After"), "1");
    EXPECT_TRUE(application_.take_reports().empty());
    for (std::uint32_t index = 0; index < kGuessesReported; ++index) {
        (void)refused(guess);
    }
    const auto reports = application_.take_reports();
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports.front().address, "192.0.2.7");
    EXPECT_EQ(reports.front().count, kGuessesReported);
    EXPECT_EQ(asked(request(Method::kGet, "/api/v1/things/1", admin_)).is_head, false);
}

TEST_F(ApplicationTest, a_token_asks_as_often_as_it_may_and_a_write_counts_ten) {
    Request wish = post("/api/v1/things", R"({"name":"a"})");
    wish.authorization = "Bearer " + slow_;
    EXPECT_EQ(header_of(answered(wish, {}), "RateLimit"), "\"minute\";r=10;t=30");
    EXPECT_EQ(header_of(answered(wish, {}), "RateLimit-Policy"), "\"minute\";q=20;w=60");
    const Response response = refused(request(Method::kGet, "/api/v1/things", slow_));
    EXPECT_EQ(response.status, 429U);
    EXPECT_EQ(header_of(response, "Retry-After"), "3");
    EXPECT_EQ(code(response), "rate-limited");
}

TEST_F(ApplicationTest, strangers_have_a_limit_of_their_own) {
    const Request stranger = request(Method::kGet, "/api/v1/openapi.json");
    for (std::uint32_t index = 0; index < kStrangerPerMinute; ++index) {
        EXPECT_EQ(refused(stranger).status, 200U);
    }
    EXPECT_EQ(refused(stranger).status, 429U);
    EXPECT_EQ(refused(request(Method::kGet, "/nowhere")).status, 429U);
    EXPECT_EQ(asked(request(Method::kGet, "/api/v1/things/1", admin_)).is_head, false);
}

// ---- What -------------------------------------------------------------------------------------------

TEST_F(ApplicationTest, places_and_methods_that_are_not_there) {
    EXPECT_EQ(code(refused(request(Method::kGet, "/api/v1/nothing", admin_))), "no-route");
    EXPECT_EQ(code(refused(request(Method::kGet, "/api/v1/things/x", admin_))), "no-route");
    EXPECT_EQ(code(refused(request(Method::kGet, "/api/v1/things/-1", admin_))), "no-route");
    EXPECT_EQ(code(refused(request(Method::kGet, "//", admin_))), "bad-request");
    const Response response = refused(request(Method::kDelete, "/api/v1/things", admin_));
    EXPECT_EQ(response.status, 405U);
    EXPECT_EQ(header_of(response, "Allow"), "GET, HEAD, POST");
}

TEST_F(ApplicationTest, a_body_becomes_the_question_and_names_no_other_verb) {
    const auto waiting = asked(post("/api/v1/things?dry_run=true", R"({"name":"a","size":3})"));
    EXPECT_EQ(
        json::serialize(waiting.question.request),
        R"({"verb":"thing.add","dry_run":true,"name":"a","size":3})"
    );
    EXPECT_TRUE(waiting.question.key.empty());
    EXPECT_EQ(code(refused(post("/api/v1/things", R"({"name":"a","verb":"down"})"))), "invalid");
}

TEST_F(ApplicationTest, what_a_body_lacks_is_told_field_by_field) {
    const Response response = refused(post("/api/v1/things?x=1", R"({"name":"","size":10,"y":1})"));
    EXPECT_EQ(response.status, 422U);
    EXPECT_EQ(
        json::serialize(body(response).at("errors")),
        R"([{"pointer":"x","detail":"is not known"},)"
        R"({"pointer":"/name","detail":"has to have 1 to 8 bytes"},)"
        R"({"pointer":"/size","detail":"has to be 1 to 9"},)"
        R"({"pointer":"/y","detail":"is not known"}])"
    );
}

TEST_F(ApplicationTest, bodies_that_are_none) {
    EXPECT_EQ(refused(post("/api/v1/things", "")).status, 400U);
    EXPECT_EQ(code(refused(post("/api/v1/things", R"({"name":)"))), "bad-json");
    EXPECT_EQ(code(refused(post("/api/v1/things", R"({"name":"a"} x)"))), "bad-json");
    EXPECT_EQ(
        code(refused(post("/api/v1/things", (std::string(40, '[') + std::string(40, ']')).c_str()))
        ),
        "bad-json"
    );
    Request wrong_type = post("/api/v1/things", R"({"name":"a"})");
    wrong_type.content_type = "text/plain";
    EXPECT_EQ(refused(wrong_type).status, 415U);
    wrong_type.content_type = "application/json; charset=utf-8";
    EXPECT_EQ(asked(wrong_type).route->status, 201U);
    Request with_body = request(Method::kGet, "/api/v1/things", admin_);
    with_body.body = "x";
    EXPECT_EQ(refused(with_body).status, 422U);
    // Where nothing is needed, nothing has to be sent.
    EXPECT_EQ(asked(request(Method::kPost, "/api/v1/things/1/undo", admin_)).call.body.size(), 0U);
}

// ---- Lists, tags, keys ------------------------------------------------------------------------------

TEST_F(ApplicationTest, a_list_comes_in_pieces_and_by_filters) {
    const Response first =
        answered(request(Method::kGet, "/api/v1/things?limit=2&state=on", admin_), things(9));
    EXPECT_EQ(
        json::serialize(body(first).at("things")),
        R"([{"number":2,"state":"on"},{"number":4,"state":"on"}])"
    );
    const std::string cursor(body(first).at("next_cursor").as_string());
    EXPECT_EQ(
        header_of(first, "Link"),
        "</api/v1/things?cursor=" + cursor + "&state=on&limit=2>; rel=\"next\""
    );
    const std::string next = "/api/v1/things?limit=2&state=on&cursor=" + cursor;
    const Response second = answered(request(Method::kGet, next.c_str(), admin_), things(9));
    EXPECT_EQ(body(second).at("things").as_array().size(), 2U);
    EXPECT_TRUE(body(second).at("next_cursor").is_null());
    EXPECT_EQ(refused(request(Method::kGet, "/api/v1/things?cursor=zz", admin_)).status, 422U);
    EXPECT_EQ(refused(request(Method::kGet, "/api/v1/things?limit=501", admin_)).status, 422U);
}

TEST_F(ApplicationTest, what_has_not_changed_is_not_sent_again) {
    const Response first = answered(request(Method::kGet, "/api/v1/things", admin_), things(3));
    const std::string etag = header_of(first, "ETag");
    ASSERT_FALSE(etag.empty());
    Request again = request(Method::kGet, "/api/v1/things", admin_);
    again.if_none_match = etag;
    const Response same = answered(again, things(3));
    EXPECT_EQ(same.status, 304U);
    EXPECT_EQ(same.body, nullptr);
    EXPECT_EQ(header_of(same, "ETag"), etag);
    EXPECT_EQ(answered(again, things(4)).status, 200U);
}

TEST_F(ApplicationTest, a_change_names_what_it_changes) {
    const Response text =
        answered(request(Method::kGet, "/api/v1/text", admin_), {{"sequence", 4}, {"text", "a"}});
    EXPECT_EQ(header_of(text, "ETag"), "\"4\"");
    Request change = post("/api/v1/text", R"({"text":"b"})");
    change.method = Method::kPut;
    EXPECT_EQ(refused(change).status, 428U);
    change.if_match = "\"4\"";
    EXPECT_EQ(asked(change).question.request.at("if_sequence"), 4);
    change.if_match = "*";
    EXPECT_FALSE(asked(change).question.request.contains("if_sequence"));
    change.if_match = "4";
    EXPECT_EQ(refused(change).status, 412U);
    change.if_match = "*";
    const Response conflict =
        answered(change, {{"error", {{"code", "conflict"}, {"message", "it has changed"}}}});
    EXPECT_EQ(conflict.status, 412U);
    EXPECT_EQ(body(conflict).at("detail"), "it has changed");
}

TEST_F(ApplicationTest, the_same_with_the_same_key_is_done_once) {
    Request wish = post("/api/v1/things", R"({"name":"a"})");
    wish.idempotency_key = "k1";
    const auto waiting = asked(wish);
    EXPECT_EQ(code(refused(wish)), "in-progress");
    const Response done = application_.finish(
        waiting, application_.render(waiting, {{"number", 1}, {"state", "on"}})
    );
    EXPECT_EQ(done.status, 201U);
    const Response again = refused(wish);
    EXPECT_EQ(again.status, 201U);
    EXPECT_EQ(*again.body, *done.body);
    EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true");
    Request other = wish;
    other.body = R"({"name":"b"})";
    EXPECT_EQ(code(refused(other)), "key-reused");
    other.idempotency_key = "k 2";
    EXPECT_EQ(code(refused(other)), "bad-request");
    // Somebody else's key is somebody else's.
    Request theirs = wish;
    theirs.authorization = "Bearer " + slow_;
    EXPECT_EQ(asked(theirs).idempotency.empty(), false);
}

TEST_F(ApplicationTest, a_secret_is_not_kept_to_be_said_again) {
    Request wish = post("/api/v1/secrets", R"({"name":"a"})");
    wish.idempotency_key = "k1";
    EXPECT_EQ(answered(wish, {{"token", "pm_"}}).status, 201U);
    const Response again = refused(wish);
    EXPECT_EQ(again.status, 409U);
    EXPECT_EQ(again.body->find("pm_"), std::string::npos);
}

TEST_F(ApplicationTest, what_was_not_done_may_be_tried_again_with_the_same_key) {
    Request wish = post("/api/v1/things", R"({"name":"a"})");
    wish.idempotency_key = "k1";
    const auto first = asked(wish);
    EXPECT_EQ(application_.refuse(first).status, 503U);
    const auto second = asked(wish);
    const Response late = application_.finish(
        second, application_.render(second, {{"error", {{"code", "no_answer"}, {"message", ""}}}})
    );
    EXPECT_EQ(late.status, 504U);
    EXPECT_EQ(asked(wish).route->status, 201U);
}

TEST_F(ApplicationTest, what_the_node_refuses_keeps_its_words_and_its_place) {
    const Response response = answered(
        request(Method::kGet, "/api/v1/things/1", admin_),
        {{"error",
          {{"code", "bad_policy"}, {"message", "what is this?"}, {"line", 3}, {"column", 7}}}}
    );
    EXPECT_EQ(response.status, 422U);
    EXPECT_EQ(body(response).at("detail"), "what is this?");
    EXPECT_EQ(body(response).at("line"), 3);
    EXPECT_EQ(body(response).at("column"), 7);
    EXPECT_EQ(
        answered(
            request(Method::kGet, "/api/v1/things/1", admin_),
            {{"error", {{"code", "whatever"}, {"message", ""}}}}
        ).status,
        500U
    );
}

TEST_F(ApplicationTest, a_dry_run_creates_nothing) {
    EXPECT_EQ(answered(post("/api/v1/things?dry_run=true", R"({"name":"a"})"), {}).status, 200U);
    EXPECT_EQ(answered(post("/api/v1/things?dry_run=false", R"({"name":"a"})"), {}).status, 201U);
}

TEST_F(ApplicationTest, callers_that_ask_for_the_same_share_an_answer) {
    const auto one = asked(request(Method::kGet, "/api/v1/things?limit=1", admin_));
    const auto other = asked(request(Method::kGet, "/api/v1/things?limit=1", viewer_));
    EXPECT_EQ(one.question.key, other.question.key);
    const auto rendered = application_.render(one, things(2));
    EXPECT_EQ(
        application_.finish(one, rendered).body.get(),
        application_.finish(other, rendered).body.get()
    );
}

// ---- Listening, pages, the contract -----------------------------------------------------------------

TEST_F(ApplicationTest, who_listens_goes_on_where_it_was) {
    ASSERT_TRUE(application_.events().add("x", "{}"));
    ASSERT_TRUE(application_.events().add("y", "{}"));
    Request listen = request(Method::kGet, "/api/v1/events", viewer_);
    auto decision = decide(listen);
    EXPECT_EQ(std::get<Application::Listening>(decision).position, application_.events().end());
    listen.last_event_id = "epoch-1";
    decision = decide(listen);
    EXPECT_EQ(std::get<Application::Listening>(decision).position, 2U);
    listen.last_event_id = "before-1";
    decision = decide(listen);
    EXPECT_NE(
        std::get<Application::Listening>(decision).begin.find("event: reset"), std::string::npos
    );
    const auto whose = std::get<Application::Listening>(decision).whose;
    EXPECT_TRUE(application_.is_good(whose, kNow, kWall));
    ASSERT_TRUE(book_.revoke("viewer").has_value());
    application_.set_tokens(book_.table());
    EXPECT_FALSE(application_.is_good(whose, kNow, kWall));
}

TEST_F(ApplicationTest, a_link_shows_a_page_and_its_button_is_a_form) {
    const auto shown = asked(request(Method::kGet, "/ack?token=abc"));
    EXPECT_EQ(shown.question.origin, "link, 192.0.2.7");
    const Response page = application_.finish(
        shown, application_.render(
                   shown, {{"by", "ann"},
                           {"expires", "2026-01-15T12:00:00Z"},
                           {"alerts",
                            {{{"number", 1},
                              {"priority", "P2"},
                              {"rule", "x"},
                              {"text", "<script>alert(1)</script>"}}}}}
               )
    );
    EXPECT_EQ(page.status, 200U);
    EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
    EXPECT_NE(page.body->find("<form method=\"post\" action=\"/ack\">"), std::string::npos);
    EXPECT_NE(page.body->find("value=\"abc\""), std::string::npos);
    EXPECT_NE(page.body->find("&lt;script&gt;"), std::string::npos);
    EXPECT_EQ(page.body->find("<script>"), std::string::npos);
    EXPECT_NE(
        header_of(page, "Content-Security-Policy").find("default-src 'none'"), std::string::npos
    );

    Request button = request(Method::kPost, "/ack");
    button.content_type = "application/x-www-form-urlencoded";
    button.body = "token=abc";
    EXPECT_EQ(json::serialize(asked(button).question.request), R"({"verb":"link","token":"abc"})");
    const Response refused_page =
        answered(button, {{"error", {{"code", "refused"}, {"message", "has been used"}}}});
    EXPECT_EQ(refused_page.status, 409U);
    EXPECT_NE(refused_page.body->find("has been used"), std::string::npos);
}

TEST_F(ApplicationTest, problems_are_explained_where_their_type_says) {
    for (const ProblemKind& kind : problem_kinds()) {
        const std::string place = std::string(kProblemsPath) + std::string(kind.code);
        Request asking = request(Method::kGet, place.c_str());
        asking.caller.is_owner = true;
        EXPECT_EQ(body(refused(asking)).at("title"), kind.title);
    }
    EXPECT_EQ(refused(request(Method::kGet, "/api/v1/problems/x")).status, 404U);
}

TEST_F(ApplicationTest, the_contract_names_what_is_served) {
    const json::object contract = body(refused(request(Method::kGet, "/api/v1/openapi.json")));
    EXPECT_EQ(contract.at("openapi"), "3.1.0");
    const json::object& paths = contract.at("paths").as_object();
    const json::object& create = paths.at("/api/v1/things").at("post").as_object();
    EXPECT_EQ(create.at("operationId"), "createThing");
    EXPECT_TRUE(create.at("responses").as_object().contains("201"));
    EXPECT_EQ(
        create.at("requestBody").at("content").at("application/json").at("schema").at("$ref"),
        "#/components/schemas/Wish"
    );
    EXPECT_TRUE(paths.contains("/api/v1/things/{number}"));
    EXPECT_EQ(paths.at("/ack").at("get").at("security"), json::array());
}

}  // namespace
}  // namespace phantom::api
