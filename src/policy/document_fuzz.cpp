// A policy's text, from anybody: reading it, compiling it, running its tests and asking it come to an
// end, and what is covered by no grant is covered by none of them.

#include "base/assert.h"
#include "policy/questions.h"

using namespace phantom;

namespace {

wire::Address address(const char* text) {
    return wire::Address::parse(text).value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto document = policy::parse_document(text);
    if (!document) {
        PM_ASSERT(document.error().at.line > 0 && !document.error().text.empty());
        return 0;
    }
    const std::vector<policy::Member> members{
        {"ann", {}, {address("100.64.0.1"), address("fd00::1")}},
        {"birch", {"db"}, {address("100.64.0.2"), address("fd00::2")}},
    };
    (void)policy::run_tests(*document, members);
    const policy::CompiledPolicy compiled(*document, members);
    for (const char* service : {"22", "tcp:5432", "udp:53", "icmp"}) {
        const auto explained = policy::explain(compiled, "ann", "192.168.7.4", service);
        PM_ASSERT(explained.has_value());
        PM_ASSERT(explained->allowed == explained->at.has_value());
    }
    return 0;
}
