// The messages of PCP, NAT-PMP and UPnP, against the layouts of their specifications.

#include <gtest/gtest.h>

#include "reach/nat_pmp.h"
#include "reach/pcp.h"
#include "reach/upnp.h"

namespace phantom::reach {
namespace {

using Octets = std::vector<std::uint8_t>;

wire::Address address(const char* text) {
    return *wire::Address::parse(text);
}

// RFC 6887 figures 3 and 10.
Octets map_response() {
    return {2, 0x81, 0, 0,  0,  0,  0x0e, 0x10, 0, 0,    0,    100,  0,    0,    0,
            0, 0,    0, 0,  0,  0,  0,    0,    0, 1,    2,    3,    4,    5,    6,
            7, 8,    9, 10, 11, 12, 17,   0,    0, 0,    0xca, 0x6c, 0x9c, 0x40, 0,
            0, 0,    0, 0,  0,  0,  0,    0,    0, 0xff, 0xff, 198,  51,   100,  7};
}

TEST(Pcp, writes_a_map_request_as_rfc_6887_has_it) {
    const PcpMapMessage message = encode(PcpMapRequest{
        .own = address("192.168.1.2"),
        .nonce = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
        .inner_port = 51'820,
        .suggested = {.address = address("198.51.100.7"), .port = 40'000},
        .lifetime_s = 3600,
    });
    const Octets expected{2, 1, 0, 0,    0,    0,   0x0e, 0x10, 0, 0,    0,    0,    0,    0,    0,
                          0, 0, 0, 0xff, 0xff, 192, 168,  1,    2, 1,    2,    3,    4,    5,    6,
                          7, 8, 9, 10,   11,   12,  17,   0,    0, 0,    0xca, 0x6c, 0x9c, 0x40, 0,
                          0, 0, 0, 0,    0,    0,   0,    0,    0, 0xff, 0xff, 198,  51,   100,  7};
    EXPECT_EQ(Octets(message.begin(), message.end()), expected);
}

TEST(Pcp, reads_a_map_response) {
    const auto response = parse_pcp_response(map_response());
    ASSERT_TRUE(response);
    EXPECT_TRUE(response->is_map);
    EXPECT_EQ(response->lifetime_s, 3600U);
    EXPECT_EQ(response->epoch_s, 100U);
    EXPECT_EQ(response->inner_port, 51'820);
    EXPECT_EQ(response->outer.to_string(), "198.51.100.7:40000");
}

TEST(Pcp, tells_another_version_from_a_refusal_and_from_nonsense) {
    EXPECT_TRUE(
        parse_pcp_response(Octets{0, 128, 0, 1, 0, 0, 0, 9}).error().is(ReachError::kVersion)
    );
    Octets refused = map_response();
    refused[3] = 2;
    EXPECT_TRUE(parse_pcp_response(refused).error().is(ReachError::kRefused));
    EXPECT_EQ(parse_pcp_response(refused).error().detail(), 2U);
    Octets request = map_response();
    request[1] = 1;
    EXPECT_TRUE(parse_pcp_response(request).error().is(ReachError::kMalformed));
    for (std::size_t size = 0; size < map_response().size(); ++size) {
        Octets cut = map_response();
        cut.resize(size);
        EXPECT_FALSE(parse_pcp_response(cut)) << size;
    }
}

TEST(NatPmp, writes_and_reads_what_rfc_6886_has) {
    const NatPmpMapMessage message =
        encode(NatPmpMapRequest{.inner_port = 1, .suggested_port = 2, .lifetime_s = 7200});
    EXPECT_EQ(
        Octets(message.begin(), message.end()), (Octets{0, 1, 0, 0, 0, 1, 0, 2, 0, 0, 0x1c, 0x20})
    );
    const auto outer = parse_nat_pmp_response(Octets{0, 128, 0, 0, 0, 0, 0, 9, 198, 51, 100, 7});
    ASSERT_TRUE(outer);
    EXPECT_EQ(outer->outer, address("198.51.100.7"));
    const auto mapped =
        parse_nat_pmp_response(Octets{0, 129, 0, 0, 0, 0, 0, 9, 0, 1, 0, 2, 0, 0, 0x1c, 0x20});
    ASSERT_TRUE(mapped);
    EXPECT_EQ(mapped->outer_port, 2);
    EXPECT_EQ(mapped->lifetime_s, 7200U);
    EXPECT_TRUE(
        parse_nat_pmp_response(Octets{0, 129, 0, 2, 0, 0, 0, 9}).error().is(ReachError::kRefused)
    );
    EXPECT_FALSE(parse_nat_pmp_response(Octets{0, 130, 0, 0, 0, 0, 0, 9, 0, 1, 0, 2, 0, 0, 0, 1}));
}

TEST(Upnp, believes_an_address_and_no_name_in_a_url) {
    const auto place = parse_http_place("http://192.168.1.1:5000/root.xml");
    ASSERT_TRUE(place);
    EXPECT_EQ(place->host.to_string(), "192.168.1.1:5000");
    EXPECT_EQ(place->path, "/root.xml");
    EXPECT_EQ(parse_http_place("http://192.168.1.1")->path, "/");
    for (const char* wrong :
         {"https://192.168.1.1/", "http://router/", "http://192.168.1.1:0/",
          "http://192.168.1.1:70000/", "http://192.168.1.1:80:80/", "http://[fe80::1]/", "http://",
          "http://192.168.1.1/a b", "http://192.168.1.1/\r\nX: y"}) {
        EXPECT_FALSE(parse_http_place(wrong)) << wrong;
    }
}

TEST(Upnp, reads_the_answer_to_a_search) {
    const std::string answer =
        "HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n"
        "location:http://192.168.1.1:5000/root.xml\r\n\r\n";
    EXPECT_EQ(parse_ssdp_response(answer)->path, "/root.xml");
    EXPECT_FALSE(parse_ssdp_response("NOTIFY * HTTP/1.1\r\n" + answer.substr(17)));
    EXPECT_FALSE(parse_ssdp_response("HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.1/\r\n\r\n"))
        << "not of a gateway";
}

TEST(Upnp, finds_the_service_that_maps_ports_on_the_gateway_alone) {
    const wire::SocketAddress host{.address = address("192.168.1.1"), .port = 5000};
    const auto described = [](std::string_view control) {
        return "<root><service><serviceType>urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1"
               "</serviceType><controlURL>/no</controlURL></service><service><serviceType>"
               "urn:schemas-upnp-org:service:WANIPConnection:1</serviceType><controlURL>" +
               std::string(control) + "</controlURL></service></root>";
    };
    const auto service = find_service(described("/ctl"), host);
    ASSERT_TRUE(service);
    EXPECT_EQ(service->control, (HttpPlace{host, "/ctl"}));
    EXPECT_EQ(find_service(described("ctl"), host)->control.path, "/ctl");
    EXPECT_EQ(find_service(described("http://192.168.1.1:80/x"), host)->control.host.port, 80);
    EXPECT_FALSE(find_service(described("http://203.0.113.9/x"), host)) << "another host";
    EXPECT_FALSE(find_service(described("/a&amp;b"), host)) << "not plain";
    EXPECT_FALSE(find_service("<service><serviceType>", host));
}

TEST(Upnp, asks_in_soap_and_reads_the_outcome) {
    const UpnpService service{
        "urn:schemas-upnp-org:service:WANIPConnection:1",
        {{.address = address("192.168.1.1"), .port = 5000}, "/ctl"}
    };
    const std::string request = add_port_mapping(
        service,
        {.own = address("192.168.1.2"), .inner_port = 51'820, .outer_port = 40'000, .lifetime_s = 9}
    );
    EXPECT_TRUE(request.starts_with("POST /ctl HTTP/1.0\r\nHost: 192.168.1.1:5000\r\n"));
    EXPECT_NE(
        request.find("SOAPAction: \"urn:schemas-upnp-org:service:WANIPConnection:1#AddPortMapping\""
        ),
        std::string::npos
    );
    EXPECT_NE(request.find("<NewExternalPort>40000<"), std::string::npos);
    const auto body = request.find("\r\n\r\n") + 4;
    EXPECT_NE(
        request.find("Content-Length: " + std::to_string(request.size() - body)), std::string::npos
    );
    EXPECT_EQ(
        parse_external_address("<NewExternalIPAddress> 198.51.100.7 </NewExternalIPAddress>"),
        address("198.51.100.7")
    );
    EXPECT_FALSE(parse_external_address("<NewExternalIPAddress></NewExternalIPAddress>"));
    EXPECT_EQ(
        parse_external_address(
            "<NewExternalIPAddressOld>192.0.2.1</NewExternalIPAddressOld>"
            "<NewExternalIPAddress xmlns:dt=\"urn:schemas-microsoft-com:datatypes\" "
            "dt:dt=\"string\">198.51.100.7</NewExternalIPAddress>"
        ),
        address("198.51.100.7")
    );
    EXPECT_FALSE(parse_external_address("<NewExternalIPAddress"));
    EXPECT_FALSE(parse_external_address("<NewExternalIPAddress dt:dt"));
    EXPECT_EQ(upnp_error("<errorCode>725</errorCode>"), 725U);
    EXPECT_EQ(upnp_error("<errorCode>-1</errorCode>"), 0U);
    EXPECT_FALSE(parse_http_response("HTTP/1.1 200 OK"));
    EXPECT_FALSE(parse_http_response("HTTP/2 200\r\n\r\n"));
}

}  // namespace
}  // namespace phantom::reach
