#pragma once

// A configuration of `phantom alert` from its file, with what is wrong in it said.

#include <optional>
#include <string>

#include "alert/config_reader.h"

namespace phantom::cli {

// Nothing, when it has said why: "FILE:LINE:COLUMN: what".
[[nodiscard]] std::optional<alert::Config> load_alert_config(const std::string& file);
[[nodiscard]] std::string place_of(const std::string& file, const alert::Remark& remark);
// For alert::resolve_secrets().
[[nodiscard]] Result<std::string> read_secret_file(const std::string& path);

void say_alert_problem(const std::string& text);

}  // namespace phantom::cli
