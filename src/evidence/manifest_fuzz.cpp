#include "base/assert.h"
#include "evidence/manifest.h"

// What is read is what would be written, to the byte; and no text makes the check fail but by saying so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto read = phantom::evidence::read_manifest(text)) {
        PM_ASSERT(text.starts_with(read->json));
        (void)phantom::evidence::problem_of(*read);
    }
    return 0;
}
