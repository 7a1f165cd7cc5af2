#pragma once

// One input's lines, held against everything there is: scenarios, Sigma's rules, what another sensor says in
// them. No I/O; `now` is an argument; one thread.

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string_view>

#include "base/clock.h"
#include "intake/config.h"
#include "intake/damper.h"
#include "intake/sighting.h"
#include "scenario/sigma_log.h"

namespace phantom::intake {

class Analyst {
  public:
    using Sink = std::function<void(Sighting)>;
    struct Time {
        Instant monotonic;
        WallTime wall;
    };

    // Both are shared by all inputs, so that one bucket sees what comes by several ways; they outlive it.
    Analyst(InputConfig input, scenario::Engine& engine, scenario::SigmaRules& rules);

    void line(std::string_view line, Time now, const Sink& sink);

    [[nodiscard]] std::uint64_t lines() const { return lines_; }
    [[nodiscard]] std::uint64_t sightings() const { return sightings_; }

  private:
    void hold_against_scenarios(std::string_view line, Time now, const Sink& sink);
    void hold_against_sigma(std::string_view line, Time now, const Sink& sink);
    void tell(Sighting sighting, Time now, const Sink& sink);

    InputConfig input_;
    scenario::Source source_;
    scenario::Engine& engine_;
    scenario::SigmaRules& rules_;
    std::optional<scenario::SigmaLog> log_;  // none: Sigma's rules do not know such lines
    Damper damper_;
    std::uint64_t lines_ = 0;
    std::uint64_t sightings_ = 0;
};

// A line of the journal, or one that came by syslog, as files of syslog have it: "TIME HOST PROGRAM[PID]: TEXT".
[[nodiscard]] std::optional<std::string> line_of_journal(std::string_view record);
[[nodiscard]] std::string line_of_syslog(std::string_view message, WallTime now);

}  // namespace phantom::intake
