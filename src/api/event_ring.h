#pragma once

// The last things that happened, for whoever listens (server-sent events). A listener is a position in the ring and
// nothing else: one that is slow finds a gap, and is told so; it holds nobody up. Pure. Thread: its owner's.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace phantom::api {

inline constexpr std::size_t kEventsKept = 4'096;
inline constexpr std::size_t kEventBytesKept = std::size_t{4} << 20U;
inline constexpr std::size_t kEventSizeMax = std::size_t{64} << 10U;

class EventRing {
  public:
    // `epoch` is another one at each start, so that an id of before is known to be one.
    explicit EventRing(std::string epoch) : epoch_(std::move(epoch)) {}

    // `type`: "alert.raised"; `data`: an object of JSON on one line, which gets the event's id as a field. What is too
    // large is not kept: false.
    bool add(std::string_view type, std::string_view data);

    // Behind the newest.
    [[nodiscard]] std::uint64_t end() const { return first_ + events_.size(); }
    // Where a listener goes on that has seen `last_event_id` last; none: that cannot be told, it has missed something.
    [[nodiscard]] std::optional<std::uint64_t> after(std::string_view last_event_id) const;

    struct Piece {
        std::string text;        // as text/event-stream has it
        std::uint64_t next = 0;  // where to go on
    };
    // What there is from `position`, about `size_max` bytes of it; "" where there is nothing. Where some of it is gone
    // already it begins with an event "reset".
    [[nodiscard]] Piece read(std::uint64_t position, std::size_t size_max) const;
    // For a listener that has missed something: an event "reset" with the id of the newest.
    [[nodiscard]] std::string reset_text() const;

  private:
    [[nodiscard]] std::string id_of(std::uint64_t position) const;

    std::string epoch_;
    std::uint64_t first_ = 1;
    std::size_t bytes_ = 0;
    std::deque<std::string> events_;
};

}  // namespace phantom::api
