#include "crypto/packet_aead.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/bytes_fixture.h"

namespace phantom::crypto {
namespace {

constexpr AeadBackend kBackends[] = {
    AeadBackend::kImbAvx512, AeadBackend::kOwnAvx2, AeadBackend::kImbAvx2,
    AeadBackend::kImbSse,    AeadBackend::kOpenSsl,
};

TEST(AeadBackends, have_names_that_lead_back_to_them) {
    for (const AeadBackend backend : kBackends) {
        const auto found = aead_backend_by_name(name_of(backend));
        ASSERT_TRUE(found.has_value());
        EXPECT_EQ(*found, backend);
    }
    const auto unknown = aead_backend_by_name("rot13");
    ASSERT_FALSE(unknown.has_value());
    EXPECT_TRUE(unknown.error().is(CryptoError::kBackendUnavailable));
}

TEST(AeadBackends, one_the_processor_lacks_is_refused) {
    const auto available = available_aead_backends();
    for (const AeadBackend backend : kBackends) {
        if (std::ranges::find(available, backend) == available.end()) {
            const auto aead = make_packet_aead(backend);
            ASSERT_FALSE(aead.has_value());
            EXPECT_TRUE(aead.error().is(CryptoError::kBackendUnavailable));
        }
    }
}

TEST(AeadBackends, openssl_is_always_available_and_the_best_is_the_first) {
    const auto available = available_aead_backends();
    EXPECT_NE(std::ranges::find(available, AeadBackend::kOpenSsl), available.end());
    const auto best = make_best_packet_aead();
    ASSERT_TRUE(best.has_value());
#ifdef PM_NULL_CIPHER
    EXPECT_EQ((*best)->name(), "null");
#else
    EXPECT_EQ((*best)->name(), name_of(available.front()));
#endif
}

// Packets of a burst, each with its own source and destination.
struct Burst {
    Key key;
    std::vector<std::uint64_t> counters;
    std::vector<Bytes> plaintexts;
    std::vector<Bytes> sealed;

    [[nodiscard]] std::size_t count() const { return plaintexts.size(); }

    std::vector<OpenJob> open_jobs(std::vector<Bytes>& out) {
        std::vector<OpenJob> jobs;
        jobs.reserve(count());
        out.clear();
        for (std::size_t index = 0; index < count(); ++index) {
            out.emplace_back(plaintexts[index].size());
        }
        for (std::size_t index = 0; index < count(); ++index) {
            jobs.push_back(
                {sealed[index].data(), out[index].data(), out[index].size(), counters[index], false}
            );
        }
        return jobs;
    }
};

Burst random_burst(Random& random, std::size_t count, std::size_t size_max) {
    Burst burst;
    random.fill(burst.key.bytes());
    for (std::size_t index = 0; index < count; ++index) {
        burst.counters.push_back(random.next_u64());
        // Half of them as WireGuard pads them.
        std::size_t size = random.below(size_max + 1);
        size = random.below(2) == 0 ? size / 16 * 16 : size;
        burst.plaintexts.emplace_back(size);
        random.fill(burst.plaintexts.back());
        burst.sealed.emplace_back(size + kAeadTagSize);
    }
    return burst;
}

void seal_apart(PacketAead& aead, Burst& burst) {
    std::vector<SealJob> jobs;
    jobs.reserve(burst.count());
    for (std::size_t index = 0; index < burst.count(); ++index) {
        const Bytes& plaintext = burst.plaintexts[index];
        jobs.push_back(
            {plaintext.data(), burst.sealed[index].data(), plaintext.size(), burst.counters[index]}
        );
    }
    aead.seal(burst.key, jobs);
}

class AeadOf : public testing::TestWithParam<AeadBackend> {
  protected:
    void SetUp() override {
        const auto available = available_aead_backends();
        if (std::ranges::find(available, GetParam()) == available.end()) {
            GTEST_SKIP() << "this processor cannot run " << name_of(GetParam());
        }
        aead_ = std::move(*make_packet_aead(GetParam()));
        openssl_ = std::move(*make_packet_aead(AeadBackend::kOpenSsl));
    }

    void expect_same_as_openssl(Burst& burst) {
        seal_apart(*aead_, burst);
        Burst reference = burst;
        seal_apart(*openssl_, reference);
        for (std::size_t index = 0; index < burst.count(); ++index) {
            EXPECT_EQ(burst.sealed[index], reference.sealed[index])
                << "packet " << index << " of " << burst.plaintexts[index].size();
        }
    }

    void expect_opens(Burst& burst) {
        std::vector<Bytes> out;
        auto jobs = burst.open_jobs(out);
        aead_->open(burst.key, jobs);
        for (std::size_t index = 0; index < burst.count(); ++index) {
            EXPECT_TRUE(jobs[index].authentic);
            EXPECT_EQ(out[index], burst.plaintexts[index]);
        }
    }

