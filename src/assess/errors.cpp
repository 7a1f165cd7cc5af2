#include "assess/errors.h"

namespace phantom::assess {

namespace {

const char* describe(std::uint16_t code) {
    switch (static_cast<AssessError>(code)) {
        case AssessError::kNotFinite:
            return "log-odds are not a finite number";
        case AssessError::kTooManyVerdicts:
            return "more verdicts than a calibration is fitted to";
        case AssessError::kTooManyNodes:
            return "more nodes than a graph may have";
        case AssessError::kTooManyEdges:
            return "more edges than a graph may have";
        case AssessError::kUnknownNode:
            return "an edge to or from a node that is not there";
        case AssessError::kBadCriticality:
            return "a criticality that is negative or not a finite number";
        case AssessError::kTooManyTechniques:
            return "more techniques or tactics than the table may have";
        case AssessError::kBadTechnique:
            return "not a technique of ATT&CK: T1110 or T1110.003";
        case AssessError::kUnknownTactic:
            return "a tactic that the order does not name";
        case AssessError::kTechniqueTwice:
            return "the technique stands there a second time";
    }
    return "unknown error";
}

constexpr ErrorDomain kDomain{"assess", describe};

}  // namespace

const ErrorDomain& error_domain(AssessError /*code*/) {
    return kDomain;
}

}  // namespace phantom::assess
