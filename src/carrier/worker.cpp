#include "carrier/worker.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/log.h"
#include "io/udp_address.h"

namespace phantom::carrier {

namespace {

// Between two looks at who has stayed too long.
constexpr Duration kLookInterval = std::chrono::seconds(1);
constexpr int kAcceptsPerTurn = 16;
// What waits in the kernel and is not yet on its way; more would only be late.
constexpr int kUnsentMax = 128 << 10;

void set_options(int fd) {
    const int on = 1;
    const unsigned patience = kUnacknowledgedMaxMs;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentMax, sizeof kUnsentMax);
}

// May give way: not ours, and WireGuard has not answered it.
bool is_unanswered(const Connection& connection, bool dialed) {
    return !dialed && !connection.has_answered();
}

}  // namespace

bool is_same_source(const wire::Address& left, const wire::Address& right) {
    constexpr std::ptrdiff_t kNetworkSize = 8;
    return left.family == right.family &&
           (left.family == wire::Family::kV6
                ? std::equal(
                      left.bytes.begin(), left.bytes.begin() + kNetworkSize, right.bytes.begin()
                  )
                : left == right);
}

void set_mark(int fd, std::uint32_t mark) {
    if (mark != 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark);
    }
}

Status Carrier::Worker::begin() {
    PM_TRY(loop_.add(wake_.fd(), [this] { wake_.drain(); }));
    try {
        thread_ = std::thread([this] { run(); });
    } catch (const std::system_error& error) {
        return fail(CarrierError::kThread, static_cast<std::uint32_t>(error.code().value()));
    }
    return {};
}

Carrier::Worker::~Worker() {
    if (thread_.joinable()) {
        {
            const std::lock_guard lock(mutex_);
            wishes_.stop = true;
        }
        wake_.signal();
        thread_.join();
    }
}

// ---- Any thread ---------------------------------------------------------------------------------

void Carrier::Worker::serve(std::vector<io::Fd> listeners) {
    {
        const std::lock_guard lock(mutex_);
        std::ranges::move(listeners, std::back_inserter(wishes_.listeners));
    }
    wake_.signal();
}

DialId Carrier::Worker::dial(const wire::SocketAddress& remote) {
    DialId id = 0;
    {
        const std::lock_guard lock(mutex_);
        id = next_number_++;
        wishes_.dials.push_back({id, remote});
    }
    wake_.signal();
    return id;
}

void Carrier::Worker::hang_up(DialId id) {
    {
        const std::lock_guard lock(mutex_);
        wishes_.hang_ups.push_back(id);
    }
    wake_.signal();
}

std::vector<News> Carrier::Worker::take_news() {
    const std::lock_guard lock(mutex_);
    return std::exchange(news_, {});
}

std::optional<wire::SocketAddress> Carrier::Worker::remote_of(const wire::SocketAddress& place
) const {
    const std::lock_guard lock(mutex_);
    const auto at = remotes_.find(place);
    return at == remotes_.end() ? std::nullopt : std::optional(at->second);
}

std::size_t Carrier::Worker::connection_count() const {
    const std::lock_guard lock(mutex_);
    return connection_count_;
}

// ---- The thread ---------------------------------------------------------------------------------

void Carrier::Worker::run() {
    // OpenSSL writes with write(2): a closed connection is an error there, not a signal.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    while (take_wishes()) {
        const Instant now = monotonic_now();
        const bool idle = entries_.empty() && listeners_watched_ == !listeners_.empty();
        if (!loop_.run_once(idle ? Duration(-1) : std::max(Duration(0), next_look_ - now))) {
            log::error("the carrier's event loop failed; it ends");
            return;
        }
        look_at_deadlines(monotonic_now());
    }
}

