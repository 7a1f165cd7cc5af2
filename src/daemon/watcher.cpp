#include "daemon/watcher.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include <poll.h>
#include <pthread.h>

#include "detect/decoder.h"
#include "io/thread_turns.h"

namespace phantom::daemon {

namespace {

constexpr Duration kTurn = std::chrono::microseconds(100);  // some packets, and it has seen them
constexpr Duration kFirstRulesPatience = std::chrono::seconds(10);
constexpr int kFirstRulesPollMs = 20;
// Also without a wake-up; so a stop is noticed.
constexpr Duration kSleep = std::chrono::milliseconds(500);
constexpr std::size_t kPacketsBetweenShares = 64;

Duration time_on_processor() {
    timespec used{};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace

Watcher::Watcher(
    dataplane::Tunnel& tunnel, const Rules& rules, const intel::SnapshotBox& feeds, Kept kept,
    io::WakeUp& told, Random& random
)
    : tunnel_(tunnel),
      watch_(tunnel.watch()),
      rule_box_(rules.box),
      told_(told),
      kept_(std::move(kept)),
      behaviour_(random),
      listed_(feeds, random),
      rules_before_(rules.before),
      thread_([this] { run(); }) {
    pthread_setname_np(thread_.native_handle(), "watcher");
}

Watcher::~Watcher() {
    tunnel_.unwatch();
    stopping_.store(true);
    watch_.wake->wake_up().signal();
    thread_.join();
}

void Watcher::run() {
    io::ask_for_turns_of(kTurn);
    wait_for_rules();
    while (!stopping_.load(std::memory_order_relaxed)) {
        take_rules();
        if (look()) {
            continue;
        }
        take_share();
        watch_.wake->will_sleep();
        if (!look()) {
            sleep();
        }
        watch_.wake->awake();
    }
}

void Watcher::sleep() {
    const Duration longest =
        has_full_share_ ? kSleep : std::max(Duration(0), share_.end_of_window() - monotonic_now());
    pollfd waits{.fd = watch_.wake->wake_up().fd(), .events = POLLIN, .revents = 0};
    const auto longest_ms = std::chrono::ceil<std::chrono::milliseconds>(longest).count();
    (void)poll(&waits, 1, static_cast<int>(longest_ms));
    if (!has_full_share_) {
        take_share();
    }
}

void Watcher::take_share() {
    packets_since_share_ = 0;
    const bool full = share_.is_full(time_on_processor(), monotonic_now());
    if (full != has_full_share_) {
        has_full_share_ = full;
        io::take_share(full ? io::kFullShare : io::kLeastShare);
    }
}

// What comes before waits in the tap's rings, as far as they hold.
void Watcher::wait_for_rules() {
    const Instant end = monotonic_now() + kFirstRulesPatience;
    while (rule_box_.generation() <= rules_before_ && !stopping_.load(std::memory_order_relaxed) &&
           monotonic_now() < end) {
        (void)poll(nullptr, 0, kFirstRulesPollMs);
    }
}

// Without rules nothing is known of connections either: that costs, and nobody asks.
void Watcher::take_rules() {
    const std::uint64_t generation = rule_box_.generation();
    if (generation == rules_generation_) {
        return;  // one atomic load a packet
    }
    rules_generation_ = generation;
    std::shared_ptr<const detect::RuleSet> rules = rule_box_.current();
    if (rules->entries().empty()) {
        detector_.reset();
    } else if (detector_ != nullptr) {
        detector_->use(*rules);
    } else {
        detector_ = std::make_unique<detect::Detector>(
            *rules,
            detect::Detector::Options{
                // The kernel leaves them to the device; and what is new is looked at when it comes.
                .check_checksums = false,
                .inline_mode = true,
                .tcp = {.midstream = true},
            }
        );
    }
    rules_ = std::move(rules);  // the old ones are freed by who made them
    rule_count_.store(rules_->entries().size(), std::memory_order_relaxed);
    unusable_count_.store(rules_->unusable_count(), std::memory_order_relaxed);
}

bool Watcher::look() {
    bool found = false;
    dataplane::TappedPacket packet;
    for (dataplane::TapRing* ring : watch_.rings) {
        if (ring->front(packet)) {
            found = true;
            take_rules();
            look_at(packet);
            ring->pop();
            if (++packets_since_share_ >= kPacketsBetweenShares) {
                take_share();
            }
        }
    }
    return found;
}

void Watcher::look_at(const dataplane::TappedPacket& packet) {
    const std::uint64_t number = packets_.fetch_add(1, std::memory_order_relaxed) + 1;
    const bool is_in = packet.direction == dataplane::TapDirection::kIn;
    kept_.packets->push(
        is_in ? evidence::PacketDirection::kIn : evidence::PacketDirection::kOut, packet.time,
        packet.bytes
    );
    kept_.flows->packet(packet.bytes, packet.direction, packet.time);
    behaviour_.packet(packet.bytes, packet.time, [this](const behaviour::Sign& sign) {
        report(respond::finding_of(sign, wall_now()));
    });
    listed_.packet(packet.bytes, wall_now(), [this](respond::Finding finding) {
        tell(std::move(finding));
    });
    if (detector_ == nullptr) {
        return;
    }
    detect::Packet frame;
    frame.time_us = static_cast<std::uint64_t>(packet.time.ns / 1'000);
    frame.number = number;
    frame.link_type = detect::kLinkRaw;
    frame.frame = packet.bytes;
    const detect::Detector::Sinks sinks{
        .detection =
            [this](const detect::Detection& seen) {
                respond::Finding finding = respond::finding_of(seen, wall_now());
                listed_.add_exploited(finding, seen.rule);
                report(std::move(finding));
            },
        .file = {},
    };
    detector_->packet(frame, sinks);
}

void Watcher::report(respond::Finding finding) {
    listed_.add_reputation(finding, finding.at);
    tell(std::move(finding));
}

void Watcher::tell(respond::Finding finding) {
    if (queue_.put(std::move(finding))) {
        told_.signal();
    }
}

Watcher::Counters Watcher::counters() const {
    const respond::FindingQueue::Counts counts = queue_.counts();
    Counters counters;
    counters.rules = rule_count_.load(std::memory_order_relaxed);
    counters.rules_unusable = unusable_count_.load(std::memory_order_relaxed);
    counters.packets = packets_.load(std::memory_order_relaxed);
    counters.urgent_findings_dropped = counts.shed[0] + counts.shed[1] + counts.shed[2];
    counters.findings_dropped = counts.shed[3] + counts.shed[4];
    counters.findings =
        counts.taken_in + counters.findings_dropped + counters.urgent_findings_dropped;
    return counters;
}

}  // namespace phantom::daemon
