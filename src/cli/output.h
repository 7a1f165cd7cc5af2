#pragma once

// What every verb says, and where.

#include <string>
#include <string_view>

#include "cli/client.h"

namespace phantom::cli {

// To standard output, at once.
void print(const std::string& text);
void print_json(const boost::json::object& body);
// To standard error, with our name; the exit status.
[[nodiscard]] int fail_with(const Answer& answer);
// What somebody outside may have written, as a terminal and a JSON parser can be shown it: ASCII on one
// line, '?' for the rest.
[[nodiscard]] std::string printable(std::string_view text);

// Between the two nothing is printed: the end has it, and what would have gone to standard error. For `watch`, which shows
// it in one piece. One thread.
void begin_capture();
[[nodiscard]] std::string end_capture();

// The answer, or `sentence` of it for a person; the exit status.
template <class Sentence>
[[nodiscard]] int tell(const Answer& answer, bool as_json, Sentence sentence) {
    if (answer.exit != Exit::kOk) {
        return fail_with(answer);
    }
    if (as_json) {
        print_json(answer.body);
    } else {
        print(sentence(answer.body));
    }
    return 0;
}

}  // namespace phantom::cli
