#include "api/idempotency.h"

#include <algorithm>

namespace phantom::api {

bool is_idempotency_key(std::string_view text) {
    return !text.empty() && text.size() <= kIdempotencyKeyMax &&
           std::ranges::all_of(text, [](char each) { return each > ' ' && each < '\x7f'; });
}

IdempotentRequests::Verdict IdempotentRequests::begin(
    const std::string& key, const std::string& print, Instant now
) {
    if (const auto found = entries_.find(key); found != entries_.end()) {
        const Entry& entry = found->second;
        const bool is_old = entry.is_done && now - entry.at > kIdempotentLifetime;
        if (!is_old) {
            return entry.print != print ? Verdict::kOther
                   : entry.is_done      ? Verdict::kDone
                                        : Verdict::kInProgress;
        }
        forget(key);
    }
    if (!make_room(now)) {
        return Verdict::kFull;
    }
    by_age_.push_back(key);
    Entry entry;
    entry.print = print;
    entry.at = now;
    entry.place = std::prev(by_age_.end());
    entries_.emplace(key, std::move(entry));
    return Verdict::kNew;
}

void IdempotentRequests::done(const std::string& key, Response response) {
    if (const auto found = entries_.find(key); found != entries_.end()) {
        found->second.is_done = true;
        found->second.response = std::move(response);
    }
}

void IdempotentRequests::drop(const std::string& key) {
    forget(key);
}

const Response& IdempotentRequests::response_of(const std::string& key) const {
    return entries_.at(key).response;
}

void IdempotentRequests::forget(const std::string& key) {
    if (const auto found = entries_.find(key); found != entries_.end()) {
        by_age_.erase(found->second.place);
        entries_.erase(found);
    }
}

bool IdempotentRequests::make_room(Instant now) {
    while (!by_age_.empty() && now - entries_.at(by_age_.front()).at > kIdempotentLifetime) {
        forget(std::string(by_age_.front()));
    }
    if (entries_.size() < kIdempotentMax) {
        return true;
    }
    const auto oldest = std::ranges::find_if(by_age_, [this](const std::string& key) {
        return entries_.at(key).is_done;
    });
    if (oldest == by_age_.end()) {
        return false;
    }
    forget(std::string(*oldest));
    return true;
}

}  // namespace phantom::api
