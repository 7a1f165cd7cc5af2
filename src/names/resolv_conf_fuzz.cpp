// Whatever the text, what is written from it asks one server, and keeps the same lines when it is
// read again.

#include "base/assert.h"
#include "names/resolv_conf.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const names::ResolvConf before = names::parse_resolv_conf(text);
    const wire::Address server = *wire::Address::parse("100.64.0.1");
    const auto after = names::parse_resolv_conf(names::resolv_conf_asking(server, before));
    PM_ASSERT(after.servers.size() == 1);
    PM_ASSERT(after.servers.front().address == server);
    PM_ASSERT(after.kept == before.kept);
    return 0;
}
