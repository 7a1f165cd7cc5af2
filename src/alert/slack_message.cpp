#include "alert/json_request.h"
#include "alert/message_text.h"

namespace phantom::alert {

namespace {

namespace json = boost::json;

constexpr std::size_t kSlackAlertsMax = 20;  // of at most 50 blocks

// What is plain_text is never read as markup; only the fallback is, and there three characters do it.
json::object slack_plain(std::string text, std::size_t runes_max) {
    return {
        {"type", "plain_text"}, {"text", cut_to_runes(std::move(text), runes_max)}, {"emoji", false}
    };
}

std::string slack_escaped(std::string_view text) {
    std::string escaped;
    for (const char byte : text) {
        escaped += byte == '&'   ? "&amp;"
                   : byte == '<' ? "&lt;"
                   : byte == '>' ? "&gt;"
                                 : std::string(1, byte);
    }
    return escaped;
}

}  // namespace

courier::HttpRequest slack_message(
    const Notification& notification, const SlackChannel& channel, const Keys& keys
) {
    const std::string title = title_of(notification);
    json::array blocks;
    blocks.push_back({{"type", "header"}, {"text", slack_plain(title, kSlackHeaderRunesMax)}});
    std::size_t left = notification.left_out_count;
    for (const NotifiedAlert& each : notification.alerts) {
        if (blocks.size() > kSlackAlertsMax) {
            ++left;
            continue;
        }
        blocks.push_back(
            {{"type", "section"}, {"text", slack_plain(line_of(each), kSlackSectionRunesMax)}}
        );
    }
    if (left > 0) {
        blocks.push_back(
            {{"type", "section"},
             {"text", slack_plain("and " + std::to_string(left) + " more", kSlackSectionRunesMax)}}
        );
    }
    json::object body{
        {"text", slack_escaped(cut_to_runes(title, kTitleRunesMax))}, {"blocks", std::move(blocks)}
    };
    if (!channel.channel.empty()) {
        body.emplace("channel", channel.channel);
    }
    if (!channel.username.empty()) {
        body.emplace("username", channel.username);
    }
    courier::HttpRequest request = json_request(channel.url.text, channel.http, keys, body);
    const bool uses_api = channel.app_token.is_given() || channel.http.authorization.is_given();
    if (channel.app_token.is_given()) {
        request.headers.push_back({"Authorization", "Bearer " + channel.app_token.text});
    }
    if (uses_api) {
        request.expected = R"("ok":true)";  // the API says 200 to everything
    }
    return request;
}

}  // namespace phantom::alert
