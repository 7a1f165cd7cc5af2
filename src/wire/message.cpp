#include "wire/message.h"

namespace phantom::wire {

Result<MessageType> classify(ByteView datagram) {
    if (datagram.size() < sizeof(std::uint32_t)) {
        return fail(WireError::kTooShort);
    }
    const auto exactly = [&](MessageType type, std::size_t size) -> Result<MessageType> {
        if (datagram.size() != size) {
            return fail(WireError::kBadMessageLength, static_cast<std::uint32_t>(datagram.size()));
        }
        return type;
    };
    // One 32-bit compare covers the type and the three reserved zero bytes.
    const auto type = load_le<std::uint32_t>(datagram.data());
    switch (type) {
        case 1:
            return exactly(MessageType::kInitiation, sizeof(Initiation));
        case 2:
            return exactly(MessageType::kResponse, sizeof(Response));
        case 3:
            return exactly(MessageType::kCookieReply, sizeof(CookieReply));
        case 4:
            if (datagram.size() < kTransportSizeMin) {
                return fail(WireError::kBadMessageLength);
            }
            return MessageType::kTransport;
        default:
            return fail(WireError::kBadMessageType, type);
    }
}

}  // namespace phantom::wire
