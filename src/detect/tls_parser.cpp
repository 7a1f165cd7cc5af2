#include "detect/tls_parser.h"

#include <fmt/format.h>

#include "detect/byte_reader.h"
#include "detect/certificate_names.h"
#include "detect/digest.h"
#include "detect/tls_hello.h"

namespace phantom::detect {

namespace {

constexpr std::uint8_t kHandshakeRecord = 22;
constexpr std::uint8_t kClientHello = 1;
constexpr std::uint8_t kServerHello = 2;
constexpr std::uint8_t kCertificate = 11;
constexpr std::size_t kRecordHeader = 5;

std::string md5_of(const std::string& text) {
    return hex_digest(
        Digest::kMd5, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}
    );
}

std::string version_text(std::uint16_t version) {
    switch (version) {
        case 0x0300:
            return "SSLv3";
        case 0x0301:
            return "TLSv1";
        case 0x0302:
            return "TLS 1.1";
        case 0x0303:
            return "TLS 1.2";
        case 0x0304:
            return "TLS 1.3";
        default:
            return fmt::format("0x{:04x}", version);
    }
}

}  // namespace

bool looks_like_tls(ByteView bytes) {
    return bytes.size() >= 3 && bytes[0] == kHandshakeRecord && bytes[1] == 3 && bytes[2] <= 4;
}

void TlsParser::add(Direction direction, ByteView bytes) {
    Half& here = halves_[side(direction)];
    if (here.done) {
        return;
    }
    here.records.insert(here.records.end(), bytes.begin(), bytes.end());
    std::size_t at = 0;
    while (!here.done && here.records.size() - at >= kRecordHeader) {
        const std::size_t size = load_be<std::uint16_t>(here.records.data() + at + 3);
        if (here.records.size() - at < kRecordHeader + size) {
            break;
        }
        const ByteView body = ByteView(here.records).subspan(at + kRecordHeader, size);
        record(direction, here.records[at], body);
        at += kRecordHeader + size;
    }
    here.records.erase(
        here.records.begin(), here.records.begin() + static_cast<std::ptrdiff_t>(at)
    );
}

// What comes after the handshake is encrypted, and so is all of it that follows the cipher change.
void TlsParser::record(Direction direction, std::uint8_t type, ByteView body) {
    Half& here = halves_[side(direction)];
    if (type != kHandshakeRecord) {
        finish(direction);
        return;
    }
    if (here.handshake.size() + body.size() > kTlsHandshakeSizeMax) {
        finish(direction);
        return;
    }
    here.handshake.insert(here.handshake.end(), body.begin(), body.end());
    ByteReader reader(here.handshake);
    std::size_t used = 0;
    while (reader.left() >= 4) {
        const std::uint8_t message = reader.u8();
        ByteReader inner = reader.inner24();
        if (reader.has_failed()) {
            break;
        }
        handshake(direction, message, inner.rest());
        used = reader.position();
    }
    here.handshake.erase(
        here.handshake.begin(), here.handshake.begin() + static_cast<std::ptrdiff_t>(used)
    );
}

void TlsParser::handshake(Direction direction, std::uint8_t type, ByteView body) {
    if (type == kClientHello && direction == Direction::kToServer) {
        client_hello(body);
    } else if (type == kServerHello && direction == Direction::kToClient) {
        server_hello(body);
    } else if (type == kCertificate) {
        certificates(direction, body);
    } else if (direction == Direction::kToClient) {
        transaction_->reach(direction, Stage::kBody);
    }
}

void TlsParser::client_hello(ByteView body) {
    constexpr Direction kUp = Direction::kToServer;
    if (transaction_->of(kUp).stage >= Stage::kHeaders) {
        return;  // sent again after a HelloRetryRequest
    }
    const TlsHello hello = read_client_hello(body);
    if (!hello.server_name.empty()) {
        transaction_->add(BufferId::kTlsSni, kUp, hello.server_name);
    }
    for (const std::string& name : hello.protocols) {
        transaction_->add(BufferId::kTlsAlpn, kUp, name);
    }
    transaction_->add(BufferId::kTlsVersion, kUp, version_text(hello.version));
    transaction_->add(BufferId::kJa3String, kUp, hello.ja3);
    transaction_->add(BufferId::kJa3Hash, kUp, md5_of(hello.ja3));
    transaction_->reach(kUp, Stage::kHeaders);
}

void TlsParser::server_hello(ByteView body) {
    constexpr Direction kDown = Direction::kToClient;
    const TlsHello hello = read_server_hello(body);
    for (const std::string& name : hello.protocols) {
        transaction_->add(BufferId::kTlsAlpn, kDown, name);
    }
    transaction_->add(BufferId::kTlsVersion, kDown, version_text(hello.version));
    transaction_->add(BufferId::kJa3ServerString, kDown, hello.ja3);
    transaction_->add(BufferId::kJa3ServerHash, kDown, md5_of(hello.ja3));
    transaction_->reach(kDown, Stage::kHeaders);
}

void TlsParser::certificates(Direction direction, ByteView body) {
    ByteReader reader(body);
    ByteReader list = reader.inner24();
    std::size_t count = 0;
    while (list.left() > 3 && count < kTlsCertificatesMax) {
        const ByteView der = list.inner24().rest();
        transaction_->add(BufferId::kTlsCertificates, direction, std::string(as_text(der)));
        if (++count > 1) {
            continue;
        }
        if (const auto names = read_certificate(der)) {
            transaction_->add(BufferId::kTlsSubject, direction, names->subject);
            transaction_->add(BufferId::kTlsIssuer, direction, names->issuer);
            transaction_->add(BufferId::kTlsSerial, direction, names->serial);
            transaction_->add(BufferId::kTlsFingerprint, direction, names->fingerprint);
            for (const std::string& each : names->alternatives) {
                transaction_->add(BufferId::kTlsAlternativeName, direction, each);
            }
        }
    }
    transaction_->numbers.push_back({MessageNumber::kTlsCertificateCount, direction, count});
    transaction_->reach(direction, Stage::kBody);
}

void TlsParser::finish(Direction direction) {
    Half& here = halves_[side(direction)];
    here.done = true;
    here.handshake.clear();
    transaction_->reach(direction, Stage::kComplete);
}

void TlsParser::skip(Direction direction, std::size_t /*size*/) {
    finish(direction);
}

void TlsParser::end(Direction direction) {
    finish(direction);
}

}  // namespace phantom::detect
