// A feed from anybody, in every format: what is taken is within the floors and the limits, and what is not has a
// reason. The first byte chooses the format.

#include "base/assert.h"
#include "intel/reader.h"
#include "intel/snapshot.h"
#include "intel/value.h"

using namespace phantom;

namespace {

constexpr WallTime kFuzzNow{1'795'000'000'000'000'000};

void check_content(const intel::FeedDescription& feed, const intel::FeedContent& content) {
    PM_ASSERT(content.size() > 0);
    PM_ASSERT(content.malformed <= content.refused);
    PM_ASSERT(content.refusals.size() <= intel::kRefusalsKept);
    for (const intel::Fault& each : content.refusals) {
        PM_ASSERT(!each.reason.empty());
    }
    for (const intel::NetworkEntry& each : content.networks) {
        const bool is_v4 = each.network.address.family == wire::Family::kV4;
        const bool is_guard = feed.kind == intel::FeedKind::kGuard;
        const unsigned floor = is_guard ? (is_v4 ? intel::kGuardFloorV4 : intel::kGuardFloorV6)
                                        : (is_v4 ? intel::kFloorV4 : intel::kFloorV6);
        PM_ASSERT(each.network.length >= floor);
    }
    for (const intel::TextEntry& each : content.texts) {
        PM_ASSERT(!each.text.empty());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    // 'a' is plain, and so on; an upper-case letter guards.
    const auto format = static_cast<intel::FeedFormat>((data[0] & 0x1fU) % 7);
    intel::FeedDescription feed{.name = "fuzz", .path = "fuzz", .format = format, .csv = {}};
    feed.kind = (data[0] & 0x20U) != 0 ? intel::usual_kind(format) : intel::FeedKind::kGuard;
    feed.rows_max = 1'000;
    const auto content = intel::read_feed(feed, text, kFuzzNow);
    if (!content) {
        PM_ASSERT(!content.error().reason.empty());
        return 0;
    }
    check_content(feed, *content);
    intel::FeedVersion version{
        .about = feed, .content = *content, .published = kFuzzNow, .problem = {}
    };
    std::vector<intel::Snapshot::Input> inputs;
    inputs.push_back({std::move(version), std::make_shared<std::atomic<std::uint64_t>>(0)});
    SeededRandom random(size);
    const auto snapshot = intel::Snapshot::build(std::move(inputs), {}, random);
    for (const intel::NetworkEntry& each : content->networks) {
        const bool is_guard = feed.kind == intel::FeedKind::kGuard;
        PM_ASSERT(is_guard != snapshot->guard_of(each.network.address).empty());
    }
    return 0;
}
