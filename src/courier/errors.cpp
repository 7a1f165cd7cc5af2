#include "courier/errors.h"

namespace phantom::courier {

namespace {

const char* describe_courier_error(std::uint16_t code) {
    switch (static_cast<CourierError>(code)) {
        case CourierError::kCurl:
            return "libcurl refuses what the courier needs of it";
        case CourierError::kThread:
            return "cannot start the courier's thread";
        case CourierError::kMalformedParcel:
            return "a parcel that cannot be read";
        case CourierError::kTooManyInFlight:
            return "more is being sent than the courier carries at once";
    }
    return "unknown error";
}

constexpr ErrorDomain kCourierDomain{"courier", describe_courier_error};

}  // namespace

const ErrorDomain& error_domain(CourierError /*code*/) {
    return kCourierDomain;
}

}  // namespace phantom::courier
