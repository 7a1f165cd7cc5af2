#pragma once

// The API: HTTPS for whoever has a token, HTTP on a Unix socket for the node's owner. A thread of its own, which asks
// the node through a QuestionQueue and never waits for it; answers come by deliver().
//
//     auto server = Server::start(certificate, std::move(application), questions);
//     server->open(listener, Server::Kind::kTls);
//     ...
//     for (Question& question : questions.take()) {
//         answers.push_back({std::move(question.tickets), answer_of(question.request, question.origin)});
//     }
//     server->deliver(std::move(answers));
//
// Threads: any, unless it is said otherwise. What it is given outlives it.

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "api/application.h"
#include "api/certificate.h"
#include "api/question_queue.h"
#include "io/fd.h"
#include "metrics/histogram.h"

namespace phantom::api {

inline constexpr std::size_t kConnectionsMax = 512;
// Of one IPv4 address or IPv6 /64.
inline constexpr std::size_t kConnectionsOfOneMax = 256;
inline constexpr std::size_t kListenersMax = 64;
inline constexpr std::size_t kEventBatchMax = 1'024;

struct Event {
    std::string type;
    std::string data;  // one line of JSON
};

class Server {
  public:
    struct Counters {
        std::atomic<std::uint64_t> connections{0};  // now
        std::atomic<std::uint64_t> listeners{0};    // now
        std::atomic<std::uint64_t> accepted{0};
        std::atomic<std::uint64_t> refused{0};  // connections for which there was no room
        std::atomic<std::uint64_t> requests{0};
        std::atomic<std::uint64_t> late{0};  // questions that were not answered in time
        std::atomic<std::uint64_t> rejected_tokens{0};
        std::array<std::atomic<std::uint64_t>, 6> answers{};  // by hundreds of their status
        // From the last byte of a request to its answer; without streams.
        metrics::Histogram took{metrics::kRequestBounds};
    };
    enum class Kind : std::uint8_t { kTls, kLocal };

    // kTlsSetup, kCertificate, kCertificateKey, kThread.
    [[nodiscard]] static Result<std::unique_ptr<Server>> start(
        const Certificate& certificate, Application application, QuestionQueue& questions
    );
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Whoever calls at this socket is served, too. It is closed at the end.
    void open(io::Fd listener, Kind kind);
    void deliver(std::vector<Answered> answers);
    void publish(std::vector<Event> events);
    void set_tokens(std::shared_ptr<const TokenTable> tokens);
    void set_members(std::shared_ptr<const MemberTable> members);
    // For connections from now on. kCertificate, kCertificateKey: the one before stays.
    [[nodiscard]] Status set_certificate(const Certificate& certificate);
    [[nodiscard]] const Counters& counters() const;

  private:
    struct Inside;
    explicit Server(std::unique_ptr<Inside> inside);

    std::unique_ptr<Inside> inside_;
};

}  // namespace phantom::api
