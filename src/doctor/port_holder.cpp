#include "doctor/port_holder.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <vector>

#include <fmt/format.h>

#include "doctor/net_facts.h"
#include "io/text_file.h"

namespace phantom::doctor {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTableMax = std::size_t{4} << 20U;
constexpr std::string_view kListens = "0A";  // TCP_LISTEN
// proc(5): 0 sl, 1 local_address, 2 rem_address, 3 st, ... 9 inode.
constexpr std::size_t kLocalColumn = 1;
constexpr std::size_t kStateColumn = 3;
constexpr std::size_t kInodeColumn = 9;

bool is_number(const std::string& text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char each) { return each >= '0' && each <= '9'; });
}

std::string program_of(const fs::path& process) {
    std::string name = io::read_beginning((process / "comm").string(), 64).value_or("");
    name.erase(std::ranges::find(name, '\n'), name.end());
    return name.empty() ? "a process" : name;
}

}  // namespace

std::string socket_inode(const std::string& table, std::uint16_t port, bool is_tcp) {
    const std::string ending = fmt::format(":{:04X}", port);
    std::istringstream lines(table);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        const std::vector<std::string> columns{
            std::istream_iterator<std::string>(words), std::istream_iterator<std::string>()
        };
        if (columns.size() > kInodeColumn && columns[kLocalColumn].ends_with(ending) &&
            (!is_tcp || columns[kStateColumn] == kListens)) {
            return columns[kInodeColumn];
        }
    }
    return {};
}

PortHolder holder_of(std::uint16_t port, bool is_tcp) {
    const std::string protocol = is_tcp ? "/proc/net/tcp" : "/proc/net/udp";
    std::string inode;
    for (const std::string& path : {protocol, protocol + "6"}) {
        if (inode.empty()) {
            inode = socket_inode(io::read_beginning(path, kTableMax).value_or(""), port, is_tcp);
        }
    }
    if (inode.empty()) {
        return {};
    }
    const std::string wanted = fmt::format("socket:[{}]", inode);
    std::error_code error;
    int looked_at = 0;
    for (const auto& process : fs::directory_iterator("/proc", error)) {
        const std::string pid = process.path().filename().string();
        if (!is_number(pid)) {
            continue;
        }
        std::error_code refused;
        for (const auto& each : fs::directory_iterator(process.path() / "fd", refused)) {
            std::error_code gone;
            if (++looked_at > kDescriptorsLookedAtMax) {
                return {};
            }
            if (fs::read_symlink(each.path(), gone) == wanted) {
                return {.pid = std::stoi(pid), .program = program_of(process.path())};
            }
        }
    }
    return {};
}

}  // namespace phantom::doctor
