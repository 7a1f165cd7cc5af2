#pragma once

// Alertmanager's configuration file. Everything that is wrong with it is said at once, with its place.

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "alert/config.h"

namespace phantom::alert {

inline constexpr std::size_t kConfigSizeMax = std::size_t{1} << 20U;
inline constexpr std::size_t kConfigNodesMax = 100'000;  // with what aliases repeat
inline constexpr std::size_t kConfigFaultsMax = 100;
inline constexpr std::size_t kRouteDepthMax = 32;

// Without `zones` all times are UTC's.
[[nodiscard]] std::expected<Config, std::vector<Remark>> read_config(
    std::string_view text, const ReadZone& zones = {}
);

// The text of a file, without the newline at its end.
using ReadSecret = std::function<Result<std::string>(const std::string& path)>;
// Reads those secrets that are kept in files. kSecretFile, and what `read` says.
[[nodiscard]] Status resolve_secrets(Receiver& receiver, const ReadSecret& read);

}  // namespace phantom::alert
