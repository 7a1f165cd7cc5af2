// The part of Teller that is on the disk.

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "alert/ack_link.h"
#include "alert/state_json.h"
#include "base/log.h"
#include "telling/teller.h"

namespace phantom::telling {

namespace {

constexpr std::string_view kAlertKind = "telling.alert";
constexpr std::string_view kGroupKind = "telling.group";
constexpr std::string_view kEscalationKind = "telling.escalation";
constexpr std::string_view kSilenceKind = "telling.silence";
constexpr std::string_view kToldKind = "telling.told";
constexpr std::string_view kUsedLinkKind = "telling.used_link";
constexpr std::string_view kOverrideKind = "telling.override";
constexpr std::string_view kKeyKind = "telling.key";

std::uint64_t number_in(std::string_view text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// What cannot be read is left where it is, and said.
template <class Value, class Take>
void take_read(std::string_view kind, const store::Record& record, Result<Value> value, Take take) {
    if (value) {
        take(std::move(*value));
    } else {
        log::error("alerts: {} {}: {}", kind, record.key, value.error().message());
    }
}

}  // namespace

Result<std::unique_ptr<Teller>> Teller::open(
    const std::string& path, const courier::OutgoingOptions& options, Random& random
) {
    auto outgoing = PM_TRY(courier::Outgoing::open(path, options, random));
    std::unique_ptr<Teller> made(new Teller(std::move(outgoing), random));
    PM_TRY(made->load_key());
    PM_TRY(made->load_told());
    return made;
}

Status Teller::load_key() {
    const auto kept = PM_TRY(records_.all(kKeyKind, 1));
    if (!kept.empty()) {
        const auto key = PM_TRY(alert::fingerprint_from_hex(kept.front().value));
        ack_key_.assign(key.begin(), key.end());
    } else {
        ack_key_.resize(alert::kAckKeySize);
        random_.fill(ack_key_);
        PM_TRY(records_.put(kKeyKind, {.key = "ack", .value = alert::to_hex(ack_key_)}));
    }
    for (const store::Record& each : PM_TRY(records_.all(kUsedLinkKind, kUsedLinksMax))) {
        used_links_[each.key] = {static_cast<std::int64_t>(number_in(each.value))};
    }
    for (const store::Record& each : PM_TRY(records_.all(kOverrideKind, kOverridesMax))) {
        const std::string rota = each.key.substr(0, each.key.rfind('\n'));
        take_read(
            kOverrideKind, each, alert::read_override(each.value),
            [&](alert::RotaOverride read) { overrides_[rota].push_back(std::move(read)); }
        );
    }
    return {};
}

// A process that was killed may not have noted what its outbox knows.
Status Teller::load_told() {
    for (const store::Record& each : PM_TRY(records_.all(kToldKind, kToldMax))) {
        auto read = read_told(each.value);
        if (!read) {
            log::error("alerts: {}: {}", each.key, read.error().message());
            continue;
        }
        const bool is_open = read->state == Told::State::kWaiting;
        told_.add(std::move(*read));
        const store::Fate fate =
            is_open ? PM_TRY(outgoing_->outbox().fate_of(each.key)) : store::Fate();
        const bool is_delivered = fate.state == store::Fate::State::kDelivered;
        if (is_delivered || fate.state == store::Fate::State::kDeadLetter) {
            using To = courier::Outcome::State;
            static_cast<void>(told_.settle(
                {.key = each.key,
                 .state = is_delivered ? To::kDelivered : To::kDeadLetter,
                 .attempts = fate.attempts,
                 .at = fate.done_at,
                 .next_at = {},
                 .answer = fate.answer}
            ));
        }
    }
    return {};
}

Status Teller::configure(
    std::shared_ptr<const alert::Config> config, Receivers receivers, WallTime now
) {
    if (dispatcher_ != nullptr) {
        PM_TRY(commit(now));
    }
    config_ = std::move(config);
    receivers_ = std::move(receivers);
    dispatcher_ = std::make_unique<alert::Dispatcher>(config_);
    escalations_ = alert::Escalations();
    return take_up_state(now);
}

Status Teller::take_up_state(WallTime now) {
    for (const store::Record& each : PM_TRY(records_.all(kSilenceKind, alert::kSilencesMax))) {
        take_read(kSilenceKind, each, alert::read_silence(each.value), [&](alert::Silence read) {
            dispatcher_->silences().restore(number_in(each.key), std::move(read));
        });
    }
    for (const store::Record& each : PM_TRY(records_.all(kAlertKind, alert::kActiveAlertsMax))) {
        take_read(kAlertKind, each, alert::read_entry(each.value), [&](alert::Entry read) {
            dispatcher_->restore(std::move(read), now);
        });
    }
    for (const store::Record& each : PM_TRY(records_.all(kGroupKind, alert::kActiveAlertsMax))) {
        take_read(
            kGroupKind, each, alert::read_group(each.value),
            [&](const alert::GroupRecord& read) { dispatcher_->restore(read, now); }
        );
    }
    for (const store::Record& each :
         PM_TRY(records_.all(kEscalationKind, alert::kEscalationsMax))) {
        take_read(
            kEscalationKind, each, alert::read_escalation(each.value),
            [&](const alert::Escalation& read) { escalations_.restore(read); }
        );
    }
    return {};
}

void Teller::keep(std::string kind, std::string key, std::optional<std::string> value) {
    changes_.insert_or_assign(Change{std::move(kind), std::move(key)}, std::move(value));
}

Result<std::vector<store::Record>> Teller::kept(std::string_view kind) {
    return records_.all(kind, alert::kActiveAlertsMax);
}

// What was changed since the last commit, as it is now.
void Teller::note_changes() {
    const std::vector<alert::Fingerprint> alerts = dispatcher_->take_changed_alerts();
    for (const alert::Fingerprint& fingerprint : alerts) {
        const alert::Entry* const entry = dispatcher_->find(fingerprint);
        keep(
            std::string(kAlertKind), alert::to_hex(fingerprint),
            entry == nullptr ? std::nullopt : std::optional(alert::write_entry(*entry))
        );
    }
    for (const alert::Fingerprint& key : dispatcher_->take_changed_groups()) {
        const alert::Group* const group = dispatcher_->find_group(key);
        keep(
            std::string(kGroupKind), alert::to_hex(key),
            group == nullptr ? std::nullopt
                             : std::optional(alert::write_group(dispatcher_->record_of(*group)))
        );
    }
    for (const alert::Fingerprint& group : escalations_.take_changed()) {
        const auto found = escalations_.all().find(group);
        keep(
            std::string(kEscalationKind), alert::to_hex(group),
            found == escalations_.all().end()
                ? std::nullopt
                : std::optional(alert::write_escalation(found->second))
        );
    }
    for (const std::string& key : told_.take_changed()) {
        const Told* const told = told_.find(key);
        keep(
            std::string(kToldKind), key,
            told == nullptr ? std::nullopt : std::optional(write_told(*told))
        );
    }
}

Status Teller::write_changes() {
    for (const auto& [change, value] : changes_) {
        const auto& [kind, key] = change;
        PM_TRY(
            value ? records_.put(kind, {.key = key, .value = *value}) : records_.remove(kind, key)
        );
    }
    return {};
}

// All that was decided is on the disk before any of it is sent. Where the disk refuses, it is tried again with the
// next commit; what finds no room in the outbox is a dead letter.
Status Teller::commit(WallTime now) {
    if (!escalations_.all().empty() && !parcels_.empty()) {
        stop_answered(now);
    }
    note_changes();
    if (parcels_.empty() && changes_.empty()) {
        return {};
    }
    Status put = outgoing_->put(parcels_, now, [this] { return write_changes(); });
    if (!put && put.error().is(store::StoreError::kFull)) {
        log::error("alerts: {} are not sent: {}", parcels_.size(), put.error().message());
        for (const courier::Parcel& parcel : parcels_) {
            static_cast<void>(told_.settle(
                {.key = parcel.key,
                 .state = courier::Outcome::State::kDeadLetter,
                 .attempts = 0,
                 .at = now,
                 .next_at = {},
                 .answer = put.error().message()}
            ));
        }
        parcels_.clear();
        note_changes();
        put = outgoing_->put({}, now, [this] { return write_changes(); });
    }
    if (put) {
        parcels_.clear();
        changes_.clear();
    }
    return put;
}

// ---- What people do ---------------------------------------------------------------------------------

Result<alert::SilenceId> Teller::add_silence(alert::Silence silence, WallTime now) {
    const std::string text = alert::write_silence(silence);
    const alert::SilenceId id = PM_TRY(dispatcher_->silences().add(std::move(silence), now));
    keep(std::string(kSilenceKind), std::to_string(id), text);
    PM_TRY(commit(now));
    return id;
}

Status Teller::expire_silence(alert::SilenceId id, WallTime now) {
    PM_TRY(dispatcher_->silences().expire(id));
    keep(std::string(kSilenceKind), std::to_string(id), std::nullopt);
    return commit(now);
}

Status Teller::add_override(
    const std::string& rota, const alert::RotaOverride& wanted, WallTime now
) {
    if (!config_->rotas.contains(rota)) {
        return fail(alert::AlertError::kUnknownRota);
    }
    std::vector<alert::RotaOverride>& all = overrides_[rota];
    std::erase_if(all, [now](const alert::RotaOverride& each) { return each.until <= now; });
    if (all.size() == kOverridesMax) {
        return fail(alert::AlertError::kTooManyOverrides);
    }
    all.push_back(wanted);
    for (const store::Record& each : PM_TRY(records_.all(kOverrideKind, kOverridesMax))) {
        if (each.key.substr(0, each.key.rfind('\n')) == rota) {
            keep(std::string(kOverrideKind), each.key, std::nullopt);
        }
    }
    for (std::size_t index = 0; index < all.size(); ++index) {
        // Four digits, so that their order is that of the numbers.
        const std::string number = std::to_string(10'000 + index).substr(1);
        keep(
            std::string(kOverrideKind), fmt::format("{}\n{}", rota, number),
            alert::write_override(all[index])
        );
    }
    return commit(now);
}

std::vector<alert::RotaOverride> Teller::overrides_of(const std::string& rota) const {
    const auto found = overrides_.find(rota);
    return found == overrides_.end() ? std::vector<alert::RotaOverride>() : found->second;
}

std::vector<OnCall> Teller::on_call(WallTime now) const {
    std::vector<OnCall> all;
    for (const auto& [name, rota] : config_->rotas) {
        const alert::Shift shift = alert::shift_at(rota, overrides_of(name), now);
        all.push_back(
            {.rota = name,
             .time_zone = rota.zone_name,
             .now = shift,
             .next = alert::shift_at(rota, overrides_of(name), shift.until)}
        );
    }
    return all;
}

Status Teller::acknowledge(const alert::Fingerprint& alert, const std::string& by, WallTime now) {
    PM_TRY(dispatcher_->acknowledge(alert, by));
    stop_answered(now);
    return commit(now);
}

void Teller::forget_old_links(WallTime now) {
    for (auto at = used_links_.begin(); at != used_links_.end();) {
        if (at->second > now) {
            ++at;
            continue;
        }
        keep(std::string(kUsedLinkKind), at->first, std::nullopt);
        at = used_links_.erase(at);
    }
}

Result<Teller::AckOffer> Teller::look_at_link(const std::string& token, WallTime now) {
    const alert::AckLink link = PM_TRY(alert::read_ack_link(token, ack_key_, now));
    if (used_links_.contains(token.substr(token.find('.') + 1))) {
        return fail(alert::AlertError::kLinkUsed);
    }
    AckOffer offer{.would = {.alerts = {}, .by = link.receiver}, .expires_at = link.expires_at};
    if (const alert::Group* const group = dispatcher_->find_group(link.group)) {
        for (const alert::Fingerprint& each : group->told_firing) {
            const alert::Entry* const entry = dispatcher_->find(each);
            if (entry != nullptr && entry->first_seen <= link.told_at) {
                offer.would.alerts.push_back(each);
            }
        }
    }
    if (offer.would.alerts.empty()) {
        return fail(alert::AlertError::kNothingToAcknowledge);
    }
    return offer;
}

Result<Teller::Acknowledged> Teller::acknowledge_by_link(const std::string& token, WallTime now) {
    const AckOffer offer = PM_TRY(look_at_link(token, now));
    forget_old_links(now);
    Acknowledged done{.alerts = {}, .by = offer.would.by};
    for (const alert::Fingerprint& each : offer.would.alerts) {
        if (dispatcher_->acknowledge(each, done.by)) {
            done.alerts.push_back(each);
        }
    }
    if (done.alerts.empty()) {
        return fail(alert::AlertError::kNothingToAcknowledge);
    }
    if (used_links_.size() < kUsedLinksMax) {
        const std::string proof = token.substr(token.find('.') + 1);
        used_links_[proof] = offer.expires_at;
        keep(std::string(kUsedLinkKind), proof, std::to_string(offer.expires_at.ns));
    }
    stop_answered(now);
    PM_TRY(commit(now));
    return done;
}

Result<std::vector<std::string>> Teller::test(const std::string& receiver, WallTime now) {
    auto notification = PM_TRY(alert::test_notification(receiver, now, random_));
    const std::size_t before = parcels_.size();
    const Enrich enrich = std::exchange(enrich_, {});
    tell(std::move(notification), 0);
    enrich_ = enrich;
    std::vector<std::string> keys;
    for (std::size_t index = before; index < parcels_.size(); ++index) {
        keys.push_back(parcels_[index].key);
    }
    PM_TRY(commit(now));
    return keys;
}

}  // namespace phantom::telling
