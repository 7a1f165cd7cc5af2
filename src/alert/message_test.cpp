#include "alert/message.h"

#include <algorithm>

#include "alert/alert_fixture.h"
#include "alert/alert_json.h"
#include "alert/json_request.h"
#include "alert/message_text.h"

namespace phantom::alert {
namespace {

namespace json = boost::json;
using test::alert_of;
using test::config_of;
using test::kMorning;

// What somebody would send who writes his own log lines: a new line, an escape sequence, markup of each channel, a
// mark that turns the direction, and a byte that is no UTF-8.
constexpr const char* kHostile =
    "x\r\nBcc: <all@example.org>\x1b[2J<!channel> <script>*b* [a](http://e) \xe2\x80\xae \xff";

Notification notification_of_count(std::size_t count, const std::string& text) {
    Notification notification;
    notification.receiver = "oncall";
    notification.route = "/0";
    notification.at = kMorning;
    for (std::size_t index = 0; index < count; ++index) {
        auto alert = make_alert({
            .labels = {{"alertname", text}, {"index", std::to_string(index)}},
            .annotations = {{"summary", text}},
            .priority = Priority::kP2,
            .starts_at = kMorning,
            .ends_at = {},
        });
        EXPECT_TRUE(alert.has_value());
        notification.alerts.push_back({std::move(*alert), false, 3});
    }
    notification.group_labels.set("alertname", text);
    fill_in_common(notification);
    return notification;
}

const Keys kKeys{.delivery = std::string(64, 'd'), .thread = std::string(64, 't')};

json::object parsed(const std::string& text) {
    return json::parse(text).as_object();
}

// Nothing in JSON that a terminal or a log would act on.
void expect_clean(const std::string& body) {
    EXPECT_EQ(body.find('\x1b'), std::string::npos);
    EXPECT_EQ(body.find('\n'), std::string::npos);
    EXPECT_EQ(body.find('\xff'), std::string::npos);
    EXPECT_EQ(body, valid_utf8(body));
}

TEST(WebhookMessage, is_alertmanagers_fourth_version) {
    WebhookChannel channel;
    channel.url.text = "http://127.0.0.1/";
    channel.alerts_max = 1;
    const auto request = webhook_message(notification_of_count(2, kHostile), channel, kKeys);
    expect_clean(request.body);
    const json::object body = parsed(request.body);
    EXPECT_EQ(body.at("version").as_string(), "4");
    EXPECT_EQ(body.at("status").as_string(), "firing");
    EXPECT_EQ(body.at("receiver").as_string(), "oncall");
    EXPECT_EQ(body.at("truncatedAlerts").as_int64(), 1);
    const json::object& alert = body.at("alerts").as_array().at(0).as_object();
    EXPECT_EQ(alert.at("startsAt").as_string(), "2026-09-21T14:13:20.000000000Z");
    EXPECT_EQ(alert.at("endsAt").as_string(), "0001-01-01T00:00:00Z");
    EXPECT_EQ(alert.at("fingerprint").as_string().size(), 16U);
    EXPECT_EQ(alert.at("labels").as_object().at("priority").as_string(), "P2");
    EXPECT_NE(
        std::ranges::find(request.headers, courier::Header{"Idempotency-Key", kKeys.delivery}),
        request.headers.end()
    );
}

TEST(SlackMessage, reads_no_markup_out_of_alerts_and_keeps_its_limits) {
    SlackChannel channel;
    channel.url.text = "http://127.0.0.1/";
    const auto request = slack_message(notification_of_count(60, kHostile), channel, kKeys);
    expect_clean(request.body);
    const json::object body = parsed(request.body);
    EXPECT_EQ(body.at("text").as_string().find('<'), json::string::npos);
    const json::array& blocks = body.at("blocks").as_array();
    EXPECT_LE(blocks.size(), 50U);
    for (const json::value& block : blocks) {
        EXPECT_EQ(block.as_object().at("text").as_object().at("type").as_string(), "plain_text");
    }
    const std::string header(blocks[0].as_object().at("text").as_object().at("text").as_string());
    EXPECT_LE(rune_count(header), kSlackHeaderRunesMax);
    EXPECT_EQ(
        std::string(blocks.back().as_object().at("text").as_object().at("text").as_string()),
        "and 40 more"
    );
}

TEST(PagerdutyMessage, resolves_what_it_triggered) {
    PagerdutyChannel channel;
    channel.url = "http://127.0.0.1/";
    channel.routing_key.text = "r";
    Notification notification = notification_of_count(1, kHostile);
    const json::object trigger = parsed(pagerduty_message(notification, channel, kKeys).body);
    EXPECT_EQ(trigger.at("event_action").as_string(), "trigger");
    EXPECT_EQ(trigger.at("payload").as_object().at("severity").as_string(), "error");
    EXPECT_LE(trigger.at("dedup_key").as_string().size(), 255U);
    notification.alerts[0].is_resolved = true;
    const json::object resolve = parsed(pagerduty_message(notification, channel, kKeys).body);
    EXPECT_EQ(resolve.at("event_action").as_string(), "resolve");
    EXPECT_EQ(resolve.at("dedup_key"), trigger.at("dedup_key"));
}

TEST(TeamsMessage, is_a_card_of_at_most_28_kb) {
    TeamsChannel channel;
    channel.url.text = "http://127.0.0.1/";
    const auto request =
        teams_message(notification_of_count(100, std::string(400, 'x')), channel, kKeys);
    EXPECT_LE(request.body.size(), kTeamsMessageSizeMax);
    EXPECT_GT(request.body.size(), kTeamsMessageSizeMax / 4);
    const json::object body = parsed(request.body);
    const json::object& attachment = body.at("attachments").as_array().at(0).as_object();
    EXPECT_TRUE(attachment.at("contentUrl").is_null());
    for (const json::value& block : attachment.at("content").as_object().at("body").as_array()) {
        EXPECT_EQ(block.as_object().at("type").as_string(), "RichTextBlock");
    }
}

TEST(SmsMessage, is_a_form_of_at_most_1600_characters) {
    SmsChannel channel;
    channel.account = "AC1";
    channel.from = "+1 5";
    const auto request = sms_message(
        notification_of_count(3, "\xc3\xa4" + std::string(400, '&')), channel, kKeys, "+49"
    );
    EXPECT_EQ(request.url, "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json");
    EXPECT_TRUE(request.body.starts_with("To=%2B49&From=%2B1%205&Body="));
    EXPECT_EQ(std::ranges::count(request.body, '&'), 2);
    EXPECT_EQ(request.user, "AC1");
}

std::string header_of(const std::string& mail, const std::string& name) {
    const std::size_t begin = mail.find("\r\n" + name + ": ");
    return begin == std::string::npos
               ? "none"
               : mail.substr(
                     begin + name.size() + 4, mail.find("\r\n", begin + 2) - begin - name.size() - 4
                 );
}

TEST(MailMessage, has_no_header_that_an_alert_wrote) {
    EmailChannel channel;
    channel.from = "alerts@example.org";
    channel.smarthost = "localhost:25";
    const auto mail =
        mail_message(notification_of_count(2, kHostile), channel, kKeys, "ann@example.org");
    const std::string head = mail.text.substr(0, mail.text.find("\r\n\r\n"));
    EXPECT_EQ(head.find("Bcc"), std::string::npos);
    EXPECT_EQ(header_of(mail.text, "Message-ID"), "<" + kKeys.delivery + "@example.org>");
    EXPECT_EQ(header_of(mail.text, "References"), "<" + kKeys.thread + "@example.org>");
    EXPECT_EQ(header_of(mail.text, "Date"), "Mon, 21 Sep 2026 14:13:20 +0000");
    EXPECT_TRUE(header_of(mail.text, "Subject").starts_with("=?UTF-8?B?"));
    for (std::size_t begin = 0; begin < mail.text.size();) {
        const std::size_t end = mail.text.find("\r\n", begin);
        ASSERT_NE(end, std::string::npos);
        EXPECT_LE(end - begin, 998U);  // RFC 5322 section 2.1.1
        EXPECT_EQ(mail.text.substr(begin, end - begin).find_first_of("\r\n"), std::string::npos);
        begin = end + 2;
    }
}

TEST(MessageText, is_cut_between_characters_and_cleaned_of_what_is_not_seen) {
    EXPECT_EQ(cut_to_runes("\xc3\xa4\xc3\xb6\xc3\xbc", 3), "\xc3\xa4\xc3\xb6\xc3\xbc");
    EXPECT_EQ(cut_to_runes("\xc3\xa4\xc3\xb6\xc3\xbc", 2), "\xc3\xa4\xe2\x80\xa6");
    EXPECT_EQ(
        one_line("a\x1b[1m\nb\xe2\x80\xae\xc2\x9b"
                 "c"),
        "a [1m b  c"
    );
    EXPECT_EQ(
        valid_utf8("\xc0\x80\xed\xa0\x80z"),
        "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz"
    );
    EXPECT_EQ(base64("foob"), "Zm9vYg==");  // RFC 4648 section 10
    EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
    EXPECT_EQ(html_escaped("<a href=\"'&\">"), "&lt;a href=&quot;&#39;&amp;&quot;&gt;");
}

TEST(Parcels, go_to_each_recipient_with_a_key_of_his_own_and_ends_only_to_who_wants_them) {
    const Config config = config_of(R"(
global: {smtp_smarthost: 'localhost:25', smtp_from: 'a@example.org'}
route: {receiver: r}
receivers:
- name: r
  webhook_configs: [{url: 'http://127.0.0.1/'}]
  email_configs: [{to: 'b@example.org, c@example.org'}]
)");
    Notification notification = notification_of_count(1, "x");
    const auto firing = parcels_of(notification, config.receivers.at("r"));
    ASSERT_EQ(firing.size(), 3U);
    EXPECT_EQ(std::set<std::string>({firing[0].key, firing[1].key, firing[2].key}).size(), 3U);
    EXPECT_EQ(firing[0].priority, 2);
    notification.alerts[0].is_resolved = true;
    const auto resolved = parcels_of(notification, config.receivers.at("r"));
    ASSERT_EQ(resolved.size(), 1U);
    EXPECT_EQ(resolved[0].thread, firing[0].thread);
}

TEST(AlertJson, is_read_as_alertmanager_takes_it) {
    const auto alert = parse_alert(
        R"({"labels":{"alertname":"x","priority":"P1"},"startsAt":"2026-09-21T16:13:20.5+02:00"})",
        {}
    );
    ASSERT_TRUE(alert.has_value()) << alert.error();
    EXPECT_EQ(alert->priority, Priority::kP1);
    EXPECT_EQ(alert->starts_at, later(kMorning, std::chrono::milliseconds(500)));
    for (const char* const text :
         {"", "[]", "{}", R"({"labels":{"a":1}})", R"({"labels":{"a":"b","priority":"P9"}})",
          R"({"labels":{"a":"b"},"startsAt":"yesterday"})",
          R"({"labels":{"a":"b"},"startsAt":"2026-02-30T00:00:00Z"})"}) {
        EXPECT_FALSE(parse_alert(text, {}).has_value()) << text;
    }
}

TEST(TimeInterval, holds_where_all_of_it_does) {
    TimeInterval interval;
    EXPECT_TRUE(contains(interval, kMorning));
    interval.weekdays = {*parse_weekdays("monday:friday")};
    interval.minutes = {{*parse_time_of_day("14:13"), *parse_time_of_day("14:14")}};
    interval.days_of_month = {*parse_days_of_month("-10:-1")};
    EXPECT_TRUE(contains(interval, kMorning));
    EXPECT_FALSE(contains(interval, later(kMorning, std::chrono::seconds(40))));
    interval.months = {*parse_months("january:august")};
    EXPECT_FALSE(contains(interval, kMorning));
    EXPECT_FALSE(parse_weekdays("friday:monday").has_value());
    EXPECT_FALSE(parse_days_of_month("0").has_value());
    EXPECT_FALSE(parse_days_of_month("-1:3").has_value());
    EXPECT_FALSE(parse_time_of_day("24:01").has_value());
}

TEST(Duration, is_read_as_prometheus_writes_it) {
    EXPECT_EQ(*parse_duration("1h30m"), std::chrono::minutes(90));
    EXPECT_EQ(*parse_duration("2w"), std::chrono::hours(336));
    EXPECT_EQ(duration_text(*parse_duration("1d500ms")), "1d500ms");
    for (const char* const text :
         {"", "5", "m", "30m1h", "1.5h", "-1s", "99999999999y", "2147483647y"}) {
        EXPECT_FALSE(parse_duration(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace phantom::alert
