#pragma once

// phantom top: the mesh and its threats, live, on a full screen.

#include "cli/client.h"

namespace phantom::cli {

struct TopArguments {
    double interval_s = 1;
    bool once = false;  // one frame as text, and the end
};

[[nodiscard]] int show_top(const Places& places, const TopArguments& given, bool as_json);

}  // namespace phantom::cli
