#include "scenario/functions.h"

#include <algorithm>
#include <array>

namespace phantom::scenario {

const Function* find_function(std::string_view name) {
    for (const auto functions : {text_functions(), structure_functions(), other_functions()}) {
        const auto found = std::ranges::find(functions, name, &Function::name);
        if (found != functions.end()) {
            return &*found;
        }
    }
    return nullptr;
}

}  // namespace phantom::scenario
