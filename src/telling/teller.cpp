#include "telling/teller.h"

#include <algorithm>

#include <fmt/format.h>

#include "alert/ack_link.h"
#include "alert/message.h"
#include "base/log.h"
#include "crypto/sha256.h"

namespace phantom::telling {

namespace {

// The same for the same step, whoever takes it.
alert::Fingerprint salt_of(const alert::Escalations::Step& step) {
    std::array<std::uint8_t, 24> bytes;
    store_le<std::int64_t>(bytes.data(), step.began_at.ns);
    store_le<std::uint64_t>(&bytes[8], step.level);
    store_le<std::uint64_t>(&bytes[16], step.round);
    return crypto::sha256({bytes});
}

Told told_of(
    const alert::Notification& notification, const courier::Parcel& parcel, std::string channel,
    std::uint32_t level
) {
    Told told;
    told.key = parcel.key;
    told.group = notification.group;
    for (const alert::NotifiedAlert& each : notification.alerts) {
        told.alerts.push_back(each.alert.fingerprint);
    }
    told.receiver = notification.receiver;
    told.channel = std::move(channel);
    told.destination = courier::destination_of(parcel.request);
    told.priority = parcel.priority;
    told.level = level;
    told.is_resolved = notification.is_resolved();
    told.put_at = notification.at;
    return told;
}

// A parcel's lane is RECEIVER/INDEX.
std::string channel_of(const courier::Parcel& parcel, const alert::Receiver& receiver) {
    const std::size_t slash = parcel.lane.rfind('/');
    const auto index = static_cast<std::size_t>(std::stoul(parcel.lane.substr(slash + 1)));
    return alert::name_of(receiver.channels.at(index));
}

}  // namespace

Teller::Teller(std::unique_ptr<courier::Outgoing> outgoing, Random& random)
    : outgoing_(std::move(outgoing)), records_(outgoing_->store()), random_(random) {}

Status Teller::observe(const alert::Alert& alert, WallTime now) {
    return dispatcher_->observe(alert, now);
}

Status Teller::run_once(WallTime now) {
    for (alert::Notification& each : dispatcher_->due(now)) {
        begin_escalation(each, now);
        tell(std::move(each), 0);
    }
    const auto policy_of = [&](const std::string& name) -> const alert::EscalationPolicy* {
        const auto found = config_->escalations.find(name);
        return found == config_->escalations.end() ? nullptr : &found->second;
    };
    for (const alert::Escalations::Step& step : escalations_.due(now, policy_of)) {
        escalate(step, now);
    }
    PM_TRY(commit(now));
    PM_TRY(outgoing_->run_once(now));
    take_outcomes(now);
    return {};
}

WallTime Teller::next_due() const {
    return std::min({dispatcher_->next_due(), escalations_.next_due(), outgoing_->next_due()});
}

// ---- Telling ----------------------------------------------------------------------------------------

void Teller::tell(alert::Notification notification, std::uint32_t level) {
    const auto receiver = receivers_.find(notification.receiver);
    if (receiver == receivers_.end()) {
        return;
    }
    const bool fires = !notification.is_resolved();
    const std::string link = alert::write_ack_link(
        {.group = notification.group,
         .told_at = notification.at,
         .expires_at = alert::later(notification.at, alert::kAckLinkLifetime),
         .receiver = notification.receiver},
        ack_key_
    );
    for (alert::NotifiedAlert& each : notification.alerts) {
        if (enrich_) {
            enrich_(each);
        }
        if (level > 0) {
            each.alert.annotations.set(
                "escalation", fmt::format("level {}: nobody has acknowledged it", level)
            );
        }
        if (!each.is_resolved && !notification.is_test) {
            each.alert.annotations.set("acknowledge", "phantom ack --link " + link);
            if (!ack_base_.empty()) {
                each.alert.annotations.set("acknowledge_at", ack_base_ + link);
            }
        }
    }
    alert::fill_in_common(notification);
    Reach reach;
    for (courier::Parcel& parcel : alert::parcels_of(notification, receiver->second)) {
        told_.add(told_of(notification, parcel, channel_of(parcel, receiver->second), level));
        reach.open.insert(parcel.key);
        reach_of_[parcel.key] = notification.group;
        parcels_.push_back(std::move(parcel));
    }
    if (!fires || !escalations_.all().contains(notification.group)) {
        return;
    }
    reach_[notification.group].open.merge(reach.open);
}

void Teller::begin_escalation(const alert::Notification& notification, WallTime now) {
    const alert::Group* const group = dispatcher_->find_group(notification.group);
    if (notification.is_resolved() || group == nullptr ||
        group->route->escalation == alert::kNoEscalation) {
        return;
    }
    const alert::EscalationPolicy& policy = config_->escalations.at(group->route->escalation);
    const bool is_answered = !dispatcher_->unanswered(notification.group, "", {}, now);
    if (notification.priority <= policy.priority && !is_answered) {
        escalations_.begin(notification.group, policy, now);
    }
}

std::vector<std::string> Teller::receivers_of(
    const alert::EscalationLevel& level, const alert::Group& group, WallTime now
) const {
    if (level.targets.empty()) {
        return {group.route->receiver};
    }
    const std::string_view prefix = alert::kRotaPrefix;
    std::vector<std::string> receivers;
    for (const std::string& target : level.targets) {
        const bool is_rota = target.starts_with(prefix);
        const auto rota = config_->rotas.find(is_rota ? target.substr(prefix.size()) : "");
        std::string receiver =
            rota == config_->rotas.end()
                ? target
                : alert::shift_at(rota->second, overrides_of(rota->first), now).who;
        if (std::ranges::find(receivers, receiver) == receivers.end()) {
            receivers.push_back(std::move(receiver));
        }
    }
    return receivers;
}

void Teller::escalate(const alert::Escalations::Step& step, WallTime now) {
    const alert::Group* const group = dispatcher_->find_group(step.group);
    const alert::EscalationPolicy& policy = config_->escalations.at(step.policy);
    const alert::EscalationLevel& level = policy.levels.at(step.level);
    const bool is_told_by_route = step.level == 0 && step.round == 0 && level.targets.empty();
    if (group == nullptr) {
        escalations_.stop(step.group);
        return;
    }
    if (!is_told_by_route) {
        reach_.erase(step.group);
        for (const std::string& receiver : receivers_of(level, *group, now)) {
            auto wanted = dispatcher_->unanswered(step.group, receiver, salt_of(step), now);
            if (!wanted) {
                escalations_.stop(step.group);
                return;
            }
            tell(std::move(*wanted), static_cast<std::uint32_t>(step.level) + 1);
        }
    }
    // Nobody could even be written to.
    if (reach_[step.group].open.empty()) {
        reach_.erase(step.group);
        escalations_.fall_through(step.group, now);
    }
}

// ---- What came of it --------------------------------------------------------------------------------

void Teller::take_outcomes(WallTime now) {
    using State = courier::Outcome::State;
    for (const courier::Outcome& outcome : outgoing_->take_outcomes()) {
        static_cast<void>(told_.settle(outcome));
        const auto of = reach_of_.find(outcome.key);
        if (of == reach_of_.end()) {
            continue;
        }
        const alert::Fingerprint group = of->second;
        const auto reach = reach_.find(group);
        const bool is_dead =
            outcome.state == State::kDeadLetter ||
            (outcome.state == State::kRetry && outcome.attempts >= kDeadChannelTries);
        if (outcome.state != State::kRetry) {
            reach_of_.erase(of);
        }
        if (reach == reach_.end() || !reach->second.open.contains(outcome.key)) {
            continue;
        }
        if (outcome.state == State::kDelivered) {
            reach_.erase(reach);
        } else if (is_dead && reach->second.open.erase(outcome.key) > 0 &&
                   reach->second.open.empty()) {
            reach_.erase(reach);
            escalations_.fall_through(group, now);
        }
    }
}

void Teller::stop_answered(WallTime now) {
    std::vector<alert::Fingerprint> answered;
    for (const auto& [group, escalation] : escalations_.all()) {
        if (!dispatcher_->unanswered(group, "", {}, now)) {
            answered.push_back(group);
        }
    }
    for (const alert::Fingerprint& group : answered) {
        escalations_.stop(group);
        reach_.erase(group);
    }
}

}  // namespace phantom::telling
