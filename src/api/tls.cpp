#include "api/tls.h"

#include <array>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "api/member_certificate.h"
#include "base/hex.h"

namespace phantom::api {

namespace {

using Bio = std::unique_ptr<BIO, crypto::Free<BIO_free_all>>;
using X509Object = std::unique_ptr<X509, crypto::Free<X509_free>>;
using Pkey = std::unique_ptr<EVP_PKEY, crypto::Free<EVP_PKEY_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, crypto::Free<X509_EXTENSION_free>>;

// P-256 for clients that have neither of the others.
constexpr const char* kGroups = "X25519MLKEM768:X25519:P-256";
constexpr std::string_view kOrganization = "PhantomMesh node";
constexpr std::array<unsigned char, 9> kAlpn{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
constexpr std::int64_t kNsPerS = 1'000'000'000;
constexpr Duration kClockSkew = std::chrono::hours(1);
// The files are the owner's, and no password is asked for.
int no_password(char* /*buffer*/, int /*size*/, int /*is_writing*/, void* /*given*/) {
    return 0;
}

Bio reader_of(std::string_view text) {
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

X509Object read_certificate(BIO* from) {
    return X509Object(PEM_read_bio_X509(from, nullptr, no_password, nullptr));
}

Pkey read_key(std::string_view text) {
    const Bio from = reader_of(text);
    return Pkey(
        from ? PEM_read_bio_PrivateKey(from.get(), nullptr, no_password, nullptr) : nullptr
    );
}

bool add_entry(X509_NAME* name, const char* field, std::string_view text) {
    return X509_NAME_add_entry_by_txt(
               name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.data()),
               static_cast<int>(text.size()), -1, 0
           ) == 1;
}

bool add_extension(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_times(X509* certificate, WallTime now) {
    const auto at = [&](ASN1_TIME* time, Duration by) {
        const auto unix_s = static_cast<std::time_t>((now.ns + by.count()) / kNsPerS);
        return ASN1_TIME_set(time, unix_s) != nullptr;
    };
    return at(X509_getm_notBefore(certificate), -kClockSkew) &&
           at(X509_getm_notAfter(certificate), kCertificateLifetime);
}

std::string names_text(const CertificateWish& wish) {
    std::string text;
    const auto add = [&](const char* kind, const std::string& each) {
        text += fmt::format("{}{}:{}", text.empty() ? "" : ",", kind, each);
    };
    for (const std::string& name : wish.names) {
        add("DNS", name);
    }
    for (const std::string& address : wish.addresses) {
        add("IP", address);
    }
    return text;
}

bool is_filled(X509* certificate, const CertificateWish& wish, WallTime now, Random& random) {
    X509_NAME* name = X509_get_subject_name(certificate);
    return X509_set_version(certificate, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), random.next_u64() >> 1U) ==
               1 &&
           set_times(certificate, now) && add_entry(name, "O", kOrganization) &&
           add_entry(name, "CN", wish.names.front()) &&
           X509_set_issuer_name(certificate, name) == 1 &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
           add_extension(certificate, NID_subject_alt_name, names_text(wish));
}

struct FreeNames {
    void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

std::vector<std::string> dns_names_of(const X509* certificate) {
    const std::unique_ptr<GENERAL_NAMES, FreeNames> found(static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)
    ));
    std::vector<std::string> names;
    const int count = found ? sk_GENERAL_NAME_num(found.get()) : 0;
    for (int index = 0; index < count && names.size() < kHostNamesMax; ++index) {
        const GENERAL_NAME* each = sk_GENERAL_NAME_value(found.get(), index);
        if (each->type != GEN_DNS) {
            continue;
        }
        const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(each->d.dNSName));
        std::string& name =
            names.emplace_back(text, static_cast<std::size_t>(ASN1_STRING_length(each->d.dNSName)));
        for (char& letter : name) {
            letter =
                letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
        }
    }
    return names;
}

template <class Write>
std::optional<crypto::SecretBytes> written(Write write) {
    const Bio to(BIO_new(BIO_s_secmem()));
    if (!to || write(to.get()) != 1) {
        return std::nullopt;
    }
    char* data = nullptr;
    const long size = BIO_get_mem_data(to.get(), &data);
    return crypto::SecretBytes(
        ByteView(reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size))
    );
}

