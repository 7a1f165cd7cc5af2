#include "detect/certificate_names.h"

#include <memory>

#include <fmt/format.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "detect/byte_reader.h"
#include "detect/digest.h"

namespace phantom::detect {

namespace {

constexpr int kAlternativeNamesMax = 128;

ByteView bytes_of(const ASN1_STRING* string) {
    return {ASN1_STRING_get0_data(string), static_cast<std::size_t>(ASN1_STRING_length(string))};
}

// In the order of the certificate, bytes as they are: a zero in a name is what a rule looks for.
std::string name_text(const X509_NAME* name) {
    std::string text;
    for (int index = 0; index < X509_NAME_entry_count(name); ++index) {
        const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, index);
        const ASN1_OBJECT* object = X509_NAME_ENTRY_get_object(entry);
        const int nid = OBJ_obj2nid(object);
        text += fmt::format(
            "{}{}=", text.empty() ? "" : ", ", nid == NID_undef ? "UNKNOWN" : OBJ_nid2sn(nid)
        );
        text += as_text(bytes_of(X509_NAME_ENTRY_get_data(entry)));
    }
    return text;
}

std::string with_colons(ByteView bytes, bool large) {
    std::string text;
    for (const std::uint8_t each : bytes) {
        text += text.empty() ? "" : ":";
        text += large ? fmt::format("{:02X}", each) : fmt::format("{:02x}", each);
    }
    return text;
}

std::vector<std::string> alternative_names(const X509* certificate) {
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
        static_cast<GENERAL_NAMES*>(
            X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)
        ),
        GENERAL_NAMES_free
    );
    std::vector<std::string> found;
    const int count = names ? std::min(sk_GENERAL_NAME_num(names.get()), kAlternativeNamesMax) : 0;
    for (int index = 0; index < count; ++index) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), index);
        if (name->type == GEN_DNS || name->type == GEN_EMAIL || name->type == GEN_URI) {
            found.emplace_back(as_text(bytes_of(name->d.ia5)));
        }
    }
    return found;
}

}  // namespace

std::optional<CertificateNames> read_certificate(ByteView der) {
    const std::uint8_t* at = der.data();
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(
        d2i_X509(nullptr, &at, static_cast<long>(der.size())), X509_free
    );
    if (!certificate) {
        return std::nullopt;
    }
    return CertificateNames{
        .subject = name_text(X509_get_subject_name(certificate.get())),
        .issuer = name_text(X509_get_issuer_name(certificate.get())),
        .serial = with_colons(bytes_of(X509_get0_serialNumber(certificate.get())), true),
        .fingerprint = with_colons(digest(Digest::kSha1, der), false),
        .alternatives = alternative_names(certificate.get())
    };
}

}  // namespace phantom::detect
