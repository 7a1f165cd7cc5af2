// Hostile inner packets against feeds that name much: whatever is found has a subject and a reason.

#include <algorithm>

#include "base/assert.h"
#include "respond/listed.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr WallTime kFuzzTime{1'795'000'000'000'000'000};
    static const auto snapshot = [] {
        SeededRandom random(1);
        const intel::FeedDescription about{.name = "fuzz", .path = "fuzz", .csv = {}};
        std::vector<intel::Snapshot::Input> inputs;
        inputs.push_back(
            {choose_version(
                 about,
                 {.current =
                      intel::FeedFile{
                          "64.0.0.0/8\n100.0.0.0/8\n2000::/16\nevil.example\n", kFuzzTime
                      },
                  .last_good = std::nullopt},
                 kFuzzTime
             ),
             std::make_shared<std::atomic<std::uint64_t>>(0)}
        );
        return intel::Snapshot::build(std::move(inputs), {}, random);
    }();
    SeededRandom random(2);
    intel::SnapshotBox box;
    box.publish(snapshot);
    respond::ListedWatch watch(box, random);
    ByteView rest(data, size);
    while (rest.size() > 1) {
        const std::size_t part = std::min<std::size_t>(rest[0] * std::size_t{8}, rest.size() - 1);
        watch.packet(rest.subspan(1, part), kFuzzTime, [](const respond::Finding& finding) {
            PM_ASSERT(!finding.subject.is_none() && !finding.reputation.empty());
            PM_ASSERT(!finding.text.empty() && finding.evidence.llr > 0);
        });
        rest = rest.subspan(1 + part);
    }
    return 0;
}
