#include <algorithm>

#include <fmt/format.h>

#include "alert/json_request.h"
#include "alert/message_text.h"

namespace phantom::alert {

namespace {

namespace json = boost::json;

// Alertmanager's fingerprints are 64 bits.
constexpr std::size_t kShortFingerprintSize = 8;

const char* status_word(bool is_resolved) {
    return is_resolved ? "resolved" : "firing";
}

json::object webhook_alert(const NotifiedAlert& notified) {
    const Alert& alert = notified.alert;
    return {
        {"status", status_word(notified.is_resolved)},
        {"labels", json_of(alert.labels)},
        {"annotations", json_of(alert.annotations)},
        {"startsAt", rfc3339(alert.starts_at)},
        // Go's zero time, which is how Alertmanager says "not yet".
        {"endsAt", notified.is_resolved ? rfc3339(alert.ends_at) : "0001-01-01T00:00:00Z"},
        {"generatorURL", ""},
        {"fingerprint", to_hex(ByteView(alert.fingerprint).first(kShortFingerprintSize))}
    };
}

std::string group_key_text(const Notification& notification) {
    std::string text;
    for (const auto& [name, value] : notification.group_labels) {
        text += fmt::format(R"({}{}="{}")", text.empty() ? "" : ", ", name, valid_utf8(value));
    }
    return fmt::format("{}:{{{}}}", notification.route, text);
}

}  // namespace

courier::HttpRequest webhook_message(
    const Notification& notification, const WebhookChannel& channel, const Keys& keys
) {
    const std::size_t count = channel.alerts_max == 0
                                  ? notification.alerts.size()
                                  : std::min(channel.alerts_max, notification.alerts.size());
    json::array alerts;
    for (std::size_t index = 0; index < count; ++index) {
        alerts.push_back(webhook_alert(notification.alerts[index]));
    }
    const std::size_t left_out = notification.left_out_count + notification.alerts.size() - count;
    json::object body{
        {"version", "4"},
        {"groupKey", group_key_text(notification)},
        {"truncatedAlerts", left_out},
        {"status", status_word(notification.is_resolved())},
        {"receiver", valid_utf8(notification.receiver)},
        {"groupLabels", json_of(notification.group_labels)},
        {"commonLabels", json_of(notification.common_labels)},
        {"commonAnnotations", json_of(notification.common_annotations)},
        {"externalURL", ""},
        {"alerts", std::move(alerts)}
    };
    if (notification.is_test) {
        body.emplace("test", true);
    }
    courier::HttpRequest request = json_request(channel.url.text, channel.http, keys, body);
    request.signing_key = channel.signing_key.text;
    return request;
}

}  // namespace phantom::alert
