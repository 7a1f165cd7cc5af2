#pragma once

// What the command line says, for whichever verb it names.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/actions.h"
#include "cli/alert.h"
#include "cli/api_token.h"
#include "cli/client.h"
#include "cli/defence.h"
#include "cli/detect.h"
#include "cli/doctor.h"
#include "cli/feeds.h"
#include "cli/handling.h"
#include "cli/import.h"
#include "cli/policy.h"
#include "cli/root.h"
#include "cli/rules.h"
#include "cli/seen.h"
#include "cli/telling.h"
#include "cli/top.h"

namespace phantom::cli {

struct Arguments {
    Places places;
    std::string mesh;
    bool as_json = false;
    double watch_s = 2;
    std::string shell;                   // to complete in
    std::vector<std::string> schema_of;  // words of a verb, or a schema's name
    std::string name;
    std::string endpoint;
    std::string interface;
    std::uint16_t listen = 0;
    std::string token;
    std::string token_file;
    std::string token_id;
    std::vector<std::string> tags;
    std::uint32_t uses = 1;
    std::uint32_t lifetime_s = 86'400;
    std::string peer;
    unsigned count = 4;
    unsigned timeout_s = 30;
    std::string check;
    std::optional<bool> relay;
    std::string carrier;  // a TCP port, or "off"
    std::string api;      // an ADDRESS:PORT, a port, or "off"
    std::string traces;   // a URL, or "off"
    ApiTokenArguments api_token;
    bool port_mapping = true;
    bool lan_discovery = true;
    PolicyArguments policy;
    ImportArguments import;
    std::string route;
    RootArguments root;
    std::string vector;  // of CVSS; "-" is standard input
    ActionArguments action;
    DefenceArguments defence;
    DetectArguments detect;
    AlertArguments alert;
    RuleArguments rules;
    FeedArguments feed;
    TellingArguments telling;
    HandlingArguments handling;
    SeenArguments seen;
    DoctorArguments doctor;
    TopArguments top;
    bool mcp_allows_writes = false;
};

}  // namespace phantom::cli
