#pragma once

// What is known of alerts, groups, silences and escalations, as it is kept on the disk. Each reads what it wrote; of
// anything else it says kMalformedRecord.

#include <string>
#include <string_view>

#include "alert/dispatcher.h"
#include "alert/escalation.h"
#include "alert/rota.h"

namespace phantom::alert {

[[nodiscard]] Result<Fingerprint> fingerprint_from_hex(std::string_view text);

[[nodiscard]] std::string write_entry(const Entry& entry);
[[nodiscard]] Result<Entry> read_entry(std::string_view text);
[[nodiscard]] std::string write_group(const GroupRecord& group);
[[nodiscard]] Result<GroupRecord> read_group(std::string_view text);
[[nodiscard]] std::string write_silence(const Silence& silence);
[[nodiscard]] Result<Silence> read_silence(std::string_view text);
[[nodiscard]] std::string write_escalation(const Escalation& escalation);
[[nodiscard]] Result<Escalation> read_escalation(std::string_view text);
[[nodiscard]] std::string write_override(const RotaOverride& stand_in);
[[nodiscard]] Result<RotaOverride> read_override(std::string_view text);

// {a="b", c=~"d"}, which parse_matchers() reads.
[[nodiscard]] std::string matchers_text(const Matchers& matchers);

}  // namespace phantom::alert
