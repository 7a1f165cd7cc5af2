#pragma once

// Which logs are read, and what they are held against: inputs.yml.
//
//     scenarios: [hub]            # folders and files with CrowdSec's parsers and scenarios
//     sigma: [sigma]              # folders and files with Sigma's rules
//     inputs:
//       - file: /var/log/auth.log
//         type: syslog
//       - journal: ssh.service    # or "all"
//       - syslog: udp://127.0.0.1:5514
//       - file: /var/log/suricata/eve.json
//         type: eve
//
// Source of the words: CrowdSec's acquisition files, where they have them.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenario/flaw.h"
#include "scenario/sigma_record.h"

namespace phantom::intake {

inline constexpr std::size_t kConfigSizeMax = 256U << 10U;
inline constexpr std::size_t kInputsMax = 64;
inline constexpr std::size_t kPlacesMax = 64;
inline constexpr std::size_t kLabelsMax = 16;

struct InputConfig {
    enum class Kind : std::uint8_t { kFile, kJournal, kSyslog };

    Kind kind = Kind::kFile;
    std::string from;  // a path, a unit, an address
    std::string type;  // "syslog", "eve" ...
    std::vector<std::pair<std::string, std::string>> labels;
    scenario::LogSource source;  // what Sigma's rules are to take it for; empty: by its type
    bool from_start = false;     // of a file that was never read

    // "file:/var/log/auth.log": by this name it is listed, and its place kept.
    [[nodiscard]] std::string name() const;
};

struct IntakeConfig {
    std::vector<std::string> scenarios;
    std::vector<std::string> sigma;
    std::vector<InputConfig> inputs;
};

// A flaw has the line it stands on.
[[nodiscard]] scenario::OrFlaw<IntakeConfig> parse_config(std::string_view text);

}  // namespace phantom::intake
