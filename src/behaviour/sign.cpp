#include "behaviour/sign.h"

#include <array>

#include <fmt/format.h>

namespace phantom::behaviour {

namespace {

constexpr double kMebi = 1U << 20U;

std::string explain_anomaly(const Sign& sign, const std::string& normal) {
    const std::string subject = sign.subject.to_string();
    const std::string object = sign.object.to_string();
    switch (sign.kind) {
        case SignKind::kVolume:
            return fmt::format(
                "{} sent {:.0f} MiB in a minute, last to {}; normal {:.1f} MiB", subject,
                sign.value / kMebi, object, sign.normal / kMebi
            );
        case SignKind::kFailures:
            return fmt::format(
                "{} failed {:.0f} times in a minute, last at port {} of {}{}", subject, sign.value,
                sign.port, object, normal
            );
        case SignKind::kSlowScan:
            return fmt::format(
                "{} tried {:.0f} ports and addresses in an hour, all in vain, last port {} of {}",
                subject, sign.value, sign.port, object
            );
        case SignKind::kBeacon:
            return fmt::format(
                "{} calls port {} of {} every {:.1f} s, give or take {:.1f}; {:.0f} times so far, "
                "and not before",
                subject, sign.port, object, sign.value, sign.normal, sign.failed
            );
        case SignKind::kDnsTunnel:
            return fmt::format(
                "{} asked {} for {:.0f} names below one domain in a minute, {:.0f} characters of "
                "{:.1f} bits each",
                subject, object, sign.value, sign.failed, sign.normal
            );
        case SignKind::kExfiltration:
            return fmt::format(
                "{} sent {:.0f} MiB to {} in 10 minutes and got {:.1f} MiB; normal {:.1f} MiB to "
                "one "
                "place",
                subject, sign.value / kMebi, object, sign.failed / kMebi, sign.normal / kMebi
            );
        default:
            return "";
    }
}

}  // namespace

const SignInfo& info_of(SignKind kind) {
    // Severity: what an attacker of this kind is on the way to, from looking to getting in.
    static constexpr std::array<SignInfo, static_cast<std::size_t>(SignKind::kCount)> kInfos{{
        {.name = "port-scan", .technique = "T1046", .severity = 6.0},
        {.name = "host-scan", .technique = "T1018", .severity = 6.0},
        {.name = "brute-force", .technique = "T1110", .severity = 8.0},
        {.name = "fan-out", .technique = "T1046", .severity = 4.0, .is_anomaly = true},
        {.name = "volume", .technique = "T1030", .severity = 3.0, .is_anomaly = true},
        {.name = "failures", .technique = "T1046", .severity = 4.0, .is_anomaly = true},
        {.name = "slow-scan", .technique = "T1046", .severity = 5.0},
        {.name = "beacon", .technique = "T1071", .severity = 4.0, .is_anomaly = true},
        {.name = "dns-tunnel", .technique = "T1071.004", .severity = 7.0},
        {.name = "exfiltration", .technique = "T1048", .severity = 7.0, .is_anomaly = true},
    }};
    return kInfos[static_cast<std::size_t>(kind)];
}

std::string explain(const Sign& sign) {
    const std::string normal = sign.normal < 0 ? "; what is normal is not known yet"
                                               : fmt::format("; normal {:.0f}", sign.normal);
    switch (sign.kind) {
        case SignKind::kPortScan:
            return fmt::format(
                "{} tried {:.0f} ports in 10 s, last of {}, {:.0f} without success{}",
                sign.subject.to_string(), sign.value, sign.object.to_string(), sign.failed, normal
            );
        case SignKind::kHostScan:
            return fmt::format(
                "{} tried {:.0f} addresses in 10 s, {:.0f} attempts without success{}",
                sign.subject.to_string(), sign.value, sign.failed, normal
            );
        case SignKind::kBruteForce:
            return fmt::format(
                "{} made {:.0f} short connections to port {} of {} in a minute",
                sign.subject.to_string(), sign.value, sign.port, sign.object.to_string()
            );
        case SignKind::kFanOut:
            return fmt::format(
                "{} talks to {:.0f} places in 10 s{}", sign.subject.to_string(), sign.value, normal
            );
        default:
            return explain_anomaly(sign, normal);
    }
}

}  // namespace phantom::behaviour
