// ChaCha20-Poly1305 for bursts, on the AVX2 pass of avx2_pass.h. This file deals the blocks of a
// burst to the eight lanes of passes and follows each packet to its tag:
//
//   1. a packet takes one lane for ChaCha20 block 0, which is its Poly1305 key, and one for each 64
//      bytes. A pass takes whatever comes next, be it eight blocks of one packet or eight packets;
//      1,424 bytes (1 + 23 lanes) are exactly three passes;
//   2. run_pass() encrypts the lanes and, beside that, sums the ciphertext of the pass before;
//   3. packets whose last full lane has now been summed get their tag written, or compared;
//   4. keys that came out of this pass are clamped, ends of packets are copied to their place.

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <type_traits>

#include "base/assert.h"
#include "base/bytes.h"
#include "crypto/avx2_pass.h"
#include "crypto/packet_aead_backends.h"

namespace phantom::crypto {

namespace {

using avx2::kLaneCount;
using avx2::kLaneSize;
using poly1305::kBlockSize;

// Packets with bytes in this pass or the one before, each of which has at most kLaneCount; a power
// of two.
constexpr std::size_t kPacketsAlive = 32;
static_assert(kPacketsAlive >= 2 * kLaneCount + 1);

// The lanes one packet has in one pass.
template <class Job>
struct Piece {
    Job* job;
    avx2::PacketSum* packet;
    std::size_t first_lane;  // of the text; the key's lane is before it
    std::size_t offset;      // in the text
    std::size_t size;
    bool has_key;
    bool is_last;
};

// A packet of which only the bytes after its last full lane, and the sizes, are still to sum.
template <class Job>
struct Ending {
    Job* job;
    avx2::PacketSum* packet;
    const std::uint8_t* tail;  // whole blocks, padded with zeros
    std::size_t tail_size;
};

alignas(32) constexpr std::uint8_t kZeroBlock[kLaneSize] = {};

using LaneBuffers = std::uint8_t[kLaneCount][kLaneSize];

struct Scratch {
    avx2::KeyRows rows;
    avx2::PassState state;
    avx2::Lanes lanes;
    avx2::PacketSum packets[kPacketsAlive];
    // Where a lane that is not 64 bytes of a packet reads or writes: the ciphertext of the last
    // bytes of a packet (of this pass and the one before), and its plaintext or a Poly1305 key.
    alignas(32) LaneBuffers ciphertext[2];
    alignas(32) LaneBuffers secret;
    alignas(32) std::uint8_t stash[2][avx2::kPassSize];
};

template <class T, std::size_t Capacity>
class FixedList {
  public:
    void push(const T& item) {
        PM_ASSERT(size_ < Capacity);
        items_[size_++] = item;
    }
    void clear() { size_ = 0; }
    [[nodiscard]] std::span<const T> view() const { return {items_.data(), size_}; }

  private:
    std::array<T, Capacity> items_;
    std::size_t size_ = 0;
};

// Less than a lane. WireGuard pads to 16 bytes, so the loop does nearly all of it; a call to memcpy
// with a size unknown to the compiler costs more than the copy.
void copy_tail(std::uint8_t* to, const std::uint8_t* from, std::size_t size) {
    for (; size >= kBlockSize; size -= kBlockSize) {
        std::memcpy(to, from, kBlockSize);
        to += kBlockSize;
        from += kBlockSize;
    }
    if (size > 0) {
        std::memcpy(to, from, size);
    }
}

template <class Job>
class Burst {
  public:
    static constexpr bool kSeals = std::is_same_v<Job, const SealJob>;

    Burst(Scratch& scratch, const Key& key) : scratch_(scratch) {
        avx2::spread_key(scratch.rows, key.view().data());
    }

    void add(Job& job) {
        avx2::PacketSum* const packet = &scratch_.packets[packet_count_++ % kPacketsAlive];
        set_lane(0, job.counter, kZeroBlock, scratch_.secret[lane_count_]);
        bool has_key = true;
        std::size_t offset = 0;
        while (true) {
            const std::size_t left = job.plaintext_size - offset;
            const std::size_t size = std::min(left, (kLaneCount - lane_count_) * kLaneSize);
            const bool is_last = size == left;
            pieces_.push({&job, packet, lane_count_, offset, size, has_key, is_last});
            fill_lanes(job, offset, size);
            if (lane_count_ == kLaneCount) {
                run();
            }
            if (is_last) {
                return;
            }
            has_key = false;
            offset += size;
        }
    }

