#pragma once

// The chaining key and the hash of a handshake (Noise specification 5.2, "SymmetricState"; paper
// 5.4.2 and 5.4.3 write them C and H). Wiped when it goes.

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/noise.h"

namespace phantom::wireguard {

class SymmetricState {
  public:
    // Construction, identifier and the responder's static public key are mixed in.
    explicit SymmetricState(const crypto::PublicKey& responder_static);

    void mix_hash(ByteView data);
    // Public keys and DH results that give no encryption key of their own.
    void mix_key(ByteView input);
    [[nodiscard]] crypto::Key mix_key_and_derive(ByteView input);
    // Noise specification 9.2: also mixes a hash, so that the pre-shared key authenticates.
    [[nodiscard]] crypto::Key mix_preshared_key(const crypto::Key& preshared_key);

    // AEAD with counter 0 and the hash as AAD; the ciphertext is mixed into the hash.
    void encrypt(const crypto::Key& key, ByteView plaintext, MutableBytes out);
    [[nodiscard]] Status decrypt(const crypto::Key& key, ByteView ciphertext, MutableBytes out);

    struct Split {
        crypto::Key initiator_to_responder;
        crypto::Key responder_to_initiator;
    };
    [[nodiscard]] Split split() const;
    // Noise specification 11.2: after the last message, the same at both ends and at no others.
    [[nodiscard]] crypto::Hash handshake_hash() const;

  private:
    crypto::Key chaining_key_;
    crypto::Key hash_;  // a Secret only to be wiped with the rest
};

}  // namespace phantom::wireguard
