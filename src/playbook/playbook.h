#pragma once

// A playbook in CACAO 2.0, as it was read and found to be sound: what is done one after the other, on which condition,
// against whom. A value; run.h runs it.
// Source: OASIS CACAO Security Playbooks 2.0, sections 3 to 5, 10.18.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace phantom::playbook {

inline constexpr std::size_t kPlaybookSizeMax = 1U << 20U;
inline constexpr std::size_t kStepsMax = 500;
inline constexpr std::size_t kCommandsMax = 64;  // of a step
inline constexpr std::size_t kVariablesMax = 256;
inline constexpr std::size_t kValueSizeMax = 16U << 10U;  // of a variable

struct Variable {
    std::string type;
    std::string value;
    bool has_value = false;
    bool is_constant = false;
    bool is_external = false;  // whoever starts the playbook says it
    friend bool operator==(const Variable&, const Variable&) = default;
};
// By "__name__".
using Variables = std::map<std::string, Variable>;

enum class StepKind : std::uint8_t {
    kStart,
    kEnd,
    kAction,
    kPlaybookAction,
    kParallel,
    kIf,
    kWhile,
    kSwitch,
};

struct Command {
    std::string
        type;  // "manual", "http-api", "openc2-http", "bash", "phantommesh", or others', which nobody runs
    std::string command;  // decoded where it was base64
    std::string content;  // likewise
    std::vector<std::pair<std::string, std::string>> headers;
    friend bool operator==(const Command&, const Command&) = default;
};

struct Step {
    std::string id;
    StepKind kind = StepKind::kEnd;
    std::string name;
    Duration delay{0};
    Duration timeout{0};  // 0: the default of its commands
    Variables variables;
    std::string on_completion;
    std::string on_success;
    std::string on_failure;
    std::vector<Command> commands;
    std::string agent;
    std::vector<std::string> targets;
    std::vector<std::string> in_args;
    std::vector<std::string> out_args;
    std::string condition;  // of if and while; of switch what is compared
    std::string on_true;
    std::string on_false;
    std::vector<std::pair<std::string, std::string>> cases;
    std::vector<std::string> next_steps;
    std::string playbook_id;
};

// An agent or a target.
struct Party {
    std::string type;
    std::string name;
    std::map<std::string, std::vector<std::string>> addresses;  // by "dname", "ipv4", "ipv6", "url"
    std::string port;
};

struct Playbook {
    std::string id;
    std::string name;
    std::string description;
    bool is_revoked = false;
    std::string valid_from;  // RFC 3339, or empty
    std::string valid_until;
    Variables variables;
    std::string start;
    std::string exception;  // empty: none
    std::map<std::string, Step> steps;
    std::map<std::string, Party> parties;

    [[nodiscard]] const Step& step(const std::string& step_id) const { return steps.at(step_id); }
};

// Where a step may go on to.
[[nodiscard]] std::vector<std::string> next_of(const Step& step);
[[nodiscard]] const char* name_of(StepKind kind);

}  // namespace phantom::playbook
