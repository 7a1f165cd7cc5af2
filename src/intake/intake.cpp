#include "intake/intake.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "intake/rules.h"

namespace phantom::intake {

namespace {

constexpr int kIntakeNice = 19;
// Also without news: a file may have been renamed, a journal may have to be started again.
constexpr int kIntakeSleepMs = 500;
constexpr std::size_t kUnusableTold = 10;

std::vector<std::string> below(const std::string& folder, std::vector<std::string> places) {
    for (std::string& each : places) {
        if (!each.starts_with('/')) {
            each = fmt::format("{}/{}", folder, each);
        }
    }
    return places;
}

void tell_unusable(const char* what, const std::vector<scenario::Unusable>& unusable) {
    for (std::size_t at = 0; at < std::min(unusable.size(), kUnusableTold); ++at) {
        const scenario::Unusable& each = unusable[at];
        log::warning("{}: {}:{}: {}", what, shown(each.file), each.line, shown(each.reason));
    }
}

Analyst::Time time_now() {
    return {.monotonic = monotonic_now(), .wall = wall_now()};
}

}  // namespace

// Which files are watched for news; without inotify they are looked at twice a second all the same.
class Intake::Watches {
  public:
    Watches() : fd_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {}
    [[nodiscard]] int fd() const { return fd_.get(); }

    // Another file may bear the name since.
    void follow(const Input& input) {
        const std::uint64_t inode = input.place().tail.inode;
        Watch& watch = watches_[input.name()];
        if (inode == 0 || watch.inode == inode) {
            return;
        }
        if (watch.number >= 0) {
            (void)inotify_rm_watch(fd_.get(), watch.number);
        }
        watch.inode = inode;
        watch.number = inotify_add_watch(fd_.get(), input.path().c_str(), IN_MODIFY | IN_MOVE_SELF);
    }
    void drain() const {
        std::array<char, 4'096> events{};
        while (read(fd_.get(), events.data(), events.size()) > 0) {
        }
    }

  private:
    struct Watch {
        std::uint64_t inode = 0;
        int number = -1;
    };
    io::Fd fd_;
    std::map<std::string, Watch> watches_;
};

Intake::Intake(Options options, io::WakeUp& told)
    : options_(std::move(options)),
      told_(told),
      engine_({.source = {}, .now = {.ns = wall_now().ns}}),
      watches_(std::make_unique<Watches>()),
      places_(options_.places),
      thread_([this] { run(); }) {
    pthread_setname_np(thread_.native_handle(), "intake");
}

Intake::~Intake() {
    stopping_.store(true);
    stop_.signal();
    thread_.join();
}

void Intake::run() {
    (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kIntakeNice);
    // First, so that nothing that comes by datagram while rules are read is lost.
    for (const InputConfig& each : options_.config.inputs) {
        const auto kept = options_.places.find(each.name());
        inputs_.push_back(std::make_unique<Input>(
            each, kept == options_.places.end() ? Place() : kept->second, engine_, rules_
        ));
    }
    load();
    while (!stopping_.load(std::memory_order_relaxed)) {
        const bool more = read_all();
        publish();
        if (!more) {
            wait();
        }
    }
}

void Intake::load() {
    const GoesOn goes_on = [this] { return !stopping_.load(std::memory_order_relaxed); };
    const auto scenarios = below(options_.folder, options_.config.scenarios);
    const auto sigma = below(options_.folder, options_.config.sigma);
    auto troubles = load_scenarios(scenarios, engine_, goes_on);
    for (std::string& each : load_sigma(sigma, rules_, goes_on)) {
        troubles.push_back(std::move(each));
    }
    for (const std::string& each : troubles) {
        log::error("inputs: {}", shown(each));
    }
    tell_unusable("scenarios", engine_.unusable());
    tell_unusable("sigma", rules_.unusable());
    const std::scoped_lock lock(mutex_);
    troubles_ = std::move(troubles);
    counters_.is_ready = true;
    counters_.parsers = engine_.parser_count();
    counters_.scenarios = engine_.scenario_count();
    counters_.scenarios_unusable = engine_.unusable().size();
    counters_.sigma = rules_.entries().size();
    counters_.sigma_unusable = rules_.unusable().size();
}

bool Intake::read_all() {
    bool more = false;
    for (const auto& input : inputs_) {
        const bool has_more =
            input->read(kSliceSize, time_now(), [this](Sighting seen) { tell(std::move(seen)); });
        more = more || has_more;
        if (!input->path().empty()) {
            watches_->follow(*input);
        }
        if (stopping_.load(std::memory_order_relaxed)) {
            return false;
        }
    }
    return more;
}

void Intake::publish() {
    const Instant now = monotonic_now();
    std::vector<InputStatus> statuses;
    Places places;
    for (const auto& input : inputs_) {
        statuses.push_back(input->status(now));
        places[input->name()] = input->place();
    }
    const std::scoped_lock lock(mutex_);
    statuses_ = std::move(statuses);
    places_ = std::move(places);
}

void Intake::wait() {
    std::vector<pollfd> waits{
        {.fd = stop_.fd(), .events = POLLIN, .revents = 0},
        {.fd = watches_->fd(), .events = POLLIN, .revents = 0},
    };
    for (const auto& input : inputs_) {
        for (const int fd : input->fds()) {
            waits.push_back({.fd = fd, .events = POLLIN, .revents = 0});
        }
    }
    if (!stopping_.load(std::memory_order_relaxed)) {
        (void)poll(waits.data(), waits.size(), kIntakeSleepMs);
    }
    watches_->drain();
}

void Intake::tell(Sighting sighting) {
    {
        const std::scoped_lock lock(mutex_);
        if (sightings_.size() == kSightingsMax) {
            ++counters_.sightings_dropped;
            return;
        }
        sightings_.push_back(std::move(sighting));
    }
    told_.signal();
}

std::vector<Sighting> Intake::take(std::size_t most) {
    const std::scoped_lock lock(mutex_);
    const auto count = static_cast<std::ptrdiff_t>(std::min(most, sightings_.size()));
    const auto end = sightings_.begin() + count;
    std::vector<Sighting> taken(
        std::make_move_iterator(sightings_.begin()), std::make_move_iterator(end)
    );
    sightings_.erase(sightings_.begin(), end);
    return taken;
}

std::vector<InputStatus> Intake::status() const {
    const std::scoped_lock lock(mutex_);
    return statuses_;
}

Intake::Counters Intake::counters() const {
    const std::scoped_lock lock(mutex_);
    Counters counters = counters_;
    counters.sightings_waiting = sightings_.size();
    return counters;
}

Places Intake::places() const {
    const std::scoped_lock lock(mutex_);
    return places_;
}

std::vector<std::string> Intake::troubles() const {
    const std::scoped_lock lock(mutex_);
    return troubles_;
}

}  // namespace phantom::intake
