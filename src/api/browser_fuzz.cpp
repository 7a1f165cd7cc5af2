// Fields that any page can make a browser send: what is found in them was there, and no name is another's.

#include "api/browser.h"
#include "base/assert.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const api::HostNames kNames({"localhost", "*.example.org"});
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::string_view value = api::cookie_in(text, "__Host-a");
    PM_ASSERT(
        value.empty() || text.find("__Host-a=" + std::string(value)) != std::string_view::npos
    );
    PM_ASSERT(value.find(';') == std::string_view::npos);
    const std::string host = api::host_of(text);
    PM_ASSERT(host.find_first_of(" /@?#[]") == std::string::npos);
    if (kNames.knows(text)) {
        PM_ASSERT(!host.empty());
    }
    // With a page of one's own there is nothing that the two could disagree on.
    const bool is_own = api::is_from_own_page({.host = "a", .origin = text, .sec_fetch_site = ""});
    PM_ASSERT(!is_own || text.empty() || text.size() == std::string_view("https://a").size());
    return 0;
}
