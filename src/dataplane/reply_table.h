#pragma once

// Which flows went out of late, so that their answers may come in. Shared by the shards, since the way
// back may belong to another one; written once in kReplyRefreshS for a flow, never for each packet.
//
// A fixed table of relaxed atomics. A reader may see one flow's print with another's time: both went
// out, so what it lets in late or keeps out early is one packet of a flow that was there. When a set
// is full the oldest flow gives way; it is written again with its next packet after the refresh.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "dataplane/flow_hash.h"

namespace phantom::dataplane {

inline constexpr std::size_t kReplySets = 16'384;
inline constexpr std::size_t kReplyWays = 4;

class ReplyTable {
  public:
    ReplyTable() : sets_(std::make_unique<std::array<Set, kReplySets>>()) {}

    // `answer` is the flow that may come in from now on; `now_s` is not zero.
    void note(const FlowPrint& answer, std::uint32_t now_s) {
        Set& set = set_of(answer);
        Slot* oldest = &set[0];
        std::uint32_t oldest_s = UINT32_MAX;
        for (Slot& slot : set) {
            const std::uint32_t noted_s = slot.noted_s.load(std::memory_order_relaxed);
            if (slot.print.load(std::memory_order_relaxed) == short_print(answer)) {
                slot.noted_s.store(now_s, std::memory_order_relaxed);
                return;
            }
            if (noted_s < oldest_s) {
                oldest = &slot;
                oldest_s = noted_s;
            }
        }
        oldest->print.store(short_print(answer), std::memory_order_relaxed);
        oldest->noted_s.store(now_s, std::memory_order_relaxed);
    }

    // When its question was last seen to go out, to within kReplyRefreshS; zero: not.
    [[nodiscard]] std::uint32_t noted_s(const FlowPrint& answer) const {
        for (const Slot& slot : set_of(answer)) {
            if (slot.print.load(std::memory_order_relaxed) == short_print(answer)) {
                return slot.noted_s.load(std::memory_order_relaxed);
            }
        }
        return 0;
    }

  private:
    struct Slot {
        std::atomic<std::uint64_t> print{0};
        std::atomic<std::uint32_t> noted_s{0};
    };
    using Set = std::array<Slot, kReplyWays>;
    static_assert(sizeof(Set) == 64, "one cache line");
    static_assert((kReplySets & (kReplySets - 1)) == 0);

    // With the 14 bits of its place, nearly as good as all 128.
    static std::uint64_t short_print(const FlowPrint& flow) { return flow.high * 3 + flow.low; }
    [[nodiscard]] Set& set_of(const FlowPrint& flow) const {
        return (*sets_)[flow.mixed() & (kReplySets - 1)];
    }

    std::unique_ptr<std::array<Set, kReplySets>> sets_;
};

}  // namespace phantom::dataplane
