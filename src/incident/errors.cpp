#include "incident/errors.h"

namespace phantom::incident {

namespace {

const char* describe_incident_error(std::uint16_t code) {
    switch (static_cast<IncidentError>(code)) {
        case IncidentError::kNoSuchIncident:
            return "there is no such incident";
        case IncidentError::kNoSuchTransition:
            return "an incident in this state does not go there";
        case IncidentError::kBadRecord:
            return "the file does not hold an incident";
    }
    return "unknown error";
}

constexpr ErrorDomain kIncidentErrors{"incident", describe_incident_error};

}  // namespace

const ErrorDomain& error_domain(IncidentError /*code*/) {
    return kIncidentErrors;
}

}  // namespace phantom::incident
