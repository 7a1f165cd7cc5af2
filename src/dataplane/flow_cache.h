#pragma once

// What was last decided about a flow, in a fixed table of one shard: two places for each flow, the
// newer decision takes the older one's. Nothing is lost when it gives way but time.

#include <array>
#include <cstdint>
#include <memory>

#include "dataplane/flow_hash.h"

namespace phantom::dataplane {

inline constexpr std::size_t kFlowCacheSets = 4'096;
inline constexpr std::size_t kFlowCacheWays = 2;

class FlowCache {
  public:
    struct Entry {
        FlowPrint flow;
        std::uint32_t generation = 0;  // of the policy; 0: empty
        std::uint32_t state = 0;       // whatever the owner keeps there
    };

    FlowCache() : sets_(std::make_unique<std::array<Set, kFlowCacheSets>>()) {}

    // Null: not known, or under another policy.
    [[nodiscard]] Entry* find(const FlowPrint& flow, std::uint32_t generation) {
        for (Entry& entry : set_of(flow)) {
            if (entry.flow == flow && entry.generation == generation) {
                return &entry;
            }
        }
        return nullptr;
    }

    Entry& insert(const FlowPrint& flow, std::uint32_t generation, std::uint32_t state) {
        Set& set = set_of(flow);
        // The flow's own place, else the older one: what comes in stands in front.
        if (set[0].flow != flow) {
            set[1] = set[0];
        }
        set[0] = {flow, generation, state};
        return set[0];
    }

  private:
    using Set = std::array<Entry, kFlowCacheWays>;
    static_assert((kFlowCacheSets & (kFlowCacheSets - 1)) == 0);

    Set& set_of(const FlowPrint& flow) { return (*sets_)[flow.mixed() & (kFlowCacheSets - 1)]; }

    std::unique_ptr<std::array<Set, kFlowCacheSets>> sets_;
};

}  // namespace phantom::dataplane