    void finish() {
        if (lane_count_ > 0) {
            while (lane_count_ < kLaneCount) {
                set_lane(0, 0, kZeroBlock, scratch_.secret[lane_count_]);
            }
            run();
        }
        for (const avx2::SumLane& lane : sums_.view()) {
            avx2::sum_blocks(*lane.packet, lane.data, lane.data + kLaneSize);
        }
        end_packets();
    }

  private:
    static const std::uint8_t* source(const Job& job) {
        if constexpr (kSeals) {
            return job.plaintext;
        } else {
            return job.ciphertext;
        }
    }
    static std::uint8_t* destination(const Job& job) {
        if constexpr (kSeals) {
            return job.ciphertext;
        } else {
            return job.plaintext;
        }
    }

    void set_lane(
        std::uint32_t block_number, std::uint64_t counter, const std::uint8_t* from,
        std::uint8_t* to
    ) {
        const std::size_t lane = lane_count_++;
        scratch_.lanes.block_number[lane] = block_number;
        scratch_.lanes.counter_low[lane] = static_cast<std::uint32_t>(counter);
        scratch_.lanes.counter_high[lane] = static_cast<std::uint32_t>(counter >> 32U);
        scratch_.lanes.from[lane] = from;
        scratch_.lanes.to[lane] = to;
    }

    void fill_lanes(const Job& job, std::size_t offset, std::size_t size) {
        const std::uint8_t* from = source(job) + offset;
        std::uint8_t* to = destination(job) + offset;
        auto block_number = static_cast<std::uint32_t>(offset / kLaneSize + 1);
        // An in-place open would overwrite what the next pass is to sum.
        stash_wanted_ = stash_wanted_ || (!kSeals && from == to);
        for (; size >= kLaneSize; size -= kLaneSize) {
            set_lane(block_number++, job.counter, from, to);
            from += kLaneSize;
            to += kLaneSize;
        }
        if (size > 0) {
            std::uint8_t* const ciphertext = tail_ciphertext(lane_count_);
            std::uint8_t* const secret = scratch_.secret[lane_count_];
            std::uint8_t* const side_from = kSeals ? secret : ciphertext;
            std::memset(side_from, 0, kLaneSize);
            copy_tail(side_from, from, size);
            set_lane(block_number, job.counter, side_from, kSeals ? ciphertext : secret);
        }
    }

    std::uint8_t* tail_ciphertext(std::size_t lane) {
        return scratch_.ciphertext[pass_count_ % 2][lane];
    }

    void run() {
        std::uint8_t* const stash = stash_wanted_ ? scratch_.stash[pass_count_ % 2] : nullptr;
        avx2::run_pass(scratch_.state, scratch_.rows, scratch_.lanes, stash, sums_.view());
        end_packets();
        sums_.clear();
        for (const Piece<Job>& piece : pieces_.view()) {
            retire(piece, stash);
        }
        pieces_.clear();
        lane_count_ = 0;
        stash_wanted_ = false;
        ++pass_count_;
    }

    // The pass has been run: hand the piece's ciphertext to the next one's Poly1305.
    void retire(const Piece<Job>& piece, const std::uint8_t* stash) {
        if (piece.has_key) {
            const std::uint8_t* const one_time_key = scratch_.secret[piece.first_lane - 1];
            *piece.packet = {poly1305::load_key(one_time_key), {}};
        }
        const std::size_t tail_size = piece.size % kLaneSize;
        const std::size_t lanes_size = piece.size - tail_size;
        const std::uint8_t* const ciphertext = stash != nullptr
                                                   ? stash + piece.first_lane * kLaneSize
                                                   : piece.job->ciphertext + piece.offset;
        for (std::size_t at = 0; at < lanes_size; at += kLaneSize) {
            sums_.push({ciphertext + at, piece.packet});
        }
        if (!piece.is_last) {
            return;
        }
        const std::size_t tail_lane = piece.first_lane + lanes_size / kLaneSize;
        const std::uint8_t* tail = nullptr;
        if (tail_size > 0) {
            tail = tail_ciphertext(tail_lane);
            write_tail(*piece.job, piece.offset + lanes_size, tail_size, tail_lane);
        }
        endings_.push({piece.job, piece.packet, tail, tail_size});
    }

