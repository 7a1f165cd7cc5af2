#pragma once

#include <cstdint>

#include "base/result.h"

namespace phantom::daemon {

enum class DaemonError : std::uint16_t {
    kSocketDirectory,
    kSocketInUse,
    kSocketListen,
    kSocketWatch,
    kFork,
    kSignals,
};

[[nodiscard]] const ErrorDomain& error_domain(DaemonError code);

}  // namespace phantom::daemon
