#include "cli/api_token_verbs.h"

#include <CLI/CLI.hpp>

#include "cli/durations.h"

namespace phantom::cli {

namespace {

constexpr std::uint32_t kTokenLeastS = 60;
constexpr std::uint32_t kTokenMostS = 10U * 365 * 86'400;
constexpr std::uint32_t kRateMost = 10'000'000;

constexpr const char* kApiTokenExamples = R"(
Examples:
  phantom api-token create grafana --role viewer --lifetime 365d
  phantom api-token create pager --role responder --scope alerts:read,alerts:write
  phantom api-token list
  phantom api-token revoke grafana

docs/api.md says what each role may, and names the scopes.
)";

constexpr const char* kApiGetExamples = R"(
Examples:
  phantom api get --node amber /api/v1/nodes/self
  phantom api get --node amber '/api/v1/alerts?state=firing'

It asks as this node, which has to be a member there ('phantom api-token members'), at the other's address inside the
mesh: its API has to listen there ('phantom up --api ADDRESS:PORT').
)";

void add_api_verb(CLI::App& app, ApiTokenArguments& given, const AddVerb& verb) {
    CLI::App* api = app.add_subcommand("api", "ask another node's HTTPS API, as this node");
    api->require_subcommand(1);
    CLI::App* get = verb(*api, "get", "its answer, in JSON", [](const Arguments& all) {
        return get_of_node(all.places, all.api_token, all.as_json);
    });
    get->footer(kApiGetExamples);
    get->add_option("--node", given.node, "its name")->required();
    get->add_option("--port", given.port, "where its API listens")->capture_default_str();
    get->add_option("path", given.path, "from /api/v1/ on; with a query, where there is one")
        ->required();
}

}  // namespace

void add_api_token_verbs(CLI::App& app, Arguments& arguments, const AddVerb& verb) {
    ApiTokenArguments& given = arguments.api_token;
    CLI::App* tokens = app.add_subcommand("api-token", "who may use this node's HTTPS API");
    tokens->require_subcommand(1);
    tokens->footer(kApiTokenExamples);
    CLI::App* create = verb(*tokens, "create", "print a new one", [](const Arguments& all) {
        return create_api_token(all.places, all.api_token, all.as_json);
    });
    create->add_option("name", given.name, "what it is for: 1 to 63 of a-z 0-9 - _ .")->required();
    create->add_option("--role", given.role, "viewer, responder or administrator")
        ->check(CLI::IsMember({"viewer", "responder", "administrator"}))
        ->capture_default_str();
    create->add_option("--scope", given.scopes, "only these of the role: alerts:read,alerts:write")
        ->delimiter(',');
    create
        ->add_option(
            "--lifetime", given.lifetime_s, "how long: 12h, 90d (default: it does not end)"
        )
        ->transform(duration_in_seconds())
        ->check(CLI::Range(kTokenLeastS, kTokenMostS));
    create
        ->add_option(
            "--rate", given.rate, "requests in a minute, a write counting ten; 0: no limit"
        )
        ->check(CLI::Range(std::uint32_t{0}, kRateMost))
        ->capture_default_str();
    verb(
        *tokens, "members", "what members of the mesh may here without a token",
        [](const Arguments& all) { return member_access(all.places, all.api_token, all.as_json); }
    )
        ->add_option("role", given.members, "off, viewer, responder or administrator")
        ->check(CLI::IsMember({"off", "viewer", "responder", "administrator"}));
    add_api_verb(app, given, verb);
    verb(*tokens, "list", "those that there are", [](const Arguments& all) {
        return list_api_tokens(all.places, all.as_json);
    });
    verb(
        *tokens, "revoke", "nobody uses it any more",
        [](const Arguments& all) {
            return revoke_api_token(all.places, all.api_token, all.as_json);
        }
    )
        ->add_option("token", given.id, "its id or its name")
        ->required();
}

}  // namespace phantom::cli
