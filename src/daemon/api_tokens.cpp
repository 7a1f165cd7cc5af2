// What `phantom api-token` asks for.

#include <fmt/format.h>

#include "base/log.h"
#include "daemon/api_service.h"
#include "daemon/control_server.h"
#include "daemon/json_fields.h"
#include "fields/fields.h"
#include "incident/record.h"

namespace phantom::daemon {

namespace {

namespace json = boost::json;

constexpr const char* kApiTokensFile = "api_tokens";
constexpr const char* kApiSessionsFile = "api_sessions";
constexpr std::int64_t kTokenLifetimeMaxS = std::int64_t{10} * 365 * 86'400;

std::string second_text(std::int64_t unix_s) {
    return unix_s == 0 ? "" : time_text({static_cast<std::uint64_t>(unix_s)});
}

json::object record_of(const api::Token& token) {
    return {
        {"id", token.id},
        {"name", token.name},
        {"role", api::name_of(token.role)},
        {"scopes", json::array(token.scopes.begin(), token.scopes.end())},
        {"requests_per_minute", token.requests_per_minute},
        {"created", incident::time_text(token.created)},
        {"expires", incident::time_text(token.expires)},
        {"last_used", second_text(token.last_used_s->load(std::memory_order_relaxed))},
    };
}

}  // namespace

void ApiService::read_tokens() {
    if (!node_.files().has(kApiTokensFile)) {
        return;
    }
    const auto text = node_.files().read(kApiTokensFile, api::kTokenFileMax);
    const auto book = text ? api::TokenBook::read(text->text())
                           : Result<api::TokenBook>(std::unexpected(text.error()));
    if (!book) {
        tokens_problem_ = fmt::format(
            "{}: {}; no token is good until it is moved away and new ones are made",
            node_.files().path_of(kApiTokensFile).string(), book.error().message()
        );
        log::error("api: {}", tokens_problem_);
        return;
    }
    tokens_ = *book;
}

void ApiService::publish_tokens() {
    if (server_ != nullptr) {
        server_->set_tokens(tokens_.table());
    }
}

api::SessionTable ApiService::read_sessions() {
    if (!node_.files().has(kApiSessionsFile)) {
        return {};
    }
    const auto text = node_.files().read(kApiSessionsFile, api::kSessionFileMax);
    auto table = text ? api::SessionTable::read(text->text(), monotonic_now(), wall_now())
                      : Result<api::SessionTable>(std::unexpected(text.error()));
    if (!table) {
        log::warning("api: {}: {}; all are signed out", kApiSessionsFile, table.error().message());
        return {};
    }
    return std::move(*table);
}

void ApiService::keep_sessions() {
    const auto text = questions_.take_sessions();
    if (!text) {
        return;
    }
    const Status kept = node_.files().write(
        kApiSessionsFile, {reinterpret_cast<const std::uint8_t*>(text->data()), text->size()}
    );
    if (!kept) {
        log::warning("api: sessions end with the next start: {}", kept.error().message());
    }
}

std::optional<std::string> ApiService::keep_tokens(const api::TokenBook& before) {
    const std::string text = tokens_.write();
    const Status kept = node_.files().write(
        kApiTokensFile, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}
    );
    if (!kept) {
        tokens_ = before;
        return kept.error().message();
    }
    publish_tokens();
    return std::nullopt;
}

json::object ApiService::answer(const json::object& request) {
    const std::string verb = fields::text_at(request, "verb");
    // The API's thread has the sessions; here they only come into the audit log.
    if (verb == "session.open" || verb == "session.close") {
        return {{"schema", "phantom.session/1"}};
    }
    if (verb == "node.get") {
        return ask_node(request);
    }
    if (verb == "node.got") {
        return answer_of_node(request);
    }
    if (verb == "api-token.members") {
        return change_members(request);
    }
    if (verb == "sign-in.methods") {
        return {
            {"schema", "phantom.sign_in/1"}, {"token", true}, {"openid", or_null(issuer_name_)}
        };
    }
    if (!tokens_problem_.empty()) {
        return control_error("refused", tokens_problem_);
    }
    if (verb == "api-token.create") {
        return create_token(request);
    }
    if (verb == "api-token.list") {
        return list_tokens();
    }
    return verb == "api-token.revoke"
               ? revoke_token(request)
               : control_error("unknown_verb", "there is no verb '" + verb + "'");
}

json::object ApiService::create_token(const json::object& request) {
    const std::int64_t lifetime_s = fields::number_at(request, "lifetime_s", 0);
    const std::int64_t rate =
        fields::number_at(request, "requests_per_minute", api::kRequestsPerMinute);
    if (lifetime_s < 0 || lifetime_s > kTokenLifetimeMaxS || rate < 0 || rate > INT32_MAX) {
        return control_error("bad_request", "lifetime_s is 0 (for ever) to 10 years");
    }
    const auto role = api::role_of(fields::text_at(request, "role"));
    if (!role) {
        return control_error("bad_request", role.error().what());
    }
    api::TokenBook::Wish wish{
        .name = fields::text_at(request, "name"),
        .role = *role,
        .scopes = {},
        .requests_per_minute = static_cast<std::uint32_t>(rate),
        .lifetime = std::chrono::seconds(lifetime_s),
    };
    if (const json::value* scopes = request.if_contains("scopes");
        scopes != nullptr && scopes->is_array()) {
        for (const json::value& each : scopes->get_array()) {
            wish.scopes.emplace_back(each.is_string() ? std::string(each.get_string()) : "?");
        }
    }
    const api::TokenBook before = tokens_;
    const WallTime now = wall_now();
    (void)tokens_.drop_expired(now);
    const auto text = tokens_.create(wish, now, random_);
    if (!text) {
        tokens_ = before;
        return control_error("refused", text.error().what());
    }
    if (const auto problem = keep_tokens(before)) {
        return control_error("refused", *problem);
    }
    json::object out = record_of(tokens_.tokens().back());
    out["schema"] = "phantom.api_token/1";
    out["token"] = *text;
    return out;
}

json::object ApiService::list_tokens() const {
    json::array list;
    for (const api::Token& token : tokens_.tokens()) {
        list.push_back(record_of(token));
    }
    return {{"schema", "phantom.api_tokens/1"}, {"tokens", std::move(list)}};
}

json::object ApiService::revoke_token(const json::object& request) {
    const api::TokenBook before = tokens_;
    const auto gone = tokens_.revoke(fields::text_at(request, "id"));
    if (!gone) {
        return control_error(
            "not_found", "there is no such API token; 'phantom api-token list' lists them"
        );
    }
    if (const auto problem = keep_tokens(before)) {
        return control_error("refused", *problem);
    }
    return {{"schema", "phantom.api_token.revoke/1"}, {"id", gone->id}, {"name", gone->name}};
}

}  // namespace phantom::daemon
