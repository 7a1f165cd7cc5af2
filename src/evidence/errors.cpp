#include "evidence/errors.h"

namespace phantom::evidence {

namespace {

const char* describe_evidence_error(std::uint16_t code) {
    switch (static_cast<EvidenceError>(code)) {
        case EvidenceError::kFolder:
            return "the folder for evidence cannot be made";
        case EvidenceError::kWrite:
            return "evidence cannot be written";
        case EvidenceError::kRead:
            return "evidence cannot be read";
        case EvidenceError::kTooMuch:
            return "there is more evidence of this incident than is kept";
        case EvidenceError::kBadManifest:
            return "the file does not hold a list of evidence";
    }
    return "unknown error";
}

constexpr ErrorDomain kEvidenceErrors{"evidence", describe_evidence_error};

}  // namespace

const ErrorDomain& error_domain(EvidenceError /*code*/) {
    return kEvidenceErrors;
}

}  // namespace phantom::evidence
