#pragma once

// What went wrong, as RFC 9457 has it: application/problem+json with a type that is a path of this API, where it is
// explained. Pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "api/message.h"
#include "api/shape.h"

namespace phantom::api {

inline constexpr const char* kProblemType = "application/problem+json";
inline constexpr const char* kProblemsPath = "/api/v1/problems/";

struct ProblemKind {
    std::string_view code;
    unsigned status = 500;
    const char* title = "";
    const char* advice = "";
};

// Those that there are: each status of an answer that is not well is one of these.
[[nodiscard]] const std::vector<ProblemKind>& problem_kinds();
[[nodiscard]] const ProblemKind* find_problem(std::string_view code);

struct Problem {
    std::string_view code;  // of problem_kinds()
    std::string detail;
    std::vector<Fault> faults;
    // Where in a text: 1 is the first; 0: nowhere.
    std::int64_t line = 0;
    std::int64_t column = 0;
};

[[nodiscard]] boost::json::object body_of(const Problem& problem);
[[nodiscard]] Response response_of(const Problem& problem);

// The "error" of an answer on the control socket; none where it is well.
[[nodiscard]] std::optional<Problem> problem_in(const boost::json::object& answer);

}  // namespace phantom::api
