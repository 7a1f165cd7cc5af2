#pragma once

// Looks at inner packets, as the tap copies them, on a thread of its own: behaviour always, signatures where
// there are rules. What it sees waits for the control thread; it never waits itself, and neither does the
// tunnel: what does not fit is dropped and counted on either side.
//
// New rules (rule_service.h) are taken between two packets, with what is known of connections and of unchanged
// rules (detect/inspector.h): each packet meets one whole rule set, the old or the new.
//
// On a busy machine it is asked at once, and has a full share of the processor for a fifth of a core's time; who needs
// more has the least share for the rest (watcher_share.h): then packets come first, and looking at them last.

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "base/random.h"
#include "behaviour/behaviour.h"
#include "daemon/flow_watch.h"
#include "daemon/packet_box.h"
#include "daemon/rule_service.h"
#include "daemon/watcher_share.h"
#include "dataplane/tunnel.h"
#include "detect/detector.h"
#include "io/event_loop.h"
#include "respond/finding_queue.h"
#include "respond/listed.h"

namespace phantom::daemon {

class Watcher {
  public:
    struct Counters {
        std::uint64_t packets = 0;
        std::uint64_t findings = 0;
        std::uint64_t findings_dropped = 0;  // of P4 and P5: there were more than can be judged
        std::uint64_t urgent_findings_dropped = 0;  // of P1 to P3
        std::size_t rules = 0;                      // that packets meet now; 0 while they are read
        std::size_t rules_unusable = 0;
    };

    // Where rules are; those of a generation above `before` are waited for, kFirstRulesPatience at most, and
    // packets wait meanwhile.
    struct Rules {
        const RuleBox& box;
        std::uint64_t before;
    };
    // What is kept of what it sees; others look into it.
    struct Kept {
        std::shared_ptr<PacketBox> packets;
        std::shared_ptr<FlowBox> flows;
    };
    // `told` is woken with each finding, and outlives the watcher, as do the tunnel, the rules and the feeds.
    Watcher(
        dataplane::Tunnel& tunnel, const Rules& rules, const intel::SnapshotBox& feeds, Kept kept,
        io::WakeUp& told, Random& random
    );
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    // All that wait, the most urgent first.
    void take(std::vector<respond::Finding>& findings) { queue_.take(findings); }
    [[nodiscard]] Counters counters() const;

  private:
    void run();
    void sleep();
    void take_share();
    void wait_for_rules();
    void take_rules();
    // True: there was at least one packet.
    bool look();
    void look_at(const dataplane::TappedPacket& packet);
    // A finding of an engine of ours, with what feeds say of its subject.
    void report(respond::Finding finding);
    void tell(respond::Finding finding);

    dataplane::Tunnel& tunnel_;
    dataplane::Tunnel::Watch watch_;
    const RuleBox& rule_box_;
    io::WakeUp& told_;
    Kept kept_;
    behaviour::Behaviour behaviour_;
    respond::ListedWatch listed_;
    std::shared_ptr<const detect::RuleSet> rules_;
    std::uint64_t rules_before_;
    std::uint64_t rules_generation_ = 0;
    std::unique_ptr<detect::Detector> detector_;  // null: no rules
    WatcherShare share_;
    bool has_full_share_ = true;
    std::size_t packets_since_share_ = 0;

    std::atomic<std::uint64_t> packets_{0};
    std::atomic<std::size_t> rule_count_{0};
    std::atomic<std::size_t> unusable_count_{0};
    std::atomic<bool> stopping_{false};
    respond::FindingQueue queue_;
    std::thread thread_;
};

}  // namespace phantom::daemon
