#pragma once

// Where the API's thread asks and the control thread answers in its own time. Bounded: what does not fit is refused at
// once. Callers that ask for the same while it waits get one answer, made after the last of them has asked.
//
// Threads: any; each call holds the lock for as long as it takes to move a few values.

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "base/clock.h"

namespace phantom::api {

inline constexpr std::size_t kQuestionsMax = 256;
// Callers of one.
inline constexpr std::size_t kTicketsMax = 1'024;

using Ticket = std::uint64_t;

struct Question {
    std::string key;  // equal for those that may share an answer; empty: it may not
    boost::json::object request;
    std::string origin;  // who asks, for people
    // Of who asks, where he traces it.
    std::string traceparent{};
    Instant deadline;  // nobody waits for it after that
    std::vector<Ticket> tickets;
};

struct Answered {
    std::vector<Ticket> tickets;
    boost::json::object answer;
};

// An address that shows one token after the other which is none.
struct GuessReport {
    std::string address;
    std::uint64_t count = 0;
};

class QuestionQueue {
  public:
    // `wake` is called after something came where there was nothing; from the asking thread.
    explicit QuestionQueue(std::function<void()> wake) : wake_(std::move(wake)) {}

    // False: there are too many.
    [[nodiscard]] bool ask(Question question);
    void report(GuessReport report);
    // For the next start (SessionTable::write); the last one counts.
    void keep_sessions(std::string text);

    // All that wait, in the order in which they came.
    [[nodiscard]] std::vector<Question> take();
    [[nodiscard]] std::vector<GuessReport> take_reports();
    [[nodiscard]] std::optional<std::string> take_sessions();

  private:
    static constexpr std::size_t kReportsMax = 64;

    std::function<void()> wake_;
    std::mutex mutex_;
    std::vector<Question> questions_;
    std::vector<GuessReport> reports_;
    std::optional<std::string> sessions_;
};

}  // namespace phantom::api
