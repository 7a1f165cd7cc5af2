#pragma once

// For tests only: a web server on loopback that answers as it is told. What is posted to it ends with "END".

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace phantom::courier {

// One connection after the other; `answer` gives what is sent back to the n-th request, nothing: a reset.
class OneByOneServer {
  public:
    using AnswerTo = std::function<std::string(std::size_t count)>;

    explicit OneByOneServer(AnswerTo answer) : answer_(std::move(answer)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in place{};
        place.sin_family = AF_INET;
        place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&place), sizeof place), 0);
        EXPECT_EQ(::listen(listener_, 16), 0);
        socklen_t size = sizeof place;
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&place), &size);
        port_ = ntohs(place.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~OneByOneServer() {
        stop_ = true;
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    OneByOneServer(const OneByOneServer&) = delete;
    OneByOneServer& operator=(const OneByOneServer&) = delete;

    [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}/", port_); }
    [[nodiscard]] std::vector<std::string> requests() {
        const std::lock_guard lock(mutex_);
        return requests_;
    }

  private:
    static bool is_whole(const std::string& request) {
        return request.contains("\r\n\r\n") &&
               (request.starts_with("GET ") || request.ends_with("END"));
    }
    void serve() {
        for (std::size_t count = 0; !stop_;) {
            const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (peer < 0) {
                continue;
            }
            std::string request;
            std::array<char, 4096> piece;
            while (!is_whole(request)) {
                const ssize_t size = ::recv(peer, piece.data(), piece.size(), 0);
                if (size <= 0) {
                    break;
                }
                request.append(piece.data(), static_cast<std::size_t>(size));
            }
            {
                const std::lock_guard lock(mutex_);
                requests_.push_back(request);
            }
            const std::string answer = answer_(count++);
            if (answer.empty()) {
                const linger reset{.l_onoff = 1, .l_linger = 0};
                ::setsockopt(peer, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
            } else {
                EXPECT_GT(::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL), 0);
            }
            ::close(peer);
        }
    }

    AnswerTo answer_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> stop_ = false;
    std::mutex mutex_;
    std::vector<std::string> requests_;
    std::thread thread_;
};

inline std::string response(int status, std::string_view headers = "", std::string_view body = "") {
    return fmt::format(
        "HTTP/1.1 {} x\r\n{}Content-Length: {}\r\nConnection: close\r\n\r\n{}", status, headers,
        body.size(), body
    );
}

}  // namespace phantom::courier
