#pragma once

// A CVSS vector as it is in this mesh: what a vendor's vector leaves open is filled in from what is known here.

#include <cstdint>

#include "assess/cvss_vector.h"
#include "assess/score.h"

namespace phantom::assess {

enum class AssetCriticality : std::uint8_t { kLow, kMedium, kHigh };

struct Environment {
    AssetCriticality criticality = AssetCriticality::kMedium;
    // It is on a list of vulnerabilities that are known to be exploited (CISA's KEV).
    bool known_exploited = false;
    // Reached from the internet too; otherwise by members of the mesh only.
    bool exposed = true;
};

// Sets, where the vector says nothing: CR, IR and AR to the asset's criticality; MAV to A where the attack comes
// over the network and the asset is not exposed (CVSS 3.1, table 1, and 4.0, table 2: "from within a secure or
// otherwise limited administrative domain (e.g. ... secure VPN ...)" is adjacent). And whatever it says: E to the
// worst where the vulnerability is known to be exploited.
[[nodiscard]] CvssVector in_environment(CvssVector vector, const Environment& environment);

// Of a rule that gives no vector, what it says: at least the beginning of "critical" (CVSS 3.1, table 14) where the
// vulnerability that it is about is known to be exploited.
[[nodiscard]] double severity_in(double said, const Environment& environment);

// What risk takes for S: the environmental score of 3.x, the score of 4.0.
[[nodiscard]] Score severity_score(const CvssVector& vector);

}  // namespace phantom::assess
