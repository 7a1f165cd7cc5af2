#pragma once

// What browsers send with a request beside what it asks for: cookies, the Host that they believe to talk to, and where the
// page comes from that sends it. Pure; hostile text.

#include <string>
#include <string_view>
#include <vector>

namespace phantom::api {

inline constexpr std::size_t kHostNamesMax = 64;

// The value of a cookie (RFC 6265 section 4.2); empty: there is none. Of two of one name the first, as servers have it.
[[nodiscard]] std::string_view cookie_in(std::string_view field, std::string_view name);

// "NODE.mesh:8443" -> "node.mesh"; empty where it is no host.
[[nodiscard]] std::string host_of(std::string_view field);

// Names under which a node is called. An address is one always: what is asked at an address was not led there by a name
// that somebody else can point elsewhere (DNS rebinding).
class HostNames {
  public:
    HostNames() = default;
    // In lower case; "*.example.org" is each name with one more label.
    explicit HostNames(std::vector<std::string> names) : names_(std::move(names)) {}
    [[nodiscard]] bool knows(std::string_view host_field) const;

  private:
    std::vector<std::string> names_;
};

// What a browser says of where a request comes from. Fields that are empty were not sent.
struct Provenance {
    std::string_view host;
    std::string_view origin;          // RFC 6454 section 7
    std::string_view sec_fetch_site;  // W3C Fetch Metadata
};
// False: a page of somebody else's sends it.
[[nodiscard]] bool is_from_own_page(const Provenance& from);

}  // namespace phantom::api
