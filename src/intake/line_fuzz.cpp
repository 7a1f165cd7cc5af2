// Lines from anybody, as each input may bring them: cut, read as another sensor's, as the journal's and as
// syslog. What is shown of them is of printable characters, on one line.

#include <algorithm>

#include "base/assert.h"
#include "intake/analyst.h"
#include "intake/line_cutter.h"
#include "intake/sensor.h"
#include "intake/syslog_socket.h"

using namespace phantom;

namespace {

void check_shown(const std::optional<intake::Sighting>& seen) {
    if (seen) {
        PM_ASSERT(std::ranges::none_of(seen->text, [](char each) {
            return static_cast<unsigned char>(each) < 0x20 || each == 0x7f;
        }));
        PM_ASSERT(!seen->subject.is_none());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text(reinterpret_cast<const char*>(data), size);
    intake::LineCutter cutter;
    const auto look = [](std::string_view line) {
        PM_ASSERT(!line.empty() && line.find('\n') == std::string_view::npos);
        check_shown(intake::read_eve_alert(line));
        check_shown(intake::read_zeek_notice(line));
        const std::string written = intake::line_of_syslog(line, {1'700'000'000'000'000'000});
        PM_ASSERT(written.find('\n') == std::string::npos);
        if (const auto journal = intake::line_of_journal(line)) {
            PM_ASSERT(journal->find('\n') == std::string::npos);
        }
    };
    cutter.add(text, look);
    cutter.finish(look);
    std::string record;
    while (intake::cut_syslog_record(text, record) == intake::Cut::kRecord) {
    }
    return 0;
}
