// Signing in with a token, and what a browser's requests need beside the cookie.

#include <gtest/gtest.h>

#include "api/application.h"
#include "api/application_fixture.h"

namespace phantom::api {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr Instant kSignedInAt{1'000'000'000'000};
constexpr WallTime kSignedInWall{1'768'478'400'000'000'000};
constexpr const char* kHost = "192.0.2.1:8443";
constexpr const char* kOrigin = "https://192.0.2.1:8443";

std::string field_of(const Response& response, std::string_view name) {
    for (const auto& [each, value] : response.headers) {
        if (each == name) {
            return value;
        }
    }
    return "";
}

struct SignedIn {
    std::string cookie;  // "__Host-phantom=..."
    std::string csrf;
    std::string id;
};

class SignIns : public ::testing::Test {
  protected:
    SignIns() {
        admin_ = make("admin", Role::kAdministrator);
        viewer_ = make("viewer", Role::kViewer);
        application_.set_tokens(book_.table());
    }

    std::string make(const char* name, Role role) {
        return *book_.create(
            {.name = name, .role = role, .scopes = {}, .requests_per_minute = 0, .lifetime = {}},
            kSignedInWall, random_
        );
    }
    static Request request(Method method, const char* target) {
        Request made;
        made.method = method;
        made.target = target;
        made.host = kHost;
        made.caller = {.address = "192.0.2.7", .is_owner = false};
        return made;
    }
    static Request with_session(Method method, const char* target, const SignedIn& by) {
        Request made = request(method, target);
        made.cookie = "theme=dark; " + by.cookie;
        made.origin = kOrigin;
        made.sec_fetch_site = "same-origin";
        made.csrf = method == Method::kGet ? "" : by.csrf;
        return made;
    }
    Application::Decision decide(const Request& asked, Instant now = kSignedInAt) {
        return application_.decide(asked, now, {kSignedInWall.ns + (now - kSignedInAt).count()});
    }
    // To the end, with the node's word.
    Response done(const Request& asked, Instant now = kSignedInAt) {
        auto decision = decide(asked, now);
        if (auto* response = std::get_if<Response>(&decision)) {
            return *response;
        }
        const auto& waiting = std::get<Application::Asked>(decision);
        last_question_ = json::serialize(waiting.question.request);
        last_origin_ = waiting.question.origin;
        return application_.finish(waiting, application_.render(waiting, {{"number", 7}}));
    }
    static std::string code(const Response& response) {
        const json::value body = json::parse(*response.body);
        return std::string(body.at("type").as_string())
            .substr(std::string_view(kProblemsPath).size());
    }
    SignedIn sign_in(const std::string& token, Instant now = kSignedInAt) {
        Request asked = request(Method::kPost, "/api/v1/sessions");
        asked.authorization = "Bearer " + token;
        asked.origin = kOrigin;
        const Response response = done(asked, now);
        EXPECT_EQ(response.status, 201U);
        const json::value body = json::parse(*response.body);
        cookie_field_ = field_of(response, "Set-Cookie");
        return {
            .cookie = cookie_field_.substr(0, cookie_field_.find(';')),
            .csrf = std::string(body.at("csrf").as_string()),
            .id = std::string(body.at("id").as_string()),
        };
    }
    unsigned status(const Request& asked, Instant now = kSignedInAt) {
        return done(asked, now).status;
    }

