#pragma once

// How often somebody may ask, and what becomes of who guesses. Pure; the clock is an argument.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace phantom::api {

inline constexpr std::size_t kBucketsMax = 4'096;
inline constexpr std::uint32_t kWriteCost = 10;
// Of an address without a token, in a minute.
inline constexpr std::uint32_t kStrangerPerMinute = 120;

// A bucket for each key, filled evenly. Where there are more keys than buckets, the one that was touched longest ago
// gives way: it is full by then, or close to it.
class RateLimiter {
  public:
    struct Verdict {
        bool is_allowed = true;
        std::uint32_t remaining = 0;
        std::uint32_t reset_s = 0;  // until the bucket is full
        std::uint32_t wait_s = 0;   // until it would be allowed
    };
    // `per_minute` is also what a full bucket holds; at least 1.
    [[nodiscard]] Verdict take(
        const std::string& key, std::uint32_t cost, std::uint32_t per_minute, Instant now
    );

  private:
    struct Bucket {
        double left = 0;
        Instant at;
    };
    void make_room();

    std::unordered_map<std::string, Bucket> buckets_;
};

inline constexpr std::size_t kGuessersMax = 4'096;
inline constexpr std::uint32_t kGuessesFree = 5;
inline constexpr std::uint32_t kGuessesReported = 10;
inline constexpr Duration kGuessPatienceMax = std::chrono::minutes(1);
inline constexpr Duration kGuessMemory = std::chrono::minutes(10);

// Who shows tokens that are none. After kGuessesFree of them an address waits, twice as long each time. A token that is
// good passes all the same: 256 bits are not guessed, and somebody who shares the address with an attacker (a proxy,
// this machine) must not be locked out. What is won is that guessing costs us nothing, and is told.
class GuessWatch {
  public:
    // How long this address has to wait; zero: not at all.
    [[nodiscard]] Duration patience(const std::string& address, Instant now) const;
    // A guess; its number where it is to be told: the tenth, the hundredth, the thousandth...
    std::optional<std::uint64_t> failed(const std::string& address, Instant now);

  private:
    struct Guesser {
        std::uint64_t count = 0;
        Instant last;
        Instant until;
    };
    void make_room(Instant now);

    std::unordered_map<std::string, Guesser> guessers_;
};

// An IPv4 address, or the /64 of an IPv6 one: who has one has all of them.
[[nodiscard]] std::string address_key(const std::string& address);

}  // namespace phantom::api
