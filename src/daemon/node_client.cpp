#include "daemon/node_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <fmt/format.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

#include "io/fd.h"
#include "io/udp_address.h"

namespace phantom::daemon {

namespace {

constexpr int kPollMs = 100;
constexpr std::size_t kNodeHeaderSizeMax = std::size_t{16} << 10U;

// One exchange; whatever goes wrong is said in problem().
class Exchange {
  public:
    Exchange(const NodeQuestion& question, const std::atomic<bool>& stopping)
        : question_(question), stopping_(stopping), end_(monotonic_now() + kNodePatience) {}

    NodeAnswer run() {
        NodeAnswer answer{.is_there = true, .problem = "", .status = 0, .body = ""};
        if (connect_there() && shake_hands() && send_request() && read_all()) {
            if (const auto read = read_node_answer(text_)) {
                return *read;
            }
            problem_ = "it answers with something that is no HTTP";
        }
        answer.problem = std::move(problem_);
        return answer;
    }

  private:
    bool fail_with(std::string problem) {
        problem_ = std::move(problem);
        return false;
    }

    // False: the time is over, or everything ends.
    bool wait_for(short events) {
        while (!stopping_.load() && monotonic_now() < end_) {
            pollfd waits{.fd = socket_.get(), .events = events, .revents = 0};
            if (poll(&waits, 1, kPollMs) > 0) {
                return true;
            }
        }
        return fail_with(fmt::format("it does not answer at {}", question_.place.to_string()));
    }

