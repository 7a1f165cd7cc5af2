#pragma once

// One exchange of an application, as rules see it: a request and its response, a query and its
// answer, a handshake. Parsers fill it, the inspector reads it.

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "detect/buffers.h"
#include "detect/rule.h"

namespace phantom::detect {

// Of a body, for inspection; the rest is passed over.
inline constexpr std::size_t kBodySizeMax = 102'400;
inline constexpr std::size_t kBufferSizeMax = 65'536;
inline constexpr std::size_t kBuffersMax = 256;
inline constexpr std::size_t kTransactionsMax = 256;

[[nodiscard]] constexpr std::size_t side(Direction direction) {
    return static_cast<std::size_t>(direction);
}

struct Transaction {
    struct Buffer {
        BufferId id;
        Direction direction;
        std::string bytes;
    };
    struct Number {
        MessageNumber number;
        Direction direction;
        std::uint64_t value;
    };
    struct Side {
        Stage stage = Stage::kNothing;
        std::vector<std::uint8_t> body;
        EventSet events;
        bool file_reported = false;
        // The inspector's: rules that may match, those that did or cannot any more, and how many
        // of the buffers were searched for patterns.
        std::vector<std::uint32_t> candidates;
        std::vector<std::uint64_t> decided;  // by identity
        std::vector<std::size_t> searched;
        std::uint64_t rules_generation = 0;  // that `candidates` and `searched` speak of
        Stage searched_at = Stage::kNothing;
        bool is_inspected = false;
    };

    explicit Transaction(std::uint64_t number) : id(number) {}

    std::uint64_t id;
    std::array<Side, 2> sides;
    std::vector<Buffer> buffers;
    std::vector<Number> numbers;
    std::string file_name;
    std::size_t held = 0;  // bytes of buffers and bodies

    [[nodiscard]] Side& of(Direction direction) { return sides[side(direction)]; }
    [[nodiscard]] const Side& of(Direction direction) const { return sides[side(direction)]; }

    void add(BufferId id_of_buffer, Direction direction, std::string bytes);
    void note(Event event, Direction direction) {
        of(direction).events.set(static_cast<std::size_t>(event));
    }
    void reach(Direction direction, Stage stage) {
        of(direction).stage = std::max(of(direction).stage, stage);
    }
    void append_body(Direction direction, ByteView part);
    // All of one kind, in the order in which they came.
    [[nodiscard]] std::vector<ByteView> views(BufferId id_of_buffer, Direction direction) const;
    // The first of its kind.
    [[nodiscard]] std::string_view text(BufferId id_of_buffer) const;
    [[nodiscard]] bool is_complete() const {
        return sides[0].stage == Stage::kComplete && sides[1].stage == Stage::kComplete;
    }
};

// The exchanges of one flow, in order. Where there are too many, the oldest go.
class Transactions {
  public:
    using Shared = std::shared_ptr<Transaction>;

    Shared begin();
    [[nodiscard]] std::deque<Shared>& all() { return all_; }
    // The first whose `direction` has not come to its end; none where there is none.
    [[nodiscard]] Shared first_open(Direction direction);
    void drop_finished();
    [[nodiscard]] std::size_t held() const;

  private:
    std::deque<Shared> all_;
    std::uint64_t next_id_ = 0;
};

}  // namespace phantom::detect
