#include "pq/errors.h"

namespace phantom::pq {

namespace {

const char* describe(std::uint16_t code) {
    switch (static_cast<PqError>(code)) {
        case PqError::kTooShort:
            return "frame is shorter than its header";
        case PqError::kBadVersion:
            return "frame has a version that is not ours";
        case PqError::kBadMessageType:
            return "frame has an unknown message type";
        case PqError::kBadChunk:
            return "chunk index or count does not fit the message type";
        case PqError::kBadFrameSize:
            return "frame has the wrong size for its chunk";
        case PqError::kNoSession:
            return "no WireGuard session to bind the exchange to";
        case PqError::kUnknownSession:
            return "exchange is bound to a WireGuard session that is not known here";
        case PqError::kExchangeInFlight:
            return "an exchange with this peer is in flight";
        case PqError::kUnknownExchange:
            return "no exchange waits for this message";
        case PqError::kStaleExchange:
            return "exchange is over";
        case PqError::kStaleSequence:
            return "offer is older than one that was taken";
        case PqError::kSimultaneous:
            return "both sides began at once and our offer stands";
        case PqError::kTooFrequent:
            return "offers come too close together";
        case PqError::kTooManyRepeats:
            return "answer was repeated often enough";
        case PqError::kNotAuthentic:
            return "confirmation tag does not match";
        case PqError::kBadSalt:
            return "answer builds on a key that was not offered";
        case PqError::kBadSnapshot:
            return "snapshot is not one of ours";
    }
    return "unknown error";
}

constexpr ErrorDomain kDomain{"pq", describe};

}  // namespace

const ErrorDomain& error_domain(PqError /*code*/) {
    return kDomain;
}

}  // namespace phantom::pq
