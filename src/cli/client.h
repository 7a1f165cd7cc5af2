#pragma once

// One question to the daemon's control socket and its answer.

#include <chrono>
#include <string>

#include <boost/json.hpp>

namespace phantom::cli {

// Where a node's files are. A machine in several meshes has a pair of these for each.
struct Places {
    std::string state_dir = "/var/lib/phantommesh";
    std::string run_dir = "/run/phantommesh";
    std::string mesh;  // the name that this machine's user gave it; empty: its first

    // Into the folders of `mesh` below those of the first.
    void enter(const std::string& name);

    [[nodiscard]] std::string socket() const { return run_dir + "/phantomd.sock"; }
};

// What a command ends with; documented in the help.
enum class Exit : int {
    kOk = 0,
    kFailed = 1,
    kUsage = 2,
    kNotRunning = 3,
};

struct Answer {
    Exit exit = Exit::kOk;
    std::string error;  // for people: what is wrong and what to do
    boost::json::object body;
};

inline constexpr std::chrono::seconds kAnswerPatience{15};

// Waits at most so long. An "error" of the daemon's becomes Answer::error.
[[nodiscard]] Answer ask(
    const Places& places, const boost::json::object& request,
    std::chrono::seconds patience = kAnswerPatience
);

}  // namespace phantom::cli
