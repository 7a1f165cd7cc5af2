#include "api/server.h"

#include <cerrno>
#include <system_error>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/hub.h"
#include "api/session.h"
#include "api/tls.h"
#include "base/log.h"
#include "io/udp_address.h"

namespace phantom::api {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr int kNiceness = 5;
constexpr int kAcceptsPerTurn = 32;
// Where there is no descriptor left, until there may be one again.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

std::string local_caller(int fd) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
        return "local";
    }
    return fmt::format("local, uid {}, pid {}", peer.uid, peer.pid);
}

// As browsers compare them with where they are.
Result<HostNames> hosts_of(const Certificate& certificate) {
    std::vector<std::string> names = PM_TRY(inspect(certificate)).names;
    names.emplace_back("localhost");
    return HostNames(std::move(names));
}

}  // namespace

struct Server::Inside {
    Inside(Application application, QuestionQueue& questions)
        : hub(context, std::move(application), questions), work(asio::make_work_guard(context)) {}

    // A socket on which others call.
    struct Door {
        Door(asio::io_context& context, int fd, Kind its_kind)
            : socket(context, fd), pause(context), kind(its_kind) {}
        asio::posix::stream_descriptor socket;
        asio::steady_timer pause;
        Kind kind;
    };

    // Owns the descriptor.
    void open(int fd, Kind kind) {
        doors.push_back(std::make_unique<Door>(context, fd, kind));
        wait(*doors.back());
    }

    void wait(Door& door) {
        door.socket.async_wait(
            asio::posix::stream_descriptor::wait_read,
            [this, &door](const error_code& error) {
                if (!error) {
                    accept_all(door);
                }
            }
        );
    }

    void accept_all(Door& door) {
        for (int count = 0; count < kAcceptsPerTurn; ++count) {
            sockaddr_storage from{};
            socklen_t size = sizeof from;
            const int fd = accept4(
                door.socket.native_handle(), reinterpret_cast<sockaddr*>(&from), &size,
                SOCK_NONBLOCK | SOCK_CLOEXEC
            );
            if (fd >= 0) {
                begin(door, fd, from);
            } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                wait_a_while(door);
                return;
            } else if (errno == EAGAIN) {
                break;
            }
        }
        wait(door);
    }

    void begin(const Door& door, int fd, const sockaddr_storage& from) {
        if (door.kind == Kind::kLocal) {
            const Caller caller{.address = local_caller(fd), .is_owner = true};
            begin_local_session(context, hub, fd, caller);
            return;
        }
        const int on = 1;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const Caller caller{
            .address = io::from_sockaddr(from).address.to_string(), .is_owner = false
        };
        begin_tls_session(context, hub, fd, *tls, caller, from.ss_family == AF_INET6);
    }

    void wait_a_while(Door& door) {
        door.pause.expires_after(kAcceptPause);
        door.pause.async_wait([this, &door](const error_code& error) {
            if (!error) {
                wait(door);
            }
        });
    }

    asio::io_context context{1};
    Hub hub;
    std::unique_ptr<asio::ssl::context> tls;
    std::vector<std::unique_ptr<Door>> doors;
    asio::executor_work_guard<asio::io_context::executor_type> work;
    std::thread thread;
};

Server::Server(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

Result<std::unique_ptr<Server>> Server::start(
    const Certificate& certificate, Application application, QuestionQueue& questions
) {
    TlsContext tls = PM_TRY(make_tls_context(certificate));
    application.set_hosts(PM_TRY(hosts_of(certificate)));
    // Asio throws where the kernel refuses what it needs.
    try {
        auto inside = std::make_unique<Inside>(std::move(application), questions);
        inside->tls = std::make_unique<asio::ssl::context>(tls.release());
        inside->thread = std::thread([context = &inside->context] {
            // Of this thread alone: packets come first.
            (void)setpriority(PRIO_PROCESS, 0, kNiceness);
            context->run();
        });
        (void)pthread_setname_np(inside->thread.native_handle(), "api");
        return std::unique_ptr<Server>(new Server(std::move(inside)));
    } catch (const std::system_error& error) {
        return fail(ApiError::kThread, static_cast<std::uint32_t>(error.code().value()));
    }
}

Server::~Server() {
    asio::post(inside_->context, [inside = inside_.get()] {
        inside->doors.clear();
        inside->hub.stop();
        inside->work.reset();
    });
    inside_->thread.join();
}

void Server::open(io::Fd listener, Kind kind) {
    // Asio closes what it is given; `listener` closes its own.
    const int fd = fcntl(listener.get(), F_DUPFD_CLOEXEC, 0);
    if (fd >= 0) {
        asio::post(inside_->context, [inside = inside_.get(), fd, kind] {
            inside->open(fd, kind);
        });
    }
}

void Server::deliver(std::vector<Answered> answers) {
    asio::post(inside_->context, [inside = inside_.get(), answers = std::move(answers)]() mutable {
        inside->hub.deliver(std::move(answers));
    });
}

void Server::publish(std::vector<Event> events) {
    events.resize(std::min(events.size(), kEventBatchMax));
    asio::post(inside_->context, [inside = inside_.get(), events = std::move(events)] {
        inside->hub.publish(events);
    });
}

void Server::set_tokens(std::shared_ptr<const TokenTable> tokens) {
    asio::post(inside_->context, [inside = inside_.get(), tokens = std::move(tokens)]() mutable {
        inside->hub.set_tokens(std::move(tokens));
    });
}

void Server::set_members(std::shared_ptr<const MemberTable> members) {
    asio::post(inside_->context, [inside = inside_.get(), members = std::move(members)]() mutable {
        inside->hub.set_members(std::move(members));
    });
}

Status Server::set_certificate(const Certificate& certificate) {
    TlsContext context = PM_TRY(make_tls_context(certificate));
    HostNames hosts = PM_TRY(hosts_of(certificate));
    auto made = std::make_shared<std::unique_ptr<asio::ssl::context>>(
        std::make_unique<asio::ssl::context>(context.release())
    );
    asio::post(inside_->context, [inside = inside_.get(), made, hosts = std::move(hosts)] {
        inside->tls.swap(*made);
        inside->hub.set_hosts(hosts);
    });
    return {};
}

const Server::Counters& Server::counters() const {
    return inside_->hub.counters();
}

}  // namespace phantom::api
