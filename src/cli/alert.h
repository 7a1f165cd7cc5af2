#pragma once

// `phantom alert`: configurations of who is told what, tried out. Asks no daemon.

#include <string>

namespace phantom::cli {

struct AlertArguments {
    std::string file;
    std::string receiver;
    std::string outbox;
};

// Each gives the exit status.
[[nodiscard]] int check_alert_config(const AlertArguments& arguments, bool as_json);
[[nodiscard]] int test_alert_receiver(const AlertArguments& arguments, bool as_json);
[[nodiscard]] int send_alerts(const AlertArguments& arguments, bool as_json);

}  // namespace phantom::cli
