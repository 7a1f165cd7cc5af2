#include "dataplane/tunnel.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"

namespace phantom::dataplane {

namespace {

// While retired memory waits for a shard that is in the middle of a batch.
constexpr Duration kCollectInterval = std::chrono::milliseconds(10);

}  // namespace

Tunnel::Tunnel(io::Tun tun, const TunnelOptions& options, io::EventLoop& loop, Random& random)
    : tun_(std::move(tun)),
      offloads_(options.offloads),
      loop_(loop),
      device_({.shard_count = static_cast<std::uint32_t>(tun_.queues.size())}, random),
      access_(random),
      quiescence_(tun_.queues.size()) {
    offloads_.tso = offloads_.tso && tun_.offloads.tso;
    offloads_.uso = offloads_.uso && tun_.offloads.uso;
}

Tunnel::~Tunnel() {
    if (link_) {
        loop_.remove(link_->fd());
    }
    if (routes_) {
        loop_.remove(routes_->fd());
    }
    loop_.remove(wake_.fd());
    shards_.clear();
}

Status Tunnel::start() {
    aead_ = PM_TRY(crypto::make_best_packet_aead());
    published_.forwarding.store(&device_.forwarding(), std::memory_order_release);
    inboxes_.resize(tun_.queues.size());
    for (std::size_t index = 0; index < tun_.queues.size(); ++index) {
        auto aead = PM_TRY(crypto::make_best_packet_aead());
        shards_.push_back(std::make_unique<Shard>(Shard::Options{
            .index = static_cast<std::uint32_t>(index),
            .tun = tun_.queues[index],
            .tun_offloads = offloads_,
            .aead = std::move(aead),
            .published = published_,
            .access = access_,
            .tap = tap_,
            .quiescence = quiescence_,
            .control_wake = wake_,
            .control_signalled = signalled_,
            .inboxes = inboxes_,
        }));
        inboxes_[index] = &shards_.back()->inbox();
    }
    for (const auto& shard : shards_) {
        PM_TRY(shard->start());
    }
    PM_TRY(loop_.add(wake_.fd(), [this] { take_from_shards(); }));
    routes_ = std::make_unique<io::RouteMonitor>(PM_TRY(io::RouteMonitor::open()));
    PM_TRY(loop_.add(routes_->fd(), [this] { follow_routes(); }));
    link_ = std::make_unique<io::LinkMonitor>(PM_TRY(io::LinkMonitor::open(tun_.queues[0].fd())));
    PM_TRY(loop_.add(link_->fd(), [this] { follow_link(); }));
    follow_link();
    return {};
}

Status Tunnel::open_sockets(std::uint16_t port) {
    const bool several = shards_.size() > 1;
    if (several && port != 0) {
        // SO_REUSEPORT would share a port with any daemon of this user: first see that it is free.
        PM_TRY(io::UdpSocket::open({.port = port, .fwmark = fwmark_, .offloads = offloads_}));
    }
    std::vector<std::unique_ptr<io::UdpSocket>> opened;
    opened.reserve(shards_.size());
    for (std::size_t index = 0; index < shards_.size(); ++index) {
        opened.push_back(PM_TRY(io::UdpSocket::open({
            .port = opened.empty() ? port : opened.front()->port(),
            .fwmark = fwmark_,
            .shared_port = several,
            .offloads = offloads_,
        })));
    }
    if (several) {
        PM_TRY(opened.front()->steer_by_receiver_index(static_cast<std::uint32_t>(opened.size())));
    }
    listen_port_ = opened.front()->port();
    for (std::size_t index = 0; index < shards_.size(); ++index) {
        shards_[index]->set_socket(opened[index].get());
    }
    sockets_ = std::move(opened);
    log::info("listening on UDP port {}", listen_port_);
    return {};
}

void Tunnel::close_sockets() {
    for (const auto& shard : shards_) {
        shard->set_socket(nullptr);
    }
    sockets_.clear();
}

Status Tunnel::apply(const wireguard::DeviceUpdate& update) {
    wireguard::Actions actions;
    const std::uint16_t old_port = listen_port_;
    const std::uint32_t old_fwmark = fwmark_;
    fwmark_ = update.fwmark.value_or(fwmark_);
    const std::uint16_t port = update.listen_port.value_or(listen_port_);
    const bool rebind = update.listen_port && (port != listen_port_ || port == 0);
    if (rebind && !sockets_.empty()) {
        if (auto opened = open_sockets(port); !opened) {
            fwmark_ = old_fwmark;
            return opened;
        }
    } else if (rebind) {
        listen_port_ = port;
    } else if (fwmark_ != old_fwmark) {
        for (const auto& socket : sockets_) {
            PM_TRY(socket->set_fwmark(fwmark_));
        }
    }
    const auto applied = device_.apply(update, monotonic_now(), actions);
    if (!applied && rebind) {
        // Nothing is changed by a refused update; the old port was ours a moment ago.
        listen_port_ = old_port;
        if (!sockets_.empty()) {
            (void)open_sockets(old_port);
        }
    }
    carry_out(actions);
    return applied;
}

void Tunnel::set_policy(std::shared_ptr<const policy::CompiledPolicy> policy) {
    std::shared_ptr<const AccessRules> rules;
    if (policy != nullptr) {
        rules = std::make_shared<const AccessRules>(std::move(policy), ++access_generation_);
    }
    published_.access.store(rules.get(), std::memory_order_release);
    std::vector<std::shared_ptr<const void>> retired;
    if (access_rules_ != nullptr) {
        retired.push_back(std::exchange(access_rules_, nullptr));
    }
    access_rules_ = std::move(rules);
    quiescence_.retire(std::move(retired));
    quiescence_.collect();
}

bool Tunnel::set_allowance(const crypto::PublicKey& peer, std::uint64_t bytes_per_s) {
    wireguard::PeerPath* path = device_.find_path(peer);
    if (path == nullptr) {
        return false;
    }
    path->allowance.set(bytes_per_s);
    for (const auto& shard : shards_) {
        if (bytes_per_s == 0) {
            shard->drop_staged(path->id);
        }
    }
    return true;
}

std::optional<std::uint64_t> Tunnel::allowance_of(const crypto::PublicKey& peer) const {
    const wireguard::PeerPath* path = device_.find_path(peer);
    return path == nullptr ? std::nullopt : std::optional(path->allowance.bytes_per_s());
}

Tunnel::Watch Tunnel::watch() {
    Watch watch{.rings = {}, .wake = &tap_.wake};
    for (const auto& shard : shards_) {
        watch.rings.push_back(&shard->tap().ring());
    }
    tap_.is_watched.store(true, std::memory_order_relaxed);
    return watch;
}

std::uint64_t Tunnel::tap_dropped() const {
    std::uint64_t sum = 0;
    for (const auto& shard : shards_) {
        sum += shard->tap().dropped();
    }
    return sum;
}

TunnelStatus Tunnel::status() const {
    return {
        .interface = io::link_name(tun_.queues[0].fd()).value_or(tun_.name),
        .listen_port = listen_port_,
        .fwmark = fwmark_,
        .device = device_.status(),
    };
}

io::Offloads Tunnel::offloads() const {
    io::Offloads offloads = offloads_;
    if (!sockets_.empty()) {
        const io::Offloads socket = sockets_.front()->offloads();
        offloads.gso = socket.gso;
        offloads.gro = socket.gro;
    }
    return offloads;
}

std::string_view Tunnel::cipher_backend() const {
    return aead_ == nullptr ? std::string_view() : aead_->name();
}

std::string Tunnel::counters_text() const {
    struct Named {
        const char* name;
        Counter ShardCounters::* counter;
    };
    static constexpr std::array kNamed{
        Named{"packets_out", &ShardCounters::packets_out},
        Named{"packets_in", &ShardCounters::packets_in},
        Named{"keepalives_in", &ShardCounters::keepalives_in},
        Named{"tun_reads", &ShardCounters::tun_reads},
        Named{"tun_writes", &ShardCounters::tun_writes},
        Named{"receive_calls", &ShardCounters::receive_calls},
        Named{"send_runs", &ShardCounters::send_runs},
        Named{"staged", &ShardCounters::staged},
        Named{"bad_inner_packet", &ShardCounters::bad_inner_packet},
        Named{"no_peer", &ShardCounters::no_peer},
        Named{"staging_overflow", &ShardCounters::staging_overflow},
        Named{"bad_datagram", &ShardCounters::bad_datagram},
        Named{"no_session", &ShardCounters::no_session},
        Named{"not_authentic", &ShardCounters::not_authentic},
        Named{"replayed", &ShardCounters::replayed},
        Named{"control_in", &ShardCounters::control_in},
        Named{"control_queue_full", &ShardCounters::control_queue_full},
        Named{"control_only", &ShardCounters::control_only},
        Named{"source_not_allowed", &ShardCounters::source_not_allowed},
        Named{"policy_denied", &ShardCounters::policy_denied},
        Named{"over_allowance", &ShardCounters::over_allowance},
        Named{"handshake_queue_full", &ShardCounters::handshake_queue_full},
        Named{"tun_write_failed", &ShardCounters::tun_write_failed},
        Named{"merge_refused", &ShardCounters::merge_refused},
        Named{"relayed", &ShardCounters::relayed},
        Named{"no_relay", &ShardCounters::no_relay},
        Named{"bad_relay_frame", &ShardCounters::bad_relay_frame},
        Named{"relayed_inbox_full", &ShardCounters::relayed_inbox_full},
        Named{"relay_over_share", &ShardCounters::relay_over_share},
    };
    std::string text;
    for (const auto& [name, counter] : kNamed) {
        const std::uint64_t sum = count(counter);
        if (sum != 0) {
            text += fmt::format("{}{} {}", text.empty() ? "" : " ", name, sum);
        }
    }
    return text;
}

std::uint64_t Tunnel::count(Counter ShardCounters::* counter) const {
    std::uint64_t sum = 0;
    for (const auto& shard : shards_) {
        sum += (shard->counters().*counter).value();
    }
    return sum;
}

void Tunnel::refuse_for_test(int gso_errno, int super_packet_errno) {
    for (const auto& socket : sockets_) {
        socket->faults().gso_errno = gso_errno;
    }
    for (io::TunQueue& queue : tun_.queues) {
        queue.faults().super_packet_errno = super_packet_errno;
    }
}

Instant Tunnel::deadline() const {
    if (quiescence_.pending()) {
        return std::min(device_.deadline(), monotonic_now() + kCollectInterval);
    }
    return device_.deadline();
}

void Tunnel::tick() {
    quiescence_.collect();
    const Instant now = monotonic_now();
    if (now >= device_.deadline()) {
        wireguard::Actions actions;
        device_.tick(now, wall_now(), actions);
        carry_out(actions);
    }
}

void Tunnel::take_from_shards() {
    wake_.drain();
    // Before the queues are read: what is pushed after this wakes us again.
    signalled_.store(false, std::memory_order_seq_cst);
    wireguard::Actions actions;
    for (const auto& shard : shards_) {
        while (const wireguard::PathReport* report = shard->reports().front()) {
            device_.report(*report, monotonic_now(), wall_now(), actions);
            shard->reports().pop();
        }
        // At most one queue's worth, so that timers and the UAPI get their turn under a flood.
        std::size_t budget = wireguard::kHandshakeQueueSize;
        while (const HandshakeDatagram* message = shard->handshakes().front()) {
            if (budget-- == 0) {
                wake_.signal();
                break;
            }
            device_.receive(
                {message->bytes.data(), message->size}, message->from,
                shard->handshakes().size() - 1, monotonic_now(), wall_now(), actions
            );
            shard->handshakes().pop();
            carry_out(actions);
        }
        finished_ = finished_ || shard->tun_gone();
    }
    carry_out(actions);
    take_controls();
}

// After the reports and handshakes, so that a frame finds the session it came on confirmed.
void Tunnel::take_controls() {
    for (const auto& shard : shards_) {
        while (const ControlDatagram* datagram = shard->controls().front()) {
            // A key may have been replaced meanwhile: what counts is the one that it has now.
            const auto peer = device_.public_key_of(datagram->peer);
            if (listener_ != nullptr && peer) {
                listener_->on_control(
                    *peer, datagram->from, datagram->kind, {datagram->bytes.data(), datagram->size}
                );
            }
            shard->controls().pop();
        }
    }
}

void Tunnel::follow_link() {
    const int old_fd = link_->fd();
    // Taken out first: following the interface into another namespace closes the descriptor.
    loop_.remove(old_fd);
    const io::LinkState state = link_->refresh();
    if (!loop_.add(link_->fd(), [this] { follow_link(); })) {
        log::error("cannot watch the interface any more");
    }
    if (!state.exists) {
        finished_ = true;
        return;
    }
    if (state.mtu != 0 && state.mtu != link_state_.mtu) {
        published_.mtu.store(state.mtu, std::memory_order_relaxed);
        log::debug("MTU {}", state.mtu);
    }
    wireguard::Actions actions;
    if (state.up && !link_state_.up) {
        if (const auto opened = open_sockets(listen_port_); !opened) {
            log::error("cannot open the UDP port {}: {}", listen_port_, opened.error().message());
        } else {
            device_.up(monotonic_now(), actions);
        }
    } else if (!state.up && link_state_.up) {
        device_.down(actions);
        close_sockets();
        log::info("interface is down, port closed");
    }
    link_state_ = state;
    carry_out(actions);
}

void Tunnel::follow_routes() {
    if (routes_->drain()) {
        wireguard::Actions actions;
        device_.forget_sources(actions);
        carry_out(actions);
        if (listener_ != nullptr) {
            listener_->on_network_change();
        }
    }
}

void Tunnel::carry_out(wireguard::Actions& actions) {
    if (actions.forwarding_changed) {
        published_.forwarding.store(&device_.forwarding(), std::memory_order_release);
    }
    for (const auto& message : actions.sends) {
        send(message);
    }
    for (const wireguard::PeerId peer : actions.keepalives) {
        if (wireguard::PeerPath* path = device_.find_path(peer)) {
            (void)send_inner(*path, nullptr, {});
        }
    }
    for (const auto& shard : shards_) {
        for (const wireguard::PeerId peer : actions.flush_staged) {
            shard->send_staged(peer);
        }
        for (const wireguard::PeerId peer : actions.drop_staged) {
            shard->drop_staged(peer);
        }
    }
    quiescence_.retire(std::move(actions.retired));
    quiescence_.collect();
    // Last, and from a copy: what the listener does in answer may carry out actions of its own.
    const std::vector<wireguard::SessionBegan> began = std::move(actions.began);
    const std::vector<crypto::PublicKey> wanted = std::move(actions.wanted);
    actions.clear();
    tell_listener(began, wanted);
}

Tunnel::Traffic Tunnel::traffic_of(const crypto::PublicKey& peer) const {
    const wireguard::PeerPath* path = device_.find_path(peer);
    if (path == nullptr) {
        return {};
    }
    return {
        .data_sent = Instant{path->activity.last_data_sent_ns.load(std::memory_order_relaxed)},
        .received = Instant{path->activity.last_received_here_ns.load(std::memory_order_relaxed)},
    };
}

std::optional<wire::SocketAddress> Tunnel::endpoint_of(const crypto::PublicKey& peer) const {
    const wireguard::PeerPath* path = device_.find_path(peer);
    const wire::Endpoint* endpoint =
        path == nullptr ? nullptr : path->endpoint.load(std::memory_order_acquire);
    return endpoint == nullptr ? std::nullopt : std::optional(endpoint->remote);
}

void Tunnel::tell_listener(
    const std::vector<wireguard::SessionBegan>& began, const std::vector<crypto::PublicKey>& wanted
) {
    if (listener_ == nullptr) {
        return;
    }
    for (const wireguard::SessionBegan& each : began) {
        listener_->on_session(each);
    }
    for (const crypto::PublicKey& peer : wanted) {
        listener_->on_wanted(peer);
    }
}

}  // namespace phantom::dataplane
