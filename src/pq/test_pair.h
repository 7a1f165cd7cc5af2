#pragma once

// For tests only: two nodes that know each other, with the real KEM or a quick one.

#include <deque>
#include <memory>
#include <vector>

#include "crypto/sha256.h"
#include "pq/peer.h"

namespace phantom::pq::test {

// The sizes of ML-KEM-768 and none of its strength: the public key is a hash of the seed, the secret
// a hash of public key and ciphertext.
class QuickKem final : public Kem {
  public:
    [[nodiscard]] Result<std::unique_ptr<DecapsulationKey>> from_seed(const crypto::KemSeed& seed
    ) const override {
        return std::make_unique<QuickKey>(seed);
    }
    [[nodiscard]] Result<crypto::Encapsulation> encapsulate(const KemPublicKey& to, Random& random)
        const override {
        crypto::Encapsulation out;
        out.ciphertext.fill(0);
        random.fill(std::span(out.ciphertext).first<32>());
        out.secret = secret_of(to, out.ciphertext);
        return out;
    }

  private:
    static Key secret_of(const KemPublicKey& key, ByteView ciphertext) {
        return Key(crypto::sha256({ByteView(key), ciphertext}));
    }
    class QuickKey final : public DecapsulationKey {
      public:
        explicit QuickKey(const crypto::KemSeed& seed) {
            public_key_.fill(0);
            std::ranges::copy(crypto::sha256({ByteView(seed.view())}), public_key_.begin());
        }
        [[nodiscard]] const KemPublicKey& public_key() const override { return public_key_; }
        [[nodiscard]] Result<Key> decapsulate(ByteView ciphertext) const override {
            return secret_of(public_key_, ciphertext);
        }

      private:
        KemPublicKey public_key_;
    };
};

[[nodiscard]] inline const Kem& quick_kem() {
    static const QuickKem kem;
    return kem;
}
[[nodiscard]] inline const Kem& real_kem() {
    static const MlKem kem;
    return kem;
}

// What a node keeps through everything: its identity.
struct Node {
    Node(const Kem& kem, std::uint8_t number, Random& random)
        : id{number}, static_key(std::move(*kem.generate(random))) {}

    NodeId id;
    std::unique_ptr<DecapsulationKey> static_key;
};

[[nodiscard]] inline PqPeerOptions options_of(const Node& own, const Node& peer, const Kem& kem) {
    PqPeerOptions options;
    options.party = {own.id, peer.id, own.static_key.get(), peer.static_key->public_key(), &kem};
    options.bootstrap.bytes()[0] = 0xb0;
    return options;
}

[[nodiscard]] inline Hash session_hash(std::uint64_t number) {
    Hash hash{};
    store_le(hash.data(), number);
    return hash;
}

[[nodiscard]] inline bool same_key(const Psk& a, const Psk& b) {
    return a.id == b.id && crypto::equal_constant_time(a.key.view(), b.key.view());
}

[[nodiscard]] inline bool is_candidate(const PqPeer& peer, const Psk& psk) {
    const Candidates candidates = peer.candidates();
    return psk.is_bootstrap() ||
           std::ranges::any_of(candidates.view(), [&psk](const Psk& candidate) {
               return same_key(candidate, psk);
           });
}

}  // namespace phantom::pq::test
