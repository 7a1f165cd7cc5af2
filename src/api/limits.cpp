#include "api/limits.h"

#include <algorithm>
#include <cmath>

#include "wire/address.h"

namespace phantom::api {

namespace {

constexpr double kMinuteS = 60;

double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

std::uint32_t rounded_up(double value) {
    return static_cast<std::uint32_t>(std::ceil(std::max(value, 0.0)));
}

// The least of what `at` says.
template <class Map, class At>
void erase_oldest(Map& map, At at) {
    const auto oldest = std::ranges::min_element(map, [&](const auto& a, const auto& b) {
        return at(a.second) < at(b.second);
    });
    map.erase(oldest);
}

}  // namespace

RateLimiter::Verdict RateLimiter::take(
    const std::string& key, std::uint32_t cost, std::uint32_t per_minute, Instant now
) {
    const double full = per_minute;
    const double per_second = full / kMinuteS;
    if (!buckets_.contains(key)) {
        make_room();
    }
    Bucket& bucket = buckets_.try_emplace(key, Bucket{full, now}).first->second;
    bucket.left = std::min(full, bucket.left + seconds(now - bucket.at) * per_second);
    bucket.at = now;
    // Somebody whose bucket holds less than a write costs still writes, from a full one.
    const double price = std::min<double>(cost, full);
    Verdict verdict;
    verdict.is_allowed = bucket.left >= price;
    if (verdict.is_allowed) {
        bucket.left -= price;
    } else {
        verdict.wait_s = std::max(1U, rounded_up((price - bucket.left) / per_second));
    }
    verdict.remaining = static_cast<std::uint32_t>(bucket.left);
    verdict.reset_s = rounded_up((full - bucket.left) / per_second);
    return verdict;
}

void RateLimiter::make_room() {
    if (buckets_.size() >= kBucketsMax) {
        erase_oldest(buckets_, [](const Bucket& bucket) { return bucket.at; });
    }
}

Duration GuessWatch::patience(const std::string& address, Instant now) const {
    const auto found = guessers_.find(address);
    if (found == guessers_.end() || found->second.until <= now) {
        return Duration::zero();
    }
    return found->second.until - now;
}

std::optional<std::uint64_t> GuessWatch::failed(const std::string& address, Instant now) {
    if (!guessers_.contains(address)) {
        make_room(now);
    }
    Guesser& guesser = guessers_[address];
    if (guesser.count > 0 && now - guesser.last > kGuessMemory) {
        guesser = {};
    }
    ++guesser.count;
    guesser.last = now;
    if (guesser.count > kGuessesFree) {
        const auto doublings = std::min<std::uint64_t>(guesser.count - kGuessesFree - 1, 6);
        const Duration wait = std::chrono::seconds(std::int64_t{1} << doublings);
        guesser.until = now + std::min(wait, kGuessPatienceMax);
    }
    std::uint64_t told = kGuessesReported;
    while (told < guesser.count) {
        told *= 10;
    }
    return told == guesser.count ? std::optional(guesser.count) : std::nullopt;
}

void GuessWatch::make_room(Instant now) {
    if (guessers_.size() < kGuessersMax) {
        return;
    }
    std::erase_if(guessers_, [&](const auto& each) {
        return now - each.second.last > kGuessMemory;
    });
    if (guessers_.size() >= kGuessersMax) {
        erase_oldest(guessers_, [](const Guesser& guesser) { return guesser.last; });
    }
}

std::string address_key(const std::string& address) {
    constexpr std::uint8_t kSiteLength = 64;
    const auto parsed = wire::Address::parse(address);
    if (!parsed || parsed->family != wire::Family::kV6) {
        return address;
    }
    return wire::Prefix::of(*parsed, kSiteLength).to_string();
}

}  // namespace phantom::api
