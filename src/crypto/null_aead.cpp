#include "crypto/null_aead.h"

#ifdef PM_NULL_CIPHER

#include <cstring>

namespace phantom::crypto {

namespace {

void copy(std::uint8_t* to, const std::uint8_t* from, std::size_t size) {
    if (to != from && size > 0) {
        std::memcpy(to, from, size);
    }
}

class NullPacketAead final : public PacketAead {
  public:
    [[nodiscard]] std::string_view name() const override { return "null"; }

    void seal(const Key& /*key*/, std::span<const SealJob> burst) override {
        for (const SealJob& job : burst) {
            copy(job.ciphertext, job.plaintext, job.plaintext_size);
            std::memset(job.ciphertext + job.plaintext_size, 0, kAeadTagSize);
        }
    }

    void open(const Key& /*key*/, std::span<OpenJob> burst) override {
        for (OpenJob& job : burst) {
            copy(job.plaintext, job.ciphertext, job.plaintext_size);
            job.authentic = true;
        }
    }
};

}  // namespace

std::unique_ptr<PacketAead> make_null_packet_aead() {
    return std::make_unique<NullPacketAead>();
}

}  // namespace phantom::crypto

#endif  // PM_NULL_CIPHER
