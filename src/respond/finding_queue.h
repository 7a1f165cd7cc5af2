#pragma once

// Where findings wait for the one who judges them, the most urgent first. Bounded: when more is seen than can
// be judged, what could only be P5 gives way, then P4; what could be P3 or worse gives way to nothing below it.
//
//     if (queue.put(std::move(finding))) { wake_up.signal(); }     // who sees, any thread
//     queue.take(batch);                                          // who judges, one thread

#include <array>
#include <cstdint>
#include <mutex>
#include <vector>

#include "assess/risk.h"
#include "respond/finding.h"

namespace phantom::respond {

// 60 ms of what the pipeline judges in a second (respond_bench.cpp); some 8 MiB where findings are that many.
inline constexpr std::size_t kFindingsMax = 16'384;
inline constexpr std::size_t kPriorityCount = 5;

// The most that this finding can be by itself, with all of the mesh within its subject's reach.
[[nodiscard]] assess::Priority most_urgent(const Finding& finding);

class FindingQueue {
  public:
    struct Counts {
        std::uint64_t taken_in = 0;
        // Of each priority, P1 first: those for which there was no room.
        std::array<std::uint64_t, kPriorityCount> shed{};
    };

    explicit FindingQueue(std::size_t count_max = kFindingsMax) : count_max_(count_max) {}

    // Any thread; waits for nothing but another put() or take(). True: it was empty before, so that whoever
    // judges may sleep.
    [[nodiscard]] bool put(Finding finding);
    // All that waits, the most urgent first, in order of arrival among equals. `batch` is emptied before, and
    // keeps its memory.
    void take(std::vector<Finding>& batch);
    [[nodiscard]] Counts counts() const;

  private:
    // Whether there is room for one of this lane, perhaps by letting go of one that matters less.
    [[nodiscard]] bool make_room_for(std::size_t lane);

    const std::size_t count_max_;
    mutable std::mutex mutex_;
    std::array<std::vector<Finding>, kPriorityCount> lanes_;
    std::size_t count_ = 0;
    Counts counts_;
    // The taker's alone: what the lanes are exchanged for.
    std::array<std::vector<Finding>, kPriorityCount> taken_;
};

}  // namespace phantom::respond
