#include "api/hub.h"

#include <algorithm>
#include <exception>

#include "api/responses.h"
#include "base/log.h"

namespace phantom::api {

namespace {

namespace json = boost::json;

// Between two looks at who waits too long, and two signs of life to listeners.
constexpr auto kSweepInterval = std::chrono::milliseconds(250);
constexpr auto kHeartbeat = std::chrono::seconds(15);
// Beyond its deadline, for the node's own word that it is late.
constexpr Duration kGrace = std::chrono::milliseconds(500);
constexpr std::size_t kPieceSize = std::size_t{64} << 10U;
// Callers, with those that were told that it takes too long.
constexpr std::size_t kWaitingMax = 8'192;
// What the node has not said by then it never will.
constexpr Duration kForgotten = std::chrono::minutes(10);

json::object no_answer() {
    return {{"error", {{"code", "no_answer"}, {"message", ""}}}};
}

}  // namespace

Hub::Hub(boost::asio::io_context& context, Application application, QuestionQueue& questions)
    : application_(std::move(application)),
      questions_(questions),
      sweep_(context),
      heartbeat_(context) {}

// ---- Connections ------------------------------------------------------------------------------------

bool Hub::add(const std::shared_ptr<Connection>& connection) {
    const std::string key = address_key(connection->caller.address);
    if (is_stopping_ || !make_room(key)) {
        counters_.refused.fetch_add(1, std::memory_order_relaxed);
        return false;
    }
    ++connections_of_[key];
    connections_.emplace(connection.get(), connection);
    counters_.accepted.fetch_add(1, std::memory_order_relaxed);
    counters_.connections.store(connections_.size(), std::memory_order_relaxed);
    return true;
}

// Where there is none, who has connected first and has shown no good token since gives way.
bool Hub::make_room(const std::string& address) {
    const auto of_one = connections_of_.find(address);
    const bool is_full_for_one =
        of_one != connections_of_.end() && of_one->second >= kConnectionsOfOneMax;
    if (!is_full_for_one && connections_.size() < kConnectionsMax) {
        return true;
    }
    std::shared_ptr<Connection> oldest;
    for (const auto& [raw, each] : connections_) {
        const bool counts = !is_full_for_one || address_key(each->caller.address) == address;
        if (counts && !each->has_proved_itself && !each->is_busy &&
            (oldest == nullptr || each->since < oldest->since)) {
            oldest = each;
        }
    }
    if (oldest == nullptr) {
        return false;
    }
    oldest->close();
    remove(oldest.get());
    return true;
}

void Hub::remove(Connection* connection) {
    const auto found = connections_.find(connection);
    if (found == connections_.end()) {
        return;
    }
    // The last owner may be this one.
    const std::shared_ptr<Connection> kept = found->second;
    const auto of_one = connections_of_.find(address_key(kept->caller.address));
    if (--of_one->second == 0) {
        connections_of_.erase(of_one);
    }
    listeners_.erase(connection);
    connections_.erase(found);
    counters_.connections.store(connections_.size(), std::memory_order_relaxed);
    counters_.listeners.store(listeners_.size(), std::memory_order_relaxed);
}

void Hub::stop() {
    is_stopping_ = true;
    sweep_.cancel();
    heartbeat_.cancel();
    const auto all = connections_;
    for (const auto& [raw, connection] : all) {
        connection->close();
        remove(raw);
    }
    waiting_.clear();
}

// ---- Requests ---------------------------------------------------------------------------------------

void Hub::take(const std::shared_ptr<Connection>& connection, const Request& request) {
    counters_.requests.fetch_add(1, std::memory_order_relaxed);
    const Instant now = monotonic_now();
    auto decision = application_.decide(request, now, wall_now());
    counters_.rejected_tokens.store(application_.rejected_tokens(), std::memory_order_relaxed);
    for (GuessReport& report : application_.take_reports()) {
        questions_.report(std::move(report));
    }
    if (auto* response = std::get_if<Response>(&decision)) {
        respond(
            *connection, std::move(*response),
            {.is_head = request.method == Method::kHead,
             .since = now,
             .trace_id = trace_id_of(request)}
        );
        return;
    }
    if (auto* asked = std::get_if<Application::Asked>(&decision)) {
        // Links prove themselves by what they carry, which only the node can tell.
        connection->has_proved_itself |= !asked->route->is_public;
        ask(connection, std::move(*asked), now);
        return;
    }
    connection->has_proved_itself = true;
    listen(connection, std::move(std::get<Application::Listening>(decision)));
}

Hub::Asker Hub::asker_of(const Application::Asked& asked, Instant since) {
    return {.is_head = asked.is_head, .since = since, .trace_id = asked.trace_id};
}

void Hub::respond(Connection& connection, Response response, const Asker& asker) {
    const std::size_t hundreds = response.status / 100;
    if (hundreds < counters_.answers.size()) {
        counters_.answers[hundreds].fetch_add(1, std::memory_order_relaxed);
    }
    counters_.took.observe(monotonic_now() - asker.since);
    connection.respond(Application::with_trace(std::move(response), asker.trace_id), asker.is_head);
}

void Hub::ask(
    const std::shared_ptr<Connection>& connection, Application::Asked asked, Instant since
) {
    const Ticket ticket = next_ticket_++;
    Question question = std::move(asked.question);
    question.tickets = {ticket};
    asked.question = {};
    asked.question.deadline = question.deadline;
    if (waiting_.size() >= kWaitingMax || !questions_.ask(std::move(question))) {
        respond(*connection, application_.refuse(asked), asker_of(asked, since));
        return;
    }
    waiting_.emplace(ticket, Waiting{connection, std::move(asked), since});
    arm_sweep();
}

void Hub::deliver(std::vector<Answered> answers) {
    for (Answered& each : answers) {
        std::optional<Application::Rendered> rendered;
        for (const Ticket ticket : each.tickets) {
            const auto found = waiting_.find(ticket);
            if (found == waiting_.end()) {
                continue;
            }
            // Who shares an answer has asked for the same.
            if (!rendered) {
                rendered = render(found->second.asked, std::move(each.answer));
            }
            Waiting waiting = std::move(found->second);
            waiting_.erase(found);
            answer(waiting, *rendered);
        }
    }
}

void Hub::answer(Waiting& waiting, const Application::Rendered& rendered) {
    Response response = application_.finish(waiting.asked, rendered);
    if (auto sessions = application_.take_changed_sessions()) {
        questions_.keep_sessions(std::move(*sessions));
    }
    if (const auto connection = waiting.connection.lock()) {
        respond(*connection, std::move(response), asker_of(waiting.asked, waiting.since));
    }
}

// What the node says is its own, and the routes' fields are ours: where they do not agree it is a fault, not an end.
Application::Rendered Hub::render(const Application::Asked& asked, json::object answer) const {
    try {
        return application_.render(asked, std::move(answer));
    } catch (const std::exception& error) {
        log::error("api: {}: {}", asked.route->operation, error.what());
        return {
            response_of({.code = "internal", .detail = {}, .faults = {}, .line = 0, .column = 0}),
            {},
            {},
            {}
        };
    }
}

// Who waits too long is told so. That it was asked is kept for a while, so that the Idempotency-Key of something that is
// done after all is known.
void Hub::look_at_waiting() {
    const Instant now = monotonic_now();
    for (auto at = waiting_.begin(); at != waiting_.end();) {
        Waiting& waiting = at->second;
        const Instant deadline = waiting.asked.question.deadline + kGrace;
        if (now >= deadline) {
            if (const auto connection = waiting.connection.lock()) {
                counters_.late.fetch_add(1, std::memory_order_relaxed);
                waiting.connection.reset();
                respond(
                    *connection, render(waiting.asked, no_answer()).response,
                    asker_of(waiting.asked, waiting.since)
                );
            }
        }
        at = now >= deadline + kForgotten ? waiting_.erase(at) : std::next(at);
    }
}

void Hub::arm_sweep() {
    if (is_sweeping_ || waiting_.empty() || is_stopping_) {
        return;
    }
    is_sweeping_ = true;
    sweep_.expires_after(kSweepInterval);
    sweep_.async_wait([this](const boost::system::error_code& error) {
        is_sweeping_ = false;
        if (!error) {
            look_at_waiting();
            arm_sweep();
        }
    });
}

// ---- Listeners --------------------------------------------------------------------------------------

void Hub::listen(const std::shared_ptr<Connection>& connection, Application::Listening listening) {
    if (listeners_.size() >= kListenersMax) {
        connection->respond(
            response_of(
                {.code = "unavailable",
                 .detail = "Too many listen already.",
                 .faults = {},
                 .line = 0,
                 .column = 0}
            ),
            false
        );
        return;
    }
    listeners_[connection.get()] = {
        .connection = connection,
        .position = listening.position,
        .whose = listening.whose,
        .is_idle = false,
    };
    counters_.listeners.store(listeners_.size(), std::memory_order_relaxed);
    connection->listen(std::move(listening.head), std::move(listening.begin));
    arm_heartbeat();
}

void Hub::more(const std::shared_ptr<Connection>& connection) {
    const auto found = listeners_.find(connection.get());
    if (found == listeners_.end()) {
        return;
    }
    Listener& listener = found->second;
    EventRing::Piece piece = application_.events().read(listener.position, kPieceSize);
    listener.position = piece.next;
    listener.is_idle = piece.text.empty();
    if (!piece.text.empty()) {
        connection->tell(std::move(piece.text));
    }
}

void Hub::tell_listeners(bool with_heartbeat) {
    const Instant now = monotonic_now();
    const WallTime wall = wall_now();
    const auto all = listeners_;
    for (const auto& [raw, listener] : all) {
        const auto connection = listener.connection.lock();
        if (connection == nullptr) {
            listeners_.erase(raw);
        } else if (!application_.is_good(listener.whose, now, wall)) {
            connection->close();
            remove(raw);
        } else if (listener.is_idle) {
            more(connection);
            // Gone, where it was closed meanwhile.
            const auto found = listeners_.find(raw);
            if (with_heartbeat && found != listeners_.end() && found->second.is_idle) {
                found->second.is_idle = false;
                connection->tell(":\n\n");
            }
        }
    }
}

void Hub::publish(const std::vector<Event>& events) {
    for (const Event& event : events) {
        if (!application_.events().add(event.type, event.data)) {
            log::warning("api: an event {} is too large, and told to nobody", event.type);
        }
    }
    tell_listeners(false);
}

void Hub::set_tokens(std::shared_ptr<const TokenTable> tokens) {
    application_.set_tokens(std::move(tokens));
    tell_listeners(false);
}

void Hub::set_members(std::shared_ptr<const MemberTable> members) {
    application_.set_members(std::move(members));
    tell_listeners(false);
    const auto all = connections_;
    for (const auto& [raw, connection] : all) {
        const auto& member = connection->caller.member;
        if (member && connection->has_proved_itself && !application_.is_member(*member)) {
            connection->close();
            remove(raw);
        }
    }
}

void Hub::arm_heartbeat() {
    if (is_beating_ || listeners_.empty() || is_stopping_) {
        return;
    }
    is_beating_ = true;
    heartbeat_.expires_after(kHeartbeat);
    heartbeat_.async_wait([this](const boost::system::error_code& error) {
        is_beating_ = false;
        if (!error) {
            tell_listeners(true);
            arm_heartbeat();
        }
    });
}

const std::string& Hub::date() {
    const std::int64_t now_s = wall_now().ns / 1'000'000'000;
    if (now_s != date_s_) {
        date_s_ = now_s;
        date_ = http_date(now_s);
    }
    return date_;
}

}  // namespace phantom::api
