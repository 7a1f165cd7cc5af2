#include "pq/messages.h"

#include <algorithm>

#include "base/assert.h"

namespace phantom::pq {

namespace {

// Writes fields one after another; the callers' sizes are constants.
class Writer {
  public:
    explicit Writer(MutableBytes to) : to_(to) {}
    void put(ByteView field) {
        PM_ASSERT(field.size() <= to_.size());
        std::ranges::copy(field, to_.begin());
        to_ = to_.subspan(field.size());
    }
    void put(std::uint64_t number) {
        std::uint8_t bytes[8];
        store_le(bytes, number);
        put(ByteView(bytes));
    }
    [[nodiscard]] bool is_full() const { return to_.empty(); }

  private:
    MutableBytes to_;
};

class Reader {
  public:
    explicit Reader(ByteView from) : from_(from) {}
    void take(MutableBytes field) {
        PM_ASSERT(field.size() <= from_.size());
        std::ranges::copy(from_.first(field.size()), field.begin());
        from_ = from_.subspan(field.size());
    }
    std::uint64_t number() {
        std::uint8_t bytes[8];
        take(bytes);
        return load_le<std::uint64_t>(bytes);
    }
    [[nodiscard]] bool is_empty() const { return from_.empty(); }

  private:
    ByteView from_;
};

}  // namespace

OfferBytes encode(const Offer& offer) {
    OfferBytes bytes;
    Writer writer(bytes);
    writer.put(offer.sequence);
    writer.put(offer.responds_with);
    writer.put(offer.session);
    writer.put(offer.ephemeral);
    writer.put(offer.x25519);
    writer.put(offer.to_static);
    writer.put(offer.tag);
    PM_ASSERT(writer.is_full());
    return bytes;
}

AnswerBytes encode(const Answer& answer) {
    AnswerBytes bytes;
    Writer writer(bytes);
    writer.put(answer.responds_with);
    writer.put(answer.salt);
    writer.put(answer.to_ephemeral);
    writer.put(answer.x25519);
    writer.put(answer.to_static);
    writer.put(answer.tag);
    PM_ASSERT(writer.is_full());
    return bytes;
}

Offer decode_offer(std::span<const std::uint8_t, kOfferSize> bytes) {
    Offer offer;
    Reader reader(bytes);
    offer.sequence = reader.number();
    reader.take(offer.responds_with);
    reader.take(offer.session);
    reader.take(offer.ephemeral);
    reader.take(offer.x25519);
    reader.take(offer.to_static);
    reader.take(offer.tag);
    PM_ASSERT(reader.is_empty());
    return offer;
}

Answer decode_answer(std::span<const std::uint8_t, kAnswerSize> bytes) {
    Answer answer;
    Reader reader(bytes);
    reader.take(answer.responds_with);
    reader.take(answer.salt);
    reader.take(answer.to_ephemeral);
    reader.take(answer.x25519);
    reader.take(answer.to_static);
    reader.take(answer.tag);
    PM_ASSERT(reader.is_empty());
    return answer;
}

std::size_t message_size(MessageType type) {
    switch (type) {
        case MessageType::kOffer:
            return kOfferSize;
        case MessageType::kAnswer:
            return kAnswerSize;
        case MessageType::kConfirm:
        case MessageType::kAcknowledge:
            break;
    }
    return kTagSize;
}

std::size_t chunk_count(MessageType type) {
    return (message_size(type) + kChunkSizeMax - 1) / kChunkSizeMax;
}

std::size_t chunk_size(MessageType type, std::size_t index) {
    PM_ASSERT(index < chunk_count(type));
    return std::min(kChunkSizeMax, message_size(type) - index * kChunkSizeMax);
}

Frame make_frame(
    MessageType type, std::size_t chunk_index, const ExchangeId& exchange, ByteView message
) {
    PM_ASSERT(message.size() == message_size(type));
    const ByteView chunk =
        message.subspan(chunk_index * kChunkSizeMax, chunk_size(type, chunk_index));
    Frame frame;
    frame.bytes[0] = kVersion;
    frame.bytes[1] = static_cast<std::uint8_t>(type);
    frame.bytes[2] = static_cast<std::uint8_t>(chunk_index);
    frame.bytes[3] = static_cast<std::uint8_t>(chunk_count(type));
    std::ranges::copy(exchange, frame.bytes.begin() + 4);
    std::ranges::copy(chunk, frame.bytes.begin() + kFrameHeaderSize);
    frame.size = kFrameHeaderSize + chunk.size();
    return frame;
}

Result<FrameView> parse_frame(ByteView frame) {
    if (frame.size() < kFrameHeaderSize) {
        return fail(PqError::kTooShort, static_cast<std::uint32_t>(frame.size()));
    }
    if (frame[0] != kVersion) {
        return fail(PqError::kBadVersion, frame[0]);
    }
    if (frame[1] < static_cast<std::uint8_t>(MessageType::kOffer) ||
        frame[1] > static_cast<std::uint8_t>(MessageType::kAcknowledge)) {
        return fail(PqError::kBadMessageType, frame[1]);
    }
    const auto type = static_cast<MessageType>(frame[1]);
    if (frame[3] != chunk_count(type) || frame[2] >= frame[3]) {
        return fail(PqError::kBadChunk, frame[2]);
    }
    const ByteView chunk = frame.subspan(kFrameHeaderSize);
    if (chunk.size() != chunk_size(type, frame[2])) {
        return fail(PqError::kBadFrameSize, static_cast<std::uint32_t>(frame.size()));
    }
    FrameView view{type, frame[2], {}, chunk};
    std::ranges::copy(frame.subspan(4, view.exchange.size()), view.exchange.begin());
    return view;
}

}  // namespace phantom::pq
