#pragma once

// `phantom detect`: signatures or features of a capture, scenarios or Sigma's rules over a log.

#include <string>
#include <vector>

#include "cli/scenarios.h"

namespace phantom::cli {

struct DetectArguments {
    ScenarioArguments scenarios;
    std::vector<std::string> rules;
    std::string capture;
    std::string flows;               // where they go, or "-"
    std::string behaviour;           // where signs go, or "-"
    std::vector<std::string> sigma;  // folders and files
    std::string eve;
    std::vector<std::string> variables;  // NAME=VALUE
    bool skip_checksums = false;
    bool midstream = false;
    bool inline_mode = false;
    bool with_packet = false;
    bool check = false;
};

// The exit status.
[[nodiscard]] int detect(const DetectArguments& arguments);

}  // namespace phantom::cli
