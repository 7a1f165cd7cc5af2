#include "detect/app_parser.h"

#include <algorithm>

#include "detect/byte_reader.h"
#include "detect/dns_parser.h"
#include "detect/http_message.h"
#include "detect/http_parser.h"
#include "detect/sip_parser.h"
#include "detect/ssh_parser.h"
#include "detect/text.h"
#include "detect/tls_parser.h"

namespace phantom::detect {

namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr std::uint16_t kMulticastDnsPort = 5353;
// Fewer than these, and a longer name may still follow.
constexpr std::size_t kEnoughToTell = 16;

bool begins_http(std::string_view text, Direction direction) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    if (direction == Direction::kToClient) {
        return text.starts_with("HTTP/");
    }
    return is_http_method(text.substr(0, text.find_first_of(" \t\r\n")));
}

bool begins_smtp(std::string_view text, Direction direction) {
    return direction == Direction::kToServer
               ? text.starts_with("EHLO ") || text.starts_with("HELO ")
               : text.starts_with("220 ") && text.find("SMTP") != std::string_view::npos;
}

bool begins_ftp(std::string_view text, Direction direction) {
    return direction == Direction::kToServer
               ? text.starts_with("USER ") || text.starts_with("FEAT")
               : text.starts_with("220") && text.find("FTP") != std::string_view::npos;
}

// [MS-SMB2] section 2.2.1: behind the four bytes of the transport.
bool begins_smb(std::string_view text) {
    return text.size() >= 8 && (text.substr(4, 4) == "\xffSMB" || text.substr(4, 4) == "\xfeSMB");
}

AppProtocol recognise_datagram(const FirstBytes& first) {
    const bool dns_port = first.server_port == kDnsPort || first.server_port == kMulticastDnsPort;
    if (dns_port && looks_like_dns(first.bytes)) {
        return AppProtocol::kDns;
    }
    return looks_like_sip(first.bytes) ? AppProtocol::kSip : AppProtocol::kFailed;
}

}  // namespace

AppProtocol recognise(const FirstBytes& first) {
    if (first.over_udp) {
        return recognise_datagram(first);
    }
    const std::string_view text = as_text(first.bytes);
    if (begins_http(text, first.direction)) {
        return AppProtocol::kHttp;
    }
    if (looks_like_tls(first.bytes)) {
        return AppProtocol::kTls;
    }
    if (text.starts_with("SSH-")) {
        return AppProtocol::kSsh;
    }
    if (begins_smb(text)) {
        return AppProtocol::kSmb;
    }
    if (begins_smtp(text, first.direction)) {
        return AppProtocol::kSmtp;
    }
    if (begins_ftp(text, first.direction)) {
        return AppProtocol::kFtp;
    }
    if (first.server_port == kDnsPort && first.bytes.size() > 2 &&
        looks_like_dns(first.bytes.subspan(2))) {
        return AppProtocol::kDns;
    }
    return first.bytes.size() < kEnoughToTell ? AppProtocol::kUnknown : AppProtocol::kFailed;
}

std::unique_ptr<AppParser> make_parser(AppProtocol protocol, bool over_udp) {
    switch (protocol) {
        case AppProtocol::kHttp:
            return std::make_unique<HttpParser>();
        case AppProtocol::kDns:
            return std::make_unique<DnsParser>(over_udp);
        case AppProtocol::kTls:
            return std::make_unique<TlsParser>();
        case AppProtocol::kSsh:
            return std::make_unique<SshParser>();
        case AppProtocol::kSip:
            return std::make_unique<SipParser>();
        default:
            return nullptr;  // recognised, and looked at as bytes
    }
}

}  // namespace phantom::detect
