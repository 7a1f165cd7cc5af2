#pragma once

// Lines of a log into events for Sigma's rules: which fields a line has is said by its type.

#include <string>
#include <string_view>
#include <vector>

#include "scenario/sigma_record.h"

namespace phantom::scenario {

inline constexpr std::size_t kSigmaJsonDepthMax = 16;

class SigmaLog {
  public:
    struct Options {
        std::string type;  // one of types()
        LogSource source;  // what is said here counts, not what the type says
    };

    // auditd, syslog, journald, nginx, apache, zeek, eve, json, pairs (key=value, as FortiGate writes).
    [[nodiscard]] static const std::vector<std::string_view>& types();

    // `options.type` is one of types().
    explicit SigmaLog(Options options);

    // None where the line is not of its type; several where it is of several kinds at once.
    [[nodiscard]] std::vector<SigmaRecord> read(std::string_view line);

  private:
    using Reader = std::vector<SigmaRecord> (SigmaLog::*)(std::string_view);
    struct Kind {
        std::string_view name;
        Reader read;
    };
    static const std::vector<Kind>& kinds();

    [[nodiscard]] std::vector<SigmaRecord> read_auditd(std::string_view line);
    [[nodiscard]] std::vector<SigmaRecord> read_syslog_line(std::string_view line);
    [[nodiscard]] std::vector<SigmaRecord> read_journal(std::string_view line);
    [[nodiscard]] std::vector<SigmaRecord> read_web(std::string_view line);
    [[nodiscard]] std::vector<SigmaRecord> read_zeek(std::string_view line);
    [[nodiscard]] std::vector<SigmaRecord> read_eve(std::string_view line);
    [[nodiscard]] std::vector<SigmaRecord> read_json(std::string_view line);
    [[nodiscard]] std::vector<SigmaRecord> read_pairs(std::string_view line);
    void add_processes(const SigmaRecord& of, std::vector<SigmaRecord>& records);

    Options options_;
    Reader reader_;
    // auditd tells of one event in several lines: which program it was stands in the first.
    struct Call {
        std::string event;
        std::string program;
        std::string user;
    };
    Call call_;
};

}  // namespace phantom::scenario
