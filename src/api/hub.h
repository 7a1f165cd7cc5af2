#pragma once

// The API's thread: who is connected, who waits for the node, who listens. It knows nothing of TLS or of how bytes
// come: that is a Connection's. Thread: all of it the API's; deliver() and publish() are brought there by Server.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "api/application.h"
#include "api/server.h"

namespace phantom::api {

class Connection {
  public:
    virtual ~Connection() = default;
    virtual void respond(Response response, bool is_head) = 0;
    // The head of a stream, and what is said at once.
    virtual void listen(Response head, std::string begin) = 0;
    // More of it; more() is asked again once that is written.
    virtual void tell(std::string text) = 0;
    virtual void close() = 0;

    Caller caller;
    bool has_proved_itself = false;  // with a token that is good
    bool is_busy = false;            // a request is being answered
    Instant since;                   // connected
};

class Hub {
  public:
    Hub(boost::asio::io_context& context, Application application, QuestionQueue& questions);

    // False: there is no room for one more.
    [[nodiscard]] bool add(const std::shared_ptr<Connection>& connection);
    void remove(Connection* connection);
    void take(const std::shared_ptr<Connection>& connection, const Request& request);
    // A listener can be told more.
    void more(const std::shared_ptr<Connection>& connection);

    void deliver(std::vector<Answered> answers);
    void publish(const std::vector<Event>& events);
    void set_tokens(std::shared_ptr<const TokenTable> tokens);
    // Connections of who is no member any more end at once.
    void set_members(std::shared_ptr<const MemberTable> members);
    void set_hosts(HostNames hosts) { application_.set_hosts(std::move(hosts)); }
    // Closes all, so that the thread ends.
    void stop();

    [[nodiscard]] Server::Counters& counters() { return counters_; }
    // "Sun, 06 Nov 1994 08:49:37 GMT", now.
    [[nodiscard]] const std::string& date();

  private:
    struct Waiting {
        std::weak_ptr<Connection> connection;
        Application::Asked asked;
        Instant since;
    };
    struct Listener {
        std::weak_ptr<Connection> connection;
        std::uint64_t position = 0;
        Application::Whose whose;
        bool is_idle = false;  // nothing of it is being written
    };

    [[nodiscard]] bool make_room(const std::string& address);
    // `since`: when the request was there.
    void ask(
        const std::shared_ptr<Connection>& connection, Application::Asked asked, Instant since
    );
    // Of whom, and since when he waits.
    struct Asker {
        bool is_head = false;
        Instant since;
        std::string trace_id;
    };
    [[nodiscard]] static Asker asker_of(const Application::Asked& asked, Instant since);
    void respond(Connection& connection, Response response, const Asker& asker);
    void listen(const std::shared_ptr<Connection>& connection, Application::Listening listening);
    void answer(Waiting& waiting, const Application::Rendered& rendered);
    [[nodiscard]] Application::Rendered render(
        const Application::Asked& asked, boost::json::object answer
    ) const;
    void look_at_waiting();
    void tell_listeners(bool with_heartbeat);
    void arm_sweep();
    void arm_heartbeat();

    Application application_;
    QuestionQueue& questions_;
    std::map<Connection*, std::shared_ptr<Connection>> connections_;
    std::map<std::string, std::size_t> connections_of_;  // by address_key()
    std::map<Ticket, Waiting> waiting_;
    std::map<Connection*, Listener> listeners_;
    Ticket next_ticket_ = 1;
    boost::asio::steady_timer sweep_;
    boost::asio::steady_timer heartbeat_;
    bool is_sweeping_ = false;
    bool is_beating_ = false;
    bool is_stopping_ = false;
    std::string date_;
    std::int64_t date_s_ = 0;
    Server::Counters counters_;
};

}  // namespace phantom::api
