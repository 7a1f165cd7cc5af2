#include "wire/errors.h"

namespace phantom::wire {

namespace {

const char* describe(std::uint16_t code) {
    switch (static_cast<WireError>(code)) {
        case WireError::kTooShort:
            return "shorter than its header";
        case WireError::kBadVersion:
            return "IP version is neither 4 nor 6";
        case WireError::kBadHeaderLength:
            return "header length is dishonest";
        case WireError::kBadTotalLength:
            return "total length is dishonest";
        case WireError::kBadMessageType:
            return "unknown message type";
        case WireError::kBadMessageLength:
            return "wrong length for the message type";
        case WireError::kBadOffloadHeader:
            return "offload header contradicts the packet";
        case WireError::kBadAddress:
            return "not an IP address";
        case WireError::kBadPrefix:
            return "not an IP prefix";
        case WireError::kBadPort:
            return "not a port number";
        case WireError::kTooLong:
            return "longer than a record may be";
        case WireError::kBadRecord:
            return "record ends early, or a field of it is out of bounds";
        case WireError::kTrailingBytes:
            return "bytes are left after the record";
        case WireError::kBadDnsName:
            return "not a DNS name";
        case WireError::kBadDnsMessage:
            return "not a DNS message of the kind expected";
    }
    return "unknown error";
}

constexpr ErrorDomain kDomain{"wire", describe};

}  // namespace

const ErrorDomain& error_domain(WireError /*code*/) {
    return kDomain;
}

}  // namespace phantom::wire