    // Poly1305 pads the ciphertext with zeros. When opening it has been since it was read.
    void write_tail(const Job& job, std::size_t offset, std::size_t size, std::size_t lane) {
        std::uint8_t* const ciphertext = tail_ciphertext(lane);
        copy_tail(destination(job) + offset, kSeals ? ciphertext : scratch_.secret[lane], size);
        if constexpr (kSeals) {
            std::memset(ciphertext + size, 0, kLaneSize - size);
        }
    }

    void end_packets() {
        for (const Ending<Job>& ending : endings_.view()) {
            avx2::PacketSum& packet = *ending.packet;
            const std::size_t blocks = (ending.tail_size + kBlockSize - 1) / kBlockSize;
            avx2::sum_blocks(packet, ending.tail, ending.tail + blocks * kBlockSize);
            // RFC 8439 section 2.8: the sizes of the additional data and of the text.
            Job& job = *ending.job;
            std::uint8_t sizes[kBlockSize] = {};
            store_le(sizes + 8, std::uint64_t{job.plaintext_size});
            avx2::sum_blocks(packet, sizes, sizes + kBlockSize);
            end_packet(job, poly1305::finish(packet.sum, packet.key));
        }
        endings_.clear();
    }

    static void end_packet(Job& job, poly1305::Tag tag) {
        if constexpr (kSeals) {
            store_le(job.ciphertext + job.plaintext_size, tag.low);
            store_le(job.ciphertext + job.plaintext_size + 8, tag.high);
        } else {
            const std::uint8_t* const theirs = job.ciphertext + job.plaintext_size;
            const std::uint64_t difference = (load_le<std::uint64_t>(theirs) ^ tag.low) |
                                             (load_le<std::uint64_t>(theirs + 8) ^ tag.high);
            job.authentic = difference == 0;
        }
    }

    Scratch& scratch_;
    FixedList<Piece<Job>, kLaneCount> pieces_;
    FixedList<avx2::SumLane, kLaneCount> sums_;
    FixedList<Ending<Job>, kLaneCount> endings_;
    std::size_t lane_count_ = 0;
    std::size_t packet_count_ = 0;
    std::size_t pass_count_ = 0;
    bool stash_wanted_ = false;
};

class Avx2PacketAead final : public PacketAead {
  public:
    [[nodiscard]] std::string_view name() const override { return name_of(AeadBackend::kOwnAvx2); }

    void seal(const Key& key, std::span<const SealJob> burst) override { process(key, burst); }
    void open(const Key& key, std::span<OpenJob> burst) override { process(key, burst); }

  private:
    template <class Job>
    void process(const Key& key, std::span<Job> jobs) {
        Burst<Job> burst(scratch_, key);
        for (Job& job : jobs) {
            burst.add(job);
        }
        burst.finish();
        forget(jobs.size());
    }

    // Everything but ciphertext. memset that stays: OPENSSL_cleanse takes as long as a pass.
    void forget(std::size_t packet_count) {
        explicit_bzero(&scratch_.rows, sizeof scratch_.rows);
        explicit_bzero(scratch_.state.row, sizeof scratch_.state.row);
        explicit_bzero(&scratch_.secret, sizeof scratch_.secret);
        explicit_bzero(
            scratch_.packets, std::min(packet_count, kPacketsAlive) * sizeof scratch_.packets[0]
        );
    }

    Scratch scratch_{};
};

}  // namespace

bool is_own_avx2_supported() {
    return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi2") != 0;
}

std::unique_ptr<PacketAead> make_avx2_packet_aead() {
    PM_ASSERT(is_own_avx2_supported());
    return std::make_unique<Avx2PacketAead>();
}

}  // namespace phantom::crypto
