// What is read is written as it was, but for what later versions have behind it.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "metrics/trace.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto parent = phantom::metrics::TraceParent::parse(text)) {
        const std::string written = parent->to_string();
        const auto again = phantom::metrics::TraceParent::parse(written);
        if (!again || *again != *parent || written.substr(2, 51) != text.substr(2, 51)) {
            std::abort();
        }
    }
    return 0;
}
