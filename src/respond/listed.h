#pragma once

// Who is named by a feed, or asks for somebody who is: inner packets in, findings out. Addresses are looked up once
// for a flow (again with new feeds), names with each packet that asks for one. Evidence, not verdicts: the pipeline
// acts on nobody for this alone.
//
// Owner and thread: the watcher's. Asking allocates nothing; a finding does.

#include <functional>
#include <memory>

#include "base/random.h"
#include "intel/snapshot_box.h"
#include "policy/flow.h"
#include "respond/finding.h"

namespace phantom::respond {

// Flows that were looked up. Two that share a place forget each other, and are looked up anew.
inline constexpr std::size_t kListedFlowPlaces = 8'192;
// Of who is listed, and of who asks for him.
inline constexpr double kListedSeverity = 5;
inline constexpr double kContactSeverity = 4;

class ListedWatch {
  public:
    using Sink = std::function<void(Finding)>;

    // Draws the key of its hashes. `feeds` outlives it.
    ListedWatch(const intel::SnapshotBox& feeds, Random& random)
        : reader_(feeds),
          key_(random),
          flows_(std::make_unique<std::uint64_t[]>(kListedFlowPlaces)) {}

    void packet(ByteView packet, WallTime now, const Sink& sink);
    // What feeds say of the subject of a finding that is somebody else's.
    void add_reputation(Finding& finding, WallTime now);
    // A rule that names a vulnerability which is known to be exploited finds something worse.
    void add_exploited(Finding& finding, const detect::Rule& rule);

  private:
    [[nodiscard]] bool is_new(const policy::Flow& flow);
    void look_up(
        const policy::Flow& flow, const intel::Snapshot& feeds, WallTime now, const Sink& sink
    ) const;

    intel::SnapshotReader reader_;
    intel::HashKey key_;
    std::unique_ptr<std::uint64_t[]> flows_;
};

}  // namespace phantom::respond
