#pragma once

// Scores of CVSS 3.0 and 3.1: base (section 7.1), temporal (7.2), environmental (7.3). The two differ in
// the impact of a modified scope that is changed.
//
// Each is always computed by its own formula: what is not defined has the weight 1, or the base metric's
// value. So the environmental score of 3.1 can differ from the base score of a vector that has base metrics
// alone, as the specification has it for a changed scope.

#include "assess/cvss_vector.h"
#include "assess/score.h"

namespace phantom::assess {

struct Cvss3Scores {
    Score base;
    Score temporal;
    Score environmental;

    friend bool operator==(const Cvss3Scores&, const Cvss3Scores&) = default;
};

// `vector` is of 3.0 or 3.1.
[[nodiscard]] Cvss3Scores score_cvss3(const CvssVector& vector);

}  // namespace phantom::assess
