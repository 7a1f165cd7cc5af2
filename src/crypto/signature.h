#pragma once

// The signature of everything that outlives a session: ML-DSA and Ed25519 side by side. Both must
// verify, so a forger has to break both.
//
// Every signature is for one purpose, named by a label such as "phantom descriptor 1". The label is
// ML-DSA's context, and Ed25519 signs label || 0x00 || message: what was signed for one purpose is
// not valid for another.
//
// Signing is about a millisecond, verifying a quarter of one: control side only. Values are plain
// and may be shared between threads.

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/errors.h"
#include "crypto/secret.h"

namespace phantom::crypto {

// The number is what stands on the wire.
enum class SignatureAlgorithm : std::uint8_t { kMlDsa65Ed25519 = 1, kMlDsa44Ed25519 = 2 };

// 1 byte of algorithm, Ed25519's part, ML-DSA's part (FIPS 204, table 2).
inline constexpr std::size_t kVerifyKeySizeMax = 1 + 32 + 1952;
inline constexpr std::size_t kSignatureSizeMax = 1 + 64 + 3309;
[[nodiscard]] std::size_t verify_key_size(SignatureAlgorithm algorithm);
[[nodiscard]] std::size_t signature_size(SignatureAlgorithm algorithm);

// Printable ASCII, 1 to 64 characters.
inline constexpr std::size_t kSignatureLabelSizeMax = 64;

namespace detail {

// What both values below are: an encoding whose first byte, the algorithm, gives its size.
template <std::size_t SizeMax>
class SizedByAlgorithm {
  public:
    [[nodiscard]] SignatureAlgorithm algorithm() const {
        return static_cast<SignatureAlgorithm>(bytes_[0]);
    }
    // The one form on the wire and in files.
    [[nodiscard]] ByteView encoded() const { return ByteView(bytes_).first(size_); }

    // Bytes beyond the size are zero, so that the comparison is one of values.
    friend bool operator==(const SizedByAlgorithm&, const SizedByAlgorithm&) = default;

  protected:
    [[nodiscard]] MutableBytes assign(SignatureAlgorithm algorithm, std::size_t size) {
        bytes_.fill(0);
        bytes_[0] = static_cast<std::uint8_t>(algorithm);
        size_ = size;
        return MutableBytes(bytes_).first(size_);
    }

  private:
    std::array<std::uint8_t, SizeMax> bytes_{};
    std::size_t size_ = 0;
};

}  // namespace detail

// Default-constructed ones are empty and verify nothing.
class VerifyKey : public detail::SizedByAlgorithm<kVerifyKeySizeMax> {
  public:
    // kUnknownSignatureAlgorithm, kMalformedKey.
    [[nodiscard]] static Result<VerifyKey> decode(ByteView encoded);

  private:
    friend class SigningKey;
};

class Signature : public detail::SizedByAlgorithm<kSignatureSizeMax> {
  public:
    // kUnknownSignatureAlgorithm, kMalformedSignature.
    [[nodiscard]] static Result<Signature> decode(ByteView encoded);

  private:
    friend class SigningKey;
};

// All that is kept of a signing key: the rest follows from it.
struct SigningSeeds {
    SignatureAlgorithm algorithm = SignatureAlgorithm::kMlDsa65Ed25519;
    Key ed25519;
    Key ml_dsa;

    [[nodiscard]] static SigningSeeds generate(Random& random, SignatureAlgorithm algorithm);
};

// Moved, not copied; wiped when it goes.
class SigningKey {
  public:
    explicit SigningKey(const SigningSeeds& seeds);
    SigningKey(SigningKey&& other) noexcept;
    SigningKey& operator=(SigningKey&& other) noexcept;
    SigningKey(const SigningKey&) = delete;
    SigningKey& operator=(const SigningKey&) = delete;
    ~SigningKey();

    [[nodiscard]] const VerifyKey& verify_key() const;
    // Deterministic. Any thread.
    [[nodiscard]] Signature sign(std::string_view label, ByteView message) const;

  private:
    struct Halves;
    std::unique_ptr<Halves> halves_;
};

// kBadSignature, also when the signature is of another algorithm than the key.
[[nodiscard]] Status verify(
    const VerifyKey& key, std::string_view label, ByteView message, const Signature& signature
);

}  // namespace phantom::crypto
