#include "base/assert.h"
#include "playbook/dry_run.h"
#include "playbook/reader.h"
#include "playbook/run.h"

// Whatever is read can be run, with any outcome, and comes to an end; saved and loaded it is where it was.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace phantom::playbook;
    const auto playbook = read_playbook({reinterpret_cast<const char*>(data), size});
    if (!playbook) {
        PM_ASSERT(!playbook.error().reason.empty());
        return 0;
    }
    (void)dry_run(*playbook, {});
    Run run(*playbook, {}, {1});
    std::int64_t now_s = 0;
    for (int turn = 0; turn < 3'000 && run.state() == RunState::kRunning; ++turn) {
        const phantom::WallTime now{1 + ++now_s * 1'000'000'000};
        for (const Order& order : run.advance(now)) {
            run.report(
                order.token, {.is_done = order.token % 5 != 0, .text = "1", .fields = {}}, now
            );
        }
        PM_ASSERT(Run::load(*playbook, run.save(), now).has_value());
        now_s += 3'600;  // what waits is over soon
    }
    PM_ASSERT(run.state() != RunState::kRunning);
    return 0;
}
