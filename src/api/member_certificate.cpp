#include "api/member_certificate.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace phantom::api {

namespace {

using MemberX509 = std::unique_ptr<X509, crypto::Free<X509_free>>;
using MemberPkey = std::unique_ptr<EVP_PKEY, crypto::Free<EVP_PKEY_free>>;
using MemberName = std::unique_ptr<X509_NAME, crypto::Free<X509_NAME_free>>;

constexpr const char* kMemberOrganization = "PhantomMesh member";
constexpr std::int64_t kNsInS = 1'000'000'000;
// What stands in a certificate is looked at by nobody; tools want it to be plausible.
constexpr Duration kMemberCertificateAge = std::chrono::hours(24);

// Chains, dates and names are nothing here: the handshake proves the key, and members are known by theirs.
int take_any(X509_STORE_CTX* context, void* /*given*/) {
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
}

MemberName member_name() {
    MemberName name(X509_NAME_new());
    const bool is_made =
        name && X509_NAME_add_entry_by_txt(
                    name.get(), "O", MBSTRING_ASC,
                    reinterpret_cast<const unsigned char*>(kMemberOrganization), -1, -1, 0
                ) == 1;
    return is_made ? std::move(name) : nullptr;
}

bool is_dated(X509* certificate, WallTime now) {
    const auto set = [&](ASN1_TIME* time, Duration by) {
        return ASN1_TIME_set(time, static_cast<std::time_t>((now.ns + by.count()) / kNsInS)) !=
               nullptr;
    };
    return set(X509_getm_notBefore(certificate), -kMemberCertificateAge) &&
           set(X509_getm_notAfter(certificate), kMemberCertificateAge);
}

MemberX509 certificate_of(EVP_PKEY* key, WallTime now) {
    MemberX509 made(X509_new());
    const MemberName name = member_name();
    const bool is_made =
        made && name && X509_set_version(made.get(), X509_VERSION_3) == 1 &&
        ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1) == 1 && is_dated(made.get(), now) &&
        X509_set_subject_name(made.get(), name.get()) == 1 &&
        X509_set_issuer_name(made.get(), name.get()) == 1 &&
        X509_set_pubkey(made.get(), key) == 1 && X509_sign(made.get(), key, nullptr) != 0;
    return is_made ? std::move(made) : nullptr;
}

}  // namespace

bool ask_for_member_certificates(SSL_CTX* context) {
    MemberName name = member_name();
    if (!name) {
        return false;
    }
    // Of authorities that may have signed: ours alone (RFC 8446 section 4.2.4).
    STACK_OF(X509_NAME)* names = sk_X509_NAME_new_null();
    if (names == nullptr || sk_X509_NAME_push(names, name.get()) == 0) {
        sk_X509_NAME_free(names);
        return false;
    }
    (void)name.release();
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_cert_verify_callback(context, take_any, nullptr);
    SSL_CTX_set_max_cert_list(context, kClientCertificatesSizeMax);
    return true;
}

std::optional<MemberKey> member_key_of(const SSL* stream) {
    const X509* shown = SSL_get0_peer_certificate(stream);
    const EVP_PKEY* key = shown == nullptr ? nullptr : X509_get0_pubkey(shown);
    MemberKey raw{};
    std::size_t size = raw.size();
    const bool is_ours = key != nullptr && EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 &&
                         EVP_PKEY_get_raw_public_key(key, raw.data(), &size) == 1 &&
                         size == raw.size();
    ERR_clear_error();
    return is_ours ? std::optional(raw) : std::nullopt;
}

Result<TlsContext> make_member_context(
    std::span<const std::uint8_t, kMemberKeySize> seed, WallTime now
) {
    ERR_clear_error();
    TlsContext context(SSL_CTX_new(TLS_client_method()));
    const MemberPkey key(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size())
    );
    const MemberX509 certificate = key ? certificate_of(key.get(), now) : nullptr;
    const bool is_set_up = context && certificate &&
                           SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) == 1 &&
                           SSL_CTX_set1_groups_list(context.get(), "X25519MLKEM768:X25519") == 1 &&
                           SSL_CTX_use_certificate(context.get(), certificate.get()) == 1 &&
                           SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1;
    if (!is_set_up) {
        return fail(ApiError::kTlsSetup);
    }
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    return context;
}

}  // namespace phantom::api
