#include "alert/message.h"

#include <fmt/format.h>

namespace phantom::alert {

namespace {

// What a channel makes of a notification, for each recipient.
class Writer {
  public:
    Writer(
        const Notification& notification, std::size_t channel_index,
        std::vector<courier::Parcel>& into
    )
        : notification_(notification), channel_index_(channel_index), into_(into) {}

    void operator()(const WebhookChannel& channel) {
        add("", Duration(0),
            [&](const Keys& keys) { return webhook_message(notification_, channel, keys); });
    }
    void operator()(const SlackChannel& channel) {
        add("", kSlackGap,
            [&](const Keys& keys) { return slack_message(notification_, channel, keys); });
    }
    void operator()(const PagerdutyChannel& channel) {
        add("", Duration(0),
            [&](const Keys& keys) { return pagerduty_message(notification_, channel, keys); });
    }
    void operator()(const TeamsChannel& channel) {
        add("", Duration(0),
            [&](const Keys& keys) { return teams_message(notification_, channel, keys); });
    }
    void operator()(const EmailChannel& channel) {
        for (const std::string& to : channel.to) {
            add(to, Duration(0),
                [&](const Keys& keys) { return mail_message(notification_, channel, keys, to); });
        }
    }
    void operator()(const SmsChannel& channel) {
        for (const std::string& to : channel.to) {
            add(to, kSmsGap,
                [&](const Keys& keys) { return sms_message(notification_, channel, keys, to); });
        }
    }

  private:
    template <class Write>
    void add(std::string_view recipient, Duration gap, Write write) {
        const Keys keys{
            .delivery = delivery_key(notification_, channel_index_, recipient),
            .thread = thread_key(notification_, channel_index_, recipient)
        };
        into_.push_back(courier::Parcel{
            .key = keys.delivery,
            .thread = keys.thread,
            .lane = fmt::format("{}/{}", notification_.receiver, channel_index_),
            .lane_gap = gap,
            .priority = static_cast<int>(notification_.priority),
            .request = write(keys)
        });
    }

    const Notification& notification_;
    std::size_t channel_index_;
    std::vector<courier::Parcel>& into_;
};

// For a channel that does not want to hear of ends.
Notification without_resolved(const Notification& notification) {
    Notification firing = notification;
    std::erase_if(firing.alerts, [](const NotifiedAlert& each) { return each.is_resolved; });
    fill_in_common(firing);
    return firing;
}

}  // namespace

std::vector<courier::Parcel> parcels_of(
    const Notification& notification, const Receiver& receiver
) {
    std::vector<courier::Parcel> parcels;
    for (std::size_t index = 0; index < receiver.channels.size(); ++index) {
        const Channel& channel = receiver.channels[index];
        if (channel.send_resolved) {
            std::visit(Writer(notification, index, parcels), channel.kind);
        } else if (notification.has_news_of_firing && !notification.is_resolved()) {
            const Notification told = without_resolved(notification);
            std::visit(Writer(told, index, parcels), channel.kind);
        }
    }
    return parcels;
}

}  // namespace phantom::alert
