#pragma once

// SQLiteCpp throws; here that becomes a value. Inside this component only.

#include <type_traits>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>

#include "base/result.h"
#include "store/errors.h"

namespace phantom::store {

// What `call` returns, or `error` with SQLite's code.
template <class Call>
auto guarded(StoreError error, Call call) -> Result<std::invoke_result_t<Call>> {
    try {
        if constexpr (std::is_void_v<std::invoke_result_t<Call>>) {
            call();
            return {};
        } else {
            return call();
        }
    } catch (const SQLite::Exception& thrown) {
        return fail(error, static_cast<std::uint32_t>(thrown.getExtendedErrorCode()));
    }
}

}  // namespace phantom::store
