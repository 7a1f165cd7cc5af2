#pragma once

// Reads a playbook and checks it: what the JSON Schemas of the standard state of playbooks, steps, variables and the
// commands that are run here, then that the workflow holds together (flow.h).
//
// The schemas list few kinds of agents, targets and commands; SOARCA's own playbooks use others. Those are taken, and a
// command that nobody here runs is only refused when it comes to it.

#include <expected>
#include <string>
#include <string_view>

#include "playbook/playbook.h"

namespace phantom::playbook {

struct Problem {
    std::string path;  // JSON path: "$.workflow['action--...'].commands[0].type"
    std::string reason;
    [[nodiscard]] std::string text() const { return path + ": " + reason; }
};

[[nodiscard]] std::expected<Playbook, Problem> read_playbook(std::string_view text);

}  // namespace phantom::playbook
