#pragma once

// Carries requests over HTTP(S) and SMTP(S), many at once, in a thread of its own (libcurl).
//
//     auto sender = PM_TRY(courier::Sender::start({}));
//     sender->send(1, request);                 // any thread
//     ... poll(sender->answers_fd()) ...        // readable: there are answers
//     for (auto& [id, answer] : sender->take_answers()) { ... }
//
// Nothing but these four protocols is spoken, no redirect is followed, no proxy or .netrc of the environment
// is used. Certificates are checked.

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "courier/answer.h"
#include "courier/parcel.h"

namespace phantom::courier {

inline constexpr std::size_t kSenderInFlightMax = 256;
inline constexpr std::size_t kAnswerBodyMax =
    std::size_t{64} * 1024;  // what is longer is hung up on

struct SenderOptions {
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds timeout{30'000};  // of the whole exchange
};

using SendId = std::uint64_t;

class Sender {
  public:
    // kCurl, kThread.
    [[nodiscard]] static Result<std::unique_ptr<Sender>> start(const SenderOptions& options);
    ~Sender();
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    // Always answered. kTooManyInFlight.
    [[nodiscard]] Status send(SendId id, Request request);
    [[nodiscard]] std::vector<std::pair<SendId, Answer>> take_answers();
    [[nodiscard]] int answers_fd() const;

  private:
    class Worker;
    explicit Sender(std::unique_ptr<Worker> worker);

    std::unique_ptr<Worker> worker_;
};

}  // namespace phantom::courier
