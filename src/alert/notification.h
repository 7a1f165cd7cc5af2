#pragma once

// What a receiver is to be told: a group of alerts, as it is now. The message_*.h write it for each channel.

#include <string>
#include <vector>

#include "alert/alert.h"
#include "base/random.h"

namespace phantom::alert {

inline constexpr std::size_t kNotifiedAlertsMax = 100;

struct NotifiedAlert {
    Alert alert;
    bool is_resolved = false;
    std::uint64_t count = 1;
};

struct Notification {
    std::string receiver;
    std::string route;    // its path in the tree
    Fingerprint group{};  // the same for all of one group's notifications
    Fingerprint epoch{};  // the same for the same state of it, also after a restart
    Labels group_labels;
    Labels common_labels;
    Labels common_annotations;
    std::vector<NotifiedAlert> alerts;  // those that fire first, and of them the urgent
    std::size_t left_out_count = 0;
    Priority priority = Priority::kP5;  // the highest of its alerts
    WallTime at;
    // False: all that is new is that some are over. Who does not want to hear of ends hears nothing.
    bool has_news_of_firing = true;
    bool is_test = false;

    [[nodiscard]] std::size_t firing_count() const;
    [[nodiscard]] bool is_resolved() const { return firing_count() == 0; }
};

// A message to a receiver that says that it is a test; its keys are its own.
[[nodiscard]] Result<Notification> test_notification(
    const std::string& receiver, WallTime now, Random& random
);

// Common labels, annotations and priority, from its alerts.
void fill_in_common(Notification& notification);

// H(group, receiver, channel, recipient, epoch) in hexadecimal: of one delivery.
[[nodiscard]] std::string delivery_key(
    const Notification& notification, std::size_t channel_index, std::string_view recipient
);
// H(group, receiver, channel, recipient): of all deliveries that are about the same thing.
[[nodiscard]] std::string thread_key(
    const Notification& notification, std::size_t channel_index, std::string_view recipient
);

}  // namespace phantom::alert
