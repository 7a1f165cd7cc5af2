// What a mesh of N costs each node, how fast it hears, and whether what must hold does: whole meshes of
// the protocol's code under a virtual clock (scale_fixture.h), so times are the protocol's and not this
// machine's. One run a size; exit status 1 when something that must hold did not:
//     ./dev bench mesh --json
//     ./dev bench mesh --nodes 10,1000 --seed 7

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <string_view>

#include "mesh/scale_fixture.h"
#include "mesh/scale_report.h"
#include "mesh/scale_watch.h"

namespace phantom::mesh::scale {
namespace {

constexpr Index kNodesMin = 10;
constexpr Index kNodesMax = 65'000;
constexpr Duration kSettling = 60s;
constexpr Duration kIdle = 60s;
constexpr Duration kPatience = 120s;
constexpr std::size_t kVictims = 10;
constexpr int kPairs = 20;
constexpr Duration kMeetingPatience = 30s;
// All of them through one member: each hears of each, which is as many records as pairs.
constexpr Index kJoinAllMax = 100;
// Nodes whose whole directory is looked at, each virtual second and at the end.
constexpr Index kLookedAt = 4;
constexpr Index kLookedAtLast = 200;
// The cast. Not the same, not hidden.
constexpr Index kAdmitter = 0;
constexpr Index kTeller = 4;
constexpr Index kRevoked = 9;

double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}
double cpu_seconds() {
    timespec spent{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
}
std::size_t allocated() {
    return mallinfo2().uordblks + mallinfo2().hblkhd;
}

class Trial {
  public:
    Trial(std::uint64_t seed, Index count) : seed_(seed), count_(count) {}

    Figures run() {
        figures_.nodes = count_;
        double begun = cpu_seconds();
        Cast& all = cast(count_);
        figures_.records_cpu_s = cpu_seconds() - begun;
        figures_.memory_bytes_per_member = static_cast<double>(all.held_bytes) / count_;
        begun = cpu_seconds();
        if (count_ <= kJoinAllMax) {
            join_all();
        }
        const std::size_t before = allocated();
        World world(seed_, count_);
        Watch watch(world);
        world_ = &world;
        watch_ = &watch;
        form();
        figures_.own_state_bytes_per_node = static_cast<double>(allocated() - before) / count_;
        idle();
        join_one();
        tell_news();
        meet();
        die();
        watch.look(std::min(world.count(), kLookedAtLast));
        figures_.simulation_cpu_s = cpu_seconds() - begun;
        figures_.events = world.events_seen();
        figures_.virtual_s = seconds(world.now() - Instant{});
        figures_.records_looked_at = watch.records_seen();
        figures_.violations.insert(
            figures_.violations.end(), watch.broken().begin(), watch.broken().end()
        );
        return std::move(figures_);
    }

  private:
    template <class Predicate>
    double reach(std::string_view what, Predicate done, Duration step = 100ms) {
        const Instant begin = world_->now();
        while (!done()) {
            if (world_->now() - begin >= kPatience) {
                figures_.violations.emplace_back(std::string(what) + ": not within 120 s");
                break;
            }
            pass(step);
        }
        return seconds(world_->now() - begin);
    }
    // Some nodes are looked at each virtual second.
    void pass(Duration time) {
        for (Duration left = time; left > Duration(0);) {
            const Duration step = std::min(left, Duration(looked_ + Duration(1s) - world_->now()));
            world_->run_for(step);
            left -= step;
            if (world_->now() - looked_ >= 1s) {
                looked_ = world_->now();
                watch_->look(kLookedAt);
            }
        }
    }
    template <class Predicate>
    [[nodiscard]] bool all(Predicate holds) {
        for (Index index = 0; index < world_->count(); ++index) {
            if (world_->host(index).up && index != revoked_ && !holds(index)) {
                return false;
            }
        }
        return true;
    }

    // Everybody has just been admitted by one of them.
    void join_all() {
        World world(seed_, count_);
        world.join_all(kAdmitter);
        const auto& tree = world.shared().directory.tree();
        const auto knows_all = [&](Index index) {
            return world.node(index).directory().tree().hash(Prefix{}) == tree.hash(Prefix{});
        };
        const Duration taken =
            world.run_until([&] { return world.count_if(knows_all) == count_; }, kPatience);
        figures_.all_joined_s = seconds(taken);
        if (taken >= kPatience) {
            figures_.violations.emplace_back("not all who joined at once know each other");
        }
    }

    // All machines are switched on at one moment, knowing each other: until each has its links.
    void form() {
        looked_ = world_->now();
        const Instant begin = world_->now();
        const auto has_links = [&](Index index) {
            const Node& node = world_->node(index);
            const auto wanted = node.wanted_links(world_->now());
            return !wanted.empty() && std::ranges::all_of(wanted, [&](const auto& other) {
                return node.is_linked(other, world_->now());
            });
        };
        figures_.formed_s = reach("links are made", [&] { return all(has_links); });
        pass(std::max(Duration(0), Duration(kSettling) - (world_->now() - begin)));
    }

    void idle() {
        const std::uint64_t before = world_->bytes_sent();
        pass(kIdle);
        for (Index index = 0; index < count_; ++index) {
            const std::size_t linked = world_->node(index).link_count(world_->now());
            figures_.links_mean += static_cast<double>(linked) / count_;
            figures_.links_max = std::max(figures_.links_max, linked);
        }
        figures_.idle_bytes_per_s =
            static_cast<double>(world_->bytes_sent() - before) / seconds(kIdle) / count_;
        figures_.false_deaths += world_->false_deaths();
    }

    void join_one() {
        const auto hash_of = [&](Index index) {
            return world_->node(index).directory().tree().hash(Prefix{});
        };
        const Index newcomer = world_->join(kAdmitter);
        watch_->expect_newcomer();
        const std::uint64_t complete = hash_of(kAdmitter);
        const identity::NodeId id = world_->id_of(newcomer);
        figures_.newcomer_known_to_all_s = reach("the newcomer is known to all", [&] {
            return all([&](Index index) {
                return world_->node(index).directory().find(id) != nullptr;
            });
        });
        figures_.newcomer_knows_all_s =
            figures_.newcomer_known_to_all_s +
            reach("the newcomer knows all", [&] { return hash_of(newcomer) == complete; });
    }

    void tell_news() {
        Node& teller = world_->node(kTeller);
        world_->act(kTeller, [&](Actions& out) {
            const Status said = teller.set_endpoints(
                {public_place(kTeller), private_place(kTeller)}, world_->wall(kTeller), out
            );
            PM_ASSERT(said.has_value());
        });
        const std::uint64_t sequence = teller.self().descriptor.sequence;
        const auto& told = world_->id_of(kTeller).bytes;
        figures_.record_to_all_s = reach("a new record is known to all", [&] {
            return all([&](Index index) {
                const Holding* held = world_->node(index).directory().tree().find(told);
                return held != nullptr && held->sequence == sequence;
            });
        });

        const auto revocation = world_->shared().root.revocation(world_->id_of(kRevoked));
        world_->act(kAdmitter, [&](Actions& out) {
            Node& admitter = world_->node(kAdmitter);
            PM_ASSERT(admitter.revoke(revocation, world_->wall(kAdmitter), out).has_value());
        });
        revoked_ = kRevoked;
        figures_.revocation_to_all_s = reach("a revocation is known to all", [&] {
            return all([&](Index index) {
                return world_->node(index).directory().revocations().contains(revocation.node);
            });
        });
        world_->crash(kRevoked);  // what it believes from now on is not looked at
    }

    // Every pair is connected when the graph is: drawn by lot, called on demand.
    void meet() {
        for (int pair = 0; pair < kPairs; ++pair) {
            const Index from = world_->draw();
            const Index to = world_->draw();
            if (from == to || from == kRevoked || to == kRevoked) {
                continue;
            }
            world_->use(from, to);
            const Duration taken = world_->run_until(
                [&] { return world_->connected(from, to); }, kMeetingPatience, 50ms
            );
            figures_.meeting_max_s = std::max(figures_.meeting_max_s, seconds(taken));
            if (taken >= kMeetingPatience) {
                figures_.violations.push_back(fmt::format("{} and {} do not meet", from, to));
            }
        }
    }

    // From the crash until somebody has found it, and until everybody who lives knows.
    void die() {
        std::vector<Index> victims;
        while (victims.size() < std::min<std::size_t>(kVictims, count_ / 10)) {
            const Index victim = world_->draw();
            if (victim != kAdmitter && world_->host(victim).up) {
                world_->crash(victim);
                victims.push_back(victim);
            }
        }
        const Instant begin = world_->now();
        std::vector<double> first(victims.size());
        std::vector<double> known(victims.size());
        const auto look = [&](std::size_t at) {
            const identity::NodeId& id = world_->id_of(victims[at]);
            const auto knows = [&](Index index) {
                return world_->node(index).state_of(id).state == MemberState::kDead;
            };
            if (first[at] == 0 && !all([&](Index index) { return !knows(index); })) {
                first[at] = seconds(world_->now() - begin);
            }
            if (known[at] == 0 && first[at] > 0 && all(knows)) {
                known[at] = seconds(world_->now() - begin);
            }
        };
        (void)reach(
            "deaths are known to all",
            [&] {
                for (std::size_t at = 0; at < victims.size(); ++at) {
                    look(at);
                }
                return std::ranges::find(known, 0.0) == known.end();
            },
            200ms
        );
        figures_.false_deaths += world_->false_deaths();
        std::ranges::sort(first);
        std::ranges::sort(known);
        figures_.death_found_p50_s = first[first.size() / 2];
        figures_.death_found_max_s = first.back();
        figures_.death_known_to_all_p50_s = known[known.size() / 2];
        figures_.death_known_to_all_max_s = known.back();
    }

    std::uint64_t seed_;
    Index count_;
    Figures figures_;
    World* world_ = nullptr;
    Watch* watch_ = nullptr;
    Instant looked_;
    Index revoked_ = UINT32_MAX;
};

// ---- The command --------------------------------------------------------------------------------

struct Options {
    std::vector<Index> nodes{10, 100, 1'000, 10'000};
    std::uint64_t seed = 1;
    bool json = false;
};

template <class Number>
bool read(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

bool read_nodes(std::string_view text, std::vector<Index>& nodes) {
    nodes.clear();
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        Index count = 0;
        if (!read(text.substr(0, comma), count) || count < kNodesMin || count > kNodesMax) {
            return false;
        }
        nodes.push_back(count);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return !nodes.empty();
}

bool read_options(int argc, char** argv, Options& options) {
    for (int at = 1; at < argc; ++at) {
        const std::string_view argument = argv[at];
        const std::string_view value = at + 1 < argc ? argv[at + 1] : "";
        if (argument == "--json") {
            options.json = true;
        } else if (argument == "--nodes" && read_nodes(value, options.nodes)) {
            ++at;
        } else if (argument == "--seed" && read(value, options.seed)) {
            ++at;
        } else {
            std::fprintf(
                stderr,
                "'%s' is wrong.\nusage: ./dev bench mesh [--json] [--nodes N,N...] [--seed N]\n"
                "  N nodes, 10 to 65000 (usually 10,100,1000,10000)\n",
                argv[at]
            );
            return false;
        }
    }
    return true;
}

int run(const Options& options) {
    std::vector<Figures> sizes;
    for (const Index count : options.nodes) {
        sizes.push_back(Trial(options.seed, count).run());
        const Figures& made = sizes.back();
        std::fprintf(
            stderr, "mesh: %u nodes, %.1f CPU seconds, %zu violations\n", count,
            made.records_cpu_s + made.simulation_cpu_s, made.violations.size()
        );
    }
    const Report report{options.seed, std::move(sizes)};
    std::fputs((options.json ? report.json() : report.table()).c_str(), stdout);
    return report.violation_count() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace phantom::mesh::scale

int main(int argc, char** argv) {
    phantom::mesh::scale::Options options;
    return phantom::mesh::scale::read_options(argc, argv, options)
               ? phantom::mesh::scale::run(options)
               : 2;
}
