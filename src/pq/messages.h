#pragma once

// The four messages and the frames that carry them (README.md has the tables). Every size is fixed by
// type and chunk index, so a frame is either exactly right or refused.

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "pq/errors.h"
#include "pq/types.h"

namespace phantom::pq {

inline constexpr std::uint8_t kVersion = 1;

enum class MessageType : std::uint8_t { kOffer = 1, kAnswer = 2, kConfirm = 3, kAcknowledge = 4 };

inline constexpr std::size_t kFrameHeaderSize = 20;
inline constexpr std::size_t kFrameSizeMax = 1200;
inline constexpr std::size_t kChunkSizeMax = kFrameSizeMax - kFrameHeaderSize;
inline constexpr std::size_t kChunkCountMax = 2;

inline constexpr std::size_t kTagSize = sizeof(Tag);
inline constexpr std::size_t kOfferSize =
    8 + 8 + 8 + crypto::kKemPublicKeySize + 32 + crypto::kKemCiphertextSize + kTagSize;
inline constexpr std::size_t kAnswerSize =
    8 + 8 + crypto::kKemCiphertextSize + 32 + crypto::kKemCiphertextSize + kTagSize;
inline constexpr std::size_t kMessageSizeMax = kOfferSize;
static_assert(kOfferSize == 2360);
static_assert(kAnswerSize == 2256);
static_assert(kMessageSizeMax <= kChunkCountMax * kChunkSizeMax);

// What is authenticated in an offer or an answer: all but the tag, which comes last.
using OfferBytes = std::array<std::uint8_t, kOfferSize>;
using AnswerBytes = std::array<std::uint8_t, kAnswerSize>;

struct Offer {
    std::uint64_t sequence = 0;  // greater than in any earlier offer of this node to this peer
    PskId responds_with{};       // what the sender puts into WireGuard responses now
    SessionTag session{};
    KemPublicKey ephemeral;   // ML-KEM encapsulation key
    PublicKey x25519;         // ephemeral
    KemCiphertext to_static;  // to the receiver's static key
    Tag tag{};                // under the secret in `to_static`
};

struct Answer {
    PskId responds_with{};
    PskId salt{};  // the offer's responds_with, or zero when it is not known here
    KemCiphertext to_ephemeral;
    PublicKey x25519;
    KemCiphertext to_static;
    Tag tag{};  // key confirmation
};

[[nodiscard]] OfferBytes encode(const Offer& offer);
[[nodiscard]] AnswerBytes encode(const Answer& answer);
[[nodiscard]] Offer decode_offer(std::span<const std::uint8_t, kOfferSize> bytes);
[[nodiscard]] Answer decode_answer(std::span<const std::uint8_t, kAnswerSize> bytes);

struct Frame {
    std::array<std::uint8_t, kFrameSizeMax> bytes;
    std::size_t size = 0;

    [[nodiscard]] ByteView view() const { return ByteView(bytes).first(size); }
};

// A received frame; looks into it.
struct FrameView {
    MessageType type;
    std::uint8_t chunk_index;
    ExchangeId exchange;
    ByteView chunk;
};

[[nodiscard]] std::size_t message_size(MessageType type);
[[nodiscard]] std::size_t chunk_count(MessageType type);
// The part of a message of this type that the chunk holds.
[[nodiscard]] std::size_t chunk_size(MessageType type, std::size_t index);

[[nodiscard]] Frame make_frame(
    MessageType type, std::size_t chunk_index, const ExchangeId& exchange, ByteView message
);
[[nodiscard]] Result<FrameView> parse_frame(ByteView frame);

}  // namespace phantom::pq
