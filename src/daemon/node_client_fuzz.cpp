// What another node answers, to the end of a connection.

#include "base/assert.h"
#include "daemon/node_client.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace phantom;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto answer = daemon::read_node_answer(text)) {
        PM_ASSERT(answer->status >= 100 && answer->status <= 999);
        PM_ASSERT(text.ends_with(answer->body));
    }
    return 0;
}
