#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace phantom::base {

void assertion_failed(const char* expression, const char* file, int line) noexcept {
    std::fprintf(stderr, "phantom: assertion failed: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

}  // namespace phantom::base
