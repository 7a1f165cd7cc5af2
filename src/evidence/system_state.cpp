#include "evidence/system_state.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "evidence/file_hash.h"
#include "evidence/program_output.h"

namespace phantom::evidence {

namespace {

// Files of /proc have no size: they are read until they end, or are too much.
std::string text_of(const std::filesystem::path& path, std::size_t size_max) {
    std::ifstream file(path, std::ios::binary);
    std::string text;
    std::array<char, 16'384> chunk{};
    while (file && text.size() < size_max) {
        file.read(chunk.data(), chunk.size());
        text.append(chunk.data(), static_cast<std::size_t>(file.gcount()));
    }
    text.resize(std::min(text.size(), size_max));
    return text;
}

Collected begin_item(std::string what, std::string collector) {
    return {
        .what = std::move(what),
        .collector = std::move(collector),
        .note = {},
        .content = {},
        .at = wall_now(),
        .monotonic = monotonic_now(),
    };
}

Collected collect_files(std::string what, std::span<const char* const> names) {
    Collected item = begin_item(std::move(what), "/proc/net");
    for (const char* name : names) {
        const auto path = std::filesystem::path("/proc/net") / name;
        std::error_code error;
        if (!std::filesystem::exists(path, error)) {
            item.note += fmt::format("{}no {}", item.note.empty() ? "" : "; ", path.string());
            continue;
        }
        item.content += fmt::format("# {}\n", path.string());
        item.content += text_of(path, kItemSizeMax / names.size());
    }
    return item;
}

}  // namespace

std::string one_line(std::string text) {
    while (!text.empty() && text.back() == '\0') {
        text.pop_back();
    }
    for (char& each : text) {
        const auto byte = static_cast<unsigned char>(each);
        each = each == '\0' ? ' ' : byte < 0x20 || byte > 0x7e ? '?' : each;
    }
    return text;
}

Collected collect_sockets() {
    constexpr std::array kNames{"tcp", "tcp6", "udp", "udp6", "raw", "raw6", "packet", "unix"};
    return collect_files("sockets", kNames);
}

Collected collect_neighbours() {
    constexpr std::array kNames{"arp", "dev", "if_inet6"};
    return collect_files("neighbours", kNames);
}

Collected collect_routes() {
    constexpr std::array kNames{"route", "ipv6_route"};
    return collect_files("routes", kNames);
}

Collected collect_output(std::string what, std::vector<std::string> words) {
    std::string command;
    for (const std::string& word : words) {
        command += (command.empty() ? "" : " ") + word;
    }
    Collected item = begin_item(std::move(what), std::move(command));
    ProgramOutput output = output_of(std::move(words), kItemSizeMax, kProgramPatience);
    item.content = std::move(output.text);
    item.note = std::move(output.problem);
    return item;
}

Collected collect_file_hashes(std::span<const std::string> paths) {
    Collected item = begin_item("files", "sha256");
    item.content = "# sha256 size uid mode changed_s path\n";
    for (const std::string& path : paths) {
        struct stat status{};
        const auto hash = hash_of_file(path, kHashedFileMax);
        if (::stat(path.c_str(), &status) != 0 || !hash) {
            item.content += fmt::format("- - - - - {}\n", one_line(path));
            continue;
        }
        item.content += fmt::format(
            "{} {} {} {:o} {} {}\n", hex_of(*hash), status.st_size, status.st_uid,
            status.st_mode & 07777U, status.st_mtim.tv_sec, one_line(path)
        );
    }
    return item;
}

}  // namespace phantom::evidence
