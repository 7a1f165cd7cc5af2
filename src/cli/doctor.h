#pragma once

// phantom doctor: whether this machine is as a node needs it. Works without a daemon; asks one that runs.

#include <cstdint>

#include <boost/json.hpp>

#include "cli/client.h"

namespace phantom::cli {

struct DoctorArguments {
    std::uint16_t listen = 0;  // 0: the node's, or the default
    bool strict = false;       // warnings count as well
};

// Its --json, phantom.doctor/1.
[[nodiscard]] boost::json::object doctor_report(const Places& places, const DoctorArguments& given);
[[nodiscard]] int show_doctor(const Places& places, const DoctorArguments& given, bool as_json);

}  // namespace phantom::cli
