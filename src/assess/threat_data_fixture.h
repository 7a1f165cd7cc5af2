#pragma once

// For tests only: files that are no part of the project, from `$PHANTOM_DATA/threat`, or
// `../shared/data/threat`. A test that needs one is skipped where it is not.

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace phantom::assess::test {

inline std::string threat_data(const std::string& name) {
    const char* const data =
        std::getenv("PHANTOM_DATA");  // NOLINT(concurrency-mt-unsafe): one thread
    const std::string folder = data != nullptr ? data : PM_SOURCE_DIR "/../shared/data";
    return folder + "/threat/" + name;
}

inline std::optional<std::string> read_threat_data(const std::string& name) {
    std::ifstream file(threat_data(name));
    if (!file.is_open()) {
        return std::nullopt;
    }
    return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace phantom::assess::test
