#include "reach/upnp.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace phantom::reach {

namespace {

constexpr std::string_view kGatewayType = "urn:schemas-upnp-org:device:InternetGatewayDevice:1";
constexpr std::uint16_t kHttpPort = 80;

bool is_plain(std::string_view text) {
    return !text.empty() && text.size() <= kUpnpValueSizeMax &&
           std::ranges::all_of(text, [](char each) {
               return each > ' ' && each < 0x7f && each != '<' && each != '>' && each != '"' &&
                      each != '&';
           });
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const auto first = text.find_first_not_of(kSpace);
    return first == std::string_view::npos
               ? std::string_view{}
               : text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// After a tag's name: it is not the beginning of a longer one.
bool is_tag_end(std::string_view rest) {
    return rest.starts_with('>') || rest.starts_with(' ');
}

// Between <tag> and </tag>, the first of them. Some routers write the data type into the tag.
std::optional<std::string_view> element(std::string_view text, std::string_view tag) {
    const std::string open = fmt::format("<{}", tag);
    const std::string close = fmt::format("</{}>", tag);
    auto from = text.find(open);
    while (from != std::string_view::npos && !is_tag_end(text.substr(from + open.size()))) {
        from = text.find(open, from + open.size());
    }
    const auto end = text.find('>', std::min(from, text.size()));
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view rest = text.substr(end + 1);
    const auto to = rest.find(close);
    return to == std::string_view::npos ? std::nullopt : std::optional(trimmed(rest.substr(0, to)));
}

template <class T>
std::optional<T> whole_number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                    : std::nullopt;
}

bool same_word(std::string_view a, std::string_view b) {
    const auto lower = [](char each) {
        return each >= 'A' && each <= 'Z' ? static_cast<char>(each + ('a' - 'A')) : each;
    };
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::optional<std::string_view> header(std::string_view head, std::string_view name) {
    while (!head.empty()) {
        const std::string_view line = head.substr(0, head.find('\n'));
        head.remove_prefix(std::min(head.size(), line.size() + 1));
        const auto colon = line.find(':');
        if (colon != std::string_view::npos && same_word(line.substr(0, colon), name)) {
            return trimmed(line.substr(colon + 1));
        }
    }
    return std::nullopt;
}

std::string_view after_version(std::string_view response) {
    for (const std::string_view version : {"HTTP/1.1 ", "HTTP/1.0 "}) {
        if (response.starts_with(version)) {
            return response.substr(version.size());
        }
    }
    return {};
}

bool maps_ports(std::string_view type) {
    return type == "urn:schemas-upnp-org:service:WANIPConnection:1" ||
           type == "urn:schemas-upnp-org:service:WANIPConnection:2" ||
           type == "urn:schemas-upnp-org:service:WANPPPConnection:1";
}

std::string soap(const UpnpService& service, std::string_view action, std::string_view arguments) {
    const std::string body = fmt::format(
        "<?xml version=\"1.0\"?>\r\n"
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "
        "s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\">"
        "<s:Body><u:{0} xmlns:u=\"{1}\">{2}</u:{0}></s:Body></s:Envelope>\r\n",
        action, service.type, arguments
    );
    return fmt::format(
        "POST {} HTTP/1.0\r\nHost: {}\r\nContent-Type: text/xml; charset=\"utf-8\"\r\n"
        "SOAPAction: \"{}#{}\"\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
        service.control.path, service.control.host.to_string(), service.type, action, body.size(),
        body
    );
}

}  // namespace

wire::SocketAddress ssdp_group() {
    constexpr std::array<std::uint8_t, 4> kGroup{239, 255, 255, 250};
    return {.address = wire::Address::v4(kGroup.data()), .port = 1900};
}

std::string_view ssdp_search() {
    return "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: "
           "1\r\n"
           "ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n";
}

Result<HttpPlace> parse_http_place(std::string_view url) {
    constexpr std::string_view kScheme = "http://";
    if (!is_plain(url) || !url.starts_with(kScheme)) {
        return fail(ReachError::kMalformed);
    }
    url.remove_prefix(kScheme.size());
    const std::string_view host = url.substr(0, url.find('/'));
    const std::string_view path = url.substr(host.size());
    const auto colon = host.find(':');
    HttpPlace place;
    place.host.address = PM_TRY(wire::Address::parse(host.substr(0, colon)));
    place.host.port = kHttpPort;
    if (colon != std::string_view::npos) {
        place.host.port = whole_number<std::uint16_t>(host.substr(colon + 1)).value_or(0);
    }
    if (place.host.port == 0 || place.host.address.family != wire::Family::kV4) {
        return fail(ReachError::kMalformed);
    }
    place.path = path.empty() ? "/" : std::string(path);
    return place;
}

Result<HttpPlace> parse_ssdp_response(std::string_view datagram) {
    const auto response = PM_TRY(parse_http_response(datagram));
    const auto type = header(datagram, "ST");
    const auto location = header(datagram, "LOCATION");
    if (response.status != 200 || type != kGatewayType || !location) {
        return fail(ReachError::kMalformed);
    }
    return parse_http_place(*location);
}

Result<HttpResponse> parse_http_response(std::string_view response) {
    constexpr std::size_t kStatusDigits = 3;
    const std::string_view rest = after_version(response);
    const auto status = whole_number<unsigned>(rest.substr(0, kStatusDigits));
    const auto head_end = response.find("\r\n\r\n");
    if (!status || head_end == std::string_view::npos || response.size() > kHttpResponseSizeMax) {
        return fail(ReachError::kMalformed);
    }
    return HttpResponse{*status, response.substr(head_end + 4)};
}

Result<UpnpService> find_service(std::string_view description, const wire::SocketAddress& host) {
    constexpr std::string_view kOpen = "<service>";
    constexpr std::string_view kClose = "</service>";
    for (std::size_t count = 0; count < kUpnpServicesMax; ++count) {
        const auto from = description.find(kOpen);
        if (from == std::string_view::npos) {
            break;
        }
        description.remove_prefix(from + kOpen.size());
        const std::string_view service = description.substr(0, description.find(kClose));
        const auto type = element(service, "serviceType");
        const auto control = element(service, "controlURL");
        if (!type || !maps_ports(*type) || !control || !is_plain(*control)) {
            continue;
        }
        if (control->starts_with("http://")) {
            auto place = PM_TRY(parse_http_place(*control));
            if (place.host.address != host.address) {
                return fail(ReachError::kNotOurs);
            }
            return UpnpService{std::string(*type), std::move(place)};
        }
        const bool rooted = control->starts_with('/');
        return UpnpService{
            std::string(*type),
            {host, rooted ? std::string(*control) : fmt::format("/{}", *control)},
        };
    }
    return fail(ReachError::kMalformed);
}

std::string http_get(const HttpPlace& place) {
    return fmt::format(
        "GET {} HTTP/1.0\r\nHost: {}\r\nConnection: close\r\n\r\n", place.path,
        place.host.to_string()
    );
}

std::string add_port_mapping(const UpnpService& service, const UpnpMapping& mapping) {
    return soap(
        service, "AddPortMapping",
        fmt::format(
            "<NewRemoteHost></NewRemoteHost><NewExternalPort>{}</NewExternalPort>"
            "<NewProtocol>UDP</NewProtocol><NewInternalPort>{}</NewInternalPort>"
            "<NewInternalClient>{}</NewInternalClient><NewEnabled>1</NewEnabled>"
            "<NewPortMappingDescription>PhantomMesh</NewPortMappingDescription>"
            "<NewLeaseDuration>{}</NewLeaseDuration>",
            mapping.outer_port, mapping.inner_port, mapping.own.to_string(), mapping.lifetime_s
        )
    );
}

std::string delete_port_mapping(const UpnpService& service, std::uint16_t outer_port) {
    return soap(
        service, "DeletePortMapping",
        fmt::format(
            "<NewRemoteHost></NewRemoteHost><NewExternalPort>{}</NewExternalPort>"
            "<NewProtocol>UDP</NewProtocol>",
            outer_port
        )
    );
}

std::string get_external_address(const UpnpService& service) {
    return soap(service, "GetExternalIPAddress", "");
}

Result<wire::Address> parse_external_address(std::string_view body) {
    const auto text = element(body, "NewExternalIPAddress");
    if (!text) {
        return fail(ReachError::kMalformed);
    }
    return wire::Address::parse(*text);
}

unsigned upnp_error(std::string_view body) {
    const auto text = element(body, "errorCode");
    return text ? whole_number<unsigned>(*text).value_or(0) : 0;
}

}  // namespace phantom::reach
