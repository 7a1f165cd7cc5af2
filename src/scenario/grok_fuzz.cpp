// A pattern from anybody, then a newline, then a line from anybody else: both are read to the end.

#include "scenario/grok.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t end = std::min(text.find('\n'), text.size());
    const scenario::GrokLibrary library;
    const auto grok = scenario::Grok::compile(text.substr(0, end), library);
    if (grok) {
        scenario::Grok::Fields fields;
        (void)grok->parse(text.substr(std::min(end + 1, text.size())), fields);
    }
    return 0;
}
