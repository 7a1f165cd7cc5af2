#pragma once

// `phantom defence`, `incidents`: what this node sees of attacks, and what has become of it.

#include <cstdint>
#include <string>

#include "cli/client.h"

namespace phantom::cli {

struct DefenceArguments {
    std::string mode;          // "off", "watch", "act"; empty: only ask
    std::uint64_t number = 0;  // of an incident; 0: all
    bool close = false;
    bool false_positive = false;
    bool post_mortem = false;
};

int show_defence(const Places& places, const DefenceArguments& arguments, bool as_json);
int show_incidents(const Places& places, const DefenceArguments& arguments, bool as_json);

}  // namespace phantom::cli
