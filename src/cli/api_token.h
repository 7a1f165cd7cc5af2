#pragma once

// `phantom api-token`: who may use the HTTPS API of this node, and how.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/client.h"

namespace phantom::cli {

struct ApiTokenArguments {
    std::string members;  // a role, or "off"; empty: only ask
    std::string node;     // whose API is asked
    std::string path;
    std::uint16_t port = 8'443;
    std::string name;
    std::string role = "administrator";
    std::vector<std::string> scopes;
    std::uint32_t lifetime_s = 0;  // 0: it does not end
    std::uint32_t rate = 6'000;    // requests in a minute; 0: as many as it likes
    std::string id;
};

int create_api_token(const Places& places, const ApiTokenArguments& arguments, bool as_json);
// What members may that show their keys; with a role, from now on.
int member_access(const Places& places, const ApiTokenArguments& arguments, bool as_json);
// `phantom api get`: of another node, as this one.
int get_of_node(const Places& places, const ApiTokenArguments& arguments, bool as_json);
int list_api_tokens(const Places& places, bool as_json);
int revoke_api_token(const Places& places, const ApiTokenArguments& arguments, bool as_json);

// The first one of a new node, made by `phantom init`: its text and the API's address as fields of `out`, or a
// sentence for people. Nothing where the node serves no API.
std::string add_first_api_token(const Places& places, boost::json::object& out);

}  // namespace phantom::cli
