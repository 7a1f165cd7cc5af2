#pragma once

// `phantom act`, `block`, `actions`, `confirm`, `undo`: what this node does against others, and back.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/client.h"

namespace phantom::cli {

struct ActionArguments {
    std::string address;
    std::string executor;
    std::string target;
    std::string via;
    std::uint32_t rate = 1'000'000;
    std::uint32_t for_s = 3'600;
    std::uint32_t confirm_s = 0;  // 0: as the daemon has it
    std::vector<std::uint64_t> after;
    std::string reason;
    std::string verdict;
    bool renew = false;
    bool propose = false;
    bool dry_run = false;
    bool cascade = false;
    std::uint64_t number = 0;
};

int act(const Places& places, const ActionArguments& arguments, bool as_json);
int block_address(const Places& places, const ActionArguments& arguments, bool as_json);
// Or what a verdict on a proposal came to.
int list_actions(const Places& places, const ActionArguments& arguments, bool as_json);
int confirm_action(const Places& places, const ActionArguments& arguments, bool as_json);
int undo_action(const Places& places, const ActionArguments& arguments, bool as_json);

}  // namespace phantom::cli
