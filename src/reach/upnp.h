#pragma once

// What a UPnP Internet gateway is asked and answers: its search by SSDP, its description, and three
// actions of its WANIPConnection service. Texts are taken apart with a few fixed searches, not as the
// XML that they may be: what is not written plainly is not understood.
//
// Sources: UPnP Device Architecture 1.0 sections 1.2 and 3, WANIPConnection:1.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reach/errors.h"
#include "wire/address.h"

namespace phantom::reach {

inline constexpr std::size_t kHttpResponseSizeMax = std::size_t{32} << 10U;
inline constexpr std::size_t kUpnpValueSizeMax = 256;
inline constexpr std::size_t kUpnpServicesMax = 32;

// 239.255.255.250:1900
[[nodiscard]] wire::SocketAddress ssdp_group();
[[nodiscard]] std::string_view ssdp_search();

// http://A.B.C.D:PORT/PATH, no names: nobody is asked to translate one.
struct HttpPlace {
    wire::SocketAddress host;
    std::string path;
    friend bool operator==(const HttpPlace&, const HttpPlace&) = default;
};
[[nodiscard]] Result<HttpPlace> parse_http_place(std::string_view url);

// Where the gateway that answered a search describes itself.
[[nodiscard]] Result<HttpPlace> parse_ssdp_response(std::string_view datagram);

struct HttpResponse {
    unsigned status = 0;
    std::string_view body;
};
[[nodiscard]] Result<HttpResponse> parse_http_response(std::string_view response);

// The service that maps ports, on the host that described it.
struct UpnpService {
    std::string type;
    HttpPlace control;
};
[[nodiscard]] Result<UpnpService> find_service(
    std::string_view description, const wire::SocketAddress& host
);

struct UpnpMapping {
    wire::Address own;
    std::uint16_t inner_port = 0;
    std::uint16_t outer_port = 0;
    std::uint32_t lifetime_s = 0;  // 0: until it is deleted
};
// Whole HTTP requests.
[[nodiscard]] std::string http_get(const HttpPlace& place);
[[nodiscard]] std::string add_port_mapping(const UpnpService& service, const UpnpMapping& mapping);
[[nodiscard]] std::string delete_port_mapping(const UpnpService& service, std::uint16_t outer_port);
[[nodiscard]] std::string get_external_address(const UpnpService& service);

[[nodiscard]] Result<wire::Address> parse_external_address(std::string_view body);
// The UPnP error in a fault; 0: there is none.
[[nodiscard]] unsigned upnp_error(std::string_view body);

}  // namespace phantom::reach
