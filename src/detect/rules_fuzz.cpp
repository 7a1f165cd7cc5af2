// A rule file from anybody: reading it ends, every line is a rule or has a reason, and the rules that
// came of it can be held against a payload.

#include "base/assert.h"
#include "detect/detector.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    detect::RuleSet rules;
    rules.add("fuzz.rules", text, detect::Variables::defaults());
    for (const detect::UnusableRule& each : rules.unusable()) {
        PM_ASSERT(!each.problem.keyword.empty());
        PM_ASSERT(!each.problem.reason.empty());
    }
    PM_ASSERT(rules.finish());
    for (const detect::RuleSet::Entry& entry : rules.entries()) {
        for (const detect::Section& section : entry.rule.sections) {
            detect::MatchContext context;
            const auto changed = detect::apply(section.transforms, {data, size});
            (void)detect::holds_on(section.matches, changed, context);
        }
    }
    return 0;
}
