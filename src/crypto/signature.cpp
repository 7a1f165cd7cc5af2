#include "crypto/signature.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/assert.h"
#include "crypto/ed25519.h"
#include "crypto/ml_dsa.h"

namespace phantom::crypto {

namespace {

static_assert(
    kVerifyKeySizeMax == 1 + kEd25519PublicKeySize + ml_dsa_public_key_size(MlDsaSet::k65)
);
static_assert(
    kSignatureSizeMax == 1 + kEd25519SignatureSize + ml_dsa_signature_size(MlDsaSet::k65)
);
static_assert(kSignatureLabelSizeMax <= kMlDsaContextSizeMax);

MlDsaSet set_of(SignatureAlgorithm algorithm) {
    return algorithm == SignatureAlgorithm::kMlDsa65Ed25519 ? MlDsaSet::k65 : MlDsaSet::k44;
}

std::optional<SignatureAlgorithm> algorithm_of(ByteView encoded) {
    if (encoded.empty()) {
        return std::nullopt;
    }
    for (const auto known :
         {SignatureAlgorithm::kMlDsa65Ed25519, SignatureAlgorithm::kMlDsa44Ed25519}) {
        if (encoded[0] == static_cast<std::uint8_t>(known)) {
            return known;
        }
    }
    return std::nullopt;
}

ByteView bytes_of(std::string_view label) {
    return {reinterpret_cast<const std::uint8_t*>(label.data()), label.size()};
}

void assert_is_label(std::string_view label) {
    PM_ASSERT(!label.empty());
    PM_ASSERT(label.size() <= kSignatureLabelSizeMax);
    PM_ASSERT(std::ranges::all_of(label, [](char c) { return c >= ' ' && c <= '~'; }));
}

// A label holds no zero byte, so two labels never give one text.
std::vector<std::uint8_t> labelled(std::string_view label, ByteView message) {
    std::vector<std::uint8_t> text;
    text.reserve(label.size() + 1 + message.size());
    text.insert(text.end(), label.begin(), label.end());
    text.push_back(0);
    text.insert(text.end(), message.begin(), message.end());
    return text;
}

}  // namespace

std::size_t verify_key_size(SignatureAlgorithm algorithm) {
    return 1 + kEd25519PublicKeySize + ml_dsa_public_key_size(set_of(algorithm));
}

std::size_t signature_size(SignatureAlgorithm algorithm) {
    return 1 + kEd25519SignatureSize + ml_dsa_signature_size(set_of(algorithm));
}

Result<VerifyKey> VerifyKey::decode(ByteView encoded) {
    const auto algorithm = algorithm_of(encoded);
    if (!algorithm) {
        return fail(CryptoError::kUnknownSignatureAlgorithm);
    }
    if (encoded.size() != verify_key_size(*algorithm)) {
        return fail(CryptoError::kMalformedKey);
    }
    VerifyKey key;
    std::ranges::copy(encoded, key.assign(*algorithm, encoded.size()).begin());
    return key;
}

Result<Signature> Signature::decode(ByteView encoded) {
    const auto algorithm = algorithm_of(encoded);
    if (!algorithm) {
        return fail(CryptoError::kUnknownSignatureAlgorithm);
    }
    if (encoded.size() != signature_size(*algorithm)) {
        return fail(CryptoError::kMalformedSignature);
    }
    Signature signature;
    std::ranges::copy(encoded, signature.assign(*algorithm, encoded.size()).begin());
    return signature;
}

SigningSeeds SigningSeeds::generate(Random& random, SignatureAlgorithm algorithm) {
    SigningSeeds seeds;
    seeds.algorithm = algorithm;
    random.fill(seeds.ed25519.bytes());
    random.fill(seeds.ml_dsa.bytes());
    return seeds;
}

struct SigningKey::Halves {
    Ed25519Key ed25519;
    MlDsaKey ml_dsa;
    VerifyKey verify_key;
};

SigningKey::SigningKey(const SigningSeeds& seeds)
    : halves_(std::make_unique<Halves>(
          Ed25519Key(seeds.ed25519.view()), MlDsaKey(set_of(seeds.algorithm), seeds.ml_dsa.view()),
          VerifyKey()
      )) {
    const MutableBytes out =
        halves_->verify_key.assign(seeds.algorithm, verify_key_size(seeds.algorithm));
    halves_->ed25519.copy_public_key(out.subspan<1, kEd25519PublicKeySize>());
    halves_->ml_dsa.copy_public_key(out.subspan(1 + kEd25519PublicKeySize));
}

SigningKey::SigningKey(SigningKey&& other) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&& other) noexcept = default;
SigningKey::~SigningKey() = default;

const VerifyKey& SigningKey::verify_key() const {
    return halves_->verify_key;
}

Signature SigningKey::sign(std::string_view label, ByteView message) const {
    assert_is_label(label);
    const SignatureAlgorithm algorithm = halves_->verify_key.algorithm();
    Signature signature;
    const MutableBytes out = signature.assign(algorithm, signature_size(algorithm));
    halves_->ed25519.sign(labelled(label, message), out.subspan<1, kEd25519SignatureSize>());
    const Status done =
        halves_->ml_dsa.sign(bytes_of(label), message, out.subspan(1 + kEd25519SignatureSize));
    PM_ASSERT(done.has_value());
    return signature;
}

Status verify(
    const VerifyKey& key, std::string_view label, ByteView message, const Signature& signature
) {
    assert_is_label(label);
    const ByteView key_bytes = key.encoded();
    const ByteView signature_bytes = signature.encoded();
    if (key_bytes.empty() || signature_bytes.empty() || key.algorithm() != signature.algorithm()) {
        return fail(CryptoError::kBadSignature);
    }
    // Ed25519 first: it is the cheaper one to refuse with.
    const Status classical = ed25519_verify(
        key_bytes.subspan(1, kEd25519PublicKeySize), labelled(label, message),
        signature_bytes.subspan(1, kEd25519SignatureSize)
    );
    if (!classical) {
        return fail(CryptoError::kBadSignature);
    }
    const Status post_quantum = ml_dsa_verify(
        set_of(key.algorithm()), key_bytes.subspan(1 + kEd25519PublicKeySize), bytes_of(label),
        message, signature_bytes.subspan(1 + kEd25519SignatureSize)
    );
    if (!post_quantum) {
        return fail(CryptoError::kBadSignature);
    }
    return {};
}

}  // namespace phantom::crypto
