#include "courier/outgoing.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/log.h"

namespace phantom::courier {

namespace {

store::OutboxEntry entry_of(const Delivery& delivery) {
    return {
        .key = delivery.key,
        .priority = delivery.priority,
        .attempts = delivery.attempts,
        .put_at = delivery.put_at,
        .next_at = delivery.next_at,
        .request = {}
    };
}

}  // namespace

Outgoing::Outgoing(
    store::Store store, std::unique_ptr<Sender> sender, const OutgoingOptions& options,
    Random& random
)
    : options_(options),
      random_(random),
      store_(std::move(store)),
      outbox_(store_),
      sender_(std::move(sender)),
      schedule_(options.limits) {}

Result<std::unique_ptr<Outgoing>> Outgoing::open(
    const std::string& path, const OutgoingOptions& options, Random& random
) {
    PM_ASSERT(options.limits.in_flight_max <= kSenderInFlightMax);
    auto store = PM_TRY(store::Store::open(path));
    auto sender = PM_TRY(Sender::start(options.sender));
    std::unique_ptr<Outgoing> made(
        new Outgoing(std::move(store), std::move(sender), options, random)
    );
    PM_TRY(made->take_up_pending());
    return made;
}

Status Outgoing::take_up_pending() {
    for (const store::OutboxEntry& entry : PM_TRY(outbox_.pending())) {
        const auto parcel = from_record(entry.request);
        if (!parcel) {
            ++counters_.unreadable_total;
            log::error("a delivery cannot be read, and is given up: {}", entry.key);
            PM_TRY(outbox_.mark_dead(entry.key, entry.put_at, "cannot be read"));
            continue;
        }
        add(*parcel, entry);
    }
    return {};
}

void Outgoing::add(const Parcel& parcel, const store::OutboxEntry& entry) {
    pending_bytes_ += entry.request.size();
    pending_.insert_or_assign(parcel.key, Pending{parcel.request, entry.request.size()});
    schedule_.add(
        {.key = parcel.key,
         .thread = parcel.thread,
         .lane = parcel.lane,
         .lane_gap = parcel.lane_gap,
         .priority = parcel.priority,
         .attempts = entry.attempts,
         .put_at = entry.put_at,
         .next_at = entry.next_at}
    );
}

Status Outgoing::put(
    std::span<const Parcel> parcels, WallTime now, const std::function<Status()>& also
) {
    std::vector<store::OutboxEntry> entries;
    entries.reserve(parcels.size());
    for (const Parcel& parcel : parcels) {
        entries.push_back(
            {.key = parcel.key,
             .priority = parcel.priority,
             .attempts = 0,
             .put_at = now,
             .next_at = now,
             .request = to_record(parcel)}
        );
    }
    PM_TRY(make_room_for(entries, now));
    const std::vector<std::size_t> fresh = PM_TRY(outbox_.put(entries, also));
    for (const std::size_t index : fresh) {
        add(parcels[index], entries[index]);
    }
    counters_.put_total += fresh.size();
    counters_.known_total += parcels.size() - fresh.size();
    return {};
}

Status Outgoing::make_room_for(std::span<const store::OutboxEntry> entries, WallTime now) {
    std::size_t bytes = 0;
    int priority = 1;
    for (const store::OutboxEntry& entry : entries) {
        bytes += entry.request.size();
        priority = std::max(priority, entry.priority);
    }
    while (pending_.size() + entries.size() > options_.pending_max ||
           pending_bytes_ + bytes > options_.pending_bytes_max) {
        const auto shed = schedule_.shed_for(priority);
        if (!shed) {
            return fail(store::StoreError::kFull);
        }
        ++counters_.shed_total;
        forget(*shed);
        note(
            {.key = *shed,
             .state = Outcome::State::kDeadLetter,
             .attempts = 0,
             .at = now,
             .next_at = {},
             .answer = "gave way to what matters more"}
        );
        PM_TRY(outbox_.mark_dead(*shed, now, "gave way to what matters more"));
    }
    return {};
}

void Outgoing::note(Outcome outcome) {
    if (outcomes_.size() == kOutcomesMax) {
        outcomes_.erase(outcomes_.begin(), outcomes_.begin() + kOutcomesMax / 2);
    }
    outcomes_.push_back(std::move(outcome));
}

std::string Outgoing::forget(const std::string& key) {
    const auto found = pending_.find(key);
    PM_ASSERT(found != pending_.end());
    std::string destination = destination_of(found->second.request);
    pending_bytes_ -= found->second.size_bytes;
    pending_.erase(found);
    return destination;
}

Status Outgoing::run_once(WallTime now) {
    for (const auto& [id, answer] : sender_->take_answers()) {
        PM_TRY(settle(id, answer, now));
    }
    for (const std::string& key : schedule_.start_due(now)) {
        PM_TRY(start(key));
    }
    return {};
}

Status Outgoing::start(const std::string& key) {
    const SendId id = next_id_++;
    sending_.emplace(id, key);
    return sender_->send(id, pending_.at(key).request);
}

Status Outgoing::settle(SendId id, const Answer& answer, WallTime now) {
    const auto sent = sending_.extract(id);
    PM_ASSERT(!sent.empty());
    const std::string& key = sent.mapped();
    const Schedule::Settled settled = schedule_.settle(key, answer, now, random_);
    note(
        {.key = key,
         .state = settled.state == Schedule::Settled::State::kRetry ? Outcome::State::kRetry
                  : settled.state == Schedule::Settled::State::kDelivered
                      ? Outcome::State::kDelivered
                      : Outcome::State::kDeadLetter,
         .attempts = settled.delivery.attempts,
         .at = now,
         .next_at = settled.delivery.next_at,
         .answer = answer.text}
    );
    if (settled.state == Schedule::Settled::State::kRetry) {
        ++counters_.retries_total;
        return outbox_.mark_retry(entry_of(settled.delivery), answer.text);
    }
    const std::string destination = forget(key);
    PM_TRY(outbox_.forget_before({now.ns - options_.remembered.count()}));
    if (settled.state == Schedule::Settled::State::kDelivered) {
        ++counters_.delivered_total;
        return outbox_.mark_delivered(key, now, answer.text);
    }
    ++counters_.dead_letters_total;
    log::error(
        "{} does not take an alert, and it is not tried again: {}", destination, answer.text
    );
    return outbox_.mark_dead(key, now, answer.text);
}

}  // namespace phantom::courier
