#include "detect/buffers.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace phantom::detect {

namespace {

using enum AppProtocol;

constexpr std::size_t kBufferCount = static_cast<std::size_t>(BufferId::kCount);

constexpr std::array<std::string_view, static_cast<std::size_t>(AppProtocol::kCount)>
    kProtocolNames{
        "unknown", "failed", "http", "dns", "tls", "ssh", "sip", "smtp", "ftp", "smb",
    };

constexpr BufferInfo of_packet(std::string_view name) {
    return {name, kUnknown, true, true, Stage::kNothing};
}
constexpr BufferInfo request(std::string_view name, AppProtocol protocol, Stage stage) {
    return {name, protocol, true, false, stage};
}
constexpr BufferInfo response(std::string_view name, AppProtocol protocol, Stage stage) {
    return {name, protocol, false, true, stage};
}
constexpr BufferInfo both(std::string_view name, AppProtocol protocol, Stage stage) {
    return {name, protocol, true, true, stage};
}

// In the order of the enum.
constexpr std::array<BufferInfo, kBufferCount> kBuffers{
    of_packet("payload"),
    of_packet("base64_data"),
    of_packet("tcp.hdr"),
    of_packet("udp.hdr"),
    of_packet("ipv4.hdr"),
    of_packet("ipv6.hdr"),
    of_packet("icmpv4.hdr"),
    of_packet("icmpv6.hdr"),
    of_packet("igmp.hdr"),
    request("http.method", kHttp, Stage::kLine),
    request("http.uri", kHttp, Stage::kLine),
    request("http.uri.raw", kHttp, Stage::kLine),
    request("http.request_line", kHttp, Stage::kLine),
    request("http.request_header", kHttp, Stage::kHeaders),
    request("http.request_body", kHttp, Stage::kBody),
    request("http.host", kHttp, Stage::kHeaders),
    request("http.host.raw", kHttp, Stage::kHeaders),
    request("http.user_agent", kHttp, Stage::kHeaders),
    request("http.referer", kHttp, Stage::kHeaders),
    request("http.accept", kHttp, Stage::kHeaders),
    request("http.accept_enc", kHttp, Stage::kHeaders),
    request("http.accept_lang", kHttp, Stage::kHeaders),
    both("http.header", kHttp, Stage::kHeaders),
    both("http.header.raw", kHttp, Stage::kHeaders),
    both("http.header_names", kHttp, Stage::kHeaders),
    both("http.cookie", kHttp, Stage::kHeaders),
    both("http.connection", kHttp, Stage::kHeaders),
    both("http.content_len", kHttp, Stage::kHeaders),
    both("http.content_type", kHttp, Stage::kHeaders),
    both("http.protocol", kHttp, Stage::kLine),
    both("http.start", kHttp, Stage::kHeaders),
    response("http.stat_code", kHttp, Stage::kLine),
    response("http.stat_msg", kHttp, Stage::kLine),
    response("http.response_line", kHttp, Stage::kLine),
    response("http.response_header", kHttp, Stage::kHeaders),
    response("http.response_body", kHttp, Stage::kBody),
    response("http.server", kHttp, Stage::kHeaders),
    response("http.location", kHttp, Stage::kHeaders),
    both("file.data", kHttp, Stage::kBody),
    both("file.name", kHttp, Stage::kHeaders),
    request("dns.query", kDns, Stage::kComplete),
    both("dns.queries.rrname", kDns, Stage::kComplete),
    both("dns.answers.rrname", kDns, Stage::kComplete),
    both("dns.authorities.rrname", kDns, Stage::kComplete),
    both("dns.additionals.rrname", kDns, Stage::kComplete),
    response("dns.response.rrname", kDns, Stage::kComplete),
    request("tls.sni", kTls, Stage::kHeaders),
    both("tls.alpn", kTls, Stage::kHeaders),
    both("tls.version", kTls, Stage::kHeaders),
    both("tls.certs", kTls, Stage::kBody),
    response("tls.cert_subject", kTls, Stage::kBody),
    response("tls.cert_issuer", kTls, Stage::kBody),
    response("tls.cert_serial", kTls, Stage::kBody),
    response("tls.cert_fingerprint", kTls, Stage::kBody),
    response("tls.subjectaltname", kTls, Stage::kBody),
    request("ja3.hash", kTls, Stage::kHeaders),
    request("ja3.string", kTls, Stage::kHeaders),
    response("ja3s.hash", kTls, Stage::kHeaders),
    response("ja3s.string", kTls, Stage::kHeaders),
    both("ssh.proto", kSsh, Stage::kLine),
    both("ssh.software", kSsh, Stage::kLine),
    request("ssh.hassh", kSsh, Stage::kHeaders),
    request("ssh.hassh.string", kSsh, Stage::kHeaders),
    response("ssh.hassh.server", kSsh, Stage::kHeaders),
    response("ssh.hassh.server.string", kSsh, Stage::kHeaders),
    request("sip.method", kSip, Stage::kLine),
    request("sip.uri", kSip, Stage::kLine),
    request("sip.request_line", kSip, Stage::kLine),
    both("sip.protocol", kSip, Stage::kLine),
    response("sip.stat_code", kSip, Stage::kLine),
    response("sip.stat_msg", kSip, Stage::kLine),
    response("sip.response_line", kSip, Stage::kLine),
    both("sip.from", kSip, Stage::kHeaders),
    both("sip.to", kSip, Stage::kHeaders),
    both("sip.via", kSip, Stage::kHeaders),
    both("sip.user_agent", kSip, Stage::kHeaders),
    both("sip.content_type", kSip, Stage::kHeaders),
    both("sip.content_length", kSip, Stage::kHeaders),
};

struct OtherName {
    std::string_view name;
    BufferId id;
};

constexpr std::array kOlderNames{
    OtherName{"file_data", BufferId::kFileData},
    OtherName{"dns_query", BufferId::kDnsQuery},
    OtherName{"dns.query.name", BufferId::kDnsQueryName},
    OtherName{"http_request_line", BufferId::kHttpRequestLine},
    OtherName{"http_response_line", BufferId::kHttpResponseLine},
    OtherName{"http_header_names", BufferId::kHttpHeaderNames},
    OtherName{"http_accept", BufferId::kHttpAccept},
    OtherName{"http_accept_enc", BufferId::kHttpAcceptEncoding},
    OtherName{"http_accept_lang", BufferId::kHttpAcceptLanguage},
    OtherName{"http_connection", BufferId::kHttpConnection},
    OtherName{"http_content_len", BufferId::kHttpContentLength},
    OtherName{"http_content_type", BufferId::kHttpContentType},
    OtherName{"http_protocol", BufferId::kHttpProtocol},
    OtherName{"http_referer", BufferId::kHttpReferer},
    OtherName{"http_start", BufferId::kHttpStart},
    OtherName{"tls_sni", BufferId::kTlsSni},
    OtherName{"tls_cert_subject", BufferId::kTlsSubject},
    OtherName{"tls_cert_issuer", BufferId::kTlsIssuer},
    OtherName{"tls_cert_serial", BufferId::kTlsSerial},
    OtherName{"tls_cert_fingerprint", BufferId::kTlsFingerprint},
    OtherName{"ja3_hash", BufferId::kJa3Hash},
    OtherName{"ja3_string", BufferId::kJa3String},
    OtherName{"ssh_proto", BufferId::kSshProtocol},
    OtherName{"ssh_software", BufferId::kSshSoftware},
    OtherName{"file.name", BufferId::kFileName},
};

constexpr std::array kModifiers{
    OtherName{"http_method", BufferId::kHttpMethod},
    OtherName{"http_uri", BufferId::kHttpUri},
    OtherName{"http_raw_uri", BufferId::kHttpUriRaw},
    OtherName{"http_header", BufferId::kHttpHeader},
    OtherName{"http_raw_header", BufferId::kHttpHeaderRaw},
    OtherName{"http_cookie", BufferId::kHttpCookie},
    OtherName{"http_client_body", BufferId::kHttpRequestBody},
    OtherName{"http_server_body", BufferId::kHttpResponseBody},
    OtherName{"http_stat_code", BufferId::kHttpStatCode},
    OtherName{"http_stat_msg", BufferId::kHttpStatMessage},
    OtherName{"http_user_agent", BufferId::kHttpUserAgent},
    OtherName{"http_host", BufferId::kHttpHost},
    OtherName{"http_raw_host", BufferId::kHttpHostRaw},
};

template <class Table>
std::optional<BufferId> look_up(const Table& table, std::string_view name) {
    const auto found = std::ranges::find(table, name, &OtherName::name);
    return found == table.end() ? std::nullopt : std::optional(found->id);
}

}  // namespace

std::string_view name_of(AppProtocol protocol) {
    return kProtocolNames[static_cast<std::size_t>(protocol)];
}

std::optional<AppProtocol> app_protocol_named(std::string_view name) {
    if (name == "http1") {
        return kHttp;
    }
    const auto found = std::ranges::find(kProtocolNames, name);
    return found == kProtocolNames.end()
               ? std::nullopt
               : std::optional(static_cast<AppProtocol>(found - kProtocolNames.begin()));
}

const BufferInfo& info(BufferId id) {
    PM_ASSERT(id < BufferId::kCount);
    return kBuffers[static_cast<std::size_t>(id)];
}

std::optional<BufferId> buffer_named(std::string_view name) {
    const auto found = std::ranges::find(kBuffers, name, &BufferInfo::name);
    if (found != kBuffers.end()) {
        return static_cast<BufferId>(found - kBuffers.begin());
    }
    return look_up(kOlderNames, name);
}

std::optional<BufferId> content_modifier(std::string_view name) {
    return look_up(kModifiers, name);
}

}  // namespace phantom::detect
