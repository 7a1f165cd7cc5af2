#include "evidence/processes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <map>
#include <optional>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "evidence/file_hash.h"
#include "evidence/system_state.h"
#include "io/fd.h"

namespace phantom::evidence {

namespace {

constexpr std::size_t kStatSizeMax = 1'024;
constexpr std::size_t kLinkSizeMax = 1'024;
constexpr const char* kDenied = "denied";

// A pass over thousands of processes is a pass over thousands of small files: one buffer, no streams.
std::string read_at(int folder, const char* name, std::size_t size_max) {
    std::string text;
    const io::Fd file(::openat(folder, name, O_RDONLY | O_CLOEXEC));  // NOLINT(*-vararg): POSIX
    if (!file.valid()) {
        return text;
    }
    text.resize(size_max);
    const ssize_t count = ::read(file.get(), text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
}

std::string link_at(int folder, const char* name) {
    std::array<char, kLinkSizeMax> target{};
    const ssize_t size = ::readlinkat(folder, name, target.data(), target.size());
    return size > 0 ? std::string(target.data(), static_cast<std::size_t>(size)) : std::string();
}

io::Fd open_folder(int at, const char* path) {
    return io::Fd(::openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));  // NOLINT(*-vararg)
}

template <class T>
bool read_number(std::string_view text, T& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

// Names in a folder of /proc that are numbers, ascending; at most `max`, and how many more there are.
std::vector<int> numbers_in(const io::Fd& folder, std::size_t max, std::size_t& more) {
    std::vector<int> numbers;
    more = 0;
    const int copy = ::fcntl(folder.get(), F_DUPFD_CLOEXEC, 0);  // NOLINT(*-vararg): POSIX
    DIR* const stream = copy < 0 ? nullptr : ::fdopendir(copy);
    if (stream == nullptr) {
        (void)::close(copy);
        return numbers;
    }
    while (const dirent* entry =
               ::readdir(stream)) {  // NOLINT(concurrency-mt-unsafe): our own stream
        int number = 0;
        if (read_number(std::string_view(entry->d_name), number)) {
            numbers.push_back(number);
        }
    }
    (void)::closedir(stream);
    std::ranges::sort(numbers);
    if (numbers.size() > max) {
        more = numbers.size() - max;
        numbers.resize(max);
    }
    return numbers;
}

std::string_view field(std::string_view text, std::size_t index) {
    for (; index > 0; --index) {
        const std::size_t space = text.find(' ');
        if (space == std::string_view::npos) {
            return {};
        }
        text.remove_prefix(space + 1);
    }
    return text.substr(0, text.find_first_of(" \n"));
}

// None: it has ended.
std::optional<Process> read_process(int proc, int pid) {
    const io::Fd folder = open_folder(proc, std::to_string(pid).c_str());
    struct stat owner{};
    Process process;
    process.pid = pid;
    if (!folder.valid() || ::fstat(folder.get(), &owner) != 0 ||
        !read_process_stat(read_at(folder.get(), "stat", kStatSizeMax), process)) {
        return std::nullopt;
    }
    process.uid = owner.st_uid;
    const std::string command = one_line(read_at(folder.get(), "cmdline", kCommandLineMax));
    process.is_kernel = command.empty();
    if (!process.is_kernel) {
        process.command = command;
        process.program = one_line(link_at(folder.get(), "exe"));
    }
    return process;
}

std::string descriptors_of(int folder, bool& is_denied) {
    std::size_t more = 0;
    const io::Fd descriptors = open_folder(folder, "fd");
    is_denied = !descriptors.valid();
    if (is_denied) {
        return kDenied;
    }
    std::string text;
    for (const int number : numbers_in(descriptors, kDescriptorsPerProcessMax, more)) {
        const std::string target = link_at(folder, fmt::format("fd/{}", number).c_str());
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", number, one_line(target));
    }
    text += more > 0 ? fmt::format(" and {} more", more) : "";
    return text.empty() ? "-" : text;
}

std::string denied_note(std::size_t programs, std::size_t descriptors) {
    if (programs == 0 && descriptors == 0) {
        return "";
    }
    std::string text = programs > 0 ? fmt::format("of {} the program", programs) : "";
    if (descriptors > 0) {
        text += fmt::format("{}of {} the descriptors", text.empty() ? "" : " and ", descriptors);
    }
    return text + " may not be seen (no CAP_SYS_PTRACE)";
}

std::string joined(const std::string& first, const std::string& second) {
    return first.empty() || second.empty() ? first + second : first + "; " + second;
}

std::string not_listed_note(const ProcessTable& table) {
    return table.not_listed == 0 ? "" : fmt::format("{} more are not listed", table.not_listed);
}

}  // namespace

bool read_process_stat(std::string_view text, Process& process) {
    const std::size_t name_begin = text.find('(');
    const std::size_t name_end = text.rfind(')');
    if (name_begin == std::string_view::npos || name_end == std::string_view::npos ||
        name_end < name_begin || name_end + 2 > text.size()) {
        return false;
    }
    // proc(5): state is the third field, the parent the fourth, the start the 22nd.
    const std::string_view rest = text.substr(name_end + 2);
    const std::string_view state = field(rest, 0);
    process.command = fmt::format(
        "[{}]", one_line(std::string(text.substr(name_begin + 1, name_end - name_begin - 1)))
    );
    process.state = state.empty() ? '?' : state.front();
    return !state.empty() && read_number(field(rest, 1), process.parent) &&
           read_number(field(rest, 19), process.start);
}

ProcessTable read_processes() {
    ProcessTable table{
        .processes = {}, .not_listed = 0, .at = wall_now(), .monotonic = monotonic_now()
    };
    const io::Fd proc = open_folder(AT_FDCWD, "/proc");
    for (const int pid : numbers_in(proc, kProcessesMax, table.not_listed)) {
        if (auto process = read_process(proc.get(), pid)) {
            table.processes.push_back(std::move(*process));
        }
    }
    return table;
}

Collected describe_processes(const ProcessTable& table) {
    Collected item{
        .what = "processes",
        .collector = "/proc",
        .note = {},
        .content = "# pid ppid uid state start command | program\n",
        .at = table.at,
        .monotonic = table.monotonic,
    };
    std::size_t denied = 0;
    for (const Process& each : table.processes) {
        const bool is_denied = each.program.empty() && !each.is_kernel;
        denied += is_denied ? 1 : 0;
        fmt::format_to(
            std::back_inserter(item.content), "{} {} {} {} {} {} | {}\n", each.pid, each.parent,
            each.uid, each.state, each.start, each.command,
            is_denied        ? kDenied
            : each.is_kernel ? "-"
                             : each.program
        );
    }
    item.note = joined(not_listed_note(table), denied_note(denied, 0));
    return item;
}

Collected collect_programs(const ProcessTable& table) {
    Collected item{
        .what = "programs",
        .collector = "/proc",
        .note = {},
        .content = "# pid start sha256 program | descriptors\n",
        .at = wall_now(),
        .monotonic = monotonic_now(),
    };
    std::map<std::string, std::string> hashes;
    std::size_t programs_denied = 0;
    std::size_t descriptors_denied = 0;
    for (const Process& each : table.processes) {
        const std::string path = fmt::format("/proc/{}", each.pid);
        const io::Fd folder = open_folder(AT_FDCWD, path.c_str());
        Process now;
        if (each.is_kernel || !folder.valid() ||
            !read_process_stat(read_at(folder.get(), "stat", kStatSizeMax), now) ||
            now.start != each.start) {
            continue;  // it has ended
        }
        bool is_denied = false;
        const std::string descriptors = descriptors_of(folder.get(), is_denied);
        descriptors_denied += is_denied ? 1 : 0;
        programs_denied += each.program.empty() ? 1 : 0;
        const auto [hash, is_new] = hashes.try_emplace(each.program, "-");
        if (is_new && !each.program.empty()) {
            const auto sha256 = hash_of_file(path + "/exe", kHashedFileMax);
            hash->second = sha256 ? hex_of(*sha256) : kDenied;
        }
        fmt::format_to(
            std::back_inserter(item.content), "{} {} {} {} | {}\n", each.pid, each.start,
            hash->second, each.program.empty() ? kDenied : each.program, descriptors
        );
    }
    item.note = joined(not_listed_note(table), denied_note(programs_denied, descriptors_denied));
    return item;
}

}  // namespace phantom::evidence
