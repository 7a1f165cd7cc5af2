#include "crypto/packet_aead.h"

#include <array>

#include "base/assert.h"
#include "base/bytes.h"
#include "crypto/null_aead.h"
#include "crypto/packet_aead_backends.h"

namespace phantom::crypto {

namespace {

constexpr std::size_t kKnownAnswerSizeMax = 1424;

// Made with the Python `cryptography` package from the inputs in known_plaintext() and below. The
// sizes sit on and beside the blocks of the ciphers: 64 bytes, and 512 for eight lanes.
struct KnownAnswer {
    std::size_t size;
    std::array<std::uint8_t, kAeadTagSize> tag;
};
constexpr KnownAnswer kKnownAnswers[] = {
    {0,
     {0x5a, 0xa7, 0x89, 0x87, 0x28, 0xd8, 0x8d, 0xa1, 0xe7, 0xab, 0xe5, 0xe2, 0x9f, 0xac, 0x5b, 0xd6
     }},
    {1,
     {0xce, 0x61, 0xd6, 0x23, 0x57, 0x3e, 0x0a, 0x58, 0x91, 0x5f, 0x49, 0x96, 0x9a, 0xa1, 0x1d, 0xd2
     }},
    {64,
     {0x26, 0x76, 0x66, 0x60, 0x4e, 0xa1, 0x5d, 0x5f, 0x3e, 0x4d, 0xcb, 0xc2, 0xbf, 0x40, 0x48, 0x36
     }},
    {193,
     {0x44, 0x22, 0x34, 0xad, 0xf5, 0xcb, 0x2b, 0x74, 0x54, 0x21, 0x3e, 0xc2, 0x0a, 0x75, 0xc7, 0x1f
     }},
    {513,
     {0x23, 0x89, 0x96, 0x26, 0xc5, 0x56, 0x25, 0xef, 0x24, 0x62, 0x00, 0xff, 0xc0, 0x20, 0x87, 0x14
     }},
    {kKnownAnswerSizeMax,
     {0x6c, 0x3b, 0x39, 0x67, 0xb0, 0x0f, 0xb7, 0x4c, 0x72, 0x98, 0x6f, 0x2f, 0x4f, 0xfe, 0xb9, 0xf8
     }},
};

constexpr std::uint64_t known_counter(std::size_t size) {
    return 0x0102030405060708U + size;
}

std::vector<std::uint8_t> known_plaintext(std::size_t size) {
    std::vector<std::uint8_t> plaintext(size + kAeadTagSize);
    for (std::size_t index = 0; index < size; ++index) {
        plaintext[index] = static_cast<std::uint8_t>(index * 7 + 3);
    }
    return plaintext;
}

// All packets as one burst, sealed in place; then opened in place, one of them with a broken tag.
bool knows_the_answers(PacketAead& aead) {
    Key key;
    for (std::size_t index = 0; index < key.bytes().size(); ++index) {
        key.bytes()[index] = static_cast<std::uint8_t>(0x40 + index);
    }
    std::vector<std::vector<std::uint8_t>> packets;
    std::vector<SealJob> seals;
    std::vector<OpenJob> opens;
    for (const KnownAnswer& answer : kKnownAnswers) {
        packets.push_back(known_plaintext(answer.size));
        std::uint8_t* const packet = packets.back().data();
        seals.push_back({packet, packet, answer.size, known_counter(answer.size)});
        opens.push_back({packet, packet, answer.size, known_counter(answer.size), false});
    }
    aead.seal(key, seals);
    bool good = true;
    for (std::size_t index = 0; index < packets.size(); ++index) {
        const ByteView tag = ByteView(packets[index]).last(kAeadTagSize);
        good = good && equal_constant_time(tag, kKnownAnswers[index].tag);
    }
    constexpr std::size_t kBroken = 2;
    packets[kBroken].back() ^= 1;
    aead.open(key, opens);
    for (std::size_t index = 0; index < packets.size(); ++index) {
        const std::size_t size = opens[index].plaintext_size;
        good = good && opens[index].authentic == (index != kBroken);
        if (index != kBroken) {
            const ByteView plaintext = ByteView(packets[index]).first(size);
            good =
                good && equal_constant_time(plaintext, ByteView(known_plaintext(size)).first(size));
        }
    }
    return good;
}

// Best first, by ns a packet of 1,424 bytes in bursts of 64 (README.md): ipsec-mb with AVX-512 634,
// ours 639 on a slower machine where ipsec-mb with AVX2 takes 1,091. OpenSSL is last because it is
// always there, and slowest by far for small packets.
constexpr AeadBackend kAllBackends[] = {
    AeadBackend::kImbAvx512, AeadBackend::kOwnAvx2, AeadBackend::kImbAvx2,
    AeadBackend::kImbSse,    AeadBackend::kOpenSsl,
};

bool is_available(AeadBackend backend) {
    switch (backend) {
        case AeadBackend::kOwnAvx2:
            return is_own_avx2_supported();
        case AeadBackend::kImbAvx512:
            return is_supported(ImbLevel::kAvx512);
        case AeadBackend::kImbAvx2:
            return is_supported(ImbLevel::kAvx2);
        case AeadBackend::kImbSse:
            return is_supported(ImbLevel::kSse);
        case AeadBackend::kOpenSsl:
            return true;
    }
    return false;
}

std::unique_ptr<PacketAead> make_unchecked(AeadBackend backend) {
    switch (backend) {
        case AeadBackend::kImbAvx512:
            return make_imb_packet_aead(ImbLevel::kAvx512);
        case AeadBackend::kImbAvx2:
            return make_imb_packet_aead(ImbLevel::kAvx2);
        case AeadBackend::kImbSse:
            return make_imb_packet_aead(ImbLevel::kSse);
        case AeadBackend::kOwnAvx2:
            return make_avx2_packet_aead();
        case AeadBackend::kOpenSsl:
            break;
    }
    return make_openssl_packet_aead();
}

}  // namespace

std::vector<AeadBackend> available_aead_backends() {
    std::vector<AeadBackend> available;
    for (const AeadBackend backend : kAllBackends) {
        if (is_available(backend)) {
            available.push_back(backend);
        }
    }
    return available;
}

std::string_view name_of(AeadBackend backend) {
    switch (backend) {
        case AeadBackend::kOwnAvx2:
            return "own-avx2";
        case AeadBackend::kImbAvx512:
            return "ipsec-mb-avx512";
        case AeadBackend::kImbAvx2:
            return "ipsec-mb-avx2";
        case AeadBackend::kImbSse:
            return "ipsec-mb-sse";
        case AeadBackend::kOpenSsl:
            return "openssl";
    }
    return "unknown";
}

Result<AeadBackend> aead_backend_by_name(std::string_view name) {
    for (const AeadBackend backend : kAllBackends) {
        if (name_of(backend) == name) {
            return backend;
        }
    }
    return fail(CryptoError::kBackendUnavailable);
}

Result<std::unique_ptr<PacketAead>> make_packet_aead(AeadBackend backend) {
    if (!is_available(backend)) {
        return fail(CryptoError::kBackendUnavailable, static_cast<std::uint32_t>(backend));
    }
    auto aead = make_unchecked(backend);
    if (!knows_the_answers(*aead)) {
        return fail(CryptoError::kSelfTestFailed, static_cast<std::uint32_t>(backend));
    }
    return aead;
}

Result<std::unique_ptr<PacketAead>> make_best_packet_aead() {
#ifdef PM_NULL_CIPHER
    return make_null_packet_aead();
#endif
    for (const AeadBackend backend : available_aead_backends()) {
        if (auto aead = make_packet_aead(backend)) {
            return aead;
        }
    }
    return fail(CryptoError::kBackendUnavailable);
}

}  // namespace phantom::crypto
