#pragma once

// The functions that expressions may call.

#include <span>
#include <string_view>

#include "base/result.h"
#include "scenario/stash.h"
#include "scenario/value.h"

namespace phantom::scenario {

struct DataFile;

// What a call may see and change beside its arguments.
struct CallScope {
    Value* event = nullptr;  // may be null: nothing to unmarshal into
    Stash* stash = nullptr;
    std::int64_t now_ns = 0;
    const DataFile* file = nullptr;
    // Values that are replaced go here: what has been read of them must stay.
    std::vector<Value>* replaced = nullptr;
};

using Arguments = std::span<const Value* const>;

struct Function {
    std::string_view name;
    std::size_t arguments_min;
    std::size_t arguments_max;
    Result<Value> (*call)(CallScope& scope, Arguments arguments);
    // The argument that names a data file; none where negative.
    int file_argument = -1;
    bool file_has_patterns = false;
};

// Null where there is none of that name.
[[nodiscard]] const Function* find_function(std::string_view name);

// By subject; text_functions.cpp and its kin.
[[nodiscard]] std::span<const Function> text_functions();
[[nodiscard]] std::span<const Function> structure_functions();
[[nodiscard]] std::span<const Function> other_functions();

}  // namespace phantom::scenario
