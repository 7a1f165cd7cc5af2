#include "api/certificate.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "api/tls.h"

namespace phantom::api {
namespace {

constexpr WallTime kIssued{1'768'478'400'000'000'000};

Certificate make(const char* name) {
    SeededRandom random(1);
    auto made = make_certificate(
        {.names = {name, "localhost"}, .addresses = {"127.0.0.1", "::1"}}, kIssued, random
    );
    EXPECT_TRUE(made.has_value());
    return std::move(*made);
}

TEST(Certificate, is_for_the_names_and_addresses_that_were_wished) {
    const Certificate made = make("amber");
    const auto facts = inspect(made);
    ASSERT_TRUE(facts.has_value());
    EXPECT_TRUE(facts->is_own);
    EXPECT_EQ(facts->ends.ns, kIssued.ns + kCertificateLifetime.count());
    EXPECT_EQ(facts->fingerprint.size(), 64U);
    BIO* from = BIO_new_mem_buf(made.chain.data(), static_cast<int>(made.chain.size()));
    X509* read = PEM_read_bio_X509(from, nullptr, nullptr, nullptr);
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(X509_check_host(read, "localhost", 0, 0, nullptr), 1);
    EXPECT_EQ(X509_check_host(read, "other", 0, 0, nullptr), 0);
    EXPECT_EQ(X509_check_ip_asc(read, "::1", 0), 1);
    X509_free(read);
    BIO_free(from);
}

TEST(Certificate, another_ones_key_is_refused) {
    Certificate made = make("amber");
    Certificate other = make("birch");
    EXPECT_TRUE(make_tls_context(made).has_value());
    std::swap(made.key, other.key);
    EXPECT_TRUE(inspect(made).error().is(ApiError::kCertificateKey));
    EXPECT_TRUE(make_tls_context(made).error().is(ApiError::kCertificateKey));
}

TEST(Certificate, what_is_none_is_refused) {
    Certificate made = make("amber");
    made.chain = "what?";
    EXPECT_TRUE(inspect(made).error().is(ApiError::kCertificate));
    EXPECT_TRUE(make_tls_context(made).error().is(ApiError::kCertificate));
    Certificate keyless = make("amber");
    keyless.key = crypto::SecretBytes();
    EXPECT_TRUE(inspect(keyless).error().is(ApiError::kCertificateKey));
}

}  // namespace
}  // namespace phantom::api
