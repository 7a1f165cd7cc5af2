#include <algorithm>

#include "alert/json_request.h"
#include "alert/message_text.h"

namespace phantom::alert {

namespace {

namespace json = boost::json;

// In the runs of a RichTextBlock nothing is markup, unlike in a TextBlock.
json::object rich_text(std::string_view text, bool is_title) {
    json::object run{{"type", "TextRun"}, {"text", text}};
    if (is_title) {
        run.emplace("weight", "Bolder");
        run.emplace("size", "Large");
    }
    json::array runs;
    runs.push_back(std::move(run));
    return {{"type", "RichTextBlock"}, {"inlines", std::move(runs)}};
}

json::object teams_card(const Notification& notification, std::size_t alert_count) {
    json::array body;
    body.push_back(rich_text(cut_to_runes(title_of(notification), kTitleRunesMax), true));
    for (std::size_t index = 0; index < alert_count; ++index) {
        body.push_back(rich_text(line_of(notification.alerts[index]), false));
    }
    const std::size_t left = notification.left_out_count + notification.alerts.size() - alert_count;
    if (left > 0) {
        body.push_back(rich_text("and " + std::to_string(left) + " more", false));
    }
    json::array attachments;
    attachments.push_back(
        {{"contentType", "application/vnd.microsoft.card.adaptive"},
         {"contentUrl", nullptr},
         {"content",
          {{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
           {"type", "AdaptiveCard"},
           {"version", "1.4"},
           {"body", std::move(body)}}}}
    );
    return {{"type", "message"}, {"attachments", std::move(attachments)}};
}

}  // namespace

courier::HttpRequest teams_message(
    const Notification& notification, const TeamsChannel& channel, const Keys& keys
) {
    std::size_t count = notification.alerts.size();
    for (;;) {
        courier::HttpRequest request =
            json_request(channel.url.text, channel.http, keys, teams_card(notification, count));
        // A title alone is far below that.
        if (request.body.size() <= kTeamsMessageSizeMax || count == 0) {
            return request;
        }
        count /= 2;
    }
}

}  // namespace phantom::alert