int choose_protocol(
    SSL* /*stream*/, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
    unsigned in_size, void* /*given*/
) {
    // The interface takes away a const here that OpenSSL does not use.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
    auto** const chosen = const_cast<unsigned char**>(out);
    return SSL_select_next_proto(chosen, out_size, kAlpn.data(), kAlpn.size(), in, in_size) ==
                   OPENSSL_NPN_NEGOTIATED
               ? SSL_TLSEXT_ERR_OK
               : SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool is_set_up(SSL_CTX* context) {
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
    return ask_for_member_certificates(context) &&
           SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set1_groups_list(context, kGroups) == 1 &&
           // No resumption: nothing to follow a client by, and no key that outlives a connection.
           SSL_CTX_set_num_tickets(context, 0) == 1;
}

}  // namespace

Result<Certificate> make_certificate(const CertificateWish& wish, WallTime now, Random& random) {
    PM_ASSERT(!wish.names.empty());
    ERR_clear_error();
    const Pkey key(EVP_EC_gen("P-256"));
    const X509Object made(X509_new());
    const bool is_made = key && made && is_filled(made.get(), wish, now, random) &&
                         X509_set_pubkey(made.get(), key.get()) == 1 &&
                         X509_sign(made.get(), key.get(), EVP_sha256()) != 0;
    if (!is_made) {
        return fail(ApiError::kTlsSetup);
    }
    auto chain = written([&](BIO* to) { return PEM_write_bio_X509(to, made.get()); });
    auto secret = written([&](BIO* to) {
        return PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    if (!chain || !secret) {
        return fail(ApiError::kTlsSetup);
    }
    return Certificate{.chain = std::string(chain->text()), .key = std::move(*secret)};
}

Result<CertificateFacts> inspect(const Certificate& certificate) {
    ERR_clear_error();
    const Bio from = reader_of(certificate.chain);
    const X509Object own = from ? read_certificate(from.get()) : nullptr;
    if (!own) {
        return fail(ApiError::kCertificate);
    }
    const Pkey key = read_key(certificate.key.text());
    if (!key || X509_check_private_key(own.get(), key.get()) != 1) {
        return fail(ApiError::kCertificateKey);
    }
    std::tm ends{};
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (ASN1_TIME_to_tm(X509_get0_notAfter(own.get()), &ends) != 1 ||
        X509_digest(own.get(), EVP_sha256(), digest.data(), &size) != 1) {
        return fail(ApiError::kCertificate);
    }
    std::array<char, 64> organization{};
    const X509_NAME* issuer = X509_get_issuer_name(own.get());
    (void)X509_NAME_get_text_by_NID(
        issuer, NID_organizationName, organization.data(), organization.size()
    );
    CertificateFacts facts;
    facts.ends = {static_cast<std::int64_t>(timegm(&ends)) * kNsPerS};
    facts.is_own = X509_NAME_cmp(issuer, X509_get_subject_name(own.get())) == 0 &&
                   organization.data() == kOrganization;
    facts.fingerprint = hex_of(ByteView(digest.data(), size));
    facts.names = dns_names_of(own.get());
    return facts;
}

Result<TlsContext> make_tls_context(const Certificate& certificate) {
    ERR_clear_error();
    TlsContext context(SSL_CTX_new(TLS_server_method()));
    if (!context || !is_set_up(context.get())) {
        return fail(ApiError::kTlsSetup);
    }
    const Bio from = reader_of(certificate.chain);
    const X509Object own = from ? read_certificate(from.get()) : nullptr;
    if (!own || SSL_CTX_use_certificate(context.get(), own.get()) != 1) {
        return fail(ApiError::kCertificate);
    }
    constexpr int kChainMax = 8;
    for (int index = 0; index < kChainMax; ++index) {
        const X509Object next = read_certificate(from.get());
        if (!next) {
            break;
        }
        if (SSL_CTX_add1_chain_cert(context.get(), next.get()) != 1) {
            return fail(ApiError::kCertificate);
        }
    }
    ERR_clear_error();
    const Pkey key = read_key(certificate.key.text());
    if (!key || SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1 ||
        SSL_CTX_check_private_key(context.get()) != 1) {
        return fail(ApiError::kCertificateKey);
    }
    return context;
}

}  // namespace phantom::api
