#include "carrier/carrier.h"

#include <cerrno>

#include <netinet/in.h>
#include <sys/socket.h>

#include "carrier/worker.h"
#include "io/udp_address.h"

namespace phantom::carrier {

namespace {

constexpr int kBacklog = 128;

Result<io::Fd> listen_on(const sockaddr* address, socklen_t size, std::uint32_t mark) {
    io::Fd fd(::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    if (fd.valid()) {
        (void)setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        set_mark(fd.get(), mark);  // what is accepted inherits it
        if (address->sa_family == AF_INET6) {
            (void)setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
        }
    }
    if (!fd.valid() || bind(fd.get(), address, size) != 0 || listen(fd.get(), kBacklog) != 0) {
        return fail(CarrierError::kListen, static_cast<std::uint32_t>(errno));
    }
    return fd;
}

Result<io::Fd> listen_v4(std::uint16_t port, std::uint32_t mark) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    return listen_on(reinterpret_cast<const sockaddr*>(&address), sizeof address, mark);
}

Result<io::Fd> listen_v6(std::uint16_t port, std::uint32_t mark) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    return listen_on(reinterpret_cast<const sockaddr*>(&address), sizeof address, mark);
}

std::uint16_t port_of(const io::Fd& listener) {
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    (void)getsockname(listener.get(), reinterpret_cast<sockaddr*>(&bound), &size);
    return io::from_sockaddr(bound).port;
}

}  // namespace

Carrier::Carrier(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}
Carrier::~Carrier() = default;

Result<std::unique_ptr<Carrier>> Carrier::start(const CarrierOptions& options) {
    auto server = PM_TRY(TlsContext::server());
    auto client = PM_TRY(TlsContext::client());
    auto loop = PM_TRY(io::EventLoop::create());
    auto worker =
        std::make_unique<Worker>(std::move(server), std::move(client), std::move(loop), options);
    PM_TRY(worker->begin());
    return std::unique_ptr<Carrier>(new Carrier(std::move(worker)));
}

Result<std::uint16_t> Carrier::listen(std::uint16_t port) {
    std::vector<io::Fd> listeners;
    listeners.push_back(PM_TRY(listen_v4(port, worker_->options().mark)));
    const std::uint16_t bound = port_of(listeners.front());
    if (auto v6 = listen_v6(bound, worker_->options().mark)) {
        listeners.push_back(std::move(*v6));  // there may be no IPv6 on this machine
    }
    worker_->serve(std::move(listeners));
    return bound;
}

DialId Carrier::dial(const wire::SocketAddress& remote) {
    return worker_->dial(remote);
}

void Carrier::hang_up(DialId id) {
    worker_->hang_up(id);
}

std::vector<News> Carrier::take_news() {
    return worker_->take_news();
}

std::optional<wire::SocketAddress> Carrier::remote_of(const wire::SocketAddress& place) const {
    return worker_->remote_of(place);
}

std::size_t Carrier::connection_count() const {
    return worker_->connection_count();
}

const Counters& Carrier::counters() const {
    return worker_->counters();
}

}  // namespace phantom::carrier
