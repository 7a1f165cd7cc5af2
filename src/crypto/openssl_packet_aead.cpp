// ChaCha20-Poly1305 through OpenSSL's EVP: runs everywhere, and is the yardstick of the others.

#include <array>
#include <memory>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/assert.h"
#include "base/bytes.h"
#include "crypto/openssl_objects.h"
#include "crypto/packet_aead_backends.h"

namespace phantom::crypto {

namespace {

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Free<EVP_CIPHER_CTX_free>>;

// A context keeps its cipher; the key is set once a burst and the nonce once a packet, which is
// the cheapest sequence EVP offers.
CipherContext make_context(bool seal) {
    CipherContext context(EVP_CIPHER_CTX_new());
    PM_ASSERT(context != nullptr);
    const int done = EVP_CipherInit_ex2(
        context.get(), openssl_objects().chacha20_poly1305.get(), nullptr, nullptr, seal ? 1 : 0,
        nullptr
    );
    PM_ASSERT(done == 1);
    return context;
}

void set_key(EVP_CIPHER_CTX* context, const std::uint8_t* key) {
    const int done = EVP_CipherInit_ex2(context, nullptr, key, nullptr, -1, nullptr);
    PM_ASSERT(done == 1);
}

void set_counter(EVP_CIPHER_CTX* context, std::uint64_t counter) {
    std::array<std::uint8_t, 12> nonce{};
    store_le(nonce.data() + 4, counter);
    const int done = EVP_CipherInit_ex2(context, nullptr, nullptr, nonce.data(), -1, nullptr);
    PM_ASSERT(done == 1);
}

void update(
    EVP_CIPHER_CTX* context, std::uint8_t* out, const std::uint8_t* from, std::size_t from_size
) {
    if (from_size == 0) {
        return;
    }
    int size = 0;
    const int done = EVP_CipherUpdate(context, out, &size, from, static_cast<int>(from_size));
    PM_ASSERT(done == 1);
}

class OpensslPacketAead final : public PacketAead {
  public:
    OpensslPacketAead() : seal_(make_context(true)), open_(make_context(false)) {}

    [[nodiscard]] std::string_view name() const override { return name_of(AeadBackend::kOpenSsl); }

    void seal(const Key& key, std::span<const SealJob> burst) override {
        set_key(seal_.get(), key.view().data());
        for (const SealJob& job : burst) {
            seal_packet(job);
        }
        forget_key(seal_.get());
    }

    void open(const Key& key, std::span<OpenJob> burst) override {
        set_key(open_.get(), key.view().data());
        for (OpenJob& job : burst) {
            open_packet(job);
        }
        forget_key(open_.get());
    }

  private:
    void seal_packet(const SealJob& job) {
        set_counter(seal_.get(), job.counter);
        update(seal_.get(), job.ciphertext, job.plaintext, job.plaintext_size);
        std::uint8_t* const tag = job.ciphertext + job.plaintext_size;
        int size = 0;
        bool done = EVP_CipherFinal_ex(seal_.get(), tag, &size) == 1;
        done =
            done && EVP_CIPHER_CTX_ctrl(seal_.get(), EVP_CTRL_AEAD_GET_TAG, kAeadTagSize, tag) == 1;
        PM_ASSERT(done);
    }

    void open_packet(OpenJob& job) {
        set_counter(open_.get(), job.counter);
        // OpenSSL copies the tag before it writes plaintext, but takes it as mutable.
        std::array<std::uint8_t, kAeadTagSize> tag;
        std::memcpy(tag.data(), job.ciphertext + job.plaintext_size, tag.size());
        update(open_.get(), job.plaintext, job.ciphertext, job.plaintext_size);
        const int done =
            EVP_CIPHER_CTX_ctrl(open_.get(), EVP_CTRL_AEAD_SET_TAG, kAeadTagSize, tag.data());
        PM_ASSERT(done == 1);
        std::uint8_t nothing[kAeadTagSize];
        int size = 0;
        job.authentic = EVP_CipherFinal_ex(open_.get(), nothing, &size) == 1;
        if (!job.authentic) {
            ERR_clear_error();
        }
    }

    static void forget_key(EVP_CIPHER_CTX* context) {
        static constexpr std::array<std::uint8_t, 32> kZeroKey{};
        set_key(context, kZeroKey.data());
    }

    CipherContext seal_;
    CipherContext open_;
};

}  // namespace

std::unique_ptr<PacketAead> make_openssl_packet_aead() {
    return std::make_unique<OpensslPacketAead>();
}

}  // namespace phantom::crypto
