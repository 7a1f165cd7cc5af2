#include "reach/errors.h"

namespace phantom::reach {

namespace {

const char* describe(std::uint16_t code) {
    switch (static_cast<ReachError>(code)) {
        case ReachError::kMalformed:
            return "not an answer of the kind expected";
        case ReachError::kVersion:
            return "the gateway speaks another version";
        case ReachError::kRefused:
            return "the gateway refuses";
        case ReachError::kNotOurs:
            return "not for us";
        case ReachError::kStale:
            return "from another time";
    }
    return "unknown error";
}

constexpr ErrorDomain kDomain{"reach", describe};

}  // namespace

const ErrorDomain& error_domain(ReachError /*code*/) {
    return kDomain;
}

}  // namespace phantom::reach
