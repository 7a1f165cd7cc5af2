#pragma once

// SIP over UDP: the first line and the fields of each message, which is a transaction of its own.
//
// Source: RFC 3261 section 7.

#include "detect/app_parser.h"

namespace phantom::detect {

class SipParser final : public AppParser {
  public:
    void add(Direction direction, ByteView bytes) override;
    void skip(Direction /*direction*/, std::size_t /*size*/) override {}
    void end(Direction /*direction*/) override {}
};

[[nodiscard]] bool looks_like_sip(ByteView message);

}  // namespace phantom::detect
