// An expression from anybody, asked about an event: it has a flaw, an error or a value.

#include "base/assert.h"
#include "scenario/data_files.h"
#include "scenario/event.h"
#include "scenario/expression.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    scenario::DataFiles files;
    PM_ASSERT(files.add("words.txt", "a\nb+\n").has_value());
    const auto expression = scenario::Expression::compile(text, files);
    if (!expression) {
        PM_ASSERT(!expression.error().reason.empty());
        return 0;
    }
    scenario::Value event = scenario::new_event(
        R"({"a":[1,{"b":"c"}]})",
        {.path = "fuzz.log", .module = "file", .type = "syslog", .labels = {}}
    );
    (void)scenario::set_event_text(event, scenario::EventMap::kMeta, "source_ip", "192.0.2.7");
    const scenario::Value queue = boost::json::object{{"Queue", boost::json::array{event, event}}};
    (void)expression->evaluate({.event = &event, .queue = &queue});
    return 0;
}
