#include "daemon/watcher.h"

#include <fstream>
#include <iterator>
#include <utility>

#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "detect/decoder.h"

namespace phantom::daemon {

namespace {

constexpr int kLeastShare = 19;  // nice(1)
constexpr std::size_t kRuleTextMax = 256U << 20U;
// In the log, of each start.
constexpr std::size_t kUnusableNamed = 10;
// Also without a wake-up; so a stop is noticed.
constexpr int kSleepMs = 500;

std::string text_of_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file || static_cast<std::size_t>(file.tellg()) > kRuleTextMax) {
        log::error("rules: {} cannot be read", path);
        return "";
    }
    file.seekg(0);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

Watcher::Watcher(
    dataplane::Tunnel& tunnel, std::vector<std::string> rule_files, const intel::SnapshotBox& feeds,
    std::shared_ptr<PacketBox> packets, io::WakeUp& told, Random& random
)
    : tunnel_(tunnel),
      watch_(tunnel.watch()),
      rule_files_(std::move(rule_files)),
      told_(told),
      kept_(std::move(packets)),
      behaviour_(random),
      listed_(feeds, random),
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
    (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kLeastShare);
    read_rules();
    while (!stopping_.load(std::memory_order_relaxed)) {
        if (look()) {
            continue;
        }
        watch_.wake->will_sleep();
        if (!look()) {
            pollfd waits{.fd = watch_.wake->wake_up().fd(), .events = POLLIN, .revents = 0};
            (void)poll(&waits, 1, kSleepMs);
        }
        watch_.wake->awake();
    }
}

void Watcher::read_rules() {
    if (rule_files_.empty()) {
        return;
    }
    // Members attack members: no side of the mesh is the home network alone.
    detect::Variables variables = detect::Variables::defaults();
    variables.set("HOME_NET", "any");
    variables.set("EXTERNAL_NET", "any");
    for (const std::string& path : rule_files_) {
        rules_.add(path, text_of_file(path), variables);
    }
    rules_.finish();
    for (std::size_t at = 0; at < std::min(rules_.unusable().size(), kUnusableNamed); ++at) {
        const detect::UnusableRule& each = rules_.unusable()[at];
        log::warning(
            "rules: {}:{}: {}: {}", each.file, each.line, each.problem.keyword, each.problem.reason
        );
    }
    log::info(
        "rules: {} are in force, {} are not", rules_.entries().size(), rules_.unusable().size()
    );
    detector_ = std::make_unique<detect::Detector>(
        rules_,
        detect::Detector::Options{
            // The kernel leaves them to the device; and what is new is looked at when it comes.
            .check_checksums = false,
            .inline_mode = true,
            .tcp = {.midstream = true},
        }
    );
    const std::scoped_lock lock(mutex_);
    counters_.rules = rules_.entries().size();
    counters_.rules_unusable = rules_.unusable().size();
}

bool Watcher::look() {
    bool found = false;
    dataplane::TappedPacket packet;
    for (dataplane::TapRing* ring : watch_.rings) {
        if (ring->front(packet)) {
            found = true;
            look_at(packet);
            ring->pop();
        }
    }
    return found;
}

void Watcher::look_at(const dataplane::TappedPacket& packet) {
    const std::uint64_t number = packets_.fetch_add(1, std::memory_order_relaxed) + 1;
    const bool is_in = packet.direction == dataplane::TapDirection::kIn;
    kept_->push(
        is_in ? evidence::PacketDirection::kIn : evidence::PacketDirection::kOut, packet.time,
        packet.bytes
    );
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
    const std::scoped_lock lock(mutex_);
    Counters counters = counters_;
    counters.packets = packets_.load(std::memory_order_relaxed);
    counters.urgent_findings_dropped = counts.shed[0] + counts.shed[1] + counts.shed[2];
    counters.findings_dropped = counts.shed[3] + counts.shed[4];
    counters.findings =
        counts.taken_in + counters.findings_dropped + counters.urgent_findings_dropped;
    return counters;
}

}  // namespace phantom::daemon
