#pragma once

// The name that a packet asks for: in a DNS query, in the hello of a TLS client, or in a request of HTTP. Nothing is
// allocated.

#include <array>
#include <string_view>

#include "base/bytes.h"
#include "policy/flow.h"

namespace phantom::respond {

// RFC 1035 section 2.3.4.
inline constexpr std::size_t kNameSizeMax = 255;

class AskedName {
  public:
    // In `packet`, whose flow this is. Empty where it asks for none. A query is UDP to port 53; a hello is in the
    // first segment of its stream, as far as that goes: what comes before the name may push it into the next. So is
    // the field Host of a request (RFC 9112 section 3.2), whose port is left out.
    AskedName(ByteView packet, const policy::Flow& flow);
    [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }
    [[nodiscard]] bool empty() const { return size_ == 0; }

  private:
    void read_query(ByteView message);
    void read_hello(ByteView segment);
    void read_host(std::string_view segment);
    void append(std::string_view text);

    std::array<char, kNameSizeMax> text_{};
    std::size_t size_ = 0;
};

}  // namespace phantom::respond
