#include "alert/json_request.h"
#include "alert/message_text.h"

namespace phantom::alert {

namespace {

namespace json = boost::json;

const char* pagerduty_severity(Priority priority) {
    switch (priority) {
        case Priority::kP1:
            return "critical";
        case Priority::kP2:
            return "error";
        case Priority::kP3:
            return "warning";
        case Priority::kP4:
        case Priority::kP5:
            return "info";
    }
    return "info";
}

json::object pagerduty_details(const Notification& notification) {
    json::array firing;
    json::array resolved;
    for (const NotifiedAlert& each : notification.alerts) {
        (each.is_resolved ? resolved : firing).push_back(json::string(line_of(each)));
    }
    return {
        {"firing", std::move(firing)},
        {"resolved", std::move(resolved)},
        {"left_out", notification.left_out_count},
        {"delivery", "see the header Idempotency-Key"}
    };
}

std::string_view source_of(const Notification& notification) {
    for (const std::string_view name : {"peer", "instance", "host", "source"}) {
        const std::string_view value = notification.common_labels.value_of(name);
        if (!value.empty()) {
            return value;
        }
    }
    return "phantommesh";
}

}  // namespace

courier::HttpRequest pagerduty_message(
    const Notification& notification, const PagerdutyChannel& channel, const Keys& keys
) {
    json::object body{
        {"routing_key", channel.routing_key.text},
        {"event_action", notification.is_resolved() ? "resolve" : "trigger"},
        {"dedup_key", keys.thread},
        {"client", "PhantomMesh"}
    };
    json::object payload{
        {"summary", cut_to_runes(title_of(notification), kTitleRunesMax)},
        {"source", one_line(source_of(notification))},
        {"severity", pagerduty_severity(notification.priority)},
        {"timestamp", rfc3339(notification.at)},
        {"component", "phantommesh"},
        {"group", one_line(notification.receiver)},
        {"class", one_line(notification.common_labels.value_of("alertname"))},
        {"custom_details", pagerduty_details(notification)}
    };
    body["payload"] = payload;
    courier::HttpRequest request = json_request(channel.url, channel.http, keys, body);
    if (request.body.size() > kPagerdutyEventSizeMax) {
        payload["custom_details"] =
            json::object{{"error", "left out: the event would be too large"}};
        body["payload"] = std::move(payload);
        request.body = json::serialize(body);
    }
    return request;
}

}  // namespace phantom::alert
