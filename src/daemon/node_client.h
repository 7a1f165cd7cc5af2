#pragma once

// Asks other nodes' APIs as this node (mutual TLS, api/member_certificate.h): `phantom api get --node NAME PATH`. A thread of
// its own, one question after the other, so that nobody waits for a node somewhere; the key does not leave the process.
//
// The other node is known by the tunnel: it is called at its address inside the mesh, by the mesh's interface and no
// other way, and what comes from there was sealed with its key.
//
// Threads: any for begin() and take(); the rest is the thread's.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <boost/json.hpp>

#include "api/member_certificate.h"
#include "base/clock.h"
#include "crypto/secret.h"
#include "wire/address.h"

namespace phantom::daemon {

inline constexpr std::size_t kNodeQuestionsMax = 16;
inline constexpr std::size_t kNodeAnswersKept = 32;
inline constexpr std::size_t kNodeAnswerSizeMax = std::size_t{1} << 20U;
inline constexpr Duration kNodePatience = std::chrono::seconds(10);

struct NodeQuestion {
    wire::SocketAddress place;
    std::string interface;
    std::string path;  // "/api/v1/..."
    crypto::Secret<api::kMemberKeySize> seed;
};

struct NodeAnswer {
    bool is_there = false;
    std::string problem;  // a sentence; empty: it has answered
    unsigned status = 0;
    std::string body;
};

// "HTTP/1.1 200 OK ..." with its body, to the end of a connection. None: it is none.
[[nodiscard]] std::optional<NodeAnswer> read_node_answer(std::string_view text);

class NodeClient {
  public:
    NodeClient();
    ~NodeClient();
    NodeClient(const NodeClient&) = delete;
    NodeClient& operator=(const NodeClient&) = delete;

    // Its number; none: too many wait.
    [[nodiscard]] std::optional<std::uint64_t> begin(NodeQuestion question);
    // Once; is_there is false until it has come. None: there is no such question.
    [[nodiscard]] std::optional<NodeAnswer> take(std::uint64_t number);

  private:
    void run();

    std::atomic<bool> stopping_{false};
    std::mutex mutex_;  // of what follows
    std::condition_variable came_;
    std::deque<std::pair<std::uint64_t, NodeQuestion>> waiting_;
    std::map<std::uint64_t, NodeAnswer> answers_;
    std::uint64_t next_ = 1;
    std::thread thread_;  // last: it uses all of them
};

}  // namespace phantom::daemon
