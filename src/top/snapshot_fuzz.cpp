// Whatever a daemon answers, and whatever is pressed then: a frame of the size that was asked for, and no crash.

#include <cstdlib>

#include "terminal/keys.h"
#include "top/view.h"

namespace {

boost::json::object part_of(const boost::json::object& all, const char* key) {
    const auto* value = all.if_contains(key);
    return value != nullptr && value->is_object() ? value->get_object() : boost::json::object();
}

}  // namespace

// The first line: keys. The rest: {"status": {...}, "alerts": {...}, ...}.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace phantom;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t line = input.find('\n');
    if (line == std::string_view::npos) {
        return 0;
    }
    boost::system::error_code bad;
    const boost::json::value parsed = boost::json::parse(input.substr(line + 1), bad);
    if (bad || !parsed.is_object()) {
        return 0;
    }
    const auto& all = parsed.get_object();
    top::Model model;
    const auto take = [&](std::int64_t second) {
        top::take(
            model,
            top::read_snapshot({
                .status = part_of(all, "status"),
                .alerts = part_of(all, "alerts"),
                .incidents = part_of(all, "incidents"),
                .actions = part_of(all, "actions"),
                .defence = part_of(all, "defence"),
                .playbook_status = part_of(all, "playbook_status"),
            }),
            Instant{second * 1'000'000'000}
        );
    };
    take(1);
    terminal::KeyReader reader;
    for (const terminal::Key& key : reader.feed(input.substr(0, line))) {
        (void)top::press(model, key, 5);
    }
    take(2);
    for (const terminal::Size each : {terminal::Size{80, 24}, {20, 8}, {1, 1}, {132, 50}}) {
        const auto canvas =
            top::render(model, {.size = each, .now = Instant{3'000'000'000}, .clock = "12:00:00"});
        if (canvas.size() != each) {
            std::abort();
        }
    }
    return 0;
}
