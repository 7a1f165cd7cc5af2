#include "alert/notification.h"

#include <algorithm>
#include <array>

#include "crypto/sha256.h"

namespace phantom::alert {

namespace {

ByteView view_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Parts of fixed size, as they are hashed one after another.
crypto::Hash thread_of(
    const Notification& notification, std::size_t channel_index, std::string_view recipient
) {
    std::array<std::uint8_t, 8> index;
    store_le<std::uint64_t>(index.data(), channel_index);
    return crypto::sha256(
        {notification.group, crypto::sha256({view_of(notification.receiver)}), index,
         crypto::sha256({view_of(recipient)})}
    );
}

}  // namespace

std::size_t Notification::firing_count() const {
    return static_cast<std::size_t>(std::ranges::count_if(alerts, [](const NotifiedAlert& each) {
        return !each.is_resolved;
    }));
}

Result<Notification> test_notification(const std::string& receiver, WallTime now, Random& random) {
    Notification notification;
    notification.receiver = receiver;
    notification.route = "/test";
    random.fill(notification.group);
    random.fill(notification.epoch);
    notification.at = now;
    notification.is_test = true;
    const Alert alert = PM_TRY(make_alert(
        {.labels = {{"alertname", "PhantomMeshTest"}},
         .annotations = {{"summary", "A test of this channel. Nothing has happened."}},
         .priority = Priority::kP5,
         .starts_at = now,
         .ends_at = {}}
    ));
    notification.group_labels = alert.labels;
    notification.alerts.push_back({.alert = alert, .is_resolved = false, .count = 1});
    fill_in_common(notification);
    return notification;
}

void fill_in_common(Notification& notification) {
    if (notification.alerts.empty()) {
        return;
    }
    const Alert& first = notification.alerts.front().alert;
    notification.common_labels = first.labels;
    notification.common_annotations = first.annotations;
    notification.priority = first.priority;
    for (const NotifiedAlert& each : notification.alerts) {
        notification.common_labels.keep_common(each.alert.labels);
        notification.common_annotations.keep_common(each.alert.annotations);
        notification.priority = std::min(notification.priority, each.alert.priority);
    }
}

std::string delivery_key(
    const Notification& notification, std::size_t channel_index, std::string_view recipient
) {
    const crypto::Hash thread = thread_of(notification, channel_index, recipient);
    return to_hex(crypto::sha256({thread, notification.epoch}));
}

std::string thread_key(
    const Notification& notification, std::size_t channel_index, std::string_view recipient
) {
    return to_hex(thread_of(notification, channel_index, recipient));
}

}  // namespace phantom::alert
