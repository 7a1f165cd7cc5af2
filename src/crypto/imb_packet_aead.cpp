// ChaCha20-Poly1305 through intel-ipsec-mb's burst interface.

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include <intel-ipsec-mb.h>

#include "base/assert.h"
#include "base/bytes.h"
#include "crypto/packet_aead_backends.h"

namespace phantom::crypto {

namespace {

static_assert(kAeadBurstMax <= IMB_MAX_BURST_SIZE);

struct FreeManager {
    void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
};
using Manager = std::unique_ptr<IMB_MGR, FreeManager>;

Manager make_manager(ImbLevel level) {
    Manager manager(alloc_mb_mgr(0));
    PM_ASSERT(manager != nullptr);
    switch (level) {
        case ImbLevel::kSse:
            init_mb_mgr_sse(manager.get());
            break;
        case ImbLevel::kAvx2:
            init_mb_mgr_avx2(manager.get());
            break;
        case ImbLevel::kAvx512:
            init_mb_mgr_avx512(manager.get());
            break;
    }
    return manager;
}

AeadBackend backend_of(ImbLevel level) {
    switch (level) {
        case ImbLevel::kSse:
            return AeadBackend::kImbSse;
        case ImbLevel::kAvx2:
            return AeadBackend::kImbAvx2;
        case ImbLevel::kAvx512:
            break;
    }
    return AeadBackend::kImbAvx512;
}

// What differs between packets of a burst.
struct Packet {
    const std::uint8_t* from;
    std::uint8_t* to;
    std::uint8_t* tag;
    std::size_t size;
};

class ImbPacketAead final : public PacketAead {
  public:
    explicit ImbPacketAead(ImbLevel level)
        : manager_(make_manager(level)),
          name_(name_of(backend_of(level))),
          reads_past_end_(level == ImbLevel::kSse) {}

    [[nodiscard]] std::string_view name() const override { return name_; }

    void seal(const Key& key, std::span<const SealJob> burst) override {
        while (!burst.empty()) {
            const auto part = burst.first(std::min(burst.size(), kAeadBurstMax));
            begin(part.size());
            for (std::size_t index = 0; index < part.size(); ++index) {
                const SealJob& job = part[index];
                fill(
                    index, key, job.counter, IMB_DIR_ENCRYPT,
                    {source_of(job), job.ciphertext, job.ciphertext + job.plaintext_size,
                     job.plaintext_size}
                );
            }
            run(part.size());
            burst = burst.subspan(part.size());
        }
    }

    void open(const Key& key, std::span<OpenJob> burst) override {
        while (!burst.empty()) {
            const auto part = burst.first(std::min(burst.size(), kAeadBurstMax));
            begin(part.size());
            for (std::size_t index = 0; index < part.size(); ++index) {
                const OpenJob& job = part[index];
                fill(
                    index, key, job.counter, IMB_DIR_DECRYPT,
                    {job.ciphertext, job.plaintext, tags_[index].data(), job.plaintext_size}
                );
            }
            run(part.size());
            for (std::size_t index = 0; index < part.size(); ++index) {
                OpenJob& job = part[index];
                // The library gives the tag it computed; comparing is ours.
                job.authentic = equal_constant_time(
                    tags_[index], {job.ciphertext + job.plaintext_size, kAeadTagSize}
                );
            }
            burst = burst.subspan(part.size());
        }
        wipe({tags_.front().data(), sizeof tags_});
    }

  private:
    // Version 1.3 for SSE reads up to 15 bytes past a plaintext that is not a multiple of 16 bytes
    // (of 145 bytes, say). Where the ciphertext goes there are the 16 of the tag behind it.
    [[nodiscard]] const std::uint8_t* source_of(const SealJob& job) const {
        const bool is_safe = !reads_past_end_ || job.plaintext_size % 16 == 0;
        if (is_safe || job.plaintext == job.ciphertext) {
            return job.plaintext;
        }
        std::memcpy(job.ciphertext, job.plaintext, job.plaintext_size);
        return job.ciphertext;
    }

    void begin(std::size_t count) {
        const std::uint32_t ready =
            IMB_GET_NEXT_BURST(manager_.get(), static_cast<std::uint32_t>(count), slots_.data());
        PM_ASSERT(ready == count);
    }

    void fill(
        std::size_t index, const Key& key, std::uint64_t counter, IMB_CIPHER_DIRECTION direction,
        const Packet& packet
    ) {
        store_le(nonces_[index].data() + 4, counter);
        IMB_JOB& job = *slots_[index];
        const bool seals = direction == IMB_DIR_ENCRYPT;
        job.cipher_mode = IMB_CIPHER_CHACHA20_POLY1305;
        job.hash_alg = IMB_AUTH_CHACHA20_POLY1305;
        job.cipher_direction = direction;
        job.chain_order = seals ? IMB_ORDER_CIPHER_HASH : IMB_ORDER_HASH_CIPHER;
        job.enc_keys = key.view().data();
        job.dec_keys = key.view().data();
        job.key_len_in_bytes = 32;
        job.iv = nonces_[index].data();
        job.iv_len_in_bytes = 12;
        job.u.CHACHA20_POLY1305.aad = nonces_[index].data();
        job.u.CHACHA20_POLY1305.aad_len_in_bytes = 0;
        job.src = packet.from;
        job.dst = packet.to;
        job.cipher_start_src_offset_in_bytes = 0;
        job.hash_start_src_offset_in_bytes = 0;
        job.msg_len_to_cipher_in_bytes = packet.size;
        job.msg_len_to_hash_in_bytes = packet.size;
        job.auth_tag_output = packet.tag;
        job.auth_tag_output_len_in_bytes = kAeadTagSize;
    }

    // These algorithms complete at submission: nothing is left in the manager for a later flush.
    void run(std::size_t count) {
        const std::uint32_t completed = IMB_SUBMIT_BURST_NOCHECK(
            manager_.get(), static_cast<std::uint32_t>(count), slots_.data()
        );
        PM_ASSERT(completed == count);
        for (std::size_t index = 0; index < count; ++index) {
            PM_ASSERT(slots_[index]->status == IMB_STATUS_COMPLETED);
        }
    }

    Manager manager_;
    std::string_view name_;
    bool reads_past_end_;
    std::array<IMB_JOB*, kAeadBurstMax> slots_{};
    std::array<std::array<std::uint8_t, 12>, kAeadBurstMax> nonces_{};
    std::array<std::array<std::uint8_t, kAeadTagSize>, kAeadBurstMax> tags_{};
};

constexpr std::uint64_t features_of(ImbLevel level) {
    switch (level) {
        case ImbLevel::kSse:
            return IMB_CPUFLAGS_SSE;
        case ImbLevel::kAvx2:
            return IMB_CPUFLAGS_AVX2;
        case ImbLevel::kAvx512:
            break;
    }
    return IMB_CPUFLAGS_AVX512;
}

}  // namespace

bool is_supported(ImbLevel level) {
    static const std::uint64_t features = [] {
        const Manager manager(alloc_mb_mgr(0));
        return manager == nullptr ? 0 : manager->features;
    }();
    return (features & features_of(level)) == features_of(level);
}

std::unique_ptr<PacketAead> make_imb_packet_aead(ImbLevel level) {
    PM_ASSERT(is_supported(level));
    return std::make_unique<ImbPacketAead>(level);
}

}  // namespace phantom::crypto
