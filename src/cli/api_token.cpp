#include "cli/api_token.h"

#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "cli/output.h"

namespace phantom::cli {

namespace {

namespace json = boost::json;

std::string api_text(const json::object& of, const char* field, const char* otherwise = "") {
    const json::value* value = of.if_contains(field);
    const bool is_text = value != nullptr && value->is_string() && !value->get_string().empty();
    return is_text ? std::string(value->get_string()) : otherwise;
}

std::string scopes_of(const json::object& token) {
    std::string text;
    for (const json::value& each : token.at("scopes").as_array()) {
        text += fmt::format("{}{}", text.empty() ? "" : ",", each.as_string().c_str());
    }
    return text.empty() ? "all of the role" : text;
}

// Where the API listens, or will; empty: it is switched off.
std::string api_place(const Places& places) {
    const Answer status = ask(places, {{"verb", "status"}});
    if (status.exit != Exit::kOk) {
        return "";
    }
    const json::value* api = status.body.at("self").as_object().if_contains("api");
    if (api == nullptr || api_text(api->as_object(), "problem") == "off") {
        return "";
    }
    return api_text(api->as_object(), "place", "127.0.0.1:8443");
}

}  // namespace

int create_api_token(const Places& places, const ApiTokenArguments& arguments, bool as_json) {
    json::array scopes(arguments.scopes.begin(), arguments.scopes.end());
    const Answer answer =
        ask(places, {{"verb", "api-token.create"},
                     {"name", arguments.name},
                     {"role", arguments.role},
                     {"scopes", std::move(scopes)},
                     {"requests_per_minute", arguments.rate},
                     {"lifetime_s", arguments.lifetime_s}});
    return tell(answer, as_json, [](const json::object& made) {
        return fmt::format(
            "{}\n\nThis is said once. Use it as 'Authorization: Bearer ...'; 'phantom api-token "
            "revoke {}' ends it.\n",
            api_text(made, "token"), api_text(made, "name")
        );
    });
}

int list_api_tokens(const Places& places, bool as_json) {
    const Answer answer = ask(places, {{"verb", "api-token.list"}});
    return tell(answer, as_json, [](const json::object& body) {
        const json::array& tokens = body.at("tokens").as_array();
        if (tokens.empty()) {
            return std::string("No API tokens. 'phantom api-token create NAME' makes one.\n");
        }
        std::string text = fmt::format(
            "{:<10}{:<20}{:<15}{:<22}{:<22}{}\n", "ID", "NAME", "ROLE", "ENDS", "LAST USED",
            "SCOPES"
        );
        for (const json::value& each : tokens) {
            const json::object& token = each.as_object();
            text += fmt::format(
                "{:<10}{:<20}{:<15}{:<22}{:<22}{}\n", api_text(token, "id"),
                api_text(token, "name"), api_text(token, "role"),
                api_text(token, "expires", "never").substr(0, 20),
                api_text(token, "last_used", "-"), scopes_of(token)
            );
        }
        return text;
    });
}

int revoke_api_token(const Places& places, const ApiTokenArguments& arguments, bool as_json) {
    const Answer answer = ask(places, {{"verb", "api-token.revoke"}, {"id", arguments.id}});
    return tell(answer, as_json, [](const json::object& gone) {
        return fmt::format(
            "The API token {} is good for nothing any more.\n", api_text(gone, "name")
        );
    });
}

std::string add_first_api_token(const Places& places, json::object& out) {
    const std::string place = api_place(places);
    if (place.empty()) {
        return "";
    }
    const Answer made =
        ask(places, {{"verb", "api-token.create"}, {"name", "first"}, {"role", "administrator"}});
    if (made.exit != Exit::kOk) {
        return "";
    }
    out["api"] = "https://" + place;
    out["api_token"] = made.body.at("token");
    return fmt::format(
        "The API is at https://{}, and this token may do everything there; it is said once:\n\n  "
        "{}\n\n",
        place, api_text(made.body, "token")
    );
}

int member_access(const Places& places, const ApiTokenArguments& arguments, bool as_json) {
    const Answer answer = ask(places, {{"verb", "api-token.members"}, {"role", arguments.members}});
    return tell(answer, as_json, [](const json::object& body) {
        const std::string role = api_text(body, "role");
        return role == "off"
                   ? std::string("Members need tokens, as everybody does.\n")
                   : fmt::format("Members that show their keys may what a {} may.\n", role);
    });
}

int get_of_node(const Places& places, const ApiTokenArguments& arguments, bool /*as_json*/) {
    constexpr std::chrono::seconds kPatience{12};
    constexpr std::chrono::milliseconds kInterval{20};
    Answer answer =
        ask(places, {{"verb", "node.get"},
                     {"node", arguments.node},
                     {"path", arguments.path},
                     {"port", arguments.port}});
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    const auto number = answer.body.at("number").to_number<std::int64_t>();
    const auto end = std::chrono::steady_clock::now() + kPatience;
    do {
        std::this_thread::sleep_for(kInterval);
        answer = ask(places, {{"verb", "node.got"}, {"number", number}});
        if (answer.exit != Exit::kOk) {
            return fail_with(answer);
        }
    } while (!answer.body.at("is_there").as_bool() && std::chrono::steady_clock::now() < end);
    if (!answer.body.at("is_there").as_bool()) {
        return fail_with({Exit::kFailed, arguments.node + " does not answer", {}});
    }
    const json::value& body = answer.body.at("body");
    const auto status = answer.body.at("status").to_number<unsigned>();
    constexpr unsigned kRefused = 400;
    if (status >= kRefused || !body.is_object()) {
        const std::string why = body.is_object() ? api_text(body.get_object(), "detail") : "";
        return fail_with(
            {Exit::kFailed, fmt::format("{} answers {}: {}", arguments.node, status, why), {}}
        );
    }
    print_json(body.get_object());
    return 0;
}

}  // namespace phantom::cli
