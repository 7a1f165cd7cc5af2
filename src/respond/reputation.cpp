#include "respond/reputation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace phantom::respond {

namespace {

std::string hit_text(const intel::Hit& hit, WallTime now) {
    using Days = std::chrono::duration<std::int64_t, std::ratio<86'400>>;
    const auto days = std::chrono::floor<Days>(intel::age_of(hit, now)).count();
    const std::string lists =
        hit.detail.lists > 1 ? fmt::format("{} lists, ", hit.detail.lists) : "";
    return fmt::format("{} ({}{} d old)", hit.feed->about.name, lists, days);
}

}  // namespace

std::string Reputation::to_string() const {
    return fmt::format("{}", fmt::join(feeds, ", "));
}

Reputation reputation_from(const intel::HitList& hits, WallTime now, double share) {
    Reputation reputation;
    for (const intel::Hit& hit : hits) {
        reputation.hits.push_back({
            .confidence = share * intel::confidence_of(hit),
            .age = intel::age_of(hit, now),
            .half_life = hit.feed->about.half_life,
        });
        reputation.feeds.push_back(hit_text(hit, now));
    }
    return reputation;
}

}  // namespace phantom::respond
