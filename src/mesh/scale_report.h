#pragma once

// For the benchmark only: the figures of simulated meshes, as JSON and as a table.
// A figure is added freely; a change of what one means makes phantom.bench.mesh/2.

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "mesh/latency_fixture.h"

namespace phantom::mesh::scale {

inline constexpr double kIdleGoalBytesPerS = 1'500;

// Of one size. Seconds are virtual unless they are CPU seconds.
struct Figures {
    Index nodes = 0;
    double formed_s = 0;                 // all switched on at once: until each has its links
    std::optional<double> all_joined_s;  // all through one member: until each knows each
    double newcomer_known_to_all_s = 0;
    double newcomer_knows_all_s = 0;
    double idle_bytes_per_s = 0;  // sent by each, with the headers around each message
    double links_mean = 0;
    std::size_t links_max = 0;
    double record_to_all_s = 0;
    double revocation_to_all_s = 0;
    double death_found_p50_s = 0;
    double death_found_max_s = 0;
    double death_known_to_all_p50_s = 0;
    double death_known_to_all_max_s = 0;
    std::size_t false_deaths = 0;  // pairs, looked at idle and after real deaths
    double meeting_max_s = 0;      // two who have no link, drawn by lot
    double memory_bytes_per_member = 0;
    double own_state_bytes_per_node = 0;
    double virtual_s = 0;
    double records_cpu_s = 0;  // keys and signatures of all
    double simulation_cpu_s = 0;
    std::uint64_t events = 0;
    std::uint64_t records_looked_at = 0;
    std::vector<std::string> violations;
};

class Report {
  public:
    Report(std::uint64_t seed, std::vector<Figures> sizes)
        : seed_(seed), sizes_(std::move(sizes)) {}

    [[nodiscard]] std::size_t violation_count() const {
        std::size_t count = 0;
        for (const Figures& each : sizes_) {
            count += each.violations.size() + each.false_deaths;
        }
        return count;
    }

    [[nodiscard]] std::string json() const {
        std::string text = fmt::format(
            "{{\n  \"schema\": \"phantom.bench.mesh/1\",\n  \"seed\": {},\n"
            "  \"goals\": {{\"idle_bytes_per_s\": {:.0f}, \"false_deaths\": 0, \"violations\": "
            "0}},\n"
            "  \"idle_goal_met\": {},\n  \"violation_count\": {},\n  \"sizes\": [",
            seed_, kIdleGoalBytesPerS, idle_goal_met(), violation_count()
        );
        for (const Figures& each : sizes_) {
            text += &each == sizes_.data() ? "\n    {" : ",\n    {";
            for (const Row& row : rows()) {
                text += fmt::format("\n      \"{}\": {},", row.key, row.value(each, "null"));
            }
            text += fmt::format("\n      \"violations\": {}\n    }}", quoted(each.violations));
        }
        return text + "\n  ]\n}\n";
    }

    [[nodiscard]] std::string table() const {
        std::string text;
        for (const Row& row : rows()) {
            text += fmt::format("{:<46}", row.title);
            for (const Figures& each : sizes_) {
                text += fmt::format(" {:>12}", row.value(each, "-"));
            }
            text += '\n';
        }
        for (const Figures& each : sizes_) {
            for (const std::string& what : each.violations) {
                text += fmt::format("violated, {} nodes: {}\n", each.nodes, what);
            }
        }
        const char* const outcome = idle_goal_met() ? "met" : "missed";
        return text + fmt::format(
                          "{} violations; goal of {:.0f} idle bytes/s {}\n", violation_count(),
                          kIdleGoalBytesPerS, outcome
                      );
    }

  private:
    struct Row {
        const char* key;
        const char* title;
        std::function<std::string(const Figures&, const char* none)> value;
    };

    template <class Member>
    static Row row(const char* key, const char* title, Member member, int decimals = 0) {
        return {key, title, [member, decimals](const Figures& of, const char* none) {
                    return text_of(of.*member, decimals, none);
                }};
    }
    static std::string text_of(double value, int decimals, const char* /*none*/) {
        return fmt::format("{:.{}f}", value, decimals);
    }
    static std::string text_of(std::optional<double> value, int decimals, const char* none) {
        return value ? text_of(*value, decimals, none) : none;
    }
    template <std::integral Integer>
    static std::string text_of(Integer value, int /*decimals*/, const char* /*none*/) {
        return fmt::format("{}", value);
    }

    static const std::vector<Row>& rows() {
        static const std::vector<Row> all = {
            row("nodes", "nodes", &Figures::nodes),
            row("formed_s", "all switched on, until each has its links (s)", &Figures::formed_s, 1),
            row("all_joined_s", "all join at once, until each knows each (s)",
                &Figures::all_joined_s, 1),
            row("newcomer_known_to_all_s", "one joins, until all know it (s)",
                &Figures::newcomer_known_to_all_s, 1),
            row("newcomer_knows_all_s", "one joins, until it knows all (s)",
                &Figures::newcomer_knows_all_s, 1),
            row("idle_bytes_per_s", "idle, sent by each (bytes/s)", &Figures::idle_bytes_per_s),
            row("links_mean", "links of each, mean", &Figures::links_mean, 1),
            row("links_max", "links of each, most", &Figures::links_max),
            row("record_to_all_s", "a new record known to all (s)", &Figures::record_to_all_s, 1),
            row("revocation_to_all_s", "a revocation known to all (s)",
                &Figures::revocation_to_all_s, 1),
            row("death_found_p50_s", "a death found, median (s)", &Figures::death_found_p50_s, 1),
            row("death_found_max_s", "a death found, longest (s)", &Figures::death_found_max_s, 1),
            row("death_known_to_all_p50_s", "a death known to all, median (s)",
                &Figures::death_known_to_all_p50_s, 1),
            row("death_known_to_all_max_s", "a death known to all, longest (s)",
                &Figures::death_known_to_all_max_s, 1),
            row("false_deaths", "taken for dead and alive", &Figures::false_deaths),
            row("meeting_max_s", "two without a link meet, longest of 20 (s)",
                &Figures::meeting_max_s, 2),
            row("memory_bytes_per_member", "memory for each member (bytes)",
                &Figures::memory_bytes_per_member),
            row("own_state_bytes_per_node", "own state of each node (bytes)",
                &Figures::own_state_bytes_per_node),
            row("virtual_s", "simulated (s)", &Figures::virtual_s, 1),
            row("records_cpu_s", "keys and records (CPU s)", &Figures::records_cpu_s, 1),
            row("simulation_cpu_s", "simulation (CPU s)", &Figures::simulation_cpu_s, 1),
            row("events", "events", &Figures::events),
            row("records_looked_at", "records looked at by the watch", &Figures::records_looked_at),
        };
        return all;
    }

    [[nodiscard]] bool idle_goal_met() const {
        return std::ranges::all_of(sizes_, [](const Figures& each) {
            return each.idle_bytes_per_s <= kIdleGoalBytesPerS;
        });
    }
    // They are our own words: nothing in them needs an escape.
    static std::string quoted(const std::vector<std::string>& words) {
        std::string text;
        for (const std::string& each : words) {
            text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ", each);
        }
        return "[" + text + "]";
    }

    std::uint64_t seed_;
    std::vector<Figures> sizes_;
};

}  // namespace phantom::mesh::scale
