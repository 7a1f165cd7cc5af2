#pragma once

// Behaviour: lines of a log in, what scenarios have to say out. Parsers and scenarios are read as CrowdSec's
// hub has them. No I/O and no clock but the lines' own; one thread.
//
//     scenario::Engine engine({.source = {.path = "auth.log", .type = "syslog"}, .year = 2026});
//     engine.add("parsers/s00-raw/syslog-logs.yaml", text);
//     for (const scenario::Overflow& each : engine.line(line)) { ... }

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/bucket_store.h"
#include "scenario/data_files.h"
#include "scenario/overflow.h"
#include "scenario/parser_node.h"

namespace phantom::scenario {

inline constexpr std::size_t kParsersMax = 2'000;
inline constexpr std::size_t kScenariosMax = 5'000;

// A parser or scenario that is not in force, and why.
struct Unusable {
    std::string file;
    std::size_t line = 0;
    std::string name;  // "" where the file could not be read so far
    std::string reason;
};

struct EngineOptions {
    Source source;
    int year = kYearMin;  // of lines that do not say it
    Moment now;           // of lines that have no time at all, until one has
};

class Engine {
  public:
    explicit Engine(EngineOptions options);

    // Before the files that name it.
    void add_data(const std::string& name, std::string_view text);
    // The stage of a parser stands in its path; s01-parse where it does not.
    void add(const std::string& file, std::string_view text);

    [[nodiscard]] std::vector<Overflow> line(std::string_view text) {
        return line(text, options_.source);
    }
    // From another place than the options say.
    [[nodiscard]] std::vector<Overflow> line(std::string_view text, const Source& source);
    // For who reads lines as they are written: the year, and the time of lines that have none.
    void set_clock(Moment now);
    [[nodiscard]] std::vector<Overflow> end();
    // What is known of the newest line (see event.h); null where it did not come through all stages.
    [[nodiscard]] const Value& newest() const { return event_; }

    struct Counts {
        std::uint64_t lines = 0;
        std::uint64_t parsed = 0;        // came through all stages
        std::uint64_t whitelisted = 0;   // of those
        std::uint64_t without_time = 0;  // of those; only triggers see them
        std::uint64_t too_long = 0;
        std::uint64_t given_up = 0;  // searches that reached a limit
        std::uint64_t let_go = 0;    // buckets for which there was no room
    };
    [[nodiscard]] Counts counts() const;
    [[nodiscard]] const std::vector<Unusable>& unusable() const { return unusable_; }
    [[nodiscard]] std::size_t parser_count() const;
    [[nodiscard]] std::size_t scenario_count() const { return buckets_.scenario_count(); }

  private:
    void add_document(const std::string& file, const Yaml& yaml);
    void refuse(const std::string& file, const Yaml& yaml, const Flaw& flaw);
    [[nodiscard]] bool parse(Value& event, bool& is_whitelisted);
    [[nodiscard]] std::vector<Overflow> with_what_follows(std::vector<Overflow> all);

    EngineOptions options_;
    DataFiles files_;
    std::array<std::vector<ParserNode>, kStageCount> stages_;
    ParserContext context_;
    BucketStore buckets_;
    std::vector<Unusable> unusable_;
    Counts counts_;
    Value event_;
};

}  // namespace phantom::scenario
