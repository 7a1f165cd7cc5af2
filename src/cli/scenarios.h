#pragma once

// `phantom detect --scenarios`: behaviour, seen in the lines of a log.

#include <string>
#include <vector>

namespace phantom::cli {

struct ScenarioArguments {
    std::vector<std::string> places;  // folders and files
    std::string log;                  // "-" is standard input
    std::string type;
    std::string module = "file";
    std::vector<std::string> labels;  // NAME=VALUE
    bool as_json = false;
    bool with_events = false;
    bool check = false;
};

// The exit status.
[[nodiscard]] int replay_scenarios(const ScenarioArguments& arguments);

}  // namespace phantom::cli
