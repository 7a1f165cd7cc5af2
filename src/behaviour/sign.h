#pragma once

// That somebody behaves like an attacker, and why it looks so.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "wire/address.h"

namespace phantom::behaviour {

enum class SignKind : std::uint8_t {
    kPortScan,      // many ports of few addresses, most of which do not answer
    kHostScan,      // many addresses, likewise
    kBruteForce,    // many short connections to a place where one logs in
    kFanOut,        // far more places than this source usually talks to
    kVolume,        // far more bytes sent in a minute than usual
    kFailures,      // far more attempts in vain in a minute than usual
    kSlowScan,      // many places in an hour, in vain
    kBeacon,        // a place is called as by a clock
    kDnsTunnel,     // names that carry data
    kExfiltration,  // far more sent to one place than usual, and little came back
    kCount,
};

struct Sign {
    SignKind kind = SignKind::kPortScan;
    wire::Address subject;  // who does it
    wire::Address object;   // to whom; none: to many
    std::uint16_t port = 0;
    // What was counted: attempts, bytes, names; of a beacon the interval in seconds.
    double value = 0;
    // Of this subject, in a window of the same length; negative: not known yet. Of a beacon how much the
    // interval varies, of a tunnel the bits for each character.
    double normal = 0;
    // Of `value`, in vain. Of a beacon the calls, of a tunnel the mean size of a name, of an exfiltration the
    // bytes that came back.
    double failed = 0;
    Instant since;  // the first attempt that counted
    Instant at;
    // ln(P(this | attack) / P(this | none)): by rule of thumb until verdicts say better (docs/detection.md).
    double llr = 0;
};

struct SignInfo {
    std::string_view name;       // "port-scan"
    std::string_view technique;  // ATT&CK
    double severity = 0;         // 0 to 10, as a CVSS score would be
    bool is_anomaly = false;     // nothing but unusual
};
[[nodiscard]] const SignInfo& info_of(SignKind kind);
// "100.64.0.7 tried 214 ports and addresses in 10 s, 190 without an answer; normal 3"
[[nodiscard]] std::string explain(const Sign& sign);

}  // namespace phantom::behaviour
