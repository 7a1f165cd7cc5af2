// The file that names a node's feeds: it is read, or the first thing that is wrong has a line and a column.

#include "base/assert.h"
#include "intel/description.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto feeds = intel::read_descriptions({reinterpret_cast<const char*>(data), size});
    if (!feeds) {
        PM_ASSERT(!feeds.error().text.empty());
        return 0;
    }
    PM_ASSERT(feeds->size() <= intel::kFeedsMax);
    for (const intel::FeedDescription& feed : *feeds) {
        PM_ASSERT(!feed.name.empty() && feed.path.empty() != feed.url.empty());
        PM_ASSERT(feed.confidence >= 0 && feed.confidence <= 1);
        PM_ASSERT(feed.half_life.count() > 0 && feed.rows_max > 0);
    }
    return 0;
}
