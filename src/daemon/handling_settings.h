#pragma once

// `handling.json` in the state directory, written by the owner: which files are hashed as evidence, which playbooks
// run by themselves, and what is done without asking (action_settings.h). JSON, with comments and trailing commas
// where they help. Absent: the daemon's program alone, none, and as respond::ResponsePolicy is made.
//
//     {"evidence_files": ["/etc/passwd"], "bash": false,
//      "triggers": [{"playbook": "contain", "priority": 2, "technique": "T1046"}],
//      "actions": {"firewall": {"approve": "above 8"}}}

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/mesh_state.h"
#include "incident/incident.h"
#include "respond/measures.h"

namespace phantom::daemon {

inline constexpr const char* kHandlingFile = "handling.json";
inline constexpr std::size_t kHandlingFileMax = 64U << 10U;
inline constexpr std::size_t kEvidenceFilesMax = 64;
inline constexpr std::size_t kTriggersMax = 64;

struct Trigger {
    std::string playbook;
    int priority = 5;       // this urgent, or more: 1 to 5
    std::string technique;  // empty: any; T1110 is its sub-techniques, too
    [[nodiscard]] bool wants(int incident_priority, const std::set<std::string>& techniques) const;
};

struct HandlingSettings {
    std::vector<std::string> evidence_files;
    bool allows_bash = false;
    std::vector<Trigger> triggers;
    respond::ResponsePolicy response;

    // Playbooks that an open incident asks for and has not had; in the order of the triggers.
    [[nodiscard]] static std::vector<std::string> due(
        const std::vector<Trigger>& triggers, const incident::Incident& incident
    );

    // A sentence with the file, line and column of what is wrong.
    [[nodiscard]] static OrSentence<HandlingSettings> parse(std::string_view text);
};

}  // namespace phantom::daemon
