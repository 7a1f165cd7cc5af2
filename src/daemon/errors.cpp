#include "daemon/errors.h"

namespace phantom::daemon {

namespace {

const char* describe(std::uint16_t code) {
    switch (static_cast<DaemonError>(code)) {
        case DaemonError::kSocketDirectory:
            return "cannot make the directory of the control socket";
        case DaemonError::kSocketInUse:
            return "another process answers on the control socket (is the interface already up?)";
        case DaemonError::kSocketListen:
            return "cannot listen on the control socket";
        case DaemonError::kSocketWatch:
            return "cannot watch the control socket for removal";
        case DaemonError::kFork:
            return "cannot go into the background";
        case DaemonError::kSignals:
            return "cannot take signals";
    }
    return "unknown error";
}

constexpr ErrorDomain kDomain{"daemon", describe};

}  // namespace

const ErrorDomain& error_domain(DaemonError /*code*/) {
    return kDomain;
}

}  // namespace phantom::daemon
