#include <fmt/format.h>

#include "alert/json_request.h"
#include "alert/message_text.h"

namespace phantom::alert {

namespace {

constexpr std::size_t kSmsAlertsMax = 3;  // each segment costs, and nobody reads ten

}  // namespace

courier::HttpRequest sms_message(
    const Notification& notification, const SmsChannel& channel, const Keys& keys,
    std::string_view to
) {
    std::string text = title_of(notification);
    for (std::size_t index = 0; index < notification.alerts.size() && index < kSmsAlertsMax;
         ++index) {
        text += "\n" + line_of(notification.alerts[index]);
    }
    courier::HttpRequest request;
    request.url = fmt::format(
        "{}/2010-04-01/Accounts/{}/Messages.json", channel.url, percent_encoded(channel.account)
    );
    request.headers = {
        {"Content-Type", "application/x-www-form-urlencoded"}, {"Idempotency-Key", keys.delivery}
    };
    request.body = fmt::format(
        "To={}&From={}&Body={}", percent_encoded(to), percent_encoded(channel.from),
        percent_encoded(cut_to_runes(std::move(text), kSmsRunesMax))
    );
    add_http_options(request, channel.http);
    request.user = channel.account;
    request.password = channel.token.text;
    return request;
}

}  // namespace phantom::alert
