// The primitives of a handshake. Goal: >= 10,000 handshakes/s a core, so 100 us for all of a
// responder's or an initiator's work: four X25519 (one of them for a new public key), 20 keyed or
// plain hashes, 7 KDFs and 2 AEADs.

#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include "crypto/blake2s.h"
#include "crypto/noise.h"

namespace phantom::crypto {
namespace {

void x25519_agreement(benchmark::State& state) {
    SeededRandom random(1);
    const PrivateKey key = generate_private_key(random);
    const PublicKey peer = public_key_of(generate_private_key(random));
    for ([[maybe_unused]] const auto _ : state) {
        auto secret = x25519(key, peer);
        benchmark::DoNotOptimize(secret);
    }
}
BENCHMARK(x25519_agreement);

void x25519_public_key(benchmark::State& state) {
    SeededRandom random(2);
    const PrivateKey key = generate_private_key(random);
    for ([[maybe_unused]] const auto _ : state) {
        auto own = public_key_of(key);
        benchmark::DoNotOptimize(own);
    }
}
BENCHMARK(x25519_public_key);

void blake2s_own(benchmark::State& state) {
    std::vector<std::uint8_t> message(static_cast<std::size_t>(state.range(0)));
    for ([[maybe_unused]] const auto _ : state) {
        auto digest = blake2s(message);
        benchmark::DoNotOptimize(digest);
    }
}
BENCHMARK(blake2s_own)->Arg(32)->Arg(64)->Arg(148);

// What blake2s.h gives as its reason.
void blake2s_openssl_evp(benchmark::State& state) {
    std::vector<std::uint8_t> message(static_cast<std::size_t>(state.range(0)));
    EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "BLAKE2S-256", nullptr);
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    Hash digest;
    for ([[maybe_unused]] const auto _ : state) {
        EVP_DigestInit_ex2(context, algorithm, nullptr);
        EVP_DigestUpdate(context, message.data(), message.size());
        EVP_DigestFinal_ex(context, digest.data(), nullptr);
        benchmark::DoNotOptimize(digest);
    }
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
}
BENCHMARK(blake2s_openssl_evp)->Arg(32)->Arg(64)->Arg(148);

void blake2s_mac1(benchmark::State& state) {
    std::vector<std::uint8_t> message(116);
    const Key key;
    for ([[maybe_unused]] const auto _ : state) {
        auto mac = blake2s_mac(key.view(), message);
        benchmark::DoNotOptimize(mac);
    }
}
BENCHMARK(blake2s_mac1);

void kdf_outputs(benchmark::State& state) {
    const Key chaining_key;
    const Key input;
    std::vector<Key> out(static_cast<std::size_t>(state.range(0)));
    for ([[maybe_unused]] const auto _ : state) {
        kdf(chaining_key.view(), input.view(), out);
        benchmark::DoNotOptimize(out.data());
    }
}
BENCHMARK(kdf_outputs)->Arg(1)->Arg(2)->Arg(3);

void aead_of_static_key(benchmark::State& state) {
    const Key key;
    const std::vector<std::uint8_t> plaintext(32);
    const std::vector<std::uint8_t> aad(32);
    std::vector<std::uint8_t> sealed(48);
    std::vector<std::uint8_t> opened(32);
    for ([[maybe_unused]] const auto _ : state) {
        aead_seal(key, 0, plaintext, aad, sealed);
        benchmark::DoNotOptimize(aead_open(key, 0, sealed, aad, opened).has_value());
    }
}
BENCHMARK(aead_of_static_key);

}  // namespace
}  // namespace phantom::crypto
