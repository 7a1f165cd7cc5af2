#include "cli/alert_config.h"

#include <cstdio>
#include <iterator>

#include <fmt/format.h>

#include "io/text_file.h"
#include "io/zone_file.h"

namespace phantom::cli {

void say_alert_problem(const std::string& text) {
    std::fputs(("phantom: " + text + "\n").c_str(), stderr);
}

std::string place_of(const std::string& file, const alert::Remark& remark) {
    return remark.line == 0
               ? fmt::format("{}: {}", file, remark.text)
               : fmt::format("{}:{}:{}: {}", file, remark.line, remark.column, remark.text);
}

std::optional<alert::Config> load_alert_config(const std::string& file) {
    const auto text = io::read_beginning(file == "-" ? "/dev/stdin" : file, alert::kConfigSizeMax);
    if (!text) {
        say_alert_problem(fmt::format("{} cannot be read", file));
        return std::nullopt;
    }
    auto config = alert::read_config(*text, [](const std::string& name) {
        return alert::TimeZone::parse(io::read_zone_file(name));
    });
    if (!config) {
        for (const alert::Remark& remark : config.error()) {
            say_alert_problem(place_of(file, remark));
        }
        return std::nullopt;
    }
    return std::move(*config);
}

Result<std::string> read_secret_file(const std::string& path) {
    auto secret = io::read_secret(path);
    return secret ? Result<std::string>(std::move(*secret)) : fail(alert::AlertError::kSecretFile);
}

}  // namespace phantom::cli
