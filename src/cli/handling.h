#pragma once

// phantom audit, backup, restore, evidence, playbook, and what is said of incidents.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/client.h"

namespace phantom::cli {

struct HandlingArguments {
    // audit
    std::uint32_t since_s = 0;
    std::uint64_t count = 100;
    bool verify = false;
    std::string file;  // also of backup, restore and playbook check
    // incidents, evidence
    std::uint64_t number = 0;
    std::uint64_t into = 0;
    std::vector<std::uint64_t> alerts;
    std::string text;
    std::string what;  // to verify: an incident or a folder
    std::string mesh;  // that is trusted
    // playbooks
    std::string name;
    std::vector<std::string> variables;
    bool dry_run = false;
    bool failed = false;
    std::uint64_t run = 0;
    std::uint64_t step = 0;
};

[[nodiscard]] int show_audit(const Places& places, const HandlingArguments& given, bool as_json);
[[nodiscard]] int back_up(const Places& places, const HandlingArguments& given, bool as_json);
[[nodiscard]] int restore(const Places& places, const HandlingArguments& given, bool as_json);

[[nodiscard]] int merge_incidents(
    const Places& places, const HandlingArguments& given, bool as_json
);
[[nodiscard]] int split_incident(
    const Places& places, const HandlingArguments& given, bool as_json
);
[[nodiscard]] int reopen_incident(
    const Places& places, const HandlingArguments& given, bool as_json
);
[[nodiscard]] int note_incident(const Places& places, const HandlingArguments& given, bool as_json);

[[nodiscard]] int show_evidence(const Places& places, const HandlingArguments& given, bool as_json);
[[nodiscard]] int collect_evidence(
    const Places& places, const HandlingArguments& given, bool as_json
);
[[nodiscard]] int verify_evidence(
    const Places& places, const HandlingArguments& given, bool as_json
);

[[nodiscard]] int list_playbooks(const Places& places, bool as_json);
[[nodiscard]] int check_playbook(const HandlingArguments& given, bool as_json);
[[nodiscard]] int run_playbook(const Places& places, const HandlingArguments& given, bool as_json);
[[nodiscard]] int show_runs(const Places& places, const HandlingArguments& given, bool as_json);
[[nodiscard]] int end_step(const Places& places, const HandlingArguments& given, bool as_json);
[[nodiscard]] int stop_run(const Places& places, const HandlingArguments& given, bool as_json);

}  // namespace phantom::cli
