#pragma once

// Who was told what, and what came of it: the log behind `phantom alerts N`. Bounded; the oldest go first.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alert/alert.h"
#include "courier/outgoing.h"

namespace phantom::telling {

inline constexpr std::size_t kToldMax = 10'000;

struct Told {
    enum class State : std::uint8_t { kWaiting, kDelivered, kDeadLetter };

    std::string key;
    alert::Fingerprint group{};
    std::vector<alert::Fingerprint> alerts;
    std::string receiver;
    std::string channel;      // "email"
    std::string destination;  // without what is secret in it
    int priority = 3;
    std::uint32_t level = 0;  // of the escalation, from 1; 0: told by the route
    bool is_resolved = false;
    WallTime put_at;
    State state = State::kWaiting;
    std::uint32_t attempts = 0;
    WallTime next_at;  // of another try
    WallTime done_at;
    std::string answer;  // the last one
};

[[nodiscard]] const char* name_of(Told::State state);
[[nodiscard]] std::string write_told(const Told& told);
// alert::AlertError::kMalformedRecord.
[[nodiscard]] Result<Told> read_told(std::string_view text);

class ToldLog {
  public:
    void add(Told told);
    // False: it is not known here any more.
    bool settle(const courier::Outcome& outcome);

    // Oldest first.
    [[nodiscard]] std::vector<const Told*> all() const;
    [[nodiscard]] std::vector<const Told*> about(const alert::Fingerprint& alert) const;
    [[nodiscard]] const Told* find(const std::string& key) const;
    // Added, changed or gone since the last time.
    [[nodiscard]] std::set<std::string> take_changed() { return std::exchange(changed_, {}); }

  private:
    std::map<std::string, Told> by_key_;
    std::set<std::pair<WallTime, std::string>> by_time_;
    std::set<std::string> changed_;
};

}  // namespace phantom::telling
