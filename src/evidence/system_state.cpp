#include "evidence/system_state.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

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

std::string link_target(const std::filesystem::path& path) {
    std::error_code error;
    const auto target = std::filesystem::read_symlink(path, error);
    return error ? "" : target.string();
}

// What a terminal and a reader of lines can be shown.
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

class Processes {
  public:
    explicit Processes(bool with_hashes) : with_hashes_(with_hashes) {}

    void collect(Collected& item) {
        std::vector<int> numbers = all_numbers();
        if (numbers.size() > kProcessesMax) {
            item.note = fmt::format("{} more are not listed; ", numbers.size() - kProcessesMax);
            numbers.resize(kProcessesMax);
        }
        item.content = "# pid ppid uid state start command | program | sha256 | descriptors\n";
        for (const int number : numbers) {
            add(number, item.content);
        }
        if (denied_ > 0) {
            item.note +=
                fmt::format("program and descriptors of {} processes may not be seen", denied_);
        }
    }

  private:
    static std::vector<int> all_numbers() {
        std::vector<int> numbers;
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
            const std::string name = entry.path().filename().string();
            int number = 0;
            const auto [end, bad] = std::from_chars(name.data(), name.data() + name.size(), number);
            if (bad == std::errc() && end == name.data() + name.size()) {
                numbers.push_back(number);
            }
        }
        std::ranges::sort(numbers);
        return numbers;
    }

    void add(int number, std::string& out) {
        const std::filesystem::path folder = fmt::format("/proc/{}", number);
        const std::string stat = text_of(folder / "stat", 4'096);
        const std::size_t name_end = stat.rfind(')');
        if (name_end == std::string::npos || name_end + 4 > stat.size()) {
            return;  // it has ended
        }
        const std::string fields = stat.substr(name_end + 2);
        struct stat owner{};
        (void)::stat(folder.c_str(), &owner);
        std::string command = one_line(text_of(folder / "cmdline", kCommandLineMax));
        if (command.empty()) {  // a thread of the kernel's
            command = fmt::format(
                "[{}]", one_line(stat.substr(stat.find('(') + 1, name_end - stat.find('(') - 1))
            );
        }
        out += fmt::format(
            "{} {} {} {} {} {}", number, word_of(fields, 1), owner.st_uid, word_of(fields, 0),
            word_of(fields, 19), command
        );
        const std::string program = link_target(folder / "exe");
        if (program.empty()) {
            denied_ += command.front() == '[' ? 0 : 1;
            out += " | - | - | -\n";
            return;
        }
        out += fmt::format(
            " | {} | {} | {}\n", one_line(program), hash_of(folder, program), descriptors_of(folder)
        );
    }

    static std::string word_of(const std::string& fields, std::size_t index) {
        std::size_t at = 0;
        for (; index > 0 && at != std::string::npos; --index) {
            at = fields.find(' ', at);
            at = at == std::string::npos ? at : at + 1;
        }
        return at == std::string::npos ? "-"
                                       : fields.substr(at, fields.find_first_of(" \n", at) - at);
    }

    std::string hash_of(const std::filesystem::path& folder, const std::string& program) {
        if (!with_hashes_) {
            return "-";
        }
        const auto known = hashes_.find(program);
        if (known != hashes_.end()) {
            return known->second;
        }
        // Through /proc, so that it is what runs, also where the file has been replaced since.
        const auto hash = hash_of_file(folder / "exe", kHashedFileMax);
        return hashes_[program] = hash ? hex_of(*hash) : "-";
    }

    static std::string descriptors_of(const std::filesystem::path& folder) {
        std::string text;
        std::size_t count = 0;
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator(folder / "fd", error)) {
            if (++count > kDescriptorsPerProcessMax) {
                return text + " ...";
            }
            text += fmt::format(
                "{}{}={}", text.empty() ? "" : " ", entry.path().filename().string(),
                one_line(link_target(entry.path()))
            );
        }
        return text.empty() ? "-" : text;
    }

    bool with_hashes_;
    std::size_t denied_ = 0;
    std::map<std::string, std::string> hashes_;
};

}  // namespace

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

Collected collect_processes(bool with_hashes) {
    Collected item = begin_item(with_hashes ? "programs" : "processes", "/proc");
    Processes(with_hashes).collect(item);
    return item;
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
