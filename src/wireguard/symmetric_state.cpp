#include "wireguard/symmetric_state.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace phantom::wireguard {

namespace {

constexpr std::string_view kConstruction = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s";
constexpr std::string_view kIdentifier = "WireGuard v1 zx2c4 Jason@zx2c4.com";
static_assert(kConstruction.size() == 37);
static_assert(kIdentifier.size() == 34);

ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

struct Start {
    crypto::Hash chaining_key = crypto::blake2s(bytes_of(kConstruction));
    crypto::Hash hash = crypto::blake2s(chaining_key, bytes_of(kIdentifier));
};

const Start& start() {
    static const Start computed;
    return computed;
}

}  // namespace

SymmetricState::SymmetricState(const crypto::PublicKey& responder_static)
    : chaining_key_(start().chaining_key), hash_(start().hash) {
    mix_hash(responder_static);
}

void SymmetricState::mix_hash(ByteView data) {
    hash_ = crypto::Key(crypto::blake2s(hash_.view(), data));
}

void SymmetricState::mix_key(ByteView input) {
    std::array<crypto::Key, 1> out;
    crypto::kdf(chaining_key_.view(), input, out);
    chaining_key_ = out[0];
}

crypto::Key SymmetricState::mix_key_and_derive(ByteView input) {
    std::array<crypto::Key, 2> out;
    crypto::kdf(chaining_key_.view(), input, out);
    chaining_key_ = out[0];
    return out[1];
}

crypto::Key SymmetricState::mix_preshared_key(const crypto::Key& preshared_key) {
    std::array<crypto::Key, 3> out;
    crypto::kdf(chaining_key_.view(), preshared_key.view(), out);
    chaining_key_ = out[0];
    mix_hash(out[1].view());
    return out[2];
}

void SymmetricState::encrypt(const crypto::Key& key, ByteView plaintext, MutableBytes out) {
    crypto::aead_seal(key, 0, plaintext, hash_.view(), out);
    mix_hash(out);
}

Status SymmetricState::decrypt(const crypto::Key& key, ByteView ciphertext, MutableBytes out) {
    PM_TRY(crypto::aead_open(key, 0, ciphertext, hash_.view(), out));
    mix_hash(ciphertext);
    return {};
}

// Paper 5.4.5: the transport keys come from the chaining key and nothing else.
SymmetricState::Split SymmetricState::split() const {
    std::array<crypto::Key, 2> out;
    crypto::kdf(chaining_key_.view(), {}, out);
    return {out[0], out[1]};
}

crypto::Hash SymmetricState::handshake_hash() const {
    crypto::Hash hash;
    std::ranges::copy(hash_.view(), hash.begin());
    return hash;
}

}  // namespace phantom::wireguard
