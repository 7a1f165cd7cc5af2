#pragma once

// The score of CVSS 4.0, section 8: by macro vector, and interpolated between macro vectors.
//
// Counted in whole numbers throughout, and rounded once: halves go up, on every machine.

#include <array>
#include <string>

#include "assess/cvss_vector.h"
#include "assess/score.h"

namespace phantom::assess {

// The equivalence classes that a vector falls into, each from 0, the most severe. EQ3 and EQ6 depend on each
// other; of their six pairs 00, 01, 10, 11 and 21 can occur.
struct MacroVector {
    std::array<int, 6> eq{};  // EQ1 to EQ6

    // "000200"
    [[nodiscard]] std::string to_string() const;
    friend bool operator==(const MacroVector&, const MacroVector&) = default;
};

// `vector` is of 4.0 for all of these.
[[nodiscard]] MacroVector macro_vector_of(const CvssVector& vector);
[[nodiscard]] Score score_cvss4(const CvssVector& vector);
// Section 1.3: CVSS-B, CVSS-BT, CVSS-BE or CVSS-BTE, by the groups of metrics that are defined.
[[nodiscard]] std::string nomenclature_of(const CvssVector& vector);

// What the table gives the macro vector, in tenths.
[[nodiscard]] Score score_of(const MacroVector& macro);

}  // namespace phantom::assess
