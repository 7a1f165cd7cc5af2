#pragma once

// A second implementation of Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s for the tests: straight from the
// Noise specification (revision 34, sections 5 and 9) onto OpenSSL's EVP, sharing no code with
// src/crypto or handshake.cpp. It is itself checked against a published vector.

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace phantom::wireguard::test {

using Bytes = std::vector<std::uint8_t>;

inline void require(bool held) {
    if (!held) {
        throw std::runtime_error("reference implementation: OpenSSL failed");
    }
}

inline Bytes from_hex(const std::string& text) {
    Bytes bytes;
    for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(text.substr(at, 2), nullptr, 16)));
    }
    return bytes;
}

inline Bytes operator+(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

inline Bytes text_bytes(const std::string& text) {
    return {text.begin(), text.end()};
}

inline Bytes reference_hash(const Bytes& data) {
    Bytes out(32);
    require(EVP_Digest(data.data(), data.size(), out.data(), nullptr, EVP_blake2s256(), nullptr));
    return out;
}

// "HMAC" with parameter digest, or "BLAKE2SMAC" with parameter size.
inline Bytes reference_mac(const char* name, const Bytes& key, const Bytes& data) {
    const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> mac(
        EVP_MAC_fetch(nullptr, name, nullptr), EVP_MAC_free
    );
    const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(
        EVP_MAC_CTX_new(mac.get()), EVP_MAC_CTX_free
    );
    const bool is_hmac = std::string(name) == "HMAC";
    char digest[] = "BLAKE2S-256";
    std::size_t size = is_hmac ? 32 : 16;
    const OSSL_PARAM params[] = {
        is_hmac ? OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0)
                : OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
        OSSL_PARAM_construct_end()
    };
    Bytes out(size);
    require(EVP_MAC_init(context.get(), key.data(), key.size(), params));
    require(EVP_MAC_update(context.get(), data.data(), data.size()));
    require(EVP_MAC_final(context.get(), out.data(), &size, out.size()));
    return out;
}

// Noise 4.3, HKDF: outputs 1 to `count`.
inline std::vector<Bytes> reference_hkdf(const Bytes& key, const Bytes& input, int count) {
    const Bytes temporary = reference_mac("HMAC", key, input);
    std::vector<Bytes> outputs;
    Bytes last;
    for (int number = 1; number <= count; ++number) {
        last = reference_mac("HMAC", temporary, last + Bytes{static_cast<std::uint8_t>(number)});
        outputs.push_back(last);
    }
    return outputs;
}

using PkeyPointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

inline PkeyPointer reference_private(const Bytes& key) {
    return {
        EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, key.data(), key.size()),
        EVP_PKEY_free
    };
}

inline Bytes reference_public(const Bytes& private_key) {
    Bytes out(32);
    std::size_t size = out.size();
    require(EVP_PKEY_get_raw_public_key(reference_private(private_key).get(), out.data(), &size));
    return out;
}

inline Bytes reference_dh(const Bytes& private_key, const Bytes& public_key) {
    const PkeyPointer ours = reference_private(private_key);
    const PkeyPointer theirs(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, public_key.data(), 32), EVP_PKEY_free
    );
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new(ours.get(), nullptr), EVP_PKEY_CTX_free
    );
    Bytes out(32);
    std::size_t size = out.size();
    require(EVP_PKEY_derive_init(context.get()) == 1);
    require(EVP_PKEY_derive_set_peer(context.get(), theirs.get()) == 1);
    require(EVP_PKEY_derive(context.get(), out.data(), &size) == 1);
    return out;
}

inline Bytes reference_seal(
    const Bytes& key, std::uint64_t counter, const Bytes& plaintext, const Bytes& aad
) {
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
        EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free
    );
    std::array<std::uint8_t, 12> nonce{};
    for (unsigned byte = 0; byte < 8; ++byte) {
        nonce[4 + byte] = static_cast<std::uint8_t>(counter >> (8 * byte));
    }
    Bytes out(plaintext.size() + 16);
    int size = 0;
    require(EVP_EncryptInit_ex(
        context.get(), EVP_chacha20_poly1305(), nullptr, key.data(), nonce.data()
    ));
    require(
        EVP_EncryptUpdate(context.get(), nullptr, &size, aad.data(), static_cast<int>(aad.size()))
    );
    if (!plaintext.empty()) {
        require(EVP_EncryptUpdate(
            context.get(), out.data(), &size, plaintext.data(), static_cast<int>(plaintext.size())
        ));
    }
    require(EVP_EncryptFinal_ex(context.get(), out.data() + plaintext.size(), &size));
    require(
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, 16, out.data() + plaintext.size())
    );
    return out;
}

struct ReferenceKeys {
    Bytes initiator_static;
    Bytes initiator_ephemeral;
    Bytes responder_static;
    Bytes responder_ephemeral;
    Bytes preshared_key;
};

// Both ends of a handshake at once: it knows every private key, so it predicts every byte.
class ReferenceHandshake {
  public:
    explicit ReferenceHandshake(ReferenceKeys keys) : keys_(std::move(keys)) {}

    void start(const Bytes& prologue) {
        // The name is longer than 32 bytes, so it is hashed (Noise 5.2, InitializeSymmetric).
        chaining_key_ = reference_hash(text_bytes("Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"));
        hash_ = chaining_key_;
        mix_hash(prologue);
        mix_hash(reference_public(keys_.responder_static));
    }
    // -> e, es, s, ss
    Bytes first_message(const Bytes& payload) {
        Bytes message = ephemeral(reference_public(keys_.initiator_ephemeral));
        key(reference_dh(keys_.initiator_ephemeral, reference_public(keys_.responder_static)));
        message = message + encrypt(reference_public(keys_.initiator_static));
        key(reference_dh(keys_.initiator_static, reference_public(keys_.responder_static)));
        return message + encrypt(payload);
    }
    // <- e, ee, se, psk
    Bytes second_message(const Bytes& payload) {
        const Bytes message = ephemeral(reference_public(keys_.responder_ephemeral));
        key(reference_dh(keys_.responder_ephemeral, reference_public(keys_.initiator_ephemeral)));
        key(reference_dh(keys_.responder_ephemeral, reference_public(keys_.initiator_static)));
        const auto out = reference_hkdf(chaining_key_, keys_.preshared_key, 3);
        chaining_key_ = out[0];
        mix_hash(out[1]);
        cipher_key_ = out[2];
        return message + encrypt(payload);
    }
    [[nodiscard]] const Bytes& hash() const { return hash_; }
    // Initiator to responder, responder to initiator.
    [[nodiscard]] std::vector<Bytes> split() const { return reference_hkdf(chaining_key_, {}, 2); }

  private:
    void mix_hash(const Bytes& data) { hash_ = reference_hash(hash_ + data); }
    void key(const Bytes& input) {
        const auto out = reference_hkdf(chaining_key_, input, 2);
        chaining_key_ = out[0];
        cipher_key_ = out[1];
    }
    Bytes ephemeral(const Bytes& public_key) {
        mix_hash(public_key);
        key(public_key);
        return public_key;
    }
    Bytes encrypt(const Bytes& plaintext) {
        const Bytes sealed = reference_seal(cipher_key_, 0, plaintext, hash_);
        mix_hash(sealed);
        return sealed;
    }

    ReferenceKeys keys_;
    Bytes chaining_key_;
    Bytes hash_;
    Bytes cipher_key_;
};

}  // namespace phantom::wireguard::test
