#include "assess/score.h"

#include <fmt/format.h>

namespace phantom::assess {

std::string_view name_of(Severity severity) {
    switch (severity) {
        case Severity::kNone:
            return "none";
        case Severity::kLow:
            return "low";
        case Severity::kMedium:
            return "medium";
        case Severity::kHigh:
            return "high";
        case Severity::kCritical:
            return "critical";
    }
    return "unknown";
}

Severity Score::severity() const {
    if (tenths_ == 0) {
        return Severity::kNone;
    }
    if (tenths_ < 40) {
        return Severity::kLow;
    }
    if (tenths_ < 70) {
        return Severity::kMedium;
    }
    return tenths_ < 90 ? Severity::kHigh : Severity::kCritical;
}

std::string Score::to_string() const {
    return fmt::format("{}.{}", tenths_ / 10, tenths_ % 10);
}

}  // namespace phantom::assess
