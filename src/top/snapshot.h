#pragma once

// A node's answers as the rows of a view. Texts are printable ASCII: names and titles may come from outside.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>

namespace phantom::top {

// Of each list: who has more, sees the first ones, and how many there are.
inline constexpr std::size_t kRowsMax = 2'000;

struct Peer {
    std::string name;
    std::string address;
    std::string path;  // direct, tcp, relay, none
    std::string way;   // its endpoint, or the relays between
    std::string id;
    std::string state;
    std::string expires;
    std::string keys_since;
    std::optional<double> rtt_ms;
    double loss = 0;  // 0 to 1
    bool is_post_quantum = false;
    bool is_imported = false;
    std::uint64_t received_bytes = 0;
    std::uint64_t sent_bytes = 0;

    [[nodiscard]] bool is_online() const { return path != "none"; }
};

struct Alert {
    std::uint64_t number = 0;
    std::string priority;  // P1 to P5
    int risk_tenths = 0;
    double confidence = 0;
    std::string state;
    std::string subject;
    std::string object;
    std::string what;
    std::string rule;
    std::string technique;
    std::string last;
    std::string assessment;
    std::uint64_t count = 0;
    std::uint64_t incident = 0;
    std::uint64_t action = 0;

    [[nodiscard]] bool is_open() const { return state == "firing" || state == "new"; }
};

struct Incident {
    std::uint64_t number = 0;
    std::uint64_t priority = 5;
    int risk_tenths = 0;
    std::string state;
    std::string subject;
    std::string title;
    std::string opened;
    std::uint64_t alerts = 0;
    std::uint64_t actions = 0;

    [[nodiscard]] bool is_over() const;
};

struct Action {
    std::uint64_t number = 0;
    std::string state;
    std::string kind;
    std::string target;
    std::string reason;
    std::string until;
    std::string effect;  // of a proposal
    std::uint64_t remaining_s = 0;
    bool wants_confirmation = false;
    bool renews = false;
};

// Something that only a person can do, and by which command.
struct Need {
    std::string what;
    std::string command;
    bool is_urgent = false;
    friend bool operator==(const Need&, const Need&) = default;
};

struct Snapshot {
    std::string name;
    std::string mesh;
    std::string interface;
    std::string defence;  // off, watch, act
    bool is_ready = false;
    bool holds_root = false;
    std::uint64_t packets_seen = 0;
    std::uint64_t packets_unseen = 0;
    std::uint64_t findings = 0;
    std::vector<Peer> peers;
    std::vector<Alert> alerts;        // what is open first, then by risk
    std::vector<Incident> incidents;  // what is not over first, the newest first
    std::vector<Action> actions;
    std::vector<Need> needs;  // the most urgent first
};

// The answers to the verbs that they are called after; an empty one is of a daemon that does not know it.
struct Answers {
    boost::json::object status;
    boost::json::object alerts;
    boost::json::object incidents;
    boost::json::object actions;
    boost::json::object defence;
    boost::json::object playbook_status;
};

[[nodiscard]] Snapshot read_snapshot(const Answers& answers);

}  // namespace phantom::top
