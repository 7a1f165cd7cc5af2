// An alert from anybody, as JSON, in the words of every channel: JSON stays JSON, a mail's header keeps its lines, and
// nothing unseen is left.

#include "alert/alert_json.h"
#include "alert/json_request.h"
#include "alert/message_text.h"
#include "base/assert.h"

using namespace phantom;

namespace {

alert::Notification notification_of(const alert::Alert& alert) {
    alert::Notification notification;
    notification.receiver = "r";
    notification.route = "/";
    notification.group_labels = alert.labels;
    notification.alerts.push_back({.alert = alert, .is_resolved = false, .count = 1});
    alert::fill_in_common(notification);
    return notification;
}

void check_json(const courier::HttpRequest& request) {
    boost::json::error_code error;
    static_cast<void>(boost::json::parse(request.body, error));
    PM_ASSERT(!error);
    PM_ASSERT(request.body.find('\x1b') == std::string::npos);
    PM_ASSERT(alert::valid_utf8(request.body) == request.body);
}

void check_mail(const courier::Mail& mail) {
    for (std::size_t at = 0; at < mail.text.size(); ++at) {
        const char byte = mail.text[at];
        PM_ASSERT(byte == '\r' || byte == '\n' || (byte >= ' ' && byte <= '~'));
        PM_ASSERT(byte != '\n' || mail.text[at - 1] == '\r');
    }
    PM_ASSERT(mail.text.substr(0, mail.text.find("\r\n\r\n")).find("\r\nBcc") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto alert = alert::parse_alert({reinterpret_cast<const char*>(data), size}, WallTime{1});
    if (!alert) {
        PM_ASSERT(!alert.error().empty());
        return 0;
    }
    const alert::Notification notification = notification_of(*alert);
    const alert::Keys keys{.delivery = std::string(64, 'd'), .thread = std::string(64, 't')};
    check_json(alert::webhook_message(notification, {}, keys));
    check_json(alert::slack_message(notification, {}, keys));
    check_json(alert::pagerduty_message(notification, {}, keys));
    const auto teams = alert::teams_message(notification, {}, keys);
    check_json(teams);
    PM_ASSERT(teams.body.size() <= alert::kTeamsMessageSizeMax);
    static_cast<void>(alert::sms_message(notification, {}, keys, "+1"));
    alert::EmailChannel email;
    email.from = "a@example.org";
    check_mail(alert::mail_message(notification, email, keys, "b@example.org"));
    return 0;
}
