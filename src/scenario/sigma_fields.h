#pragma once

// The parts that log lines are made of, as fields of a record.

#include <string_view>

#include "scenario/sigma_record.h"

namespace phantom::scenario {

// key=value, key="some words", key='...'; what is no such pair is passed over.
void add_pairs(std::string_view text, SigmaRecord& record);
// {"a": {"b": 1}} as a.b; members of lists one by one under its name. False: no JSON object.
[[nodiscard]] bool add_json(std::string_view text, SigmaRecord& record);
// `from` also under the name `to`, where it is there.
void rename_field(SigmaRecord& record, std::string_view from, std::string_view to);

// Of a web server's log in the combined format, or the common one. False: it is another line.
[[nodiscard]] bool add_access(std::string_view line, SigmaRecord& record);

}  // namespace phantom::scenario
