// A token from anybody: nothing but what this node has signed is taken, and that is written the same again.

#include <array>

#include "alert/ack_link.h"
#include "base/assert.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr std::array<std::uint8_t, alert::kAckKeySize> kKey{7};
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto read = alert::read_ack_link(text, kKey, {});
    if (read) {
        PM_ASSERT(alert::write_ack_link(*read, kKey) == text);
    }
    // The same bytes as a receiver's name.
    const alert::AckLink link{
        .group = {}, .told_at = {1}, .expires_at = {2}, .receiver = std::string(text)
    };
    const auto again = alert::read_ack_link(alert::write_ack_link(link, kKey), kKey, {1});
    PM_ASSERT(again.has_value());
    PM_ASSERT(again->receiver == text.substr(0, 255));
    return 0;
}