    bool connect_there() {
        sockaddr_storage there{};
        const socklen_t size = io::to_sockaddr(question_.place, there);
        socket_ = io::Fd(socket(there.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        const std::string& name = question_.interface;
        if (!socket_.valid() || setsockopt(
                                    socket_.get(), SOL_SOCKET, SO_BINDTODEVICE, name.c_str(),
                                    static_cast<socklen_t>(name.size())
                                ) != 0) {
            return fail_with(fmt::format("{}: {}", name, std::strerror(errno)));
        }
        if (connect(socket_.get(), reinterpret_cast<const sockaddr*>(&there), size) == 0) {
            return true;
        }
        if (errno != EINPROGRESS) {
            return fail_with(
                fmt::format("{}: {}", question_.place.to_string(), std::strerror(errno))
            );
        }
        if (!wait_for(POLLOUT)) {
            return false;
        }
        int error = 0;
        socklen_t error_size = sizeof error;
        (void)getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &error_size);
        return error == 0 ||
               fail_with(fmt::format(
                   "{}: {}; does its API listen there? 'phantom up --api ADDRESS:PORT' says where",
                   question_.place.to_string(), std::strerror(error)
               ));
    }

    // Again and again until `does` is done; `what` is what it was.
    template <class Does>
    bool repeat(const char* what, Does does) {
        for (;;) {
            ERR_clear_error();
            const int result = does();
            if (result > 0) {
                return true;
            }
            switch (SSL_get_error(stream_.get(), result)) {
                case SSL_ERROR_WANT_READ:
                    if (!wait_for(POLLIN)) {
                        return false;
                    }
                    break;
                case SSL_ERROR_WANT_WRITE:
                    if (!wait_for(POLLOUT)) {
                        return false;
                    }
                    break;
                default:
                    return fail_with(fmt::format("{}: {} fails", question_.place.to_string(), what)
                    );
            }
        }
    }

    bool shake_hands() {
        auto context = api::make_member_context(question_.seed.view(), wall_now());
        if (!context) {
            return fail_with(context.error().message());
        }
        context_ = std::move(*context);
        stream_.reset(SSL_new(context_.get()));
        if (!stream_ || SSL_set_fd(stream_.get(), socket_.get()) != 1) {
            return fail_with("OpenSSL cannot begin");
        }
        return repeat("TLS", [&] { return SSL_connect(stream_.get()); });
    }

    bool send_request() {
        const std::string request = fmt::format(
            "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: phantom/{}\r\nConnection: close\r\n\r\n",
            question_.path, question_.place.to_string(), PM_VERSION
        );
        return repeat("sending", [&] {
            return SSL_write(stream_.get(), request.data(), static_cast<int>(request.size()));
        });
    }

    bool read_all() {
        std::array<char, 16'384> part{};
        for (;;) {
            int count = 0;
            int why = SSL_ERROR_NONE;
            const bool came = repeat("reading", [&] {
                count = SSL_read(stream_.get(), part.data(), static_cast<int>(part.size()));
                why = count > 0 ? SSL_ERROR_NONE : SSL_get_error(stream_.get(), count);
                // Said to be the end.
                return why == SSL_ERROR_ZERO_RETURN ? 1 : count;
            });
            if (!came) {
                return false;
            }
            if (why == SSL_ERROR_ZERO_RETURN) {
                return true;
            }
            text_.append(part.data(), static_cast<std::size_t>(count));
            if (text_.size() > kNodeAnswerSizeMax + kNodeHeaderSizeMax) {
                return fail_with(fmt::format(
                    "its answer is longer than {} bytes; ask for a piece with 'limit'",
                    kNodeAnswerSizeMax
                ));
            }
        }
    }

    struct FreeStream {
        void operator()(SSL* stream) const { SSL_free(stream); }
    };

    const NodeQuestion& question_;
    const std::atomic<bool>& stopping_;
    Instant end_;
    io::Fd socket_;
    api::TlsContext context_;
    std::unique_ptr<SSL, FreeStream> stream_;
    std::string text_;
    std::string problem_;
};

}  // namespace

std::optional<NodeAnswer> read_node_answer(std::string_view text) {
    constexpr std::string_view kVersion = "HTTP/1.1 ";
    constexpr std::size_t kStatusSize = 3;
    const std::size_t end = text.find("\r\n\r\n");
    if (!text.starts_with(kVersion) || end == std::string_view::npos) {
        return std::nullopt;
    }
    NodeAnswer answer{.is_there = true, .problem = "", .status = 0, .body = ""};
    const std::string_view status = text.substr(kVersion.size(), kStatusSize);
    const auto read = std::from_chars(status.data(), status.data() + status.size(), answer.status);
    constexpr unsigned kStatusMin = 100;
    if (read.ec != std::errc() || read.ptr != status.data() + status.size() ||
        answer.status < kStatusMin) {
        return std::nullopt;
    }
    answer.body = text.substr(end + 4);
    return answer;
}

NodeClient::NodeClient() : thread_([this] { run(); }) {
    (void)pthread_setname_np(thread_.native_handle(), "node-client");
}

NodeClient::~NodeClient() {
    stopping_.store(true);
    {
        const std::scoped_lock lock(mutex_);
        came_.notify_all();
    }
    thread_.join();
}

std::optional<std::uint64_t> NodeClient::begin(NodeQuestion question) {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() >= kNodeQuestionsMax) {
        return std::nullopt;
    }
    // Answers that nobody has come for.
    while (answers_.size() >= kNodeAnswersKept) {
        answers_.erase(answers_.begin());
    }
    const std::uint64_t number = next_++;
    answers_.emplace(number, NodeAnswer());
    waiting_.emplace_back(number, std::move(question));
    came_.notify_all();
    return number;
}

std::optional<NodeAnswer> NodeClient::take(std::uint64_t number) {
    const std::scoped_lock lock(mutex_);
    const auto found = answers_.find(number);
    if (found == answers_.end()) {
        return std::nullopt;
    }
    NodeAnswer answer = found->second;
    if (answer.is_there) {
        answers_.erase(found);
    }
    return answer;
}

void NodeClient::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_.load()) {
        if (waiting_.empty()) {
            came_.wait(lock, [this] { return stopping_.load() || !waiting_.empty(); });
            continue;
        }
        const auto [number, question] = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        NodeAnswer answer = Exchange(question, stopping_).run();
        lock.lock();
        if (const auto found = answers_.find(number); found != answers_.end()) {
            found->second = std::move(answer);
        }
    }
}

}  // namespace phantom::daemon
