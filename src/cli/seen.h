#pragma once

// `phantom flows`, `phantom detections`: what a node sees inside the mesh, before anything is made of it.

#include <cstdint>
#include <string>

#include "cli/client.h"

namespace phantom::cli {

struct SeenArguments {
    // Empty or 0: whichever.
    std::string peer;
    std::string address;
    std::uint16_t port = 0;
    std::string protocol;
    std::string application;
    std::string state;
    std::string kind;
    std::string subject;
    std::string rule;
    std::uint64_t alert = 0;
    std::uint64_t number = 0;  // of a detection
    std::uint32_t last = 50;   // so many, the newest
};

int list_flows(const Places& places, const SeenArguments& arguments, bool as_json);
int list_detections(const Places& places, const SeenArguments& arguments, bool as_json);

}  // namespace phantom::cli
