#include "detect/errors.h"

namespace phantom::detect {

namespace {

const char* describe(std::uint16_t code) {
    switch (static_cast<DetectError>(code)) {
        case DetectError::kNotACapture:
            return "neither a pcap nor a pcapng file";
        case DetectError::kCaptureCut:
            return "the capture ends in the middle of a record";
        case DetectError::kBadRecordLength:
            return "a record says it is longer than any packet";
        case DetectError::kBadBlockLength:
            return "a block says an impossible length";
        case DetectError::kCaptureUnreadable:
            return "the capture cannot be read";
    }
    return "unknown error";
}

constexpr ErrorDomain kDetectDomain{"detect", describe};

}  // namespace

const ErrorDomain& error_domain(DetectError /*code*/) {
    return kDetectDomain;
}

}  // namespace phantom::detect
