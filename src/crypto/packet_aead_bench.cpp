// ns per packet: seal and open, per backend and size, one packet at a time and in bursts of 64; and
// memcpy of the same bytes as the ceiling. `./dev bench crypto`.

#include <bit>
#include <cstring>
#include <string>

#include <benchmark/benchmark.h>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/packet_aead.h"

namespace phantom::crypto {
namespace {

constexpr std::size_t kSizes[] = {64, 512, 1424, 1440, 9000};
constexpr std::size_t kBursts[] = {1, 64};

// A burst's packets side by side, as they lie in a read batch: disjoint source and destination.
struct Packets {
    Packets(std::size_t burst, std::size_t size) : stride((size + kAeadTagSize + 63) / 64 * 64) {
        plain.resize(stride * burst);
        sealed.resize(stride * burst);
        SeededRandom random(7);
        random.fill(plain);
        random.fill(key.bytes());
        for (std::size_t index = 0; index < burst; ++index) {
            std::uint8_t* const from = plain.data() + index * stride;
            std::uint8_t* const to = sealed.data() + index * stride;
            seals.push_back({from, to, size, index});
            opens.push_back({to, from, size, index, false});
        }
    }

    std::size_t stride;
    Key key;
    std::vector<std::uint8_t> plain;
    std::vector<std::uint8_t> sealed;
    std::vector<SealJob> seals;
    std::vector<OpenJob> opens;
};

void count(benchmark::State& state, const Packets& packets) {
    const auto done =
        static_cast<double>(state.iterations()) * static_cast<double>(packets.seals.size());
    const auto size = static_cast<double>(packets.seals.front().plaintext_size);
    using benchmark::Counter;
    // Seconds a packet. The library's own operator| casts out of its enum's range.
    constexpr auto kPerPacket = std::bit_cast<Counter::Flags>(
        static_cast<std::uint32_t>(Counter::kIsRate) | static_cast<std::uint32_t>(Counter::kInvert)
    );
    state.counters["packet"] = Counter(done, kPerPacket);
    state.counters["Gbit"] = Counter(done * size * 8, Counter::kIsRate);
}

void seal(benchmark::State& state, AeadBackend backend, std::size_t burst, std::size_t size) {
    auto aead = make_packet_aead(backend);
    Packets packets(burst, size);
    for ([[maybe_unused]] const auto _ : state) {
        (*aead)->seal(packets.key, packets.seals);
        benchmark::ClobberMemory();
    }
    count(state, packets);
}

void open(benchmark::State& state, AeadBackend backend, std::size_t burst, std::size_t size) {
    auto aead = make_packet_aead(backend);
    Packets packets(burst, size);
    (*aead)->seal(packets.key, packets.seals);
    for ([[maybe_unused]] const auto _ : state) {
        (*aead)->open(packets.key, packets.opens);
        benchmark::ClobberMemory();
    }
    for (const OpenJob& job : packets.opens) {
        if (!job.authentic) {
            state.SkipWithError("a packet was refused");
        }
    }
    count(state, packets);
}

void copy(benchmark::State& state, std::size_t burst, std::size_t size) {
    const Packets packets(burst, size);
    for ([[maybe_unused]] const auto _ : state) {
        for (const SealJob& job : packets.seals) {
            std::memcpy(job.ciphertext, job.plaintext, size);
        }
        benchmark::ClobberMemory();
    }
    count(state, packets);
}

std::string label(
    std::string_view what, std::string_view how, std::size_t burst, std::size_t size
) {
    return std::string(what) + "/" + std::string(how) + "/" + std::to_string(size) +
           "/burst:" + std::to_string(burst);
}

const bool kRegistered = [] {
    for (const std::size_t size : kSizes) {
        for (const std::size_t burst : kBursts) {
            for (const AeadBackend backend : available_aead_backends()) {
                const auto name = name_of(backend);
                benchmark::RegisterBenchmark(
                    label("seal", name, burst, size).c_str(), seal, backend, burst, size
                );
                benchmark::RegisterBenchmark(
                    label("open", name, burst, size).c_str(), open, backend, burst, size
                );
            }
            benchmark::RegisterBenchmark(
                label("copy", "memcpy", burst, size).c_str(), copy, burst, size
            );
        }
    }
    return true;
}();

}  // namespace
}  // namespace phantom::crypto
