#pragma once

// `phantom feeds`: who is named by whom. A check reads a file here and asks no daemon.

#include <string>

#include "cli/client.h"

namespace phantom::cli {

struct FeedArguments {
    std::string file;
    std::string format;
    std::string kind;
    std::string column = "1";
    std::string delimiter = ",";
    std::string what;
    std::string name;
};

// Each gives the exit status.
[[nodiscard]] int list_feeds(const Places& places, bool as_json);
[[nodiscard]] int look_up_in_feeds(
    const Places& places, const FeedArguments& arguments, bool as_json
);
[[nodiscard]] int reload_feeds(const Places& places, bool as_json);
// Asks the servers, those of all feeds or the one of `arguments.name`, and reads what came.
[[nodiscard]] int fetch_feeds(const Places& places, const FeedArguments& arguments, bool as_json);
[[nodiscard]] int check_feed(const FeedArguments& arguments, bool as_json);

}  // namespace phantom::cli
