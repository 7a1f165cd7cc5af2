#include "alert/errors.h"

namespace phantom::alert {

namespace {

const char* describe_alert_error(std::uint16_t code) {
    switch (static_cast<AlertError>(code)) {
        case AlertError::kLabelName:
            return "not a label's name: letters, digits and '_', and no digit first";
        case AlertError::kLabelTwice:
            return "a label stands there twice";
        case AlertError::kTooManyLabels:
            return "more labels than an alert may have";
        case AlertError::kAlertTooLarge:
            return "labels and annotations are longer than an alert may be";
        case AlertError::kNoLabels:
            return "an alert without a label";
        case AlertError::kPriority:
            return "no such priority: P1 to P5";
        case AlertError::kTransition:
            return "an alert in this state does not do that";
        case AlertError::kUnknownAlert:
            return "no such alert";
        case AlertError::kShed:
            return "dropped: there are too many alerts that matter as much or more";
        case AlertError::kTooManySilences:
            return "more silences than are kept";
        case AlertError::kUnknownSilence:
            return "no such silence";
        case AlertError::kSilenceMatchesAll:
            return "a silence needs a matcher that does not match the empty text";
        case AlertError::kSilenceOver:
            return "the silence would be over before it begins";
        case AlertError::kSecretFile:
            return "the file with a receiver's secret cannot be read, or is empty";
        case AlertError::kTimeZone:
            return "not a time zone";
        case AlertError::kLinkMalformed:
            return "not a link to acknowledge by: it may have been cut off";
        case AlertError::kLinkForged:
            return "this link is not of this node's making";
        case AlertError::kLinkExpired:
            return "this link has expired; 'phantom ack NUMBER' does without";
        case AlertError::kLinkUsed:
            return "this link has been used";
        case AlertError::kNothingToAcknowledge:
            return "nothing of what this link is about fires any more, or it is acknowledged "
                   "already";
        case AlertError::kMalformedRecord:
            return "a record of what was told cannot be read";
        case AlertError::kUnknownRota:
            return "no such rota";
        case AlertError::kTooManyOverrides:
            return "more overrides than a rota may have";
    }
    return "unknown error";
}

constexpr ErrorDomain kAlertDomain{"alert", describe_alert_error};

}  // namespace

const ErrorDomain& error_domain(AlertError /*code*/) {
    return kAlertDomain;
}

}  // namespace phantom::alert
