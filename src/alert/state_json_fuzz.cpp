// Records from a damaged disk: read or refused; what is read is written so that it reads the same again.

#include "alert/state_json.h"
#include "base/assert.h"

using namespace phantom;

namespace {

template <class Read, class Write>
void check_round_trip(std::string_view text, Read read, Write write) {
    if (const auto value = read(text)) {
        const std::string written = write(*value);
        const auto again = read(written);
        PM_ASSERT(again.has_value());
        PM_ASSERT(write(*again) == written);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_round_trip(text, alert::read_entry, alert::write_entry);
    check_round_trip(text, alert::read_group, alert::write_group);
    check_round_trip(text, alert::read_silence, alert::write_silence);
    check_round_trip(text, alert::read_escalation, alert::write_escalation);
    check_round_trip(text, alert::read_override, alert::write_override);
    return 0;
}
