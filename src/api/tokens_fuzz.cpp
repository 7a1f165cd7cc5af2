// The file of API tokens, as it may be after somebody's editor or disk.

#include <string_view>

#include "api/token.h"
#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto book = phantom::api::TokenBook::read(text); book && !text.empty()) {
        // What was understood is written, and is understood the same way again.
        const auto again = phantom::api::TokenBook::read(book->write());
        PM_ASSERT(again.has_value() && again->write() == book->write());
    }
    (void)phantom::api::hash_of_token(text);
    return 0;
}
