// Differential: every backend this processor can run against OpenSSL, on a burst whose sizes,
// counters and bytes the fuzzer chooses; then opened again, in place, with one bit flipped somewhere.

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "crypto/bytes_fixture.h"
#include "crypto/packet_aead.h"

namespace {

using namespace phantom;
using namespace phantom::crypto;
constexpr std::size_t kPacketsMax = 40;

// Takes what is left of the input, zeros after its end.
class Input {
  public:
    explicit Input(ByteView bytes) : bytes_(bytes) {}

    Bytes take(std::size_t size) {
        const ByteView taken = bytes_.first(std::min(size, bytes_.size()));
        bytes_ = bytes_.subspan(taken.size());
        Bytes out(taken.begin(), taken.end());
        out.resize(size);
        return out;
    }
    template <class T>
    T number() {
        return load_le<T>(take(sizeof(T)).data());
    }
    [[nodiscard]] bool is_empty() const { return bytes_.empty(); }

  private:
    ByteView bytes_;
};

struct Packet {
    std::uint64_t counter;
    Bytes plaintext;
};

struct Burst {
    Key key;
    std::vector<Packet> packets;
};

Burst parse(Input& input) {
    Burst burst;
    const Bytes key = input.take(32);
    burst.key = Key(std::span<const std::uint8_t, 32>(key.data(), 32));
    while (!input.is_empty() && burst.packets.size() < kPacketsMax) {
        const auto size = input.number<std::uint16_t>() % 2101U;
        const auto counter = input.number<std::uint64_t>();
        // Few bytes of input make many of a packet: a short pattern, repeated.
        const Bytes pattern = input.take(input.number<std::uint8_t>() % 32U + 1U);
        Bytes plaintext(size);
        for (std::size_t at = 0; at < size; ++at) {
            plaintext[at] = pattern[at % pattern.size()];
        }
        burst.packets.push_back({counter, plaintext});
    }
    return burst;
}

std::vector<Bytes> seal(PacketAead& aead, const Burst& burst) {
    std::vector<Bytes> sealed;
    sealed.reserve(burst.packets.size());
    for (const Packet& packet : burst.packets) {
        sealed.emplace_back(packet.plaintext.size() + kAeadTagSize);
    }
    std::vector<SealJob> jobs;
    jobs.reserve(sealed.size());
    for (std::size_t index = 0; index < sealed.size(); ++index) {
        const Packet& packet = burst.packets[index];
        jobs.push_back(
            {packet.plaintext.data(), sealed[index].data(), packet.plaintext.size(), packet.counter}
        );
    }
    aead.seal(burst.key, jobs);
    return sealed;
}

// `victim` is the packet that was tampered with.
void open_in_place(
    PacketAead& aead, const Burst& burst, std::vector<Bytes> sealed, std::size_t victim
) {
    std::vector<OpenJob> jobs;
    jobs.reserve(sealed.size());
    for (std::size_t index = 0; index < sealed.size(); ++index) {
        const Packet& packet = burst.packets[index];
        std::uint8_t* const at = sealed[index].data();
        jobs.push_back({at, at, packet.plaintext.size(), packet.counter, false});
    }
    aead.open(burst.key, jobs);
    for (std::size_t index = 0; index < sealed.size(); ++index) {
        const Bytes& plaintext = burst.packets[index].plaintext;
        PM_ASSERT(jobs[index].authentic == (index != victim));
        PM_ASSERT(
            index == victim || std::equal(plaintext.begin(), plaintext.end(), jobs[index].plaintext)
        );
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto aeads = [] {
        std::vector<std::unique_ptr<PacketAead>> made;
        for (const AeadBackend backend : available_aead_backends()) {
            made.push_back(std::move(*make_packet_aead(backend)));
        }
        return made;
    }();
    Input input({data, size});
    const auto tampered = input.number<std::uint16_t>();
    const auto tampered_bit = input.number<std::uint16_t>();
    const Burst burst = parse(input);
    if (burst.packets.empty()) {
        return 0;
    }
    const std::vector<Bytes> expected = seal(*aeads.back(), burst);  // OpenSSL is always the last
    std::vector<Bytes> broken = expected;
    const std::size_t victim = tampered % broken.size();
    const std::size_t bit = tampered_bit % (broken[victim].size() * 8);
    std::uint8_t& byte = broken[victim][bit / 8];
    byte = static_cast<std::uint8_t>(byte ^ (1U << (bit % 8)));
    for (const auto& aead : aeads) {
        PM_ASSERT(seal(*aead, burst) == expected);
        open_in_place(*aead, burst, expected, burst.packets.size());
        open_in_place(*aead, burst, broken, victim);
    }
    return 0;
}
