#pragma once

// Why a file, a pattern or an expression cannot be used, in words for the person who loads it.

#include <cstddef>
#include <expected>
#include <string>
#include <utility>

namespace phantom::scenario {

struct Flaw {
    std::string reason;
    std::size_t line = 0;  // of the file, from 1; 0 where only the caller knows it
};

template <class T>
using OrFlaw = std::expected<T, Flaw>;

[[nodiscard]] inline std::unexpected<Flaw> flawed(std::string reason, std::size_t line = 0) {
    return std::unexpected(Flaw{.reason = std::move(reason), .line = line});
}

// What knows no line of its own gets the one it stands on.
template <class T>
[[nodiscard]] OrFlaw<T> at_line(OrFlaw<T>&& result, std::size_t line) {
    if (!result && result.error().line == 0) {
        result.error().line = line;
    }
    return std::move(result);
}

}  // namespace phantom::scenario

// Returns the flaw to our caller.
#define PM_TRY_FLAW(expression)                                     \
    __extension__({                                                 \
        auto&& pm_try_flaw = (expression);                          \
        if (!pm_try_flaw.has_value()) {                             \
            return std::unexpected(std::move(pm_try_flaw).error()); \
        }                                                           \
        ::phantom::scenario::unwrap(std::move(pm_try_flaw));        \
    })

namespace phantom::scenario {

template <class T>
T unwrap(OrFlaw<T>&& result) {
    return std::move(*result);
}
inline void unwrap(OrFlaw<void>&& /*result*/) {}

}  // namespace phantom::scenario
