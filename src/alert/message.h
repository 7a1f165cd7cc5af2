#pragma once

// A notification in the words of each channel. Pure functions; what is in the alerts is escaped as each needs it.

#include <string>
#include <vector>

#include "alert/config.h"
#include "alert/notification.h"
#include "courier/parcel.h"

namespace phantom::alert {

inline constexpr std::size_t kTitleRunesMax = 1'024;  // Slack and PagerDuty
inline constexpr std::size_t kSlackHeaderRunesMax = 150;
inline constexpr std::size_t kSlackSectionRunesMax = 3'000;
inline constexpr std::size_t kPagerdutyEventSizeMax = 512'000;
inline constexpr std::size_t kSmsRunesMax = 1'600;
inline constexpr std::size_t kTeamsMessageSizeMax = std::size_t{28} * 1024;
inline constexpr Duration kSlackGap = std::chrono::seconds(1);
inline constexpr Duration kSmsGap = std::chrono::seconds(1);

// Of one delivery; see delivery_key() and thread_key().
struct Keys {
    std::string delivery;
    std::string thread;
};

// Alertmanager's JSON, version 4.
[[nodiscard]] courier::HttpRequest webhook_message(
    const Notification& notification, const WebhookChannel& channel, const Keys& keys
);
[[nodiscard]] courier::HttpRequest slack_message(
    const Notification& notification, const SlackChannel& channel, const Keys& keys
);
// Events API v2. The thread is the incident, so that what resolves it finds it.
[[nodiscard]] courier::HttpRequest pagerduty_message(
    const Notification& notification, const PagerdutyChannel& channel, const Keys& keys
);
// An adaptive card; texts are such that no Markdown is read from them.
[[nodiscard]] courier::HttpRequest teams_message(
    const Notification& notification, const TeamsChannel& channel, const Keys& keys
);
[[nodiscard]] courier::HttpRequest sms_message(
    const Notification& notification, const SmsChannel& channel, const Keys& keys,
    std::string_view to
);
// RFC 5322, multipart; Message-ID is the delivery, References the thread.
[[nodiscard]] courier::Mail mail_message(
    const Notification& notification, const EmailChannel& channel, const Keys& keys,
    std::string_view to
);

// For each channel, and each of a channel's recipients, one. The secrets are resolved.
[[nodiscard]] std::vector<courier::Parcel> parcels_of(
    const Notification& notification, const Receiver& receiver
);

}  // namespace phantom::alert