bool Carrier::Worker::take_wishes() {
    Wishes wishes;
    {
        const std::lock_guard lock(mutex_);
        wishes = std::exchange(wishes_, {});
    }
    std::ranges::move(wishes.listeners, std::back_inserter(listeners_));
    if (!wishes.listeners.empty()) {
        listeners_watched_ = false;
        watch_listeners(true);
    }
    std::ranges::for_each(wishes.dials, [this](const Dial& each) { begin_dial(each); });
    std::ranges::for_each(wishes.hang_ups, [this](DialId each) { close(each); });
    return !wishes.stop;
}

void Carrier::Worker::tell(const News& news) {
    const std::lock_guard lock(mutex_);
    news_.push_back(news);
}

void Carrier::Worker::begin_dial(const Dial& dial) {
    sockaddr_storage remote{};
    const socklen_t size = io::to_sockaddr(dial.remote, remote);
    io::Fd fd(::socket(remote.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd.valid()) {
        set_options(fd.get());
        set_mark(fd.get(), options_.mark);
        const bool begun = ::connect(fd.get(), reinterpret_cast<sockaddr*>(&remote), size) == 0 ||
                           errno == EINPROGRESS;
        auto tls = TlsStream::over(client_, fd.get(), TlsStream::Side::kConnects);
        if (begun && tls) {
            add(dial.id,
                std::make_unique<Connection>(
                    std::move(fd), std::move(*tls), dial.remote, monotonic_now(), options_.limits,
                    counters_
                ),
                true);
            return;
        }
    }
    tell({dial.id, {}});
}

void Carrier::Worker::watch_listeners(bool watched) {
    if (watched == listeners_watched_) {
        return;
    }
    listeners_watched_ = watched;
    for (const io::Fd& each : listeners_) {
        const int fd = each.get();
        loop_.remove(fd);
        if (watched && !loop_.add(fd, [this, fd] { accept_some(fd); })) {
            listeners_watched_ = false;  // tried again with the next look
        }
    }
}

// One source cannot take the place of others: its own oldest gives way first.
bool Carrier::Worker::make_room_among(const wire::SocketAddress& from) {
    std::size_t count = 0;
    std::size_t unanswered = 0;
    Number oldest = 0;
    for (const auto& [number, entry] : entries_) {
        if (entry.dialed || !is_same_source(entry.connection->remote().address, from.address)) {
            continue;
        }
        ++count;
        if (is_unanswered(*entry.connection, entry.dialed)) {
            ++unanswered;
            oldest = oldest == 0 ? number : oldest;
        }
    }
    if (count < kConnectionsPerSourceMax && unanswered < kUnansweredPerSourceMax) {
        return true;
    }
    if (oldest == 0) {
        return false;
    }
    ++counters_.failed;
    close(oldest);
    return true;
}

// Whoever has waited longest for an answer gives way: those that WireGuard answers stay.
bool Carrier::Worker::make_room(const wire::SocketAddress& from) {
    if (!make_room_among(from)) {
        return false;
    }
    const auto shaking = std::ranges::count_if(entries_, [](const auto& each) {
        return !each.second.connection->is_open();
    });
    const bool full = entries_.size() >= kConnectionsMax;
    if (!full && static_cast<std::size_t>(shaking) < kHandshakesMax) {
        return true;
    }
    const auto oldest = std::ranges::find_if(entries_, [&](const auto& each) {
        return is_unanswered(*each.second.connection, each.second.dialed) &&
               (full || !each.second.connection->is_open());
    });
    if (oldest == entries_.end()) {
        return false;
    }
    ++counters_.failed;
    close(oldest->first);
    return true;
}

void Carrier::Worker::accept_some(int listener) {
    for (int turn = 0; turn < kAcceptsPerTurn; ++turn) {
        sockaddr_storage from{};
        socklen_t size = sizeof from;
        io::Fd fd(accept4(
            listener, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC
        ));
        if (!fd.valid()) {
            // No descriptors left: the queue stays readable, so look away for a while.
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
                watch_listeners(false);
            }
            return;
        }
        const wire::SocketAddress remote = io::from_sockaddr(from);
        auto tls = TlsStream::over(server_, fd.get(), TlsStream::Side::kAccepts);
        if (!tls || !make_room(remote)) {
            ++counters_.refused;
            continue;
        }
        set_options(fd.get());
        ++counters_.accepted;
        Number number = 0;
        {
            const std::lock_guard lock(mutex_);
            number = next_number_++;
        }
        add(number,
            std::make_unique<Connection>(
                std::move(fd), std::move(*tls), remote, monotonic_now(), options_.limits, counters_
            ),
            false);
    }
}

