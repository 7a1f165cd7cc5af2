#pragma once

// Carries out what a run of a playbook orders: our own commands over the same verbs as the control socket, HTTP through
// the courier, bash in a thread where it is allowed. Thread: control; what takes time is answered later.

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include <boost/json.hpp>

#include "courier/sender.h"
#include "io/event_loop.h"
#include "playbook/run.h"

namespace phantom::daemon {

// Programs that wait for the one that runs; what is above fails.
inline constexpr std::size_t kProgramsWaitingMax = 32;
inline constexpr Duration kProgramTimeMax = std::chrono::minutes(5);
inline constexpr std::size_t kProgramOutputMax = 64U << 10U;

class PlaybookRunner {
  public:
    // Asks the node as `phantom` does, in the name of `origin`.
    using Ask = std::function<
        boost::json::object(const boost::json::object& request, std::string_view origin)>;
    struct Ticket {
        std::uint64_t run = 0;
        std::uint64_t token = 0;
        friend auto operator<=>(const Ticket&, const Ticket&) = default;
    };
    struct Done {
        Ticket ticket;
        playbook::OrderOutcome outcome;
    };

    // Both outlive it.
    PlaybookRunner(Ask ask, io::EventLoop& loop);
    ~PlaybookRunner();
    PlaybookRunner(const PlaybookRunner&) = delete;
    PlaybookRunner& operator=(const PlaybookRunner&) = delete;

    void allow_bash(bool allowed) { allows_bash_ = allowed; }
    struct Context {
        std::string playbook;
        std::uint64_t incident = 0;
    };
    // What it comes to is in take_done(), at once or later; of manual commands and playbooks nothing ever is.
    void carry_out(Ticket ticket, const playbook::Order& order, const Context& context);
    [[nodiscard]] std::vector<Done> take_done();

  private:
    struct Program {
        Ticket ticket;
        std::string script;
        Duration patience{};
    };

    void answer(
        Ticket ticket, bool is_done, std::string text,
        std::map<std::string, std::string> fields = {}
    );
    void run_own(Ticket ticket, const std::string& command, const Context& context);
    void send_http(Ticket ticket, const playbook::Order& order);
    void run_bash(Ticket ticket, const playbook::Order& order);
    void run_programs();
    void take_answers();

    Ask ask_;
    io::EventLoop& loop_;
    bool allows_bash_ = false;
    std::unique_ptr<courier::Sender> sender_;
    std::map<courier::SendId, Ticket> sent_;
    courier::SendId next_send_ = 1;

    io::WakeUp told_;
    std::mutex mutex_;
    std::condition_variable wanted_;
    std::deque<Program> programs_;
    std::vector<Done> done_;
    bool stopping_ = false;
    std::thread thread_;
};

// A command of ours as a request: "block 10.0.0.7 600", "act isolation birch 600", "undo 3", "ack 5", "evidence", "note TEXT", "close",
// "actions", "defence act". None: there is no such one.
[[nodiscard]] std::optional<boost::json::object> own_command(
    std::string_view command, std::uint64_t incident
);

}  // namespace phantom::daemon
