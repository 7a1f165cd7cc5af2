#pragma once

// Logs of this machine and of others, read as they are written, by a thread of its own with the least share
// of the processor. What is seen waits for who asks; the thread never waits for anybody, and what does not fit
// is dropped and counted.
//
//     Intake intake({.config = config, .folder = state, .places = kept}, told);
//     ... told was signalled ...
//     for (Sighting& each : intake.take(256)) { ... }   // until none come

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "intake/input.h"
#include "io/event_loop.h"

namespace phantom::intake {

// Sightings that wait.
inline constexpr std::size_t kSightingsMax = 4'096;
// Of one input, before the next has its turn.
inline constexpr std::size_t kSliceSize = 16U << 10U;

class Intake {
  public:
    struct Options {
        IntakeConfig config;
        std::string folder;  // what paths without '/' in front are below
        Places places;
    };
    struct Counters {
        bool is_ready = false;  // all rules are read
        std::size_t parsers = 0;
        std::size_t scenarios = 0;
        std::size_t scenarios_unusable = 0;
        std::size_t sigma = 0;
        std::size_t sigma_unusable = 0;
        std::size_t sightings_waiting = 0;
        std::uint64_t sightings_dropped = 0;  // there was no room to wait
    };

    // `told` is woken with each sighting, and outlives it.
    Intake(Options options, io::WakeUp& told);
    ~Intake();
    Intake(const Intake&) = delete;
    Intake& operator=(const Intake&) = delete;

    // From any thread. Those that wait longest, `most` at most, in order; the rest go on waiting.
    [[nodiscard]] std::vector<Sighting> take(std::size_t most);
    [[nodiscard]] std::vector<InputStatus> status() const;
    [[nodiscard]] Counters counters() const;
    // As of a moment ago: what was read since is read again after a crash.
    [[nodiscard]] Places places() const;
    // Of folders and files of rules that cannot be read.
    [[nodiscard]] std::vector<std::string> troubles() const;

  private:
    class Watches;

    void run();
    void load();
    bool read_all();
    void publish();
    void wait();
    void tell(Sighting sighting);

    Options options_;
    io::WakeUp& told_;
    io::WakeUp stop_;
    std::atomic<bool> stopping_{false};
    // Of the thread.
    scenario::Engine engine_;
    scenario::SigmaRules rules_;
    std::vector<std::unique_ptr<Input>> inputs_;
    std::unique_ptr<Watches> watches_;

    mutable std::mutex mutex_;
    std::deque<Sighting> sightings_;
    std::vector<InputStatus> statuses_;
    Places places_;
    Counters counters_;
    std::vector<std::string> troubles_;
    std::thread thread_;
};

}  // namespace phantom::intake
