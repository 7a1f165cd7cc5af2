#pragma once

// One input: where its lines come from, what is made of them, and how it does. Thread: the one that reads.

#include <variant>
#include <vector>

#include "intake/analyst.h"
#include "intake/journal.h"
#include "intake/places.h"
#include "intake/syslog_socket.h"
#include "intake/tail.h"

namespace phantom::intake {

// How an input does, for who asks.
struct InputStatus {
    std::string name;
    std::string type;
    std::uint64_t lines = 0;
    std::uint64_t sightings = 0;
    std::uint64_t too_long = 0;
    std::uint64_t bytes_behind = 0;   // of a file
    std::uint64_t bytes_skipped = 0;  // of a file: it was too far behind
    std::uint64_t rotations = 0;
    std::uint64_t truncations = 0;
    std::uint64_t refused = 0;  // connections of syslog
    // How long ago all that was there had been read.
    Duration behind_for{};
    std::string trouble;
};

class Input {
  public:
    Input(
        const InputConfig& config, const Place& place, scenario::Engine& engine,
        scenario::SigmaRules& rules
    );

    // True: there may be more.
    bool read(std::size_t size_max, Analyst::Time now, const Analyst::Sink& sink);

    // To wait on; a file has none.
    [[nodiscard]] std::vector<int> fds() const;
    // "" where it is no file.
    [[nodiscard]] std::string path() const;
    [[nodiscard]] Place place() const;
    [[nodiscard]] InputStatus status(Instant now) const;
    [[nodiscard]] const std::string& name() const { return name_; }

  private:
    using Source = std::variant<Tail, Journal, SyslogSocket>;

    InputConfig config_;
    std::string name_;
    Source source_;
    Analyst analyst_;
};

}  // namespace phantom::intake
