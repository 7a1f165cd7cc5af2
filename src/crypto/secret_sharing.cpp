#include "crypto/secret_sharing.h"

#include <algorithm>
#include <array>
#include <memory>

// Its header says nothing of C++.
extern "C" {
#include <libgfshare.h>
}

#include "base/random.h"

namespace phantom::crypto {

namespace {

void fill_from_the_kernel(unsigned char* out, unsigned int size) {
    SystemRandom().fill({out, size});
}

// Also before shares are joined: the library overwrites what it frees with what this gives.
void set_random_source() {
    [[maybe_unused]] static const bool is_set = [] {
        gfshare_fill_rand = &fill_from_the_kernel;
        return true;
    }();
}

struct FreeContext {
    void operator()(gfshare_ctx* context) const { gfshare_ctx_free(context); }
};
using SharingContext = std::unique_ptr<gfshare_ctx, FreeContext>;

}  // namespace

std::vector<SecretShare> split_secret(ByteView secret, std::uint8_t threshold, std::uint8_t count) {
    PM_ASSERT(!secret.empty());
    PM_ASSERT(kShareThresholdMin <= threshold);
    PM_ASSERT(threshold <= count);
    PM_ASSERT(count <= kSharesMax);
    set_random_source();
    std::array<std::uint8_t, kSharesMax> numbers{};
    for (std::uint8_t index = 0; index < count; ++index) {
        numbers[index] = static_cast<std::uint8_t>(index + 1);
    }
    const SharingContext context(gfshare_ctx_init_enc(
        numbers.data(), count, threshold, static_cast<unsigned int>(secret.size())
    ));
    PM_ASSERT(context != nullptr);
    SecretBytes copy(secret);  // the library takes what it only reads as if it wrote there
    gfshare_ctx_enc_setsecret(context.get(), copy.bytes().data());
    std::vector<SecretShare> shares;
    for (std::uint8_t index = 0; index < count; ++index) {
        SecretShare& share = shares.emplace_back(
            SecretShare{.number = numbers[index], .value = SecretBytes(secret.size())}
        );
        gfshare_ctx_enc_getshare(context.get(), index, share.value.bytes().data());
    }
    return shares;
}

SecretBytes join_shares(std::span<const SecretShare> shares) {
    PM_ASSERT(!shares.empty());
    PM_ASSERT(shares.size() <= kSharesMax);
    set_random_source();
    const std::size_t size = shares.front().value.view().size();
    std::array<std::uint8_t, kSharesMax> numbers{};
    for (std::size_t index = 0; index < shares.size(); ++index) {
        const SecretShare& share = shares[index];
        PM_ASSERT(share.number != 0);
        PM_ASSERT(share.value.view().size() == size);
        PM_ASSERT(std::ranges::find(numbers, share.number) == numbers.end());
        numbers[index] = share.number;
    }
    const SharingContext context(gfshare_ctx_init_dec(
        numbers.data(), static_cast<unsigned int>(shares.size()), static_cast<unsigned int>(size)
    ));
    PM_ASSERT(context != nullptr);
    for (std::size_t index = 0; index < shares.size(); ++index) {
        SecretBytes copy(shares[index].value.view());  // likewise
        gfshare_ctx_dec_giveshare(
            context.get(), static_cast<unsigned char>(index), copy.bytes().data()
        );
    }
    SecretBytes secret(size);
    gfshare_ctx_dec_extract(context.get(), secret.bytes().data());
    return secret;
}

}  // namespace phantom::crypto
