#pragma once

// Why a rule cannot be used, in words for the person who loads it.

#include <expected>
#include <string>

namespace phantom::detect {

template <class T>
using OrReason = std::expected<T, std::string>;

}  // namespace phantom::detect

// Returns the reason to our caller.
#define PM_TRY_REASON(expression)                            \
    __extension__({                                          \
        auto&& pm_try_reason = (expression);                 \
        if (!pm_try_reason.has_value()) {                    \
            return std::unexpected(pm_try_reason.error());   \
        }                                                    \
        ::phantom::detect::unwrap(std::move(pm_try_reason)); \
    })

namespace phantom::detect {

template <class T>
T unwrap(OrReason<T>&& result) {
    return std::move(*result);
}
inline void unwrap(OrReason<void>&& /*result*/) {}

}  // namespace phantom::detect
