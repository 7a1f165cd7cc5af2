// Whatever a terminal sends: no crash, what is pending stays bounded, and the keys are the same however it is cut.

#include <cstdlib>

#include "terminal/keys.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace phantom::terminal;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    KeyReader whole;
    const std::vector<Key> expected = whole.feed(bytes);
    KeyReader cut;
    std::vector<Key> keys;
    for (const char byte : bytes) {
        const auto more = cut.feed({&byte, 1});
        keys.insert(keys.end(), more.begin(), more.end());
    }
    if (keys != expected || keys.size() > size) {
        std::abort();
    }
    (void)cut.settle();
    if (cut.is_pending()) {
        std::abort();
    }
    return 0;
}