void Carrier::Worker::add(Number number, std::unique_ptr<Connection> connection, bool dialed) {
    const int fd = connection->socket();
    const Status watched = loop_.add(fd, [this, number] { on_stream(number); });
    entries_[number] = {std::move(connection), dialed};
    {
        const std::lock_guard lock(mutex_);
        connection_count_ = entries_.size();
    }
    if (next_look_ < monotonic_now()) {
        next_look_ = monotonic_now() + kLookInterval;
    }
    if (!watched) {
        close(number);
    } else if (dialed) {
        (void)loop_.watch_writable(fd, true);  // once it is connected
    }
}

void Carrier::Worker::on_stream(Number number) {
    const auto at = entries_.find(number);
    if (at == entries_.end()) {
        return;
    }
    Connection& connection = *at->second.connection;
    const bool was_open = connection.is_open();
    const Status status = connection.on_stream(options_.tunnel_port, monotonic_now());
    if (status && !was_open && connection.is_open()) {
        tell_opened(number, at->second);
    }
    settle(number, status);
}

void Carrier::Worker::tell_opened(Number number, const Entry& entry) {
    const Connection& connection = *entry.connection;
    if (!loop_.add(connection.loopback(), [this, number] { on_tunnel(number); })) {
        close(number);
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        remotes_[connection.place()] = connection.remote();
    }
    log::debug("carrier {} {}", entry.dialed ? "to" : "from", connection.remote().to_string());
    if (entry.dialed) {
        tell({number, connection.place()});
    }
}

void Carrier::Worker::on_tunnel(Number number) {
    const auto at = entries_.find(number);
    if (at != entries_.end()) {
        settle(number, at->second.connection->on_tunnel());
    }
}

void Carrier::Worker::settle(Number number, const Status& status) {
    const auto at = entries_.find(number);
    if (at == entries_.end()) {
        return;
    }
    const Connection& connection = *at->second.connection;
    if (!status) {
        if (!status.error().is(CarrierError::kClosed)) {
            ++counters_.failed;
        }
        log::debug("carrier {}: {}", connection.remote().to_string(), status.error().message());
        close(number);
        return;
    }
    (void)loop_.watch_writable(connection.socket(), connection.wants_room());
}

void Carrier::Worker::close(Number number) {
    const auto at = entries_.find(number);
    if (at == entries_.end()) {
        return;
    }
    const Connection& connection = *at->second.connection;
    loop_.remove(connection.socket());
    if (connection.is_open()) {
        loop_.remove(connection.loopback());
    }
    if (at->second.dialed) {
        tell({number, {}});
    }
    const wire::SocketAddress place = connection.place();
    entries_.erase(at);
    const std::lock_guard lock(mutex_);
    remotes_.erase(place);
    connection_count_ = entries_.size();
}

void Carrier::Worker::look_at_deadlines(Instant now) {
    if (now < next_look_) {
        return;
    }
    next_look_ = now + kLookInterval;
    watch_listeners(true);
    std::vector<Number> late;
    for (const auto& [number, entry] : entries_) {
        if (entry.connection->deadline() <= now) {
            late.push_back(number);
        }
    }
    for (const Number number : late) {
        ++counters_.failed;
        close(number);
    }
}

}  // namespace phantom::carrier
