#pragma once

// Deliveries that have to survive: put down before they are sent, struck off when the receiver has them.
//
// What has a key here once is never put down again, also when it has been delivered, until forget_before().
// So whoever is killed between deciding and sending may decide again.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/store.h"

namespace phantom::store {

inline constexpr std::size_t kOutboxPendingMax = 100'000;
inline constexpr std::size_t kAnswerSizeMax = 512;

struct OutboxEntry {
    std::string key;
    int priority = 3;  // 1 to 5; 1 matters most
    std::uint32_t attempts = 0;
    WallTime put_at;
    WallTime next_at;
    std::string request;
};

// What has become of a delivery.
struct Fate {
    enum class State : std::uint8_t { kUnknown, kPending, kDelivered, kDeadLetter };
    State state = State::kUnknown;
    std::uint32_t attempts = 0;
    WallTime done_at;  // zero: not yet
    std::string answer;
};

struct OutboxCounts {
    std::size_t pending = 0;
    std::size_t delivered = 0;
    std::size_t dead_letters = 0;
};

class Outbox {
  public:
    // `store` outlives it.
    explicit Outbox(Store& store) : store_(store) {}

    // All or none, and on the disk when it returns. Which of them are new, by index; kFull. `also` is part of the
    // same transaction.
    [[nodiscard]] Result<std::vector<std::size_t>> put(
        std::span<const OutboxEntry> entries, const std::function<Status()>& also = {}
    );

    // Not delivered and not given up, oldest first.
    [[nodiscard]] Result<std::vector<OutboxEntry>> pending();
    [[nodiscard]] Result<std::vector<OutboxEntry>> dead_letters(std::size_t count_max);

    [[nodiscard]] Status mark_delivered(
        const std::string& key, WallTime now, std::string_view answer
    );
    [[nodiscard]] Status mark_retry(const OutboxEntry& entry, std::string_view answer);
    [[nodiscard]] Status mark_dead(const std::string& key, WallTime now, std::string_view answer);

    [[nodiscard]] Result<Fate> fate_of(const std::string& key);
    // Those done before `at`: their keys may come again.
    [[nodiscard]] Status forget_before(WallTime at);
    [[nodiscard]] Result<OutboxCounts> counts();

  private:
    [[nodiscard]] Result<std::vector<OutboxEntry>> select(const char* where, std::size_t count_max);

    Store& store_;
};

}  // namespace phantom::store
