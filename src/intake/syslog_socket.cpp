#include "intake/syslog_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/udp_address.h"

namespace phantom::intake {

namespace {

// Who may write to it: as /dev/log.
constexpr mode_t kSyslogSocketMode = 0666;

io::Fd bound_unix(const std::string& path) {
    io::Fd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (fd.get() < 0) {
        return {};
    }
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    struct stat status{};
    // One that a killed daemon has left; never anything else.
    if (lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) {
        (void)unlink(path.c_str());
    }
    if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
        return {};
    }
    (void)chmod(path.c_str(), kSyslogSocketMode);
    return fd;
}

io::Fd bound_inet(const ListenAddress& listen) {
    const bool is_tcp = listen.kind == ListenAddress::Kind::kTcp;
    const bool is_v4 = listen.address.address.family == wire::Family::kV4;
    const int kind = (is_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
    io::Fd fd(socket(is_v4 ? AF_INET : AF_INET6, kind, 0));
    if (fd.get() < 0) {
        return {};
    }
    const int one = 1;
    if (is_tcp) {
        (void)setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    }
    sockaddr_storage address{};
    const socklen_t size = io::to_sockaddr(listen.address, address);
    if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0) {
        return {};
    }
    constexpr int kWaiting = 16;
    if (is_tcp && ::listen(fd.get(), kWaiting) != 0) {
        return {};
    }
    return fd;
}

}  // namespace

Cut cut_syslog_record(std::string& bytes, std::string& record) {
    std::size_t length = 0;
    const bool is_counted = !bytes.empty() && bytes[0] >= '1' && bytes[0] <= '9';
    if (is_counted) {
        const auto [stop, error] =
            std::from_chars(bytes.data(), bytes.data() + bytes.size(), length);
        const auto digits = static_cast<std::size_t>(stop - bytes.data());
        if (digits == bytes.size() && digits < 6) {
            return Cut::kMore;
        }
        if (error != std::errc{} || bytes[digits] != ' ' || length > kSyslogMessageMax) {
            return Cut::kTooLong;
        }
        if (bytes.size() < digits + 1 + length) {
            return Cut::kMore;
        }
        record = bytes.substr(digits + 1, length);
        bytes.erase(0, digits + 1 + length);
        return Cut::kRecord;
    }
    const std::size_t end = bytes.find('\n');
    if (std::min(end, bytes.size()) > kSyslogMessageMax) {
        return Cut::kTooLong;
    }
    if (end == std::string::npos) {
        return Cut::kMore;
    }
    record = bytes.substr(0, end);
    bytes.erase(0, end + 1);
    return Cut::kRecord;
}

SyslogSocket::SyslogSocket(ListenAddress listen) : listen_(std::move(listen)) {
    open();
}

SyslogSocket::~SyslogSocket() {
    if (socket_.valid() && listen_.kind == ListenAddress::Kind::kUnix) {
        (void)unlink(listen_.path.c_str());
    }
}

void SyslogSocket::open() {
    socket_ =
        listen_.kind == ListenAddress::Kind::kUnix ? bound_unix(listen_.path) : bound_inet(listen_);
    trouble_ = socket_.valid() ? "" : fmt::format("cannot listen: {}", std::strerror(errno));
}

std::vector<int> SyslogSocket::fds() const {
    std::vector<int> all;
    if (socket_.valid()) {
        all.push_back(socket_.get());
    }
    for (const Connection& each : connections_) {
        all.push_back(each.fd.get());
    }
    return all;
}

bool SyslogSocket::read(std::size_t size_max, const LineCutter::Sink& sink) {
    if (!socket_.valid()) {
        open();
    }
    if (!socket_.valid()) {
        return false;
    }
    return listen_.kind == ListenAddress::Kind::kTcp ? read_connections(size_max, sink)
                                                     : read_datagrams(size_max, sink);
}

bool SyslogSocket::read_datagrams(std::size_t size_max, const LineCutter::Sink& sink) {
    std::array<char, kSyslogMessageMax + 1> bytes{};
    for (std::size_t total = 0; total < size_max;) {
        const ssize_t got = recv(socket_.get(), bytes.data(), bytes.size(), 0);
        if (got < 0) {
            return false;
        }
        total += static_cast<std::size_t>(got) + 1;
        if (static_cast<std::size_t>(got) > kSyslogMessageMax) {
            ++too_long_;
            continue;
        }
        LineCutter cutter;
        cutter.add({bytes.data(), static_cast<std::size_t>(got)}, sink);
        cutter.finish(sink);
    }
    return true;
}

void SyslogSocket::accept_all() {
    while (true) {
        io::Fd fd(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!fd.valid()) {
            return;
        }
        if (connections_.size() == kSyslogConnectionsMax) {
            ++refused_;
            continue;
        }
        connections_.push_back({.fd = std::move(fd), .bytes = "", .is_over = false});
    }
}

bool SyslogSocket::read_connections(std::size_t size_max, const LineCutter::Sink& sink) {
    accept_all();
    bool more = false;
    const std::size_t turns = size_max / kSyslogMessageMax + 1;
    for (Connection& each : connections_) {
        for (std::size_t turn = 0; turn < turns && !each.is_over; ++turn) {
            if (!read_connection(each, sink)) {
                break;
            }
            more = more || turn + 1 == turns;
        }
    }
    connections_.remove_if([](const Connection& each) { return each.is_over; });
    return more;
}

bool SyslogSocket::read_connection(Connection& connection, const LineCutter::Sink& sink) {
    std::array<char, kSyslogMessageMax> bytes{};
    const ssize_t got = recv(connection.fd.get(), bytes.data(), bytes.size(), 0);
    if (got <= 0) {
        connection.is_over = got == 0 || (errno != EAGAIN && errno != EINTR);
        return false;
    }
    connection.bytes.append(bytes.data(), static_cast<std::size_t>(got));
    cut_records(connection, sink);
    return true;
}

void SyslogSocket::cut_records(Connection& connection, const LineCutter::Sink& sink) {
    std::string record;
    while (true) {
        switch (cut_syslog_record(connection.bytes, record)) {
            case Cut::kMore:
                return;
            case Cut::kTooLong:
                // Where the next one begins cannot be told.
                ++too_long_;
                connection.is_over = true;
                return;
            case Cut::kRecord:
                break;
        }
        LineCutter cutter;
        cutter.add(record, sink);
        cutter.finish(sink);
    }
}

}  // namespace phantom::intake
