// A file from anybody: reading it ends, and every document is in force or has a reason. What is in force
// is then asked about a line.

#include "base/assert.h"
#include "scenario/scenario.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    scenario::Engine engine(
        {.source = {.path = "fuzz.log", .module = "file", .type = "syslog", .labels = {}},
         .year = 2026,
         .now = {.ns = 1'700'000'000'000'000'000}}
    );
    engine.add("parsers/s01-parse/fuzz.yaml", text);
    for (const scenario::Unusable& each : engine.unusable()) {
        PM_ASSERT(!each.reason.empty());
    }
    for (const char* line :
         {"Feb 12 14:10:21 host sshd[7]: Invalid user x from 192.0.2.7", "{\"a\":1}"}) {
        for (const scenario::Overflow& each : engine.line(line)) {
            PM_ASSERT(!each.sources.empty());
            PM_ASSERT(each.to_json().ends_with('\n'));
        }
    }
    (void)engine.end();
    return 0;
}
