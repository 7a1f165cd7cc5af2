#pragma once

// What rules can look into: the sticky buffers, who fills them, and when they are complete.

#include <cstdint>
#include <optional>
#include <string_view>

#include "detect/packet.h"

namespace phantom::detect {

enum class AppProtocol : std::uint8_t {
    kUnknown,
    kFailed,  // none that is known
    kHttp,
    kDns,
    kTls,
    kSsh,
    kSip,
    kSmtp,
    kFtp,
    kSmb,
    kCount,
};
[[nodiscard]] std::string_view name_of(AppProtocol protocol);
[[nodiscard]] std::optional<AppProtocol> app_protocol_named(std::string_view name);

// How far one direction of a transaction has come.
enum class Stage : std::uint8_t { kNothing, kLine, kHeaders, kBody, kComplete };

enum class BufferId : std::uint8_t {
    kPayload,  // of a packet, or a stream
    kBase64Data,
    kTcpHeader,
    kUdpHeader,
    kIpv4Header,
    kIpv6Header,
    kIcmpv4Header,
    kIcmpv6Header,
    kIgmpHeader,
    kHttpMethod,
    kHttpUri,
    kHttpUriRaw,
    kHttpRequestLine,
    kHttpRequestHeader,
    kHttpRequestBody,
    kHttpHost,
    kHttpHostRaw,
    kHttpUserAgent,
    kHttpReferer,
    kHttpAccept,
    kHttpAcceptEncoding,
    kHttpAcceptLanguage,
    kHttpHeader,
    kHttpHeaderRaw,
    kHttpHeaderNames,
    kHttpCookie,
    kHttpConnection,
    kHttpContentLength,
    kHttpContentType,
    kHttpProtocol,
    kHttpStart,
    kHttpStatCode,
    kHttpStatMessage,
    kHttpResponseLine,
    kHttpResponseHeader,
    kHttpResponseBody,
    kHttpServer,
    kHttpLocation,
    kFileData,
    kFileName,
    kDnsQuery,
    kDnsQueryName,
    kDnsAnswerName,
    kDnsAuthorityName,
    kDnsAdditionalName,
    kDnsResponseName,
    kTlsSni,
    kTlsAlpn,
    kTlsVersion,
    kTlsCertificates,
    kTlsSubject,
    kTlsIssuer,
    kTlsSerial,
    kTlsFingerprint,
    kTlsAlternativeName,
    kJa3Hash,
    kJa3String,
    kJa3ServerHash,
    kJa3ServerString,
    kSshProtocol,
    kSshSoftware,
    kSshHassh,
    kSshHasshString,
    kSshHasshServer,
    kSshHasshServerString,
    kSipMethod,
    kSipUri,
    kSipRequestLine,
    kSipProtocol,
    kSipStatCode,
    kSipStatMessage,
    kSipResponseLine,
    kSipFrom,
    kSipTo,
    kSipVia,
    kSipUserAgent,
    kSipContentType,
    kSipContentLength,
    kCount,
};

struct BufferInfo {
    std::string_view name;
    // kUnknown: of a packet, whatever is in it.
    AppProtocol protocol = AppProtocol::kUnknown;
    bool to_server = false;
    bool to_client = false;
    // When there will be no more of it.
    Stage stage = Stage::kNothing;
};

[[nodiscard]] const BufferInfo& info(BufferId id);
// "http.uri", and the modifiers and keywords of older rules ("http_uri", "uricontent" is none).
[[nodiscard]] std::optional<BufferId> buffer_named(std::string_view name);
// The modifiers that stand behind a content: "content:\"/a\"; http_uri;".
[[nodiscard]] std::optional<BufferId> content_modifier(std::string_view name);

[[nodiscard]] inline bool flows(BufferId id, Direction direction) {
    const BufferInfo& about = info(id);
    return direction == Direction::kToServer ? about.to_server : about.to_client;
}

}  // namespace phantom::detect