    std::unique_ptr<PacketAead> aead_;
    std::unique_ptr<PacketAead> openssl_;
};

std::string backend_test_name(const testing::TestParamInfo<AeadBackend>& info) {
    std::string name(name_of(info.param));
    std::ranges::replace(name, '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Backend, AeadOf, testing::ValuesIn(kBackends), backend_test_name);

TEST_P(AeadOf, says_its_name) {
    EXPECT_EQ(aead_->name(), name_of(GetParam()));
}

TEST_P(AeadOf, agrees_with_openssl_on_every_size_to_2100) {
    SeededRandom random(11);
    for (std::size_t size = 0; size <= 2100; ++size) {
        Burst burst = random_burst(random, 1, 0);
        burst.plaintexts[0].resize(size);
        burst.sealed[0].resize(size + kAeadTagSize);
        random.fill(burst.plaintexts[0]);
        expect_same_as_openssl(burst);
        expect_opens(burst);
    }
}

TEST_P(AeadOf, agrees_with_openssl_on_bursts_of_every_length) {
    SeededRandom random(12);
    for (std::size_t count = 0; count <= kAeadBurstMax; ++count) {
        for (const std::size_t size_max : {0U, 70U, 600U, 2100U}) {
            Burst burst = random_burst(random, count, size_max);
            expect_same_as_openssl(burst);
            expect_opens(burst);
        }
    }
}

TEST_P(AeadOf, takes_bursts_longer_than_it_cuts_them) {
    SeededRandom random(13);
    Burst burst = random_burst(random, 3 * kAeadBurstMax + 1, 200);
    expect_same_as_openssl(burst);
    expect_opens(burst);
}

TEST_P(AeadOf, works_in_place) {
    SeededRandom random(14);
    for (const std::size_t size_max : {0U, 70U, 600U, 2100U, 9000U}) {
        Burst burst = random_burst(random, 50, size_max);
        seal_apart(*openssl_, burst);
        std::vector<Bytes> buffers = burst.plaintexts;
        std::vector<SealJob> seals;
        std::vector<OpenJob> opens;
        for (std::size_t index = 0; index < burst.count(); ++index) {
            const std::size_t size = buffers[index].size();
            buffers[index].resize(size + kAeadTagSize);
            std::uint8_t* const at = buffers[index].data();
            seals.push_back({at, at, size, burst.counters[index]});
            opens.push_back({at, at, size, burst.counters[index], false});
        }
        aead_->seal(burst.key, seals);
        EXPECT_EQ(buffers, burst.sealed);
        aead_->open(burst.key, opens);
        for (std::size_t index = 0; index < burst.count(); ++index) {
            EXPECT_TRUE(opens[index].authentic);
            buffers[index].resize(burst.plaintexts[index].size());
        }
        EXPECT_EQ(buffers, burst.plaintexts);
    }
}

// What a data plane does: some packets move, some stay.
TEST_P(AeadOf, opens_bursts_that_are_partly_in_place) {
    SeededRandom random(15);
    for (int round = 0; round < 20; ++round) {
        Burst burst = random_burst(random, 40, 1500);
        seal_apart(*openssl_, burst);
        std::vector<Bytes> out;
        auto jobs = burst.open_jobs(out);
        for (std::size_t index = 0; index < burst.count(); ++index) {
            if (random.below(2) == 0) {
                jobs[index].plaintext = burst.sealed[index].data();
            }
        }
        aead_->open(burst.key, jobs);
        for (std::size_t index = 0; index < burst.count(); ++index) {
            EXPECT_TRUE(jobs[index].authentic);
            EXPECT_TRUE(std::equal(
                burst.plaintexts[index].begin(), burst.plaintexts[index].end(),
                jobs[index].plaintext
            ));
        }
    }
}

TEST_P(AeadOf, refuses_a_flipped_bit_and_leaves_the_rest_of_the_burst_alone) {
    SeededRandom random(16);
    for (int round = 0; round < 300; ++round) {
        Burst burst = random_burst(random, 1 + random.below(20), 700);
        seal_apart(*openssl_, burst);
        const std::size_t victim = random.below(burst.count());
        Bytes& broken = burst.sealed[victim];
        const std::size_t bit = random.below(broken.size() * 8);
        broken[bit / 8] = static_cast<std::uint8_t>(broken[bit / 8] ^ (1U << (bit % 8)));
        std::vector<Bytes> out;
        auto jobs = burst.open_jobs(out);
        aead_->open(burst.key, jobs);
        for (std::size_t index = 0; index < burst.count(); ++index) {
            EXPECT_EQ(jobs[index].authentic, index != victim);
            if (index != victim) {
                EXPECT_EQ(out[index], burst.plaintexts[index]);
            }
        }
    }
}

TEST_P(AeadOf, refuses_every_single_flipped_bit_of_a_short_packet) {
    SeededRandom random(17);
    Burst burst = random_burst(random, 1, 0);
    burst.plaintexts[0].resize(33);
    burst.sealed[0].resize(33 + kAeadTagSize);
    random.fill(burst.plaintexts[0]);
    seal_apart(*openssl_, burst);
    for (std::size_t bit = 0; bit < burst.sealed[0].size() * 8; ++bit) {
        Burst broken = burst;
        std::uint8_t& byte = broken.sealed[0][bit / 8];
        byte = static_cast<std::uint8_t>(byte ^ (1U << (bit % 8)));
        std::vector<Bytes> out;
        auto jobs = broken.open_jobs(out);
        aead_->open(broken.key, jobs);
        EXPECT_FALSE(jobs[0].authentic) << "bit " << bit;
    }
}

TEST_P(AeadOf, refuses_another_counter_or_key) {
    SeededRandom random(18);
    Burst burst = random_burst(random, 3, 300);
    seal_apart(*openssl_, burst);
    std::vector<Bytes> out;
    auto jobs = burst.open_jobs(out);
    jobs[1].counter ^= std::uint64_t{1} << 63U;
    aead_->open(burst.key, jobs);
    EXPECT_TRUE(jobs[0].authentic);
    EXPECT_FALSE(jobs[1].authentic);
    EXPECT_TRUE(jobs[2].authentic);
    burst.key.bytes()[0] ^= 1;
    jobs = burst.open_jobs(out);
    aead_->open(burst.key, jobs);
    EXPECT_FALSE(jobs[0].authentic);
}

// A page that may not be touched on either side of a buffer: assembly is out of a sanitizer's
// sight.
class GuardedBuffer {
  public:
    explicit GuardedBuffer(std::size_t size_max)
        : page_(static_cast<std::size_t>(getpagesize())),
          inside_((size_max + page_ - 1) / page_ * page_) {
        void* const mapped =
            mmap(nullptr, inside_ + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        EXPECT_NE(mapped, MAP_FAILED);
        start_ = static_cast<std::uint8_t*>(mapped) + page_;
        EXPECT_EQ(mprotect(start_, inside_, PROT_READ | PROT_WRITE), 0);
    }
    GuardedBuffer(const GuardedBuffer&) = delete;
    GuardedBuffer& operator=(const GuardedBuffer&) = delete;
    ~GuardedBuffer() { munmap(start_ - page_, inside_ + 2 * page_); }

    [[nodiscard]] std::uint8_t* at_start() const { return start_; }
    // The last byte is the last that may be touched.
    [[nodiscard]] std::uint8_t* at_end(std::size_t size) const { return start_ + inside_ - size; }

  private:
    std::size_t page_;
    std::size_t inside_;
    std::uint8_t* start_;
};

TEST_P(AeadOf, touches_nothing_outside_its_buffers) {
    SeededRandom random(19);
    Key key;
    random.fill(key.bytes());
    const GuardedBuffer plain(1500);
    const GuardedBuffer sealed(1500);
    const GuardedBuffer opened(1500);
    for (std::size_t size = 0; size <= 1440; ++size) {
        const std::size_t sealed_size = size + kAeadTagSize;
        const bool at_end = size % 2 == 0;
        std::uint8_t* const from = at_end ? plain.at_end(size) : plain.at_start();
        std::uint8_t* const to = at_end ? sealed.at_end(sealed_size) : sealed.at_start();
        std::uint8_t* const back = at_end ? opened.at_end(size) : opened.at_start();
        random.fill({from, size});
        // The bytes beside a packet belong to somebody else.
        std::uint8_t* const beside_sealed = at_end ? to - 1 : to + sealed_size;
        std::uint8_t* const beside_opened = at_end ? back - 1 : back + size;
        *beside_sealed = 0x5a;
        *beside_opened = 0x5a;
        const SealJob seals[] = {{from, to, size, size}};
        aead_->seal(key, seals);
        OpenJob opens[] = {{to, back, size, size, false}};
        aead_->open(key, opens);
        ASSERT_TRUE(opens[0].authentic);
        ASSERT_TRUE(std::equal(from, from + size, back));
        ASSERT_EQ(*beside_sealed, 0x5a);
        ASSERT_EQ(*beside_opened, 0x5a);
    }
}

// Poly1305 at the edge of its modulus: an all-ones key stream cannot be had, but ciphertext of all
// ones with many keys drives the sum through every carry.
TEST_P(AeadOf, agrees_with_openssl_on_extreme_ciphertexts) {
    SeededRandom random(20);
    for (int round = 0; round < 400; ++round) {
        Burst burst = random_burst(random, 4, 300);
        for (std::size_t index = 0; index < burst.count(); ++index) {
            // Sealing zeros gives the key stream; sealing its complement gives all ones.
            std::ranges::fill(burst.plaintexts[index], std::uint8_t{0});
        }
        seal_apart(*openssl_, burst);
        const std::uint8_t wanted = round % 2 == 0 ? 0xff : 0x00;
        for (std::size_t index = 0; index < burst.count(); ++index) {
            Bytes& plaintext = burst.plaintexts[index];
            for (std::size_t at = 0; at < plaintext.size(); ++at) {
                plaintext[at] = static_cast<std::uint8_t>(burst.sealed[index][at] ^ wanted);
            }
        }
        expect_same_as_openssl(burst);
        for (const Bytes& sealed : burst.sealed) {
            for (std::size_t at = 0; at + kAeadTagSize < sealed.size(); ++at) {
                ASSERT_EQ(sealed[at], wanted);
            }
        }
        expect_opens(burst);
    }
}

}  // namespace
}  // namespace phantom::crypto
