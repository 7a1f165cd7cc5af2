#include "io/zone_file.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace phantom::io {

bool is_zone_name(const std::string& name) {
    constexpr std::size_t kNameMax = 64;
    const auto is_plain = [](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
               (byte >= '0' && byte <= '9') || byte == '_' || byte == '+' || byte == '-' ||
               byte == '/';
    };
    return !name.empty() && name.size() <= kNameMax && name.front() != '/' && name.back() != '/' &&
           name.find("//") == std::string::npos && std::ranges::all_of(name, is_plain);
}

std::vector<std::uint8_t> read_zone_file(const std::string& name) {
    if (!is_zone_name(name)) {
        return {};
    }
    std::ifstream file(std::string(kZoneFolder) + "/" + name, std::ios::binary);
    std::vector<char> bytes(kZoneFileMax + 1);
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    const auto size = static_cast<std::size_t>(file.gcount());
    if (size > kZoneFileMax) {
        return {};
    }
    return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
}

}  // namespace phantom::io
