// What was kept of a feed that is fetched, after a crash or by anybody: it is read or there is a reason, and what was
// read can be sent to a server as headers.

#include <algorithm>

#include "base/assert.h"
#include "intel/fetch.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto state = intel::fetch_state_from({reinterpret_cast<const char*>(data), size});
    if (!state) {
        PM_ASSERT(!state.error().reason.empty());
        return 0;
    }
    PM_ASSERT(intel::is_fetch_url(state->url));
    PM_ASSERT(!intel::origin_of(state->url).empty());
    for (const std::string& header : {state->etag, state->last_modified}) {
        PM_ASSERT(std::ranges::all_of(header, [](char each) { return each >= ' ' && each <= '~'; })
        );
    }
    PM_ASSERT(intel::fetch_state_from(intel::to_record(*state)) == *state);
    return 0;
}
