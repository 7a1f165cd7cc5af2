#include "alert/silences.h"

#include <algorithm>

namespace phantom::alert {

Result<SilenceId> Silences::add(Silence silence, WallTime now) {
    forget_over(now);
    if (silences_.size() == kSilencesMax) {
        return fail(AlertError::kTooManySilences);
    }
    // One that matches an alert without labels matches all of them: nobody means that.
    if (match_all(silence.matchers, Labels())) {
        return fail(AlertError::kSilenceMatchesAll);
    }
    if (silence.ends_at <= now || silence.ends_at <= silence.starts_at) {
        return fail(AlertError::kSilenceOver);
    }
    const SilenceId id = next_id_++;
    silences_.emplace(id, std::move(silence));
    return id;
}

Status Silences::expire(SilenceId id) {
    if (silences_.erase(id) == 0) {
        return fail(AlertError::kUnknownSilence);
    }
    return {};
}

void Silences::restore(SilenceId id, Silence silence) {
    if (silences_.size() < kSilencesMax) {
        silences_.insert_or_assign(id, std::move(silence));
        next_id_ = std::max(next_id_, id + 1);
    }
}

void Silences::forget_over(WallTime now) {
    std::erase_if(silences_, [now](const auto& each) { return each.second.ends_at <= now; });
}

bool Silences::is_silenced(const Labels& labels, WallTime now) const {
    return std::ranges::any_of(silences_, [&](const auto& each) {
        const Silence& silence = each.second;
        return silence.starts_at <= now && now < silence.ends_at &&
               match_all(silence.matchers, labels);
    });
}

}  // namespace phantom::alert