    SeededRandom random_{1};
    TokenBook book_;
    Application application_ = fixture_application();
    std::string admin_;
    std::string viewer_;
    std::string last_question_;
    std::string last_origin_;
    std::string cookie_field_;
};

TEST_F(SignIns, a_token_is_exchanged_for_a_cookie_that_no_script_and_no_other_site_has) {
    const SignedIn session = sign_in(viewer_);
    EXPECT_EQ(cookie_field_.find("__Host-phantom="), 0U);
    for (const char* attribute :
         {"; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict", "; Max-Age=43200"}) {
        EXPECT_NE(cookie_field_.find(attribute), std::string::npos) << attribute;
    }
    EXPECT_EQ(cookie_field_.find("Domain"), std::string::npos);
    EXPECT_EQ(cookie_field_.find(session.csrf), std::string::npos);
    EXPECT_EQ(last_question_, R"({"verb":"session.open","name":"viewer"})") << "for the audit log";
    const Response own = done(with_session(Method::kGet, "/api/v1/sessions/self", session));
    const json::value body = json::parse(*own.body);
    EXPECT_EQ(body.at("csrf").as_string(), session.csrf);
    EXPECT_EQ(body.at("who").at("name"), "viewer");
    EXPECT_EQ(own.body->find(session.cookie.substr(20)), std::string::npos);
}

TEST_F(SignIns, a_session_may_what_its_token_may) {
    const SignedIn viewer = sign_in(viewer_);
    EXPECT_EQ(status(with_session(Method::kGet, "/api/v1/things/7", viewer)), 200U);
    EXPECT_EQ(last_origin_.find("api token viewer ("), 0U);
    EXPECT_NE(last_origin_.find("session " + viewer.id), std::string::npos);
    EXPECT_EQ(
        code(done(with_session(Method::kPost, "/api/v1/things/7/undo", viewer))), "forbidden"
    );
    const SignedIn admin = sign_in(admin_);
    EXPECT_EQ(status(with_session(Method::kPost, "/api/v1/things/7/undo", admin)), 200U);
}

TEST_F(SignIns, a_change_needs_the_word_of_its_own_session) {
    const SignedIn session = sign_in(admin_);
    const SignedIn other = sign_in(admin_);
    Request change = with_session(Method::kPost, "/api/v1/things/7/undo", session);
    for (const std::string& word :
         {std::string(), other.csrf, session.csrf.substr(1), session.cookie}) {
        change.csrf = word;
        EXPECT_EQ(code(done(change)), "no-csrf") << word;
    }
    change.csrf = session.csrf;
    EXPECT_EQ(status(change), 200U);
    Request out = with_session(Method::kDelete, "/api/v1/sessions/self", session);
    out.csrf = "";
    EXPECT_EQ(code(done(out)), "no-csrf") << "nobody is signed out by a foreign page either";
}

TEST_F(SignIns, a_page_of_somebody_elses_asks_in_vain) {
    const SignedIn session = sign_in(admin_);
    for (const Method method : {Method::kGet, Method::kPost}) {
        const char* target = method == Method::kGet ? "/api/v1/things/7" : "/api/v1/things/7/undo";
        Request foreign = with_session(method, target, session);
        foreign.origin = "https://evil.example";
        EXPECT_EQ(code(done(foreign)), "foreign-page");
        foreign = with_session(method, target, session);
        foreign.origin = "";
        foreign.sec_fetch_site = "cross-site";
        EXPECT_EQ(code(done(foreign)), "foreign-page");
        // A name that leads here and is not ours: DNS rebinding.
        foreign = with_session(method, target, session);
        foreign.host = "evil.example:8443";
        foreign.origin = "https://evil.example:8443";
        EXPECT_EQ(code(done(foreign)), "foreign-page");
    }
    Request by_program = with_session(Method::kGet, "/api/v1/things/7", session);
    by_program.origin = by_program.sec_fetch_site = "";
    EXPECT_EQ(status(by_program), 200U) << "who says nothing of it is no browser";
    Request by_token = request(Method::kGet, "/api/v1/things/7");
    by_token.authorization = "Bearer " + admin_;
    by_token.host = "behind-a-proxy.example";
    EXPECT_EQ(status(by_token), 200U) << "a token is sent by who means it";
}

TEST_F(SignIns, a_session_ends_when_it_is_signed_out_of_and_its_streams_with_it) {
    const SignedIn session = sign_in(admin_);
    auto decision = decide(with_session(Method::kGet, "/api/v1/events", session));
    const auto whose = std::get<Application::Listening>(decision).whose;
    EXPECT_TRUE(application_.is_good(whose, kSignedInAt, kSignedInWall));
    const Response out = done(with_session(Method::kDelete, "/api/v1/sessions/self", session));
    EXPECT_EQ(out.status, 204U);
    EXPECT_NE(field_of(out, "Set-Cookie").find("__Host-phantom=; "), std::string::npos);
    EXPECT_NE(field_of(out, "Set-Cookie").find("Max-Age=0"), std::string::npos);
    EXPECT_FALSE(application_.is_good(whose, kSignedInAt, kSignedInWall));
    const Response refused = done(with_session(Method::kGet, "/api/v1/things/7", session));
    EXPECT_EQ(refused.status, 401U);
    EXPECT_NE(field_of(refused, "Set-Cookie").find("Max-Age=0"), std::string::npos);
}

TEST_F(SignIns, a_session_ends_with_its_token_and_when_it_is_idle) {
    const SignedIn session = sign_in(viewer_);
    const SignedIn idle = sign_in(admin_);
    auto decision = decide(with_session(Method::kGet, "/api/v1/events", session));
    const auto whose = std::get<Application::Listening>(decision).whose;
    ASSERT_TRUE(book_.revoke("viewer").has_value());
    application_.set_tokens(book_.table());
    EXPECT_EQ(status(with_session(Method::kGet, "/api/v1/things/7", session)), 401U);
    EXPECT_FALSE(application_.is_good(whose, kSignedInAt, kSignedInWall));
    const Instant later = kSignedInAt + kSessionIdle + 1s;
    EXPECT_EQ(status(with_session(Method::kGet, "/api/v1/things/7", idle), later), 401U);
}

TEST_F(SignIns, an_administrator_sees_who_is_signed_in_and_ends_it) {
    const SignedIn viewer = sign_in(viewer_);
    const SignedIn admin = sign_in(admin_);
    EXPECT_EQ(code(done(with_session(Method::kGet, "/api/v1/sessions", viewer))), "forbidden");
    const Response listed = done(with_session(Method::kGet, "/api/v1/sessions", admin));
    EXPECT_EQ(json::parse(*listed.body).at("sessions").as_array().size(), 2U);
    EXPECT_EQ(listed.body->find(viewer.csrf), std::string::npos) << "nobody's word but one's own";
    const std::string target = "/api/v1/sessions/" + viewer.id;
    EXPECT_EQ(status(with_session(Method::kDelete, target.c_str(), admin)), 204U);
    EXPECT_EQ(status(with_session(Method::kGet, "/api/v1/things/7", viewer)), 401U);
    EXPECT_EQ(status(with_session(Method::kDelete, target.c_str(), admin)), 404U);
    EXPECT_EQ(status(with_session(Method::kGet, "/api/v1/things/7", admin)), 200U);
}

TEST_F(SignIns, a_person_goes_to_the_issuer_and_comes_back_with_a_session) {
    const auto answered = [&](const Request& asked, json::object answer) {
        auto decision = decide(asked);
        const auto& waiting = std::get<Application::Asked>(decision);
        last_question_ = json::serialize(waiting.question.request);
        EXPECT_EQ(waiting.question.key, "") << "nobody shares an answer with somebody else";
        return application_.finish(waiting, application_.render(waiting, std::move(answer)));
    };
    const Response away = answered(
        request(Method::kGet, "/sign-in/openid"),
        {{"place", "https://id.example/authorize?x"}, {"flow", "f10w"}}
    );
    EXPECT_EQ(away.status, 303U);
    EXPECT_EQ(field_of(away, "Location"), "https://id.example/authorize?x");
    EXPECT_EQ(
        field_of(away, "Set-Cookie"),
        "__Host-phantom-flow=f10w; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax"
    );
    Request back = request(Method::kGet, "/sign-in/openid/done?state=s&code=c");
    back.cookie = "__Host-phantom-flow=f10w";
    back.sec_fetch_site = "cross-site";
    const Response done_response =
        answered(back, {{"person", {{"id", "p1"}, {"name", "ann"}, {"role", "responder"}}}});
    EXPECT_NE(last_question_.find(R"("flow":"f10w")"), std::string::npos);
    EXPECT_EQ(field_of(done_response, "Location"), "/");
    const std::string cookie = field_of(done_response, "Set-Cookie");
    SignedIn ann{.cookie = cookie.substr(0, cookie.find(';')), .csrf = "", .id = ""};
    const Response own = done(with_session(Method::kGet, "/api/v1/sessions/self", ann));
    ann.csrf = json::parse(*own.body).at("csrf").as_string();
    EXPECT_EQ(json::parse(*own.body).at("who").at("role"), "responder");
    EXPECT_EQ(status(with_session(Method::kGet, "/api/v1/things/7", ann)), 200U);
    EXPECT_EQ(last_origin_.find("person ann (p1), 192.0.2.7, session "), 0U) << last_origin_;
    EXPECT_EQ(code(done(with_session(Method::kPost, "/api/v1/things/7/undo", ann))), "forbidden");
    const Response denied = answered(back, {{"problem", "not-allowed"}, {"detail", "<script>"}});
    EXPECT_EQ(field_of(denied, "Location"), "/#sign-in=not-allowed");
    EXPECT_EQ(field_of(denied, "Set-Cookie"), "");
}

TEST_F(SignIns, only_a_token_opens_one) {
    const SignedIn session = sign_in(admin_);
    EXPECT_EQ(code(done(with_session(Method::kPost, "/api/v1/sessions", session))), "refused");
    Request foreign = request(Method::kPost, "/api/v1/sessions");
    foreign.authorization = "Bearer " + admin_;
    foreign.origin = "https://evil.example";
    EXPECT_EQ(code(done(foreign)), "foreign-page");
    Request owner = request(Method::kPost, "/api/v1/sessions");
    owner.caller.is_owner = true;
    EXPECT_EQ(code(done(owner)), "refused");
    EXPECT_EQ(status(request(Method::kPost, "/api/v1/sessions")), 401U);
    Request bare = request(Method::kGet, "/api/v1/sessions/self");
    bare.authorization = "Bearer " + admin_;
    EXPECT_EQ(status(bare), 404U) << "a token alone has no session";
}

}  // namespace
}  // namespace phantom::api
