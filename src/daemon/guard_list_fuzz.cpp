// Whatever stands in the file: no crash, and what was understood says the same again.

#include <cstdlib>

#include "daemon/guard_list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace phantom::daemon;
    const auto entries = parse_guard_list({reinterpret_cast<const char*>(data), size});
    if (!entries) {
        return 0;
    }
    std::string text;
    for (const GuardEntry& entry : *entries) {
        text += entry.executor ? std::string(phantom::remedy::name_of(*entry.executor)) + " " : "";
        const auto* prefix = std::get_if<phantom::wire::Prefix>(&entry.what);
        text +=
            (prefix != nullptr ? prefix->to_string() : std::get<std::string>(entry.what)) + "\n";
    }
    const auto again = parse_guard_list(text);
    if (!again || *again != *entries) {
        std::abort();
    }
    return 0;
}
