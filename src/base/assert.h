#pragma once

// PM_ASSERT: what can only be false through our own mistake. On in every build; one fact each.

namespace phantom::base {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;
}  // namespace phantom::base

#define PM_ASSERT(condition)                                                   \
    do {                                                                       \
        if (!(condition)) [[unlikely]] {                                       \
            ::phantom::base::assertion_failed(#condition, __FILE__, __LINE__); \
        }                                                                      \
    } while (false)
