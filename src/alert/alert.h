#pragma once

// An alert: a finding that somebody may have to be told of. Two with the same labels are the same alert.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "alert/labels.h"
#include "base/clock.h"
#include "crypto/noise.h"

namespace phantom::alert {

inline constexpr std::size_t kLabelsMax = 64;
inline constexpr std::size_t kAlertSizeMax = 1024;  // labels and annotations together

// SHA-256 over the labels.
using Fingerprint = crypto::Hash;

enum class Priority : std::uint8_t { kP1 = 1, kP2, kP3, kP4, kP5 };
inline constexpr std::size_t kPriorityCount = 5;

[[nodiscard]] constexpr std::size_t index_of(Priority priority) {
    return static_cast<std::size_t>(priority) - 1;
}
// These are told at once.
[[nodiscard]] constexpr bool is_urgent(Priority priority) {
    return priority <= Priority::kP2;
}
[[nodiscard]] const char* name_of(Priority priority);
// "P1" to "P5"; kPriority.
[[nodiscard]] Result<Priority> parse_priority(std::string_view text);

struct Alert {
    Fingerprint fingerprint{};
    Labels labels;
    Labels annotations;  // for people; no part of what the alert is
    Priority priority = Priority::kP3;
    WallTime starts_at;
    WallTime ends_at;  // zero: as long as it is seen
};

struct AlertFields {
    std::vector<Label> labels;
    std::vector<Label> annotations;
    Priority priority = Priority::kP3;
    WallTime starts_at;
    WallTime ends_at;
};

// The priority becomes the label "priority", so that routes can ask for it. kNoLabels, kTooManyLabels,
// kAlertTooLarge, and what Labels::make says.
[[nodiscard]] Result<Alert> make_alert(AlertFields fields);

[[nodiscard]] Fingerprint fingerprint_of(const Labels& labels);
[[nodiscard]] std::string to_hex(ByteView bytes);

// Wall time is kept apart from durations in base/clock.h; here it is counted with.
[[nodiscard]] constexpr WallTime later(WallTime at, Duration by) {
    return {at.ns + by.count()};
}

}  // namespace phantom::alert
