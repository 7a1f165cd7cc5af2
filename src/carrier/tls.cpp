#include "carrier/tls.h"

#include <algorithm>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

namespace phantom::carrier {

namespace {

using Certificate = std::unique_ptr<X509, crypto::Free<X509_free>>;
using Pkey = std::unique_ptr<EVP_PKEY, crypto::Free<EVP_PKEY_free>>;

constexpr const char* kGroups = "X25519MLKEM768:X25519";
// A daemon may run for long; nobody looks at the dates.
constexpr long kCertificateLifetimeS = 10L * 365 * 86'400;
constexpr long kClockSkewS = 86'400;

bool is_set_up(SSL_CTX* context) {
    SSL_CTX_set_mode(
        context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                     SSL_MODE_RELEASE_BUFFERS
    );
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set1_groups_list(context, kGroups) == 1 &&
           // No resumption: a ticket would only be something to follow a client by.
           SSL_CTX_set_num_tickets(context, 0) == 1;
}

bool add_name(X509* certificate) {
    constexpr std::array<unsigned char, 9> kName{'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't'};
    X509_NAME* name = X509_get_subject_name(certificate);
    return X509_NAME_add_entry_by_txt(
               name, "CN", MBSTRING_ASC, kName.data(), kName.size(), -1, 0
           ) == 1 &&
           X509_set_issuer_name(certificate, name) == 1;
}

// Says nothing of the node: neither name nor key stand anywhere else.
bool use_own_certificate(SSL_CTX* context) {
    const Pkey key(EVP_EC_gen("P-256"));
    const Certificate certificate(X509_new());
    std::uint64_t serial = 0;
    if (!key || !certificate ||
        RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) {
        return false;
    }
    X509* made = certificate.get();
    return X509_set_version(made, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(made), serial >> 1U) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(made), -kClockSkewS) != nullptr &&
           X509_gmtime_adj(X509_getm_notAfter(made), kCertificateLifetimeS) != nullptr &&
           add_name(made) && X509_set_pubkey(made, key.get()) == 1 &&
           X509_sign(made, key.get(), EVP_sha256()) != 0 &&
           SSL_CTX_use_certificate(context, made) == 1 &&
           SSL_CTX_use_PrivateKey(context, key.get()) == 1;
}

}  // namespace

Result<TlsContext> TlsContext::server() {
    TlsContext made(SSL_CTX_new(TLS_server_method()));
    if (made.get() == nullptr || !is_set_up(made.get()) || !use_own_certificate(made.get())) {
        return fail(CarrierError::kTlsSetup);
    }
    return made;
}

Result<TlsContext> TlsContext::client() {
    TlsContext made(SSL_CTX_new(TLS_client_method()));
    if (made.get() == nullptr || !is_set_up(made.get())) {
        return fail(CarrierError::kTlsSetup);
    }
    return made;
}

Result<TlsStream> TlsStream::over(const TlsContext& context, int socket, Side side) {
    TlsStream made(SSL_new(context.get()));
    if (made.ssl_ == nullptr || SSL_set_fd(made.ssl_.get(), socket) != 1) {
        return fail(CarrierError::kTlsSetup);
    }
    if (side == Side::kAccepts) {
        SSL_set_accept_state(made.ssl_.get());
    } else {
        SSL_set_connect_state(made.ssl_.get());
    }
    return made;
}

bool TlsStream::must_wait(int result) {
    const int why = SSL_get_error(ssl_.get(), result);
    waits_for_room_ = why == SSL_ERROR_WANT_WRITE;
    return waits_for_room_ || why == SSL_ERROR_WANT_READ;
}

Result<bool> TlsStream::shake_hands() {
    ERR_clear_error();
    waits_for_room_ = false;
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) {
        return true;
    }
    if (must_wait(result)) {
        return false;
    }
    return fail(CarrierError::kHandshake);
}

Result<std::size_t> TlsStream::read(MutableBytes out) {
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_read_ex(ssl_.get(), out.data(), out.size(), &count);
    if (result == 1) {
        return count;
    }
    if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ) {
        return std::size_t{0};
    }
    return fail(CarrierError::kClosed);
}

Result<std::size_t> TlsStream::write(ByteView bytes) {
    ERR_clear_error();
    waits_for_room_ = false;
    std::size_t count = 0;
    const int result =
        SSL_write_ex(ssl_.get(), bytes.data(), std::min(bytes.size(), kRecordSizeMax), &count);
    if (result == 1) {
        return count;
    }
    if (must_wait(result)) {
        return std::size_t{0};
    }
    return fail(CarrierError::kClosed);
}

}  // namespace phantom::carrier
