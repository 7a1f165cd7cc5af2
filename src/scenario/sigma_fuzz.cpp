// A rule from anybody, then a line with nothing but '%', then lines from anybody else, read as each type.

#include "scenario/sigma.h"
#include "scenario/sigma_log.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    constexpr std::string_view kMark = "\n%\n";
    const std::size_t end = std::min(text.find(kMark), text.size());
    scenario::SigmaRules rules;
    rules.add("fuzz", text.substr(0, end));
    std::string_view lines = text.substr(std::min(end + kMark.size(), text.size()));
    for (const std::string_view type : scenario::SigmaLog::types()) {
        scenario::SigmaLog log({.type = std::string(type), .source = {}});
        std::string_view rest = lines;
        while (!rest.empty()) {
            const std::size_t newline = std::min(rest.find('\n'), rest.size());
            for (const scenario::SigmaRecord& record : log.read(rest.substr(0, newline))) {
                for (const auto* held : rules.held_against(record)) {
                    (void)scenario::sigma_json(*held, record);
                }
            }
            rest.remove_prefix(std::min(newline + 1, rest.size()));
        }
    }
    return 0;
}
